"""Snow on vehicles: parked ones are buried, on driven ones lies little."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from render import exposure, picture
from render.surface import Kind
from simulator.seeding import stream
from tests.render.drawn import OVERCAST, SHARP, backdrop, moment, replace


def bodies(cover: float) -> tuple[np.ndarray, np.ndarray]:
    """Reflectances f64[N] in green of body of parked and of driven vehicles on a parking lot."""
    scene, state = moment("parking_lot", 0)
    ground = backdrop("parking_lot", 0)
    weather = exposure.light_up(
        ground, replace(OVERCAST, snow_cover=cover), camera_sensor=SHARP
    )  # fmt: skip
    drawing = picture.draw(ground, state)
    exposure.expose(ground, drawing, weather, stream(11, 0, "test/frame"))
    canvas, count = drawing.canvas, len(scene.agents)
    body = (canvas.kind == Kind.BODY) & (canvas.ids > 0) & (canvas.ids <= count)
    seen = weather.coat.albedo[1][body] / 4096
    still = scene.agents.route[canvas.ids[body].astype(int) - 1] < 0
    assert still.sum() > 500
    assert (~still).sum() > 50
    return seen[still], seen[~still]


def test_parked_vehicles_are_buried_and_driven_ones_bear_little():
    parked, driven = bodies(1.0)
    assert np.quantile(parked, 0.05) > 0.7
    assert parked.std() < 0.06  # smooth, whatever their paint
    assert np.median(driven) < 0.6


@pytest.mark.parametrize("which", [0, 1], ids=["parked", "driven"])
def test_more_snow_covers_more_and_comes_in_without_a_jump(which):
    covers = [0.0, 0.01, 0.3, 0.6, 0.8, 1.0]
    spread = [bodies(cover)[which].std() for cover in covers]
    assert all(b < a for a, b in itertools.pairwise(spread))
    assert spread[1] > 0.97 * spread[0]
