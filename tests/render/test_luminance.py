"""The mean luminance of a frame, against sums by hand and between weathers."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pyarrow.parquet as pq
import pytest

from render import exposure, picture, sensor
from render.config import GenerateConfig
from render.fleeting import metered_light
from render.frame import Frame
from render.generate import generate
from render.surface import Kind
from scenarios.config import CameraConfig
from simulator import engine
from simulator.conditions import Conditions, sun_lux
from simulator.seeding import stream
from tests import cast
from tests.render.drawn import CLEAR, OVERCAST, linear_light, replace, shoot

NIGHT = replace(CLEAR, sun_elevation_rad=-0.3, street_lamps=True)


def patch(albedo: float, conditions: Conditions) -> Frame:
    """A picture of one even surface, which reflects that share of the light."""
    scene = cast.open_road(cast.drivers([0.0]), 3.0)
    ground = picture.prepare(scene)
    # nothing is there but the surface: a kind that no weather coats and no grain lies on
    ground.canvas.albedo[:] = round(4096 * albedo)
    ground.canvas.kind[:] = Kind.PLATE
    ground.canvas.height[:] = 0
    state = engine.rollout(scene, [0.0])[0]
    nobody = dataclasses.replace(state, active=np.zeros_like(state.active))
    weather = exposure.light_up(ground, conditions)
    return exposure.expose(
        ground, picture.draw(ground, nobody), weather, stream(1, 0, "test/patch")
    )  # fmt: skip


@pytest.mark.parametrize("albedo", [1.0, 0.18])
def test_an_even_surface_sends_up_what_it_reflects_of_the_light_over_pi(albedo: float) -> None:
    conditions = dataclasses.replace(OVERCAST, visibility_m=1e6)
    frame = patch(albedo, conditions)
    lux = sun_lux(conditions.sun_elevation_rad, 1.0)
    assert frame.illuminance_lux == pytest.approx(lux)
    assert frame.luminance_cd_m2 == pytest.approx(albedo * lux / math.pi, rel=0.03)


def test_the_luminance_is_that_of_the_light_before_the_sensor() -> None:
    for conditions in (CLEAR, replace(OVERCAST, visibility_m=160), NIGHT):
        frame = shoot("straight", 2, conditions)
        light, _ = linear_light("straight", 2, conditions)
        white_lux = exposure.light_of(conditions).white_lux
        by_hand = light.mean() * white_lux / math.pi
        assert frame.luminance_cd_m2 == pytest.approx(by_hand, rel=0.03)


def test_nights_are_far_below_days() -> None:
    day, night = (shoot("straight", 2, c).luminance_cd_m2 for c in (CLEAR, NIGHT))
    assert day > 1000
    assert 0.1 < night < 10


def test_half_of_white_is_half_the_light_over_pi() -> None:
    metered = metered_light(np.full((3, 60, 70), 2048, np.uint16), 8)
    assert sensor.luminance_cd_m2(metered, 1000.0) == pytest.approx(500.0 / math.pi)


def test_fog_brings_the_luminance_near_that_of_the_air() -> None:
    thin, thick = (
        shoot("straight", 2, replace(OVERCAST, visibility_m=v)).luminance_cd_m2
        for v in (5000.0, 40.0)
    )
    air = exposure.light_of(OVERCAST)
    glow = float(air.air @ sensor.LUMINANCE) * air.white_lux / math.pi
    assert thin < 0.6 * glow
    assert thick == pytest.approx(glow, rel=0.1)


def test_annotations_and_the_table_of_frames_tell_it(tmp_path) -> None:
    config = GenerateConfig(
        out=str(tmp_path / "d"), seed=3, scenes=1, frames_per_scene=2, workers=1,
        camera=CameraConfig(width_px=160, height_px=160), conditions=("clear", "night_rain"),
    )  # fmt: skip
    folder = generate(config)
    images = json.loads((folder / "annotations/train.json").read_text())["images"]
    told = [image["attributes"]["luminance_cd_m2"] for image in images]
    table = pq.read_table(folder / "frames.parquet")["luminance_cd_m2"].to_pylist()
    assert table == pytest.approx(told, rel=1e-6)
    by_day = [i["attributes"]["condition"] == "clear" for i in images]
    assert min(v for v, day in zip(told, by_day, strict=True) if day) > 100 * max(
        v for v, day in zip(told, by_day, strict=True) if not day
    )
