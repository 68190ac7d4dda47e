"""The contract of a weather effect: the constant EFFECT of a module in ``render/weather``."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from render.light import Light
from simulator.camera import Camera
from simulator.conditions import Conditions
from simulator.scene import Scene


class Stage(enum.IntEnum):
    """Where in the path of light an effect acts."""

    SURFACE = 0
    """It changes what surfaces reflect: the block holds linear reflectance."""
    LAMPS = 1
    """It adds lamp light: ``prepare`` returns f32[h, w], lamp light per pixel at a quarter of the
    resolution (1.0 = white), which is multiplied by ``light.LAMP_RGB``."""
    AIR = 2
    """It lies between scene and lens: the block holds linear light."""


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """What an effect may know of the frame.

    Attributes:
        scene, camera, light: of the frame.
        px_to_m: f64[2, 3], image to ground.
        poses: f64[N, 4], x m, y m, heading rad, length m of the vehicles whose headlamps are on.
        kind: u8[H, W] surface kinds. height: u8[H, W] heights in canvas.HEIGHT_UNIT_M.
        slant: f32[H, W], 1 / cos of the viewing angle, or f32[1, 1] of 1 where it is 1 throughout.
    """

    scene: Scene
    camera: Camera
    light: Light
    px_to_m: np.ndarray
    poses: np.ndarray
    kind: np.ndarray
    height: np.ndarray
    slant: np.ndarray


@dataclasses.dataclass(frozen=True)
class Effect:
    """One effect, continuous in physical quantities.

    Attributes:
        title: one line for people.
        stage, order: place in the path of light; lower orders act first within a stage.
        quantities: the names in Conditions (or in its ``extra``) that drive it, the main one first.
        steps: values of the first quantity from mild to severe: each must change more pixels than
            the one before (a contract test holds every effect to it).
        strength: conditions -> 0.0 when it does nothing, else larger for more of it.
        prepare: (conditions, view, rng) -> anything that ``rows`` needs, once a frame.
        rows: (block f32[3, h, W], y0 px, view, prepared) changes a block of image rows in place;
            None where there is nothing more to do.
        extinction: conditions -> what it adds to the extinction of the air, 1/m. Extinctions add:
            the weather pass sends the light through all of them at once, before the AIR rows.
    """

    title: str
    stage: Stage
    order: int
    quantities: tuple[str, ...]
    steps: tuple[float, ...]
    strength: Callable[[Conditions], float]
    prepare: Callable[[Conditions, View, np.random.Generator], Any]
    rows: Callable[[np.ndarray, int, View, Any], None] | None = None
    extinction: Callable[[Conditions], float] | None = None
