"""The population of drivers: one trait behind all manners, and who adapts to the weather."""

import dataclasses

import numpy as np
import pytest

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind
from simulator.conditions import Conditions
from simulator.drivers import manners
from tests.benchmarks import arterial
from tests.simulator import observer


def scene(adapt=1.0, layout="crossroads_signals", seed=0):
    traffic = TrafficConfig(vehicles_low=24, vehicles_high=24, horizon_s=90.0, adapt=adapt)
    return sample_scene(SceneConfig(layouts=(layout,), traffic=traffic), seed, 0)


def touches(drawn, conditions):
    drawn = dataclasses.replace(drawn, conditions=conditions)
    found = observer.overlapping(drawn, engine.rollout(drawn, np.arange(25, 600) * 0.2))
    return {(i, j) for _, i, j in found}


def test_aggressive_drivers_are_so_in_everything():
    drawn = [scene(layout=k, seed=s).agents for k in ("straight", "town") for s in range(6)]
    cars = [a.driven & (a.kind == Kind.CAR) for a in drawn]

    def column(name):
        return np.concatenate([getattr(a, name)[c] for a, c in zip(drawn, cars, strict=True)])

    temper = column("temper")
    for name, least in (("accel_mps2", 0.3), ("decel_mps2", 0.3), ("headway_s", -0.35)):
        together = np.corrcoef(temper, column(name))[0, 1]
        assert together * np.sign(least) > abs(least), name
    given = manners(np.array([-2.0, 0.0, 2.0]))
    assert (np.diff(given["polite"]) < 0).all()
    assert (np.diff(given["dares"]) < 0).all()
    assert given["late"].tolist() == [0.0, 0.0, 0.4]
    assert abs(temper.mean()) < 0.1
    assert 0.02 < (manners(temper)["late"] > 0).mean() < 0.07


def test_on_ice_who_does_not_adapt_collides_and_who_does_not_touch_in_clear_weather():
    ice, dry = Conditions(ice=1.0), Conditions()
    careless, careful = scene(0.0), scene(1.0)
    assert len(touches(careless, ice)) > 3
    assert not touches(careful, ice)
    assert not touches(careless, dry)


def test_the_share_who_adapt_changes_nothing_else_and_grows_one_by_one():
    none, half, most = (scene(a).agents for a in (0.0, 0.5, 1.0))
    assert not none.adapts[none.driven].any()
    assert most.adapts.all()
    assert 0.3 < half.adapts[half.driven].mean() < 0.7
    for field in dataclasses.fields(none):
        if field.name != "adapts":
            assert np.array_equal(getattr(none, field.name), getattr(most, field.name))


def test_gaps_and_speeds_along_an_arterial_are_those_measured():
    """NGSIM, Lankershim: medians within 15 %, 5th and 95th percentiles within 30 %."""
    seen = arterial.measure(1, (0.8, 0.9))
    moving = ("speed above 0.5 m/s", "acceleration m/s2")
    for name in ("time gap s", "distance gap m", "standstill gap m", *moving):
        own = np.percentile(seen[name], [5, 50, 95])
        assert own == pytest.approx(arterial.MEASURED[name], rel=0.3), name
    for name in ("time gap s", "standstill gap m", *moving):
        assert np.median(seen[name]) == pytest.approx(arterial.MEASURED[name][1], rel=0.15), name
