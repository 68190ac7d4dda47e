"""Frames as COCO records and table rows: one image and its annotations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from render.canvas import HEIGHT_UNIT_M
from render.encode import rle
from render.frame import CLASSES, Annotations, Frame
from render.rects import touching
from simulator.camera import Camera, focal_px, foot_m, is_tilted, projection

MAX_OBJECTS = 1000
"""Objects a frame at most: annotation ids are image_id * MAX_OBJECTS + row."""

ATTRIBUTES = (
    "instance_id", "track_id", "full_bbox", "obb", "visible_area", "full_area", "occlusion",
    "truncation", "contrast_left", "contrast_abs", "heading_rad", "speed_mps", "aspect", "sign",
    "ego_lane",
)  # fmt: skip
"""What an annotation says beyond plain COCO, under "attributes". That of a sign which is dirty,
askew or overgrown has ``sign_state`` too."""

ASPECTS = {0: "off", 1: "red", 2: "yellow", 3: "green"}


@dataclasses.dataclass(frozen=True)
class ImageName:
    """Where an image belongs: ids and paths follow from it."""

    image_id: int
    seed: int
    split: str
    scene_index: int
    frame: int
    condition: str
    layout: str
    suffix: str
    shared_mask: bool
    maps: tuple[str, ...] = ()

    @property
    def scene(self) -> str:
        """The scene's key in file names."""
        return f"{self.scene_index:06d}"

    @property
    def image_path(self) -> str:
        """Path of the image in the dataset."""
        stem = f"{self.scene}_{self.frame:04d}_{self.condition}"
        return f"images/{self.split}/{stem}.{self.suffix}"

    @property
    def mask_path(self) -> str:
        """Path of the instance mask; open-loop twins share one."""
        return self.plane_path("masks")

    def plane_path(self, folder: str) -> str:
        """Path of the mask, or of a map, in a folder; open-loop twins share one."""
        twin = "" if self.shared_mask else f"_{self.condition}"
        return f"{folder}/{self.split}/{self.scene}_{self.frame:04d}{twin}.png"


def image_record(
    name: ImageName,
    frame: Frame,
    camera: Camera,
    conditions: dict[str, Any],
    time_s: float,
    geometry: str,
) -> dict[str, Any]:
    """The COCO image record of a frame; ``conditions`` are its quantities as plain data."""
    height, width = frame.ids.shape
    tilted = {"camera": pose_and_intrinsics(camera)} if is_tilted(camera) else {}
    maps: dict[str, Any] = {which: name.plane_path(which) for which in name.maps}
    if "height" in maps:
        maps["height_unit_m"] = HEIGHT_UNIT_M
    return {
        "id": name.image_id,
        "file_name": name.image_path,
        "width": width,
        "height": height,
        "attributes": {
            "scene": name.scene,
            "scene_index": name.scene_index,
            "seed": name.seed,
            "split": name.split,
            "frame": name.frame,
            "condition": name.condition,
            "layout": name.layout,
            "time_s": round(time_s, 3),
            "mask": name.mask_path,
            **({"maps": maps} if maps else {}),
            "m_per_px": camera.m_per_px,
            "altitude_m": camera.altitude_m,
            **tilted,
            "mor_m": round(frame.mor_m, 2),
            "optical_depth": round(frame.optical_depth, 5),
            "illuminance_lux": round(frame.illuminance_lux, 3),
            "conditions": conditions,
            "geometry_sha256": geometry,
        },
    }


def pose_and_intrinsics(camera: Camera) -> dict[str, Any]:
    """Where a pinhole is, what it looks at, and the matrix from the world (m) to the image (px)."""
    return {
        "kind": camera.kind,
        "tilt_rad": camera.tilt_rad,
        "heading_rad": camera.heading_rad,
        "place_m": [*(round(float(v), 4) for v in foot_m(camera)), camera.altitude_m],
        "looks_at_m": [camera.x_m, camera.y_m, 0.0],
        "focal_px": round(focal_px(camera), 6),
        "principal_px": [camera.width_px / 2, camera.height_px / 2],
        "projection": [[round(float(v), 9) for v in row] for row in projection(camera)],
    }


def masks_rle(ids: np.ndarray, annotations: Annotations) -> list[str]:
    """Run-length masks of a frame's objects; the same for all twins."""
    return rle(ids, annotations.instance, annotations.box_px)


Masks = dict[tuple[int, ...], str]
"""Run-length masks of a frame's objects, in their order, by instance id and box."""


def masks_again(
    ids: np.ndarray, annotations: Annotations, last: Masks, changed: np.ndarray
) -> Masks:
    """What ``masks_rle`` makes, where most is as in the frame before.

    Args:
        last: of the frame before. changed: i32[R, 4], where ``ids`` may differ from that frame's.
    """
    instances, boxes = annotations.instance, annotations.box_px
    keys = [(i, *box) for i, box in zip(instances.tolist(), boxes.tolist(), strict=True)]
    moved = touching(boxes, changed).tolist()
    known = [None if m else last.get(key) for m, key in zip(moved, keys, strict=True)]
    fresh = np.array([text is None for text in known], np.bool_)
    made = iter(rle(ids, instances[fresh], boxes[fresh]))
    texts = [next(made) if text is None else text for text in known]
    return dict(zip(keys, texts, strict=True))


