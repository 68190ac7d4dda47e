"""Plates as they stand: upright, at real size, on posts, seen as far as they face a camera."""

from __future__ import annotations

import math

import numpy as np

from simulator.camera import Camera, foot_m, straight_px
from simulator.sign import Sign
from simulator.signals import Signal

SIGN_LOW_M, SIGNAL_LOW_M = 2.1, 2.5
"""Height of the lower edge of a sign and of a signal head on its post (MUTCD 2A.18 has at least
2.1 m where people walk, 4D.16 at least 2.4 m)."""

POST_M = 0.08
"""Thickness of a post."""


def faces(place: Sign | Signal, camera: Camera) -> bool:
    """Whether a camera sees the front of a plate; its back tells nothing."""
    ahead = np.array([math.cos(place.heading_rad), math.sin(place.heading_rad)])
    return bool((foot_m(camera) - [place.x_m, place.y_m]) @ ahead < 0)


def stand(
    place: Sign | Signal, face_m: np.ndarray, tilt_rad: float, camera: Camera
) -> tuple[np.ndarray, float]:
    """Where points of a face are seen in the straight image, f64[N, 2] px, and its top, m.

    Args:
        face_m: f64[N, 2], x to the right and y up as its reader sees it; those of the outline
            first. tilt_rad: how far it hangs askew, ccw.
    """
    c, s = math.cos(tilt_rad), math.sin(tilt_rad)
    turned = face_m @ np.array([[c, s], [-s, c]])
    low_m = SIGN_LOW_M if isinstance(place, Sign) else SIGNAL_LOW_M
    height_m = low_m + turned[:, 1] - turned[:, 1].min()
    right = np.array([math.sin(place.heading_rad), -math.cos(place.heading_rad)])
    ground_m = np.array([place.x_m, place.y_m]) + turned[:, :1] * right
    return straight_px(camera, ground_m, height_m), float(height_m.max())


def post(place: Sign | Signal, top_m: float, camera: Camera) -> np.ndarray:
    """The post of a plate in the straight image, f64[4, 2] px."""
    ends = straight_px(camera, np.tile([place.x_m, place.y_m], (2, 1)), np.array([0.0, top_m]))
    along = ends[1] - ends[0]
    aside = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    half = aside * POST_M / camera.m_per_px / 2
    return np.array([ends[0] + half, ends[1] + half, ends[1] - half, ends[0] - half])
