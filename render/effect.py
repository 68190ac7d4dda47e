"""The contract of a weather effect: the constant EFFECT of a module in ``render/weather``.

An effect has some of the parts below, each in its place in the path of light. What a part makes
must depend on its arguments alone: the renderer keeps the light of what stands still and asks again
only where something moves.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np

from render.bending import straight_places
from render.light import Light
from simulator.camera import Camera
from simulator.conditions import Conditions
from simulator.distortion import Lens
from simulator.scene import Scene
from simulator.settings import Quantity

FIELD_STEP = 4
"""Lamp light is smooth: fields of it hold every fourth pixel, f32[H // 4 + 2, W // 4 + 2]."""


PLUME_M = 1.5
"""Scale height of what vehicles throw up, m: of a plume, exp(-z / PLUME_M) lies above height z."""


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """What an effect may know of a picture.

    Attributes:
        scene, camera, light: of the picture.
        px_to_m: f64[3, 3], image to ground, see ``camera.px_to_ground``; behind a ``lens`` of the
            straight image (``bending.straight_places``).
        kind: u8[H, W] surface kinds. height: u8[H, W] heights in canvas.HEIGHT_UNIT_M.
        slant: f32[H, W], 1 / cos of the viewing angle, or f32[1, 1] of 1 where it is 1 throughout.
        exposure_s: how long the shutter is open; 0 where the sensor does not say.
        ids: u16[H, W], instance ids: of agents, their row in the table and one; None if unknown.
    """

    scene: Scene
    camera: Camera
    light: Light
    px_to_m: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    slant: np.ndarray
    lens: Lens | None = None
    exposure_s: float = 0.0
    ids: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class SpeckTile:
    """A tile of drops or flakes that repeats without a seam, TILE px a side: its opaque pixels.

    Attributes:
        first: i32[TILE + 1], first pixel of each row. column: i32[N]. opacity: f32[N].
    """

    first: np.ndarray
    column: np.ndarray
    opacity: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Specks:
    """Drops or flakes near the lens: opacity times gain (at most 0.95) of one colour.

    Attributes:
        tile: their shapes, which lie elsewhere in every frame. gain: factor of opacity.
        rgb: f32[3], linear light.
    """

    tile: SpeckTile
    gain: float
    rgb: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Film:
    """What lies on the lens: of each pixel's light a share is kept, and haze is added.

    Attributes:
        keep: f32[H, W], 0..1. haze: f32[H, W], in units of the airlight.
        tint: f32[3], colour of the haze as a factor of that of the airlight.
    """

    keep: np.ndarray
    haze: np.ndarray
    tint: np.ndarray = dataclasses.field(default_factory=lambda: np.ones(3, np.float32))


def field_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Shape of a field of an image (H, W)."""
    return shape[0] // FIELD_STEP + 2, shape[1] // FIELD_STEP + 2


def field_grid(view: View) -> tuple[tuple[int, int], np.ndarray]:
    """Shape of a field, and the map of its columns and rows to the ground, f64[3, 3] as
    ``View.px_to_m``; behind a lens those of the straight image, see ``through_lens``.
    """
    own = field_shape((view.camera.height_px, view.camera.width_px))
    to_m = view.px_to_m * [FIELD_STEP, FIELD_STEP, 1]
    if view.lens is None:
        return own, to_m
    (left, top), shape, _ = _straight_field(view.lens, own)
    return shape, np.column_stack([to_m[:, :2], to_m @ [left, top, 1]])


def through_lens(field: np.ndarray, view: View) -> np.ndarray:
    """What was reckoned on the ``field_grid`` of a view as a field of its image."""
    if view.lens is None:
        return field
    own = field_shape((view.camera.height_px, view.camera.width_px))
    _, _, (columns, rows) = _straight_field(view.lens, own)
    return cv2.remap(field, columns, rows, cv2.INTER_LINEAR)


@functools.lru_cache(maxsize=4)
def _straight_field(
    lens: Lens, shape: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int], tuple[np.ndarray, np.ndarray]]:
    """A field of the straight image that holds all that a lens makes a field of that shape of: its
    first column and row, its shape, and at which of its columns and rows each place looks, f32.
    """
    places = straight_places(lens, shape, FIELD_STEP) / np.float32(FIELD_STEP)
    left, top = (math.floor(v) for v in places.min(axis=(0, 1)).tolist())
    right, bottom = (math.ceil(v) for v in places.max(axis=(0, 1)).tolist())
    columns, rows = (np.ascontiguousarray(places[..., k] - (left, top)[k]) for k in (0, 1))
    return (left, top), (bottom - top + 1, right - left + 1), (columns, rows)


def _nothing(conditions: Conditions, view: View) -> None:
    """Of an effect that needs no preparation."""


@dataclasses.dataclass(frozen=True)
class Effect:
    """One effect, continuous in physical quantities.

    Attributes:
        title: one line for people.
        order: lower ones act first.
        quantities: the names in Conditions (or in its ``extra``) that drive it, the main one first.
        extra: unit, bounds and help of those that are not in Conditions.
        steps: values of the first quantity from mild to severe: each must change more pixels than
            the one before (a contract test holds every effect to it).
        shown_with: quantities that the steps need beside the main one, on a day else grey.
        shown_in: the layout on which a contact sheet shows it.
        strength: conditions -> 0.0 when it does nothing, else larger for more of it.
        prepare: (conditions, view) -> anything that the parts need, once a weather and camera.
        surface: (block f32[3, h, w], (x0, y0) px, view, prepared) changes in place the linear
            reflectance of a block of pixels whose corner is (x0, y0). Twins whose light and
            ``prepared`` are the same share what it makes.
        still_lamps: (conditions, view, prepared) -> field, lx, of lamps that stand.
        beams: (conditions, view, poses, prepared) -> field, lx, of the headlamps of driven
            vehicles, f64[N, 4]: x m, y m, heading rad, length m.
        plumes: (conditions, view, bodies, prepared) -> field, 0..1, opacity from above of what
            driven vehicles throw up; it has the colour of the airlight. bodies, f64[N, 7]: x m,
            y m, heading rad, length m, width m, height m, speed m/s of each; of who tows a
            semitrailer, its box.
        extinction: conditions -> what it adds to the extinction of the air, 1/m. Extinctions add:
            the light goes through all of them at once.
        airlight: colour of its own share of the airlight, RGB, as a factor of that of white fog.
        thickness: (conditions, view, prepared) -> f32[H, W], how much denser the air is on the way
            to each pixel than on average, or None where it is the same everywhere.
        film: (conditions, view, prepared) -> Film on the lens, anchored in the image.
        specks: (conditions, view, prepared) -> Specks.
    """

    title: str
    order: int
    quantities: tuple[str, ...]
    steps: tuple[float, ...]
    strength: Callable[[Conditions], float]
    prepare: Callable[[Conditions, View], Any] = _nothing
    surface: Callable[[np.ndarray, tuple[int, int], View, Any], None] | None = None
    still_lamps: Callable[[Conditions, View, Any], np.ndarray] | None = None
    beams: Callable[[Conditions, View, np.ndarray, Any], np.ndarray] | None = None
    plumes: Callable[[Conditions, View, np.ndarray, Any], np.ndarray] | None = None
    extinction: Callable[[Conditions], float] | None = None
    airlight: tuple[float, float, float] = (1.0, 1.0, 1.0)
    thickness: Callable[[Conditions, View, Any], np.ndarray | None] | None = None
    film: Callable[[Conditions, View, Any], Film] | None = None
    specks: Callable[[Conditions, View, Any], Specks] | None = None
    extra: Mapping[str, Quantity] = dataclasses.field(default_factory=dict)
    shown_with: Mapping[str, float] = dataclasses.field(default_factory=dict)
    shown_in: str = "crossroads_signals"
