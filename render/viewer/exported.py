"""The frame that is shown, as files: what ``generate`` writes of it, to the byte."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson

from render import encode
from render.annotation_json import (
    ImageName,
    Labelled,
    annotations_json,
    categories,
    image_record,
    object_rows,
)
from render.exposure import light_up
from render.files import make_folder, write_bytes
from render.id_png import png_ids
from render.picture import draw, prepare
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
from render.viewer.aim import framing
from render.viewer.scene_file import SAVED_IN
from render.viewer.view import SPLIT, View, said
from scenarios.presets import read_condition

BY_HAND = "by_hand"
"""Label of a weather that no preset names."""


def exported(view: View) -> View:
    """Write the engine's state that is shown as a labelled frame: picture, mask, labels, record.

    It is drawn anew, by the dataset's own way. The whole seconds since the warm-up number it, as
    they number the frames of ``generate`` at one frame a second.
    """
    record, label = recorded(view)
    scene, (state,) = record.scene, record.tracks[SHARED]
    number = int(state.time_s - scene.warm_up_s + 1e-6)
    backdrop = prepare(scene)
    weather = light_up(backdrop, record.conditions_at(label, 0))
    drawing = draw(backdrop, state)
    frame = render_stored(record, backdrop, drawing, weather, label, number)
    milliseconds = round(state.time_s * 1000)
    folder = make_folder(SAVED_IN / f"{scene.layout}-{scene.seed}-{milliseconds:06d}ms-{label}")
    name = ImageName(
        1, scene.seed, SPLIT, scene.index, number, label, scene.layout, "png", True
    )  # fmt: skip
    parts = scene_parts(scene)
    image: dict[str, Any] = image_record(
        name, frame, scene.camera, told_of(weather.conditions), state.time_s,
        geometry_hash(parts, (state,)),
    )  # fmt: skip
    image["file_name"], image["attributes"]["mask"] = "image.png", "mask.png"
    masks = encode.rle(drawing.edges, frame.annotations.instance)
    objects = object_rows([Labelled(1, frame.annotations, masks)], frame.ids.shape)
    labels = {
        "images": [image],
        "annotations": orjson.Fragment(b"[%s]" % annotations_json(objects, masks)),
        "categories": categories(),
    }
    write_bytes(folder / "image.png", encode.png_bgr(frame.bgr))
    write_bytes(folder / "mask.png", png_ids(drawing.edges))
    write_bytes(folder / "labels.json", orjson.dumps(labels))
    write_bytes(folder / "scene.json", dump_record(record, parts))
    return said(view, f"exported to {folder}")


def recorded(view: View) -> tuple[SceneRecord, str]:
    """The record of the one moment that is shown, by the camera that shows it, and its label."""
    label = BY_HAND if view.preset is None else read_condition(view.preset).label
    scene = dataclasses.replace(view.scene, camera=framing(view, view.state).camera)
    moment = stored([view.state])
    conditions, courses = {label: view.conditions}, {}
    if view.front is None or not view.lasting:
        scene = dataclasses.replace(scene, course=None)
    else:
        conditions, courses = {label: view.front.knots[0]}, {label: view.front}
    return SceneRecord(scene, SPLIT, conditions, {SHARED: moment}, courses), label
