"""Where the camera hangs, and what its sensor is like."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios.config import CameraConfig, SensorConfig
from scenarios.layout import Roads
from simulator.camera import Camera, Sensor
from simulator.seeding import uniform


def sample_camera(rng: np.random.Generator, roads: Roads, config: CameraConfig) -> Camera:
    """A camera over one of the places worth seeing, off it by a random amount."""
    place = roads.focus_m[int(rng.integers(len(roads.focus_m)))]
    offset = rng.uniform(-config.spread_m, config.spread_m, 2)
    turn = uniform(rng, -math.pi, math.pi)
    u = float(rng.random())
    scale = config.m_per_px
    if config.m_per_px_high is not None:
        scale *= (config.m_per_px_high / config.m_per_px) ** u
    tilt = config.tilt_rad
    if config.tilt_rad_high is not None:  # drawn last: it changes no other draw
        tilt += (config.tilt_rad_high - config.tilt_rad) * float(rng.random())
    return Camera(
        kind=config.kind,
        x_m=round(float(place[0] + offset[0]), 3),
        y_m=round(float(place[1] + offset[1]), 3),
        heading_rad=round(turn, 4) if config.heading == "random" else 0.0,
        m_per_px=scale,
        altitude_m=config.altitude_m,
        width_px=config.width_px,
        height_px=config.height_px,
        tilt_rad=round(tilt, 4),
        k1=config.k1,
        k2=config.k2,
        p1=config.p1,
        p2=config.p2,
    )


def sample_sensor(rng: np.random.Generator, config: SensorConfig) -> Sensor:
    """Each field of the sensor evenly from its range."""
    values: dict[str, float] = {}
    for field in dataclasses.fields(config):
        low, high = getattr(config, field.name)
        values[field.name] = low + float(rng.random()) * (high - low)
    return Sensor(**{**values, "jpeg_quality": round(values["jpeg_quality"])})
