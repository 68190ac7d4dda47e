"""On deep water tyres float above a speed: braking in the engine against the integral."""

import math

import numpy as np
import pytest

from simulator import engine
from simulator.conditions import Conditions
from simulator.course import Course
from simulator.friction import floating_mps
from simulator.grip import FLOAT_SPAN, FLOATS, GRAVITY_MPS2, WET
from simulator.sight import REACTION_S
from tests.cast import drivers, open_road


def braked_m(speed_mps: float, film_mm: float) -> tuple[float, float]:
    """(speed when the brakes come on, metres from there to a stand) in the engine."""
    car = drivers([10.0], desired_speed_mps=speed_mps, adapts=False)
    road = open_road(car, conditions=Conditions(water_film_mm=film_mm))
    begun = 60.0 + REACTION_S
    before, after = engine.rollout(road, [begun, 140.0], emergency_s=60.0)
    assert after.speed_mps[0] == 0.0
    return float(before.speed_mps[0]), float(after.s_m[0] - before.s_m[0])


def formula_m(speed_mps: float, film_mm: float) -> float:
    """The integral of v dv / (mu(v) g), from the speed at which tyres float."""
    v = np.linspace(0.0, speed_mps, 20_001)
    over = (v / floating_mps(Conditions(water_film_mm=film_mm)) - 1.0) / FLOAT_SPAN
    mu = WET - (WET - FLOATS) * np.clip(over, 0.0, 1.0)
    return float(np.trapezoid(v / (mu * GRAVITY_MPS2), v))


def test_the_formula_gives_what_gallaway_tabulated_and_horne_measured():
    # Horne and Dreher: 1.76 sqrt(200 kPa) = 24.9 m/s on 2.5 mm or more
    floats = [floating_mps(Conditions(water_film_mm=film)) for film in (2.5, 5.0, 10.0)]
    assert floats[0] == pytest.approx(1.76 * math.sqrt(200.0), rel=0.06)
    assert floats[0] > floats[1] > floats[2] > 20.0
    assert floating_mps(Conditions(water_film_mm=2.0)) == math.inf


@pytest.mark.parametrize("film_mm", [2.5, 6.0])
def test_braking_takes_what_the_wet_road_allows_below_the_speed_and_far_more_above_it(film_mm):
    floats = floating_mps(Conditions(water_film_mm=film_mm))
    taken = {}
    for share in (0.6, 0.95, 1.1, 1.3):
        speed, way = braked_m(share * floats, film_mm)
        assert way == pytest.approx(formula_m(speed, film_mm), rel=0.06)
        taken[share] = way / (speed**2 / (2.0 * WET * GRAVITY_MPS2))
    assert taken[0.6] == pytest.approx(1.0, rel=0.02)
    assert taken[0.95] == pytest.approx(1.0, rel=0.02)
    assert taken[1.1] > 1.3
    assert taken[1.3] > 3.0


def test_thin_films_brake_from_any_speed_as_wet_roads_do():
    thin, thinner = braked_m(33.0, 1.9), braked_m(33.0, 0.6)
    assert thin == thinner


@pytest.mark.parametrize("film_mm", [2.1, 2.6, 8.0])
@pytest.mark.parametrize("is_uneven", [False, True])
def test_drivers_who_adapt_do_not_float(film_mm, is_uneven):
    weather = Conditions(water_film_mm=film_mm)
    course = Course((0.0,), (weather,), uneven=is_uneven)
    cars = drivers([10.0, 10.0], [0, -1], desired_speed_mps=40.0)
    state = engine.rollout(open_road(cars), [80.0], course)[0]
    assert 20.0 < state.speed_mps[0] <= floating_mps(weather, is_uneven=is_uneven) + 1e-9
