"""Cameras whose lens bends lines, and where OpenCV says that they see a point."""

from __future__ import annotations

import dataclasses
import functools
import math

import cv2
import numpy as np
import pytest

from scenarios.config import SceneConfig
from scenarios.sampler import sample_scene
from simulator.camera import Camera, to_ground
from simulator.scene import Scene
from simulator.seeding import stream

MIXED = Camera(
    kind="pinhole", x_m=50.0, y_m=12.0, heading_rad=0.7, altitude_m=70.0, m_per_px=0.09,
    width_px=720, height_px=560, k1=-0.28, k2=0.09, p1=0.01, p2=-0.02,
)  # fmt: skip
BARREL = dataclasses.replace(MIXED, k1=-0.3, k2=0.0, p1=0.0, p2=0.0)
PINCUSHION = dataclasses.replace(BARREL, k1=0.4)
TILTED = dataclasses.replace(MIXED, tilt_rad=math.radians(27))
EVERY = pytest.mark.parametrize(
    "camera", [BARREL, PINCUSHION, MIXED, TILTED], ids=["barrel", "pincushion", "mixed", "tilted"]
)
STRAIGHT = {"k1": 0.0, "k2": 0.0, "p1": 0.0, "p2": 0.0}


def intrinsics(camera: Camera) -> np.ndarray:
    """OpenCV's camera matrix, in which a pixel's middle is a whole number + 0.5."""
    focal = camera.altitude_m / math.cos(camera.tilt_rad) / camera.m_per_px
    return np.array([[focal, 0, camera.width_px / 2], [0, focal, camera.height_px / 2], [0, 0, 1]])


def coefficients(camera: Camera) -> np.ndarray:
    return np.array([camera.k1, camera.k2, camera.p1, camera.p2])


def by_opencv(camera: Camera, points: np.ndarray) -> np.ndarray:
    """World points f64[N, 3] m -> px, by ``cv2.projectPoints`` from a pose worked out here."""
    h, t = camera.heading_rad, camera.tilt_rad
    flat = np.array([[math.cos(h), math.sin(h), 0], [-math.sin(h), math.cos(h), 0], [0, 0, 1]])
    nod = np.array([[1, 0, 0], [0, math.cos(t), math.sin(t)], [0, -math.sin(t), math.cos(t)]])
    turn = np.diag([1.0, -1.0, -1.0]) @ nod @ flat  # x right, y down in the image, z into it
    back = camera.altitude_m * math.tan(t)
    eye = [camera.x_m + back * math.sin(h), camera.y_m - back * math.cos(h), camera.altitude_m]
    px, _ = cv2.projectPoints(
        points, cv2.Rodrigues(turn)[0], -turn @ np.array(eye), intrinsics(camera),
        coefficients(camera),
    )  # fmt: skip
    return px[:, 0]


def seen_points(camera: Camera, count: int) -> np.ndarray:
    """Points of the world f64[N, 3] m that a camera sees, up to 20 m high."""
    rng = stream(3, 0, "test/points")
    ground = to_ground(camera, rng.uniform(0, 1, (count, 2)) * [camera.width_px, camera.height_px])
    return np.column_stack([ground, rng.uniform(0, 20, count)])


@functools.cache
def town(camera: Camera) -> Scene:
    """A busy scene that a camera looks at from its own place."""
    scene = sample_scene(SceneConfig(layouts=("crossroads_signals",)), 3, 1)
    own = scene.camera
    return dataclasses.replace(
        scene, camera=dataclasses.replace(camera, x_m=own.x_m, y_m=own.y_m)
    )  # fmt: skip
