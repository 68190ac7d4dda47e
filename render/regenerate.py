"""The third depth of ``verify``: draw a random sample again from its records, and replay them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from render import encode
from render.annotation_json import (
    ImageName,
    Labelled,
    annotations_json,
    frame_row,
    image_record,
    object_columns,
    object_rows,
)
from render.composition import scene_settings
from render.config import GenerateConfig, scene_range
from render.exposure import light_up
from render.frame import Frame
from render.given_scene import GIVEN
from render.id_edges import Edges
from render.id_png import png_ids
from render.image_reader import load_bgr, load_map, read_file
from render.json_stream import records_of
from render.likeness import difference, picture_problem
from render.maps import classes_of, draw_maps
from render.picture import Drawing, draw, prepare
from render.progress import progress
from render.provenance import same_machine
from render.record import (
    SceneRecord,
    dump_record,
    geometry_hash,
    load_record,
    render_stored,
    scene_parts,
    told_of,
)
from render.scene_job import image_name, make_record
from render.store import Dataset, open_dataset
from render.tables import OBJECTS, frames_schema
from scenarios.presets import read_condition
from simulator.errors import DataError, FairweatherError
from simulator.seeding import stream
from simulator.settings import build
from simulator.version import VERSION

SLACK = 1e-3
"""How far contrasts, light and states may be off where the processor is another one."""


@dataclasses.dataclass(frozen=True)
class Regenerated:
    """What the sample said.

    Attributes:
        problems: files that are not what their records give, in words.
        frames, of: images drawn again, and images there are. scenes: replayed.
        exact: compared to the byte, because the processor and the libraries are those of then.
        seed: of the sample.
    """

    problems: tuple[str, ...]
    frames: int
    of: int
    scenes: int
    exact: bool
    seed: int

    def found_with(self, share: float) -> float:
        """Probability that the sample meets an edited image where that share of them is edited."""
        edited = max(1, math.ceil(share * self.of))
        left = self.of - edited
        if self.frames > left:
            return 1.0
        missed = (math.log1p(-edited / (self.of - i)) for i in range(self.frames))
        return 1 - math.exp(sum(missed))


def regenerate(root: Path, sample: int, seed: int, exact: bool | None = None) -> Regenerated:
    """Draw ``sample`` random images of a dataset again and compare all that is said of them.

    Args:
        root: a dataset of this version. sample: how many. seed: which ones.
        exact: compare bytes; None where the provenance decides.

    Raises:
        DataError: the dataset is of another version, or its settings cannot be read.
    """
    dataset = open_dataset(root)
    config = _config(dataset)
    split = config.split
    path = root / "annotations" / f"{split}.json"
    count = sum(1 for _ in records_of(path, "images"))
    chosen = set(stream(seed, 0, "verify/sample").permutation(count)[:sample].tolist())
    images = [r for i, r in enumerate(records_of(path, "images")) if i in chosen]
    exact = same_machine(root) if exact is None else exact
    scenes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    problems: list[str] = []
    for image in images:
        place = _place(image, config)
        if place is None:
            problems.append(f"{path.name}: image {image.get('id')!r:.40} has broken attributes")
        else:
            scenes[place].append(image)
    stored = _Stored(root, path, images, config.maps)
    with progress("regenerating", len(images), "frames") as advance:
        done = 0
        for index, group in sorted(scenes.items()):
            problems += _scene(root, config, index, group, stored, exact)
            done += len(group)
            advance(done, "")
    return Regenerated(tuple(problems), len(images), count, len(scenes), exact, seed)


class _Stored:
    """What the tables and the annotations of a dataset say of some images."""

    def __init__(
        self, root: Path, path: Path, images: list[dict[str, Any]], maps: Sequence[str]
    ) -> None:
        ids = [i["id"] for i in images if isinstance(i.get("id"), int)]
        wanted = set(ids)
        self.annotations: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for record in records_of(path, "annotations"):
            key = record.get("image_id")
            if isinstance(key, int) and key in wanted:
                self.annotations[key].append(record)
        self.rows: dict[str, dict[int, list[dict[str, Any]]]] = {}
        schemas = {"frames.parquet": frames_schema(maps), "objects.parquet": OBJECTS}
        for name, schema in schemas.items():
            self.rows[name] = defaultdict(list)
            for row in _rows(root / name, schema, ids):
                self.rows[name][row["image_id"]].append(row)


def _rows(path: Path, schema: pa.Schema, ids: list[int]) -> Iterator[dict[str, Any]]:
    try:
        table = pq.ParquetFile(path)
        if table.schema_arrow.names != schema.names:
            raise DataError("has other columns", place=str(path))
        keep = np.array(ids, np.int64)
        for batch in table.iter_batches():
            inside = np.isin(batch["image_id"].to_numpy(), keep)
            yield from batch.filter(pa.array(inside)).to_pylist()
    except (OSError, pa.ArrowException) as error:
        said = str(error).splitlines()[0][:100]
        raise DataError(f"cannot be read ({said})", place=str(path)) from None


def _config(dataset: Dataset) -> GenerateConfig:
    generator = dataset.info.get("generator")
    if generator != f"fairweather {VERSION}":
        raise DataError(
            f"was made by {generator!r:.60}, this is fairweather {VERSION}",
            place=str(dataset.root), mend="Regenerate with the version that made it",
        )  # fmt: skip
    values = dataset.info.get("config")
    if not isinstance(values, Mapping):
        raise DataError("has no config", place=str(dataset.root / "dataset.json"))
    try:
        config = build(GenerateConfig, {**values, "out": str(dataset.root), "workers": 1})
    except FairweatherError as error:
        raise DataError(str(error), place=str(dataset.root / "dataset.json")) from None
    if config.scene is None:
        return config
    return dataclasses.replace(config, scene=str(dataset.root / GIVEN))


def _place(image: dict[str, Any], config: GenerateConfig) -> int | None:
    """The index of an image's scene, where its record can be believed so far."""
    facts = image.get("attributes")
    if not isinstance(facts, dict) or not isinstance(image.get("id"), int):
        return None
    index, frame = facts.get("scene_index"), facts.get("frame")
    if not isinstance(index, int) or not isinstance(frame, int):
        return None
    named = isinstance(facts.get("condition"), str)
    return index if named and index in scene_range(config) and frame >= 0 else None


