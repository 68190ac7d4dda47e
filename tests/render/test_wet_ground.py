"""Ground that gets wet: darker films, and pools that stand out of them."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from render import exposure, picture
from render.effect import View
from render.surface import Kind
from render.texture import hollows_seen
from render.weather import EFFECTS
from simulator.camera import Camera
from simulator.conditions import Conditions
from simulator.surroundings import Surroundings
from tests import cast
from tests.render.drawn import CLEAR, OVERCAST, replace

ABOVE = Camera(x_m=50.0, y_m=12.0, width_px=320, height_px=320, m_per_px=0.2)
GRASS, SLABS, GRAVEL = (100, 113, 67), (132, 134, 130), (159, 149, 127)


def wetted(
    conditions: Conditions,
    kind: Kind = Kind.ROAD,
    albedo: float = 0.1,
    verge: tuple[int, int, int] = GRASS,
    camera: Camera = ABOVE,
) -> tuple[np.ndarray, View]:
    """Reflectances f32[H, W] in green of an even ground of one kind under water, and its view."""
    around = Surroundings(dataclasses.replace(cast.GROUND, verge=verge))
    scene = cast.open_road(cast.drivers([0.0]), 300.0, camera=camera, surroundings=around)
    ground = picture.prepare(scene)
    ground.canvas.kind[:] = kind
    weather = exposure.light_up(ground, conditions)
    view = exposure._view(ground, weather.light, ground.canvas)
    wet = EFFECTS["wet_road"]
    assert wet.surface is not None
    block = np.full((3, *ground.canvas.kind.shape), albedo, np.float32)
    wet.surface(block, (0, 0), view, wet.prepare(conditions, view))
    return block[1], view


def test_paved_verges_darken_as_pavement_does_and_grass_a_little():
    rain = replace(OVERCAST, water_film_mm=1.0)
    slabs, gravel, grass = (
        float(np.median(wetted(rain, Kind.VERGE, 0.25, verge)[0])) / 0.25
        for verge in (SLABS, GRAVEL, GRASS)
    )
    pavement = float(np.median(wetted(rain, Kind.PAVEMENT, 0.25)[0])) / 0.25
    assert slabs == pytest.approx(pavement, abs=0.02)
    assert gravel == pytest.approx(pavement, abs=0.05)
    assert pavement < 0.75 < grass < 0.95


def contrast(conditions: Conditions, albedo: float, camera: Camera = ABOVE) -> float:
    """How far the deepest pool stands out of the film beside it, as a share of the film."""
    seen, view = wetted(conditions, Kind.RUT, albedo, camera=camera)
    low = hollows_seen(view.scene, view.px_to_m, view.kind.shape)
    pool, film = seen[low >= low.max() - 0.05].mean(), seen[low < 0.8].mean()
    return float(pool / film - 1.0)


@pytest.mark.parametrize("cloud", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("albedo", [0.1, 0.22], ids=["asphalt", "concrete"])
def test_pools_are_darker_than_the_film_beside_them_and_stand_out_the_more_the_wetter(
    cloud, albedo
):
    films = (0.05, 0.3, 1.0, 2.0)
    each = [
        contrast(replace(CLEAR, water_film_mm=film, cloud=cloud, sun_elevation_rad=0.8), albedo)
        for film in films
    ]
    assert all(b <= a for a, b in itertools.pairwise(each))
    assert each[-1] < -0.25
    wet = [np.mean(wetted(replace(OVERCAST, water_film_mm=film))[0]) for film in films]
    assert all(b < a for a, b in itertools.pairwise(wet))


def test_a_pool_mirrors_more_sky_under_cloud_and_seen_aslant():
    blue, grey = (replace(CLEAR, water_film_mm=2.0, cloud=cloud) for cloud in (0.0, 1.0))
    assert contrast(grey, 0.1) > contrast(blue, 0.1) + 0.2
    aslant = Camera(
        kind="pinhole", x_m=50.0, y_m=12.0, width_px=320, height_px=320, tilt_rad=0.9,
        altitude_m=40.0,
    )  # fmt: skip
    seen, view = wetted(grey, Kind.RUT, 0.1, camera=aslant)
    pool = hollows_seen(view.scene, view.px_to_m, view.kind.shape) > 1.5
    far, near = (np.median(seen[rows][pool[rows]]) for rows in (slice(0, 60), slice(-60, None)))
    assert far > 1.2 * near
