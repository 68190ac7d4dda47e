"""Frames as COCO records and table rows: one image and its annotations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from render.canvas import HEIGHT_UNIT_M
from render.frame import CLASSES, Annotations, Frame
from render.label_columns import CATEGORY, PLACE
from render.label_text import written
from render.tables import map_column
from simulator.camera import Camera, focal_px, foot_m, is_distorted, is_tilted, projection
from simulator.distortion import NAMES

MAX_OBJECTS = 1000
"""Objects a frame at most: annotation ids are image_id * MAX_OBJECTS + row."""

_IN_TABLE = (
    "x", "y", "w", "h", "instance_id", "track_id", "visible_area", "full_area", "occlusion",
    "truncation", "contrast_left", "contrast_abs", "heading_rad", "speed_mps",
)  # fmt: skip
"""Numbers that the objects table has."""

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
    telling = is_tilted(camera) or is_distorted(camera)
    pose = {"camera": pose_and_intrinsics(camera)} if telling else {}
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
            **pose,
            "mor_m": round(frame.mor_m, 2),
            "optical_depth": round(frame.optical_depth, 5),
            "illuminance_lux": round(frame.illuminance_lux, 3),
            "luminance_cd_m2": round(frame.luminance_cd_m2, 4),
            "conditions": conditions,
            "geometry_sha256": geometry,
        },
    }


def pose_and_intrinsics(camera: Camera) -> dict[str, Any]:
    """Where a pinhole is, what it looks at, and the matrix from the world (m) to the image (px).

    Of a lens that bends lines also its coefficients, in OpenCV's order; the matrix then leads to
    the image of one that does not.
    """
    bends = [camera.k1, camera.k2, camera.p1, camera.p2]
    return {
        "kind": camera.kind,
        "tilt_rad": camera.tilt_rad,
        "heading_rad": camera.heading_rad,
        "place_m": [*(round(float(v), 4) for v in foot_m(camera)), camera.altitude_m],
        "looks_at_m": [camera.x_m, camera.y_m, 0.0],
        "focal_px": round(focal_px(camera), 6),
        "principal_px": [camera.width_px / 2, camera.height_px / 2],
        **({"distortion": bends} if is_distorted(camera) else {}),
        "projection": [[round(float(v), 9) for v in row] for row in projection(camera)],
    }


@dataclasses.dataclass(frozen=True, eq=False)
class Labelled:
    """The objects of one image: the image's id, their labels and their run-length masks."""

    image_id: int
    annotations: Annotations
    masks: list[str]


@dataclasses.dataclass(frozen=True, eq=False)
class ObjectRows:
    """The objects of some images, a row each.

    Attributes:
        numbers: f64[K, len(NUMBERS)], what COCO says of them, rounded as it is written.
        aspect, sign, ego_lane, sign_state: of K, as words of JSON; see ``frame.Annotations``.
    """

    numbers: np.ndarray
    aspect: Sequence[str | None]
    sign: Sequence[str | None]
    ego_lane: Sequence[bool]
    sign_state: Sequence[dict[str, float | bool]]


def object_rows(images: Sequence[Labelled], size: tuple[int, int]) -> ObjectRows:
    """The objects of some images. Args: size: height and width of the masks, px."""
    counts = [len(image.annotations) for image in images]
    if max(counts) >= MAX_OBJECTS:
        raise ValueError(f"{max(counts)} objects in one frame, at most {MAX_OBJECTS} are numbered")
    a = _joined([image.annotations for image in images])
    image_id = np.repeat([image.image_id for image in images], counts).astype(np.int64)
    within = np.concatenate([np.arange(count) for count in counts])
    columns = (
        image_id * MAX_OBJECTS + within, image_id, a.category + 1, _xywh(a.box_px), a.visible_px,
        np.full((len(image_id), 2), size), a.instance, a.track, _xywh(a.full_box_px),
        np.round(a.oriented_px, 3), a.visible_px, a.full_px, np.round(a.occlusion, 4),
        np.round(a.truncation, 4), np.round(a.contrast_left, 4), np.round(a.contrast_abs, 4),
        np.round(a.heading_rad, 4), np.round(a.speed_mps, 3),
    )  # fmt: skip
    numbers = np.column_stack([column.astype(np.float64) for column in columns])
    aspects, signs = [ASPECTS.get(v) for v in a.aspect.tolist()], [s or None for s in a.sign]
    return ObjectRows(numbers, aspects, signs, a.ego_lane.tolist(), a.sign_state)