def _scene(
    root: Path,
    config: GenerateConfig,
    index: int,
    images: list[dict[str, Any]],
    stored: _Stored,
    exact: bool,
) -> list[str]:
    """Problems of one scene's record and of some of its images."""
    name = f"scenes/{index:06d}.json"
    config = scene_settings(config, index)
    try:
        data = read_file(root / name)
        record = load_record(data, name)
    except DataError as error:
        return [str(error)]
    problems = []
    replayed = dump_record(make_record(config, index))
    if data != replayed:
        gap = difference(json.loads(data), json.loads(replayed), 0.0 if exact else SLACK)
        if gap or exact:
            problems.append(f"{name}: differs from its replay: {gap or 'in its form'}")
    backdrop = prepare(record.scene)
    classes = classes_of(backdrop) if "semantic" in config.maps else None
    parts = scene_parts(record.scene)
    order = [read_condition(spec).label for spec in config.conditions]  # a record sorts them
    drawing: Drawing | None = None
    for image in sorted(images, key=lambda i: i["attributes"]["frame"]):
        facts = image["attributes"]
        label, number = facts["condition"], facts["frame"]
        named = label in order and label in record.conditions
        if not named or number >= len(record.track(label)):
            problems.append(f"annotations: image {image['id']} is of no frame of {name}")
            continue
        known = image_name(config, record.scene, number, label, order.index(label))
        state = record.track(label)[number]
        conditions = record.conditions_at(label, number)
        if drawing is None or drawing.state is not state:  # twins share it, its mask and maps
            drawing = draw(backdrop, state)
            maps = draw_maps(config.maps, drawing.canvas, classes)
            problems += _planes(root, known, png_ids(drawing.edges), maps, exact)
        weather = light_up(backdrop, conditions)
        frame = render_stored(record, backdrop, drawing, weather, label, number)
        made = image_record(
            known, frame, record.scene.camera, told_of(conditions), state.time_s,
            geometry_hash(parts, record.track(label)),
        )  # fmt: skip
        problems += _picture(root, config, known, frame, record, exact)
        slack = 0.0 if exact else SLACK
        problems += _words(known, frame, drawing.edges, image, made, stored, slack)
    return problems


def _picture(
    root: Path,
    config: GenerateConfig,
    known: ImageName,
    frame: Frame,
    record: SceneRecord,
    exact: bool,
) -> list[str]:
    """Problems of the pixels of one image."""
    try:
        picture = read_file(root / known.image_path)
        quality = record.scene.sensor.jpeg_quality
        jpeg = config.image == "jpg"
        drawn = encode.jpeg(frame.bgr, quality) if jpeg else encode.png_bgr(frame.bgr)
        if picture == drawn:
            return []
        shown = encode.decode_jpeg(drawn) if jpeg else frame.bgr
        said = picture_problem(load_bgr(root / known.image_path), shown)
        if not (said or exact):
            return []
        told = said or "differs by less than a look can tell"
        return [f"{known.image_path}: is not the picture of its scene: {told}"]
    except DataError as error:
        return [str(error)]


def _planes(
    root: Path, known: ImageName, mask: bytes, maps: dict[str, np.ndarray], exact: bool
) -> list[str]:
    """Problems of the mask and the maps of one drawing."""
    problems = []
    try:
        if read_file(root / known.mask_path) != mask:
            problems.append(f"{known.mask_path}: is not the mask of its scene")
    except DataError as error:
        problems.append(str(error))
    for which, plane in maps.items():
        name = known.plane_path(which)
        try:
            # the coder of these files chooses its matches by what the processor can do
            if read_file(root / name) != encode.png_grey(plane) and (
                exact or not np.array_equal(load_map(root / name), plane)
            ):
                problems.append(f"{name}: is not the {which} map of its scene")
        except DataError as error:
            problems.append(str(error))
    return problems


def _words(
    known: ImageName,
    frame: Frame,
    edges: Edges,
    image: dict[str, Any],
    made: dict[str, Any],
    stored: _Stored,
    slack: float,
) -> list[str]:
    """Problems of what the annotations and the tables say of one image."""
    masks = encode.rle(edges, frame.annotations.instance)
    labelled = Labelled(known.image_id, frame.annotations, masks)
    objects = object_rows([labelled], (made["height"], made["width"]))
    labels = json.loads(b"[" + annotations_json(objects, masks) + b"]")
    made = json.loads(json.dumps(made))
    frames = pa.RecordBatch.from_pylist([frame_row(made)], frames_schema(known.maps))
    tables = {
        "frames.parquet": frames.to_pylist(),
        "objects.parquet": pa.RecordBatch.from_pydict(
            object_columns([objects]), OBJECTS
        ).to_pylist(),
    }
    place = f"annotations/{known.split}.json: image {known.image_id}"
    gaps = {place: difference(image, made, slack)}
    gaps[f"{place}: its annotations"] = difference(
        stored.annotations[known.image_id], labels, slack
    )  # fmt: skip
    for name, rows in tables.items():
        found = stored.rows[name][known.image_id]
        gaps[f"{name}: image {known.image_id}"] = difference(found, rows, slack)
    return [f"{where}: {gap}" for where, gap in gaps.items() if gap]
