"""Frames as COCO records: one image and its annotations, as JSON text ready to be joined."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from render.encode import rle
from render.frame import CLASSES, Annotations, Frame
from simulator.camera import Camera

MAX_OBJECTS = 1000
"""Objects a frame at most: annotation ids are image_id * MAX_OBJECTS + row."""

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
        twin = "" if self.shared_mask else f"_{self.condition}"
        return f"masks/{self.split}/{self.scene}_{self.frame:04d}{twin}.png"


def image_json(
    name: ImageName,
    frame: Frame,
    camera: Camera,
    conditions: dict[str, Any],
    time_s: float,
    geometry: str,
) -> str:
    """The COCO image record of a frame; ``conditions`` are its quantities as plain data."""
    height, width = frame.ids.shape
    record = {
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
            "m_per_px": camera.m_per_px,
            "altitude_m": camera.altitude_m,
            "mor_m": round(frame.mor_m, 2),
            "optical_depth": round(frame.optical_depth, 5),
            "illuminance_lux": round(frame.illuminance_lux, 3),
            "conditions": conditions,
            "geometry_sha256": geometry,
        },
    }
    return json.dumps(record, separators=(",", ":"))


def masks_rle(ids: np.ndarray, annotations: Annotations) -> list[str]:
    """Run-length masks of a frame's objects; the same for all twins."""
    return rle(ids, annotations.instance, annotations.box_px)


def annotations_json(name: ImageName, frame: Frame, masks: list[str]) -> str:
    """The COCO annotation records of a frame, comma-separated."""
    a = frame.annotations
    if len(a) >= MAX_OBJECTS:
        raise ValueError(f"{len(a)} objects in one frame, at most {MAX_OBJECTS} are numbered")
    height, width = frame.ids.shape
    columns: list[Any] = [
        a.instance.tolist(), a.track.tolist(), (a.category + 1).tolist(), _xywh(a.box_px),
        _xywh(a.full_box_px), np.round(a.oriented_px, 3).tolist(), a.visible_px.tolist(),
        a.full_px.tolist(), np.round(a.occlusion, 4).tolist(), np.round(a.truncation, 4).tolist(),
        np.round(a.contrast_left, 4).tolist(), np.round(a.contrast_abs, 4).tolist(),
        np.round(a.heading_rad, 4).tolist(), np.round(a.speed_mps, 3).tolist(),
        [ASPECTS.get(v) for v in a.aspect.tolist()], [s or None for s in a.sign],
        a.ego_lane.tolist(), masks,
    ]  # fmt: skip
    records = [
        {
            "id": name.image_id * MAX_OBJECTS + k,
            "image_id": name.image_id,
            "category_id": category,
            "bbox": box,
            "area": visible,
            "iscrowd": 0,
            "segmentation": {"size": [height, width], "counts": mask},
            "attributes": {
                "instance_id": instance,
                "track_id": track,
                "full_bbox": full_box,
                "obb": oriented,
                "visible_area": visible,
                "full_area": full,
                "occlusion": occlusion,
                "truncation": truncation,
                "contrast_left": left,
                "contrast_abs": absolute,
                "heading_rad": heading,
                "speed_mps": speed,
                "aspect": aspect,
                "sign": sign,
                "ego_lane": ego,
            },
        }
        for k, (
            instance, track, category, box, full_box, oriented, visible, full, occlusion,
            truncation, left, absolute, heading, speed, aspect, sign, ego, mask,
        ) in enumerate(zip(*columns, strict=True))
    ]  # fmt: skip
    return json.dumps(records, separators=(",", ":"))[1:-1]


def categories() -> list[dict[str, Any]]:
    """The COCO categories: ids 1, 2, ... in the order of CLASSES."""
    parents = {"car": "vehicle", "truck": "vehicle", "bus": "vehicle", "stop_sign": "sign"}
    return [
        {"id": i + 1, "name": name, "supercategory": parents.get(name, "signal")}
        for i, name in enumerate(CLASSES)
    ]


def _xywh(boxes: np.ndarray) -> list[list[int]]:
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2], size], axis=1).tolist()