def object_columns(parts: Sequence[ObjectRows]) -> dict[str, Any]:
    """The columns of the objects table by name: arrays, or lists of words."""
    numbers = np.concatenate([rows.numbers for rows in parts])
    signs = [sign for rows in parts for sign in rows.sign]
    states = [state for rows in parts for state in rows.sign_state]
    return {
        "image_id": numbers[:, PLACE["image_id"]],
        "annotation_id": numbers[:, PLACE["id"]],
        "category": [CLASSES[k - 1] for k in numbers[:, CATEGORY].astype(int).tolist()],
        **{name: numbers[:, PLACE[name]] for name in _IN_TABLE},
        "aspect": [aspect for rows in parts for aspect in rows.aspect],
        "sign": signs,
        "ego_lane": [own for rows in parts for own in rows.ego_lane],
        "sign_dirt": _of_signs(signs, states, "dirt", 0.0),
        "sign_tilt_rad": _of_signs(signs, states, "tilt_rad", 0.0),
        "sign_overgrown": _of_signs(signs, states, "overgrown", False),
    }


def _of_signs(
    signs: list[str | None], states: list[dict[str, float | bool]], name: str, sound: float | bool
) -> list[float | bool | None]:
    """A part of the state of every sign, None of all else."""
    both = zip(signs, states, strict=True)
    return [state.get(name, sound) if sign else None for sign, state in both]


def frame_row(image: dict[str, Any]) -> dict[str, Any]:
    """The row of an image record in the table of frames."""
    more = image["attributes"]
    maps = {map_column(which): path for which, path in more.get("maps", {}).items()}
    return {**image, **more, "image_id": image["id"], **maps, **_camera_row(more.get("camera"))}


def _camera_row(told: dict[str, Any] | None) -> dict[str, float]:
    """A camera in the table of frames: pose and intrinsics are null where the record has none."""
    if told is None:
        return dict.fromkeys(("tilt_rad", *NAMES), 0.0)
    place_m, aim_m, principal_px = told["place_m"], told["looks_at_m"], told["principal_px"]
    bends = told.get("distortion", (0.0,) * len(NAMES))
    return {
        **{key: told[key] for key in ("tilt_rad", "heading_rad", "focal_px")},
        "place_x_m": place_m[0], "place_y_m": place_m[1],
        "looks_at_x_m": aim_m[0], "looks_at_y_m": aim_m[1],
        "principal_x_px": principal_px[0], "principal_y_px": principal_px[1],
        **dict(zip(NAMES, bends, strict=True)),
    }  # fmt: skip


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


def annotations_json(rows: ObjectRows, masks: Sequence[str]) -> bytes:
    """COCO annotation records, comma-separated; ``masks``: run-length masks of all rows."""
    return written(rows.numbers, masks, rows.aspect, rows.sign, rows.ego_lane, rows.sign_state)


def categories() -> list[dict[str, Any]]:
    """The COCO categories: ids 1, 2, ... in the order of CLASSES."""
    vehicles = dict.fromkeys(("car", "truck", "bus", "motorcycle", "bicycle"), "vehicle")
    parents = {**vehicles, "pedestrian": "person", "stop_sign": "sign"}
    return [
        {"id": i + 1, "name": name, "supercategory": parents.get(name, "signal")}
        for i, name in enumerate(CLASSES)
    ]


def _xywh(boxes: np.ndarray) -> np.ndarray:
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2], size], axis=1)
