"""Oriented boxes before pinholes, against masks and against OpenCV's projection of the solids."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from render import picture
from render.frame import CLASSES
from render.oriented import vehicle_boxes
from render.rigs import rigs_of
from scenarios.config import CameraConfig, SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import AgentState
from simulator.agents import Kind as Vehicle
from simulator.articulation import behind
from simulator.camera import Camera, to_ground
from simulator.scene import Scene
from tests import cast
from tests.render.drawn import moment
from tests.render.lenses import BARREL, MIXED, PINCUSHION, STRAIGHT, TILTED, by_opencv

PLAIN = dataclasses.replace(MIXED, **STRAIGHT)
NODDING = dataclasses.replace(PLAIN, tilt_rad=0.5)
CAMERAS = {
    "straight": PLAIN, "nodding": NODDING, "barrel": BARREL, "pincushion": PINCUSHION,
    "tilted": TILTED,
}  # fmt: skip
EVERY = pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
HEADINGS_RAD = (0.0, 0.9, 2.2, -1.3)

MIRRORS = 0.1
"""Share of the width by which mirrors stand out on each side; lamps and bumpers by far less."""


def rainy(camera: Camera) -> tuple[Scene, AgentState, Camera]:
    """A crosswalk with many people in heavy rain, and its state."""
    config = SceneConfig(
        layouts=("mid_block_crosswalk",), camera=CameraConfig(m_per_px=0.05, spread_m=0.0),
        traffic=TrafficConfig(people_low=40, people_high=40),
        conditions=({"rain": {"rain_mm_h": 30.0}},),
    )  # fmt: skip
    scene = sample_scene(config, 2, 0)
    own = scene.camera
    low = camera.altitude_m / 2, camera.m_per_px / 2
    here = dataclasses.replace(camera, x_m=own.x_m, y_m=own.y_m, altitude_m=low[0], m_per_px=low[1])
    return scene, engine.rollout(scene, [38.0])[0], here


def busy(camera: Camera) -> tuple[Scene, AgentState, Camera]:
    """A junction with signals, and its state."""
    scene, state = moment("crossroads_signals", 0, "pinhole")
    own = scene.camera
    return scene, state, dataclasses.replace(camera, x_m=own.x_m, y_m=own.y_m)


def within(box: np.ndarray, px: np.ndarray) -> np.ndarray:
    """How far points f64[N, 2] px are beyond the sides of a box, along and across, f64[N, 2]."""
    cx, cy, w, h, angle = box
    axes = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.abs((px - [cx, cy]) @ axes.T) - np.array([w, h]) / 2


def touched(box: np.ndarray, px: np.ndarray, least: float, most: float) -> bool:
    """Whether the outermost points are that far outside of each of the four sides."""
    cx, cy, w, h, angle = box
    axes = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    spread = (px - [cx, cy]) @ axes.T
    over = np.stack([spread.max(axis=0), -spread.min(axis=0)]) - np.array([w, h]) / 2
    return bool((over >= least).all() and (over <= most).all())


def solid(pose: np.ndarray, size_m: tuple[float, float, float]) -> np.ndarray:
    """Points all along the edges of a box that stands on the ground, f64[N, 3] m."""
    share, side = np.linspace(-0.5, 0.5, 120), np.full(120, 0.5)
    flat = np.concatenate(
        [np.column_stack(p) for p in ((share, side), (share, -side), (side, share), (-side, share))]
    )
    c, s = np.cos(pose[2]), np.sin(pose[2])
    flat = flat * size_m[:2] @ np.array([[c, s], [-s, c]]) + pose[:2]
    heights = np.linspace(0.0, size_m[2], 9)
    return np.concatenate([np.column_stack([flat, np.full(len(flat), z)]) for z in heights])


@EVERY
@pytest.mark.parametrize("where", [busy, rainy])
def test_a_body_as_seen_lies_in_its_oriented_box(camera, where) -> None:
    scene, state, here = where(camera)
    drawing = picture.draw(picture.prepare(scene, here), state)
    geometry, kinds = drawing.geometry, set()
    for k, ident in enumerate(geometry.instance.tolist()):
        v, u = np.nonzero(drawing.canvas.ids == ident)
        over = within(geometry.oriented_px[k], np.stack([u, v], axis=1) + 0.5).max(axis=0)
        room = np.full(2, 1.0)
        if ident <= len(scene.agents) and not scene.agents.on_foot[ident - 1]:
            near = 1.4  # what is nearer than the ground is larger
            room += near * MIRRORS * scene.agents.width_m[ident - 1] / here.m_per_px
        assert (over < room).all()
        kinds.add(CLASSES[geometry.category[k]])
    assert kinds >= ({"car", "pedestrian"} if where is rainy else {"car", "truck", "light_red"})


@EVERY
@pytest.mark.parametrize(
    ("kind", "size_m"),
    [
        (Vehicle.CAR, (4.5, 1.8, 1.5)),
        (Vehicle.BUS, (14.0, 2.5, 3.0)),
        (Vehicle.PEDESTRIAN, (0.5, 0.6, 1.75)),
    ],
)
def test_an_oriented_box_is_the_least_along_the_heading_about_the_body_as_seen(
    camera, kind, size_m
) -> None:
    # beyond the image a lens is not followed as OpenCV does
    corners = np.array([[130.0, 120], [580, 120], [140, 440], [360, 280]])
    pose = np.column_stack([to_ground(camera, corners), HEADINGS_RAD])
    length, width, height = size_m
    agents = cast.drivers(
        [0.0] * 4, kind=kind, length_m=length, width_m=width, height_m=height
    )  # fmt: skip
    found = vehicle_boxes(camera, rigs_of(agents), np.arange(4), pose, pose[:, 2])
    for box, own in zip(found, pose, strict=True):
        assert touched(box, by_opencv(camera, solid(own, size_m)), -0.1, 0.1)
        ahead = np.array([math.cos(own[2]), math.sin(own[2])]) * length / 2
        front, back = (
            by_opencv(camera, np.array([[*(own[:2] + end), height / 2]]))[0]
            for end in (ahead, -ahead)
        )
        towards = (front - back) / np.hypot(*(front - back))
        assert towards @ [math.cos(box[4]), math.sin(box[4])] > 1 - 1e-9


@EVERY
def test_an_oriented_box_holds_tractor_and_semitrailer_and_no_more(camera) -> None:
    pose = np.array([[52.0, 12.0, 0.3], [47.0, 20.0, -2.0]])
    trailer_rad = np.array([0.3, -1.2])
    agents = cast.drivers(
        [0.0] * 2, kind=Vehicle.TRUCK, length_m=16.5, width_m=2.55, height_m=4.0,
        trailer_m=np.full(2, 13.6),
    )  # fmt: skip
    found = vehicle_boxes(camera, rigs_of(agents), np.arange(2), pose, trailer_rad)
    towed = behind(pose, agents.body_m, agents.towed_m, trailer_rad)
    for k, box in enumerate(found):
        bodies = (pose[k], (agents.body_m[k], 2.55, 4.0)), (towed[k], (13.6, 2.55, 4.0))
        px = by_opencv(camera, np.concatenate([solid(*body) for body in bodies]))
        assert touched(box, px, -0.1, 0.1)


@EVERY
def test_an_oriented_box_holds_who_walks_and_the_umbrella_and_no_more(camera) -> None:
    pose = np.array([[52.0, 12.0, 0.3], [40.0, 22.0, 2.0]])
    agents = cast.drivers(
        [0.0] * 2, kind=Vehicle.PEDESTRIAN, length_m=0.5, width_m=0.6, height_m=1.75,
        umbrella_m=np.full(2, 1.1),
    )  # fmt: skip
    found = vehicle_boxes(camera, rigs_of(agents), np.arange(2), pose, pose[:, 2])
    angle = np.linspace(0.0, 2 * np.pi, 200)
    cloth = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 0.55
    for own, box in zip(pose, found, strict=True):
        body = solid(own, (0.5, 0.6, 1.75))
        # its rim is about as high as the head, its tip 0.28 m above that
        round_it = [np.column_stack([cloth + own[:2], np.full(200, z)]) for z in (1.79, 1.89)]
        tip = np.array([[*own[:2], 2.03]])
        px = by_opencv(camera, np.concatenate([body, *round_it, tip]))
        # eight panels leave out up to 4 % of a disc's half
        assert touched(box, px, -0.5, 0.05 * 1.1 / camera.m_per_px)
