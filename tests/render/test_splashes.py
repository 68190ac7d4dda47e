"""Splashes of rain: as many as drops land, told apart only from low down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from render.falling import UNIT, Look, tile
from render.texture import TILE
from render.weather import rain


def splashed(rain_mm_h, m_per_px):
    count, opacity = rain._splashes(rain_mm_h, m_per_px)
    return count, opacity * UNIT


def test_from_a_usual_height_no_splash_is_seen():
    assert splashed(20.0, 0.1) == (0, 0.0)


@pytest.mark.parametrize("rain_mm_h", [5.0, 20.0])
def test_from_low_down_as_many_are_seen_as_drops_of_two_millimetres_land(rain_mm_h):
    count, opacity = splashed(rain_mm_h, 0.02)
    a_second = rain_mm_h / 1000 / 3600 / (math.pi / 6 * 0.002**3)
    assert count == pytest.approx(a_second * 0.05 * (TILE * 0.02) ** 2, rel=0.2)
    assert 0.05 < opacity < 0.6


def test_splashes_are_laid_beside_the_streaks():
    seen = Look(rain.DROPS, 8.0, 800.0, 0, 0.01)
    dry, wet = tile(seen), rain._with_splashes(seen, 4096, 2.0)
    assert len(wet.column) > len(dry.column) + 2000
    assert np.count_nonzero(wet.opacity >= 2.0) > np.count_nonzero(dry.opacity >= 2.0) + 2000
