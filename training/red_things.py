"""Everything red in the pictures of a dataset, whether it has a label or not.

Labels tell stop signs, lamps and cars. That a car is red, that its brake lamps are lit, which signs
without a class are red and what red clutter lies about is read from the records of the scenes.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np

from render.coco_reader import read_json
from render.faces import lay_plates
from render.obstacles import block_corners
from render.record import SceneRecord, load_record
from render.store import Dataset, Truth
from simulator.agents import AgentState, Kind, Lamp
from simulator.articulation import own_bodies, trailers
from simulator.camera import to_px
from simulator.errors import DataError
from simulator.geometry import to_world
from simulator.sign import look
from simulator.sign_shapes import RED
from simulator.signs import SIGNS
from training.taxonomy import ignored

KINDS = (
    "stop sign", "red lamp", "red car", "other car", "brake lamps", "other red sign", "red clutter",
)  # fmt: skip
"""The first four have a label of their own, the others none: there the right answer is nothing."""

LABELLED = 4
RED_RATIO, RED_LEAST = 1.6, 80
"""A paint is red whose red is so many times its green and its blue, and at least so bright."""

STRIP = (-0.5, -0.44, 0.45, 0.5)
"""Where brake lamps are: from and to along the body, half the width, height, shares of the body."""

MOST_HIDDEN = 0.3
"""A vehicle hidden by more than this may have its lamps hidden: they are left out."""


@dataclasses.dataclass(frozen=True, eq=False)
class Things:
    """Red things, M in all.

    Attributes:
        kind: i8[M], index into KINDS. image: i32[M], ascending. box_px: f64[M, 4].
        row: i32[M], index of its box in the truth; -1 for what has no label of its own.
    """

    kind: np.ndarray
    image: np.ndarray
    box_px: np.ndarray
    row: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)


Found = list[tuple[int, np.ndarray, int]]
"""Kind, box f64[4] px and row of each thing of a picture."""


def red_things(dataset: Dataset, truth: Truth) -> Things:
    """All red things of the one split of a native dataset.

    Args:
        truth: of ``read_splits``, unchanged.

    Raises:
        DataError: a record is missing or broken, or the labels are not those of the truth.
    """
    ids = instance_ids(dataset, truth)
    first = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    skip = ignored(truth)
    record_of = functools.lru_cache(maxsize=2)(functools.partial(_record, dataset.root))
    kinds, images, boxes, rows = [], [], [], []
    for image in range(len(truth)):
        mine = np.arange(first[image], first[image + 1])
        record = record_of(int(truth.scene[image].split("/")[2]))
        states = record.track(truth.condition[image])
        if not truth.frame[image] < len(states):
            raise DataError("a record lacks a frame", place=truth.name, mend="Generate it anew")
        state = states[int(truth.frame[image])]
        found = _labelled(truth, record, mine, ids, skip)
        found += _brake_lamps(truth, record, state, mine, ids)
        found += _signs(record) + _clutter(record)
        size = truth.size_px[image]
        for kind, box, row in found:
            if row >= 0 or ((box[:2] >= 0).all() and (box[2:] <= size).all()):
                kinds.append(kind)
                images.append(image)
                boxes.append(box)
                rows.append(row)
    return Things(
        np.array(kinds, np.int8), np.array(images, np.int32),
        np.array(boxes, float).reshape(-1, 4), np.array(rows, np.int32),
    )  # fmt: skip


def instance_ids(dataset: Dataset, truth: Truth) -> np.ndarray:
    """The instance id of every box of a truth of a dataset with one split: i64[K].

    Raises:
        DataError: the labels are not those of the truth.
    """
    place = dataset.root / "annotations" / f"{dataset.splits[0]}.json"
    content = read_json(place)
    order = {int(record["id"]): i for i, record in enumerate(content["images"])}
    records = sorted(content["annotations"], key=lambda a: order[int(a["image_id"])])
    corner = np.array([a["bbox"][:2] for a in records], dtype=np.float32).reshape(-1, 2)
    if len(corner) != len(truth.category) or (corner != truth.box_px[:, :2]).any():
        raise DataError(
            "the labels changed while they were read", place=str(place), mend="Start again"
        )
    return np.array([a["attributes"]["instance_id"] for a in records], dtype=np.int64)


def is_red(colour: np.ndarray) -> np.ndarray:
    """Whether sRGB colours [N, 3] are red: bool[N]."""
    c = np.asarray(colour, dtype=float).reshape(-1, 3)
    return (c[:, 0] >= RED_LEAST) & (c[:, 0] >= RED_RATIO * c[:, 1:].max(axis=1))


def _record(root: Path, index: int) -> SceneRecord:
    path = root / "scenes" / f"{index:06d}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError("cannot be read", place=str(path), mend="Generate it anew") from error
    return load_record(data, str(path))


def _labelled(
    truth: Truth, record: SceneRecord, mine: np.ndarray, ids: np.ndarray, skip: np.ndarray
) -> Found:
    """Stop signs, red lamps, red and other cars that count."""
    red = is_red(record.scene.agents.colour)
    found: Found = []
    for row in mine[~skip[mine]].tolist():
        name = truth.classes[truth.category[row]]
        if name == "car":
            kind = KINDS.index("red car" if red[ids[row] - 1] else "other car")
        elif name in ("stop_sign", "light_red"):
            kind = KINDS.index("stop sign" if name == "stop_sign" else "red lamp")
        else:
            continue
        found.append((kind, truth.box_px[row].astype(float), row))
    return found


def _brake_lamps(
    truth: Truth, record: SceneRecord, state: AgentState, mine: np.ndarray, ids: np.ndarray
) -> Found:
    """The rear edge of every car, truck or bus that brakes and is in full view."""
    table, camera = record.scene.agents, record.scene.camera
    rear, front, side, height = STRIP
    kind = KINDS.index("brake lamps")
    found: Found = []
    rear_bodies = own_bodies(table, state)
    rows, boxes = trailers(table, state)
    rear_bodies[rows] = boxes
    for row in mine[truth.occlusion[mine] <= MOST_HIDDEN].tolist():
        agent = int(ids[row]) - 1
        if not 0 <= agent < len(table) or table.route[agent] < 0:
            continue
        if table.kind[agent] in (Kind.MOTORCYCLE, Kind.BICYCLE):
            continue
        if not state.lamps[agent] & Lamp.BRAKE:
            continue
        local = np.array([(x, y) for x in (rear, front) for y in (-side, side)])
        x, y, heading, length, width = rear_bodies[agent].tolist()
        world = to_world(local * [length, width], x, y, heading)
        px = to_px(camera, world, height * float(table.height_m[agent]))
        found.append((kind, np.concatenate([px.min(axis=0), px.max(axis=0)]), -1))
    return found


def _signs(record: SceneRecord) -> Found:
    """Signs with red in their face that are no object of the labels."""
    scene = record.scene
    plates = lay_plates(scene, scene.camera)
    kind = KINDS.index("other red sign")
    return [
        (kind, np.concatenate([outline.min(axis=0), outline.max(axis=0)]), -1)
        for name, outline in zip(plates.sign_type, plates.outline_px, strict=True)
        if name and not SIGNS[name].category
        and any(p.srgb == RED for p in look(SIGNS[name], scene.convention).patches)
    ]  # fmt: skip


def _clutter(record: SceneRecord) -> Found:
    """Red things that stand about beside the road."""
    kind = KINDS.index("red clutter")
    found: Found = []
    for block in record.scene.surroundings.blocks:
        if block.height_m > 0 and is_red(np.array([block.colour]))[0]:
            px = to_px(record.scene.camera, block_corners(block), block.height_m)
            found.append((kind, np.concatenate([px.min(axis=0), px.max(axis=0)]), -1))
    return found