@dataclasses.dataclass(frozen=True, eq=False)
class Labelled:
    """The objects of one image: the image's id, their labels and their run-length masks."""

    image_id: int
    annotations: Annotations
    masks: list[str]


def object_columns(images: Sequence[Labelled]) -> dict[str, list[Any]]:
    """All that is said about the objects of some images: columns of plain values by name.

    They hold those of the objects table, and what only COCO says.
    """
    a = _joined([image.annotations for image in images])
    first = [image.image_id * MAX_OBJECTS for image in images]
    counts = [len(image.annotations) for image in images]
    if max(counts) >= MAX_OBJECTS:
        raise ValueError(f"{max(counts)} objects in one frame, at most {MAX_OBJECTS} are numbered")
    ids = [i + k for i, count in zip(first, counts, strict=True) for k in range(count)]
    x, y, w, h = _xywh(a.box_px).T.tolist()
    return {
        "image_id": [i // MAX_OBJECTS for i in ids],
        "annotation_id": ids,
        "category": [CLASSES[k] for k in a.category.tolist()],
        "category_id": (a.category + 1).tolist(),
        "x": x,
        "y": y,
        "w": w,
        "h": h,
        "mask": [mask for image in images for mask in image.masks],
        "instance_id": a.instance.tolist(),
        "track_id": a.track.tolist(),
        "full_bbox": _xywh(a.full_box_px).tolist(),
        "obb": np.round(a.oriented_px, 3).tolist(),
        "visible_area": a.visible_px.tolist(),
        "full_area": a.full_px.tolist(),
        "occlusion": np.round(a.occlusion, 4).tolist(),
        "truncation": np.round(a.truncation, 4).tolist(),
        "contrast_left": np.round(a.contrast_left, 4).tolist(),
        "contrast_abs": np.round(a.contrast_abs, 4).tolist(),
        "heading_rad": np.round(a.heading_rad, 4).tolist(),
        "speed_mps": np.round(a.speed_mps, 3).tolist(),
        "aspect": [ASPECTS.get(v) for v in a.aspect.tolist()],
        "sign": [s or None for s in a.sign],
        "ego_lane": a.ego_lane.tolist(),
        "sign_state": list(a.sign_state),
        "sign_dirt": _of_signs(a, "dirt", 0.0),
        "sign_tilt_rad": _of_signs(a, "tilt_rad", 0.0),
        "sign_overgrown": _of_signs(a, "overgrown", False),
    }


def _of_signs(a: Annotations, name: str, sound: float | bool) -> list[float | bool | None]:
    """A part of the state of every sign, None of all else."""
    both = zip(a.sign, a.sign_state, strict=True)
    return [state.get(name, sound) if sign else None for sign, state in both]


def frame_row(image: dict[str, Any]) -> dict[str, Any]:
    """The row of an image record in the table of frames."""
    more = image["attributes"]
    tilt_rad = more.get("camera", {}).get("tilt_rad", 0.0)
    return {**image, **more, "image_id": image["id"], "tilt_rad": tilt_rad}


def _joined(parts: list[Annotations]) -> Annotations:
    """The rows of several frames as one."""
    words = ("sign", "sign_state")
    names = [f.name for f in dataclasses.fields(Annotations) if f.name not in words]
    columns = {name: np.concatenate([getattr(a, name) for a in parts]) for name in names}
    return Annotations(
        **columns,
        sign=tuple(s for a in parts for s in a.sign),
        sign_state=tuple(s for a in parts for s in a.sign_state),
    )


def annotations_json(columns: dict[str, list[Any]], size: tuple[int, int]) -> bytes:
    """COCO annotation records, comma-separated.

    Args:
        columns: of ``object_columns``. size: height and width of the masks, px.
    """
    boxes = zip(*(columns[name] for name in ("x", "y", "w", "h")), strict=True)
    attributes = zip(*(columns[name] for name in ATTRIBUTES), strict=True)
    names = ("annotation_id", "image_id", "category_id", "visible_area", "mask", "sign_state")
    records = [
        {
            "id": ident,
            "image_id": image,
            "category_id": category,
            "bbox": box,
            "area": area,
            "iscrowd": 0,
            "segmentation": {"size": size, "counts": mask},
            "attributes": dict(zip(ATTRIBUTES, values, strict=True))
            | ({"sign_state": state} if state else {}),
        }
        for ident, image, category, area, mask, state, box, values in zip(
            *(columns[name] for name in names), boxes, attributes, strict=True
        )
    ]
    return orjson.dumps(records)[1:-1]


def categories() -> list[dict[str, Any]]:
    """The COCO categories: ids 1, 2, ... in the order of CLASSES."""
    parents = {"car": "vehicle", "truck": "vehicle", "bus": "vehicle", "stop_sign": "sign"}
    return [
        {"id": i + 1, "name": name, "supercategory": parents.get(name, "signal")}
        for i, name in enumerate(CLASSES)
    ]


def _xywh(boxes: np.ndarray) -> np.ndarray:
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2], size], axis=1)
