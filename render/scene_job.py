"""The unit of work of a dataset: one scene, all its frames under all conditions, written to disk.

What a scene's files hold depends on the config and the scene's name alone. A part file that is
renamed into place when everything else is on disk makes the scene count as done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from render import encode
from render.annotation_json import ImageName, Labelled, image_record
from render.composition import scene_settings
from render.config import GenerateConfig, scene_config
from render.exposure import Weather, light_up
from render.files import write_bytes, write_whole
from render.given_scene import given_scene
from render.id_png import png_ids
from render.maps import Classes, classes_of, draw_maps
from render.memory import keep_buffers
from render.part import Gathered, dump_part
from render.picture import Backdrop, Drawing, draw, prepare
from render.record import (
    SHARED,
    SceneRecord,
    dump_record,
    geometry_hash,
    render_stored,
    scene_parts,
    stored,
    told_of,
)
from scenarios.presets import read_condition
from scenarios.sampler import sample_scene
from scenarios.sky import sample_conditions, sample_course
from simulator import engine
from simulator.errors import OutputError
from simulator.scene import Scene

WORK = ".work"
"""Folder of part files inside an unfinished dataset."""


def scene_folders(config: GenerateConfig) -> tuple[str, ...]:
    """The folders into which scenes write, in that of the dataset."""
    planes = [f"{folder}/{config.split}" for folder in ("images", "masks", *config.maps)]
    return (WORK, *planes, "scenes")


def frame_times_s(config: GenerateConfig, warm_up_s: float) -> list[float]:
    """When the frames are taken, s since the scene's beginning: multiples of the engine's step."""
    every = 1.0 / config.frame_rate_hz
    first = round(warm_up_s / config.step_s)
    steps = [first + round(k * every / config.step_s) for k in range(config.frames_per_scene)]
    return [n * config.step_s for n in steps]


def make_record(config: GenerateConfig, index: int) -> SceneRecord:
    """Sample a scene, let it move, and keep its states at the frame times."""
    if config.scene is not None:
        scene = given_scene(config.scene)
    else:
        scene = sample_scene(scene_config(config), config.seed, index, config.split)
    specs = [read_condition(spec) for spec in config.conditions]
    conditions = {s.label: sample_conditions(s, config.seed, config.split, index) for s in specs}
    drawn = {
        s.label: sample_course(s, config.seed, config.split, index, scene.warm_up_s) for s in specs
    }
    courses = {label: course for label, course in drawn.items() if course is not None}
    times = frame_times_s(config, scene.warm_up_s)
    if config.twins == "open":
        tracks = {SHARED: stored(engine.rollout(scene, times))}
    else:
        tracks = {
            label: stored(engine.rollout(scene, times, courses.get(label, c)))
            for label, c in conditions.items()
        }
    return SceneRecord(scene, config.split, conditions, tracks, courses)


def image_name(
    config: GenerateConfig, scene: Scene, frame: int, label: str, order: int
) -> ImageName:
    """The name of an image; ids are known before anything else is rendered."""
    count = len(config.conditions)
    image_id = (scene.index * config.frames_per_scene + frame) * count + order + 1
    return ImageName(
        image_id, config.seed, config.split, scene.index, frame, label, scene.layout, config.image,
        config.twins == "open", config.maps,
    )  # fmt: skip


def run_scene(config: GenerateConfig, index: int) -> int:
    """Make one scene's files and its part file. Returns the number of frames written."""
    keep_buffers()
    root = Path(config.out)
    config = scene_settings(config, index)
    record = make_record(config, index)
    gathered = Gathered()

    base = str(root)

    def write(path: str, data: bytes) -> None:
        place = f"{base}/{path}"  # a Path for each file costs more than a call of the system
        try:
            write_whole(place, data)
        except OSError as error:
            raise OutputError(
                f"cannot be written ({error.strerror})", place=place,
                mend="Make room and start again: finished scenes are kept",
            ) from error  # fmt: skip
        gathered.files.append((path, hashlib.sha256(data).hexdigest(), len(data)))

    parts = scene_parts(record.scene)
    backdrop = prepare(record.scene)
    classes = classes_of(backdrop) if "semantic" in config.maps else None
    weathers: dict[str, Weather] = {}
    for label in record.conditions:
        first = record.conditions_at(label, 0)
        weathers[label] = light_up(backdrop, first, list(weathers.values()))
    if config.twins == "open":
        _write_frames(config, record, backdrop, classes, parts, weathers, write, gathered)
    else:
        for label, weather in weathers.items():
            alone = {label: weather}
            _write_frames(config, record, backdrop, classes, parts, alone, write, gathered)
    write(f"scenes/{index:06d}.json", dump_record(record, parts))
    write_bytes(root / WORK / f"{index:06d}.part", dump_part(gathered))
    return len(gathered.images)


def _write_frames(
    config: GenerateConfig,
    record: SceneRecord,
    backdrop: Backdrop,
    classes: Classes | None,
    parts: dict[str, bytes],
    weathers: dict[str, Weather],
    write: Callable[[str, bytes], None],
    gathered: Gathered,
) -> None:
    """Write the frames of some conditions that share their states."""
    scene = record.scene
    order = list(record.conditions)
    states = record.track(next(iter(weathers)))
    geometry = geometry_hash(parts, states)
    weathers = dict(weathers)
    quantities = {label: told_of(weather.conditions) for label, weather in weathers.items()}
    drawing: Drawing | None = None
    for number, state in enumerate(states):
        drawing = draw(backdrop, state, drawing)
        names = [image_name(config, scene, number, label, order.index(label)) for label in weathers]
        masks = encode.rle(drawing.edges, drawing.geometry.instance)
        write(names[0].mask_path, png_ids(drawing.edges))
        for which, plane in draw_maps(config.maps, drawing.canvas, classes).items():
            write(names[0].plane_path(which), encode.png_grey(plane))
        for name, (label, weather) in zip(names, list(weathers.items()), strict=True):
            now = record.conditions_at(label, number)
            if now != weather.conditions:
                weather = weathers[label] = light_up(backdrop, now, list(weathers.values()))
                quantities[label] = told_of(now)
            frame = render_stored(record, backdrop, drawing, weather, label, number)
            pixels = (
                encode.jpeg(frame.bgr, scene.sensor.jpeg_quality)
                if config.image == "jpg"
                else encode.png_bgr(frame.bgr)
            )
            write(name.image_path, pixels)
            gathered.images.append(
                image_record(name, frame, scene.camera, quantities[label], state.time_s, geometry)
            )
            gathered.labelled.append(Labelled(name.image_id, frame.annotations, masks))
