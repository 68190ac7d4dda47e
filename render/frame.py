"""What a frame is: pixels, ids, annotations; and the classes of its labels and of its pixels."""

from __future__ import annotations

import dataclasses

import numpy as np

CLASSES = (
    "car", "truck", "bus", "stop_sign", "light_red", "light_yellow", "light_green", "light_off",
    "motorcycle", "bicycle", "pedestrian",
)  # fmt: skip
"""Label classes in the order of their COCO ids 1, 2, ... Later work adds and never renames."""

VEHICLE_CLASS = np.array(
    [
        CLASSES.index(n)
        for n in ("car", "truck", "bus", "car", "motorcycle", "bicycle", "pedestrian")
    ],
    np.int16,
)
"""Label class of a vehicle by its kind: a van counts as a car. i16[K], index into CLASSES."""

SEMANTIC = {
    "road": 0, "sidewalk": 1, "building": 2, "pole": 5, "traffic light": 6, "traffic sign": 7,
    "vegetation": 8, "terrain": 9, "person": 11, "car": 13, "truck": 14, "bus": 15,
    "motorcycle": 17, "bicycle": 18, "road marking": 19, "object": 20,
}  # fmt: skip
"""Classes of the pixels of a semantic map, with the names and numbers of Cityscapes' 19 training
classes (``trainId`` in its ``labels.py``; Cordts et al. 2016), and two more: what is painted on the
road, which is ``road`` there, and what stands about. Later work adds and never renames."""

ASPECT_CLASS = {0: "light_off", 1: "light_red", 2: "light_yellow", 3: "light_green"}
"""Label class of a signal head by the aspect that it shows."""


@dataclasses.dataclass(frozen=True, eq=False)
class Annotations:
    """The labels of one frame, one row an object with at least one visible pixel.

    Attributes:
        instance: u16[K], its value in the instance mask.
        track: i32[K], the same object has the same number in every frame of a scene.
        category: i16[K], index into CLASSES.
        box_px: i32[K, 4], x0, y0, x1, y1 of the visible pixels (exclusive right and bottom).
        full_box_px: i32[K, 4], the same for the whole silhouette, also outside the image.
        oriented_px: f64[K, 5], cx, cy, w, h, angle (rad, from +u towards +v), of the whole
            object, hidden or not, see ``oriented.py``.
        visible_px, full_px: i32[K], areas of the visible part and of the whole silhouette.
        occlusion: f64[K], hidden share of what lies in the image. truncation: f64[K], share of the
            silhouette outside the image.
        contrast_left, contrast_abs: f64[K], see ``labels.py``.
        heading_rad, speed_mps: f64[K], world frame, within half a turn. aspect: i16[K], signal
            aspect or -1.
        sign: tuple of K sign types, "" for others. ego_lane: bool[K], whether a sign or signal
            rules the lane of the vehicle nearest to the image centre.
        sign_state: of K, what is not in order with a sign (dirt, tilt_rad, overgrown), else empty.
    """

    instance: np.ndarray
    track: np.ndarray
    category: np.ndarray
    box_px: np.ndarray
    full_box_px: np.ndarray
    oriented_px: np.ndarray
    visible_px: np.ndarray
    full_px: np.ndarray
    occlusion: np.ndarray
    truncation: np.ndarray
    contrast_left: np.ndarray
    contrast_abs: np.ndarray
    heading_rad: np.ndarray
    speed_mps: np.ndarray
    aspect: np.ndarray
    sign: tuple[str, ...]
    ego_lane: np.ndarray
    sign_state: tuple[dict[str, float | bool], ...]

    def __len__(self) -> int:
        return len(self.instance)


@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """One labelled picture.

    Attributes:
        bgr: u8[H, W, 3], sRGB in the order blue, green, red (as JPEG writers and OpenCV take it).
        ids: u16[H, W], instance mask, 0 = background.
        annotations: its labels.
        mor_m, optical_depth, illuminance_lux: what the air and the light were; the latter on open
            level ground. luminance_cd_m2: mean of what is seen, before exposure and noise.
    """

    bgr: np.ndarray
    ids: np.ndarray
    annotations: Annotations
    mor_m: float
    optical_depth: float
    illuminance_lux: float
    luminance_cd_m2: float
