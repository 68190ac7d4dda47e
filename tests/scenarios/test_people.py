"""Where people walk in drawn scenes, and that they change nothing else."""

import dataclasses
import itertools

import numpy as np
import pytest
import shapely

from scenarios.config import SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.arrays import same
from simulator.signals import Aspect
from tests.simulator import observer

BUSY = TrafficConfig(people_low=30, people_high=30, horizon_s=90.0)
CROSSED = ("mid_block_crosswalk", "crossroads_signals", "crossroads_stop", "bus_stop", "town")


def scenes(layout, count=2, traffic=BUSY):
    """Scenes of a layout that have people."""
    config = SceneConfig(layouts=(layout,), traffic=traffic)
    drawn = (sample_scene(config, seed, 0) for seed in range(20))
    return [s for s in drawn if s.paths][:count]


@pytest.mark.parametrize("layout", CROSSED)
def test_people_cross_where_they_may_and_nobody_touches_them(layout):
    crossed = 0
    for scene in scenes(layout):
        states = engine.rollout(scene, np.arange(1200) * 0.1)
        assert observer.overlapping(scene, states[::2]) == []
        groups = [c.group for c in scene.network.crosswalks]
        for a, b in itertools.pairwise(states):
            for row in np.flatnonzero(scene.agents.on_foot & (b.granted_line > a.granted_line)):
                group = groups[b.granted_line[row]]
                crossed += 1
                if group >= 0 and scene.plan.phases:
                    assert engine.aspects(scene, a.time_s)[group] == Aspect.GREEN
    assert crossed > 15


def test_people_are_on_the_road_on_crosswalks_only():
    for layout in CROSSED:
        for scene in scenes(layout, 1):
            net = scene.network
            road = shapely.union_all([shapely.Polygon(p) for p in (*net.kerbs_m, *net.junctions_m)])
            zebras = [
                shapely.LineString([c.a_m, c.b_m]).buffer(c.width_m / 2 + 0.3)
                for c in net.crosswalks
            ]
            bare = road.buffer(-0.3).difference(shapely.union_all(zebras))
            islands = shapely.union_all([shapely.Polygon(p).buffer(1.5) for p in net.islands_m])
            bare = bare.difference(islands)
            for state in engine.rollout(scene, [20.0, 40.0, 60.0, 80.0]):
                rows = scene.agents.on_foot & state.active
                at = shapely.points(state.x_m[rows], state.y_m[rows])
                assert not shapely.intersects(bare, at).any(), layout


def test_people_change_no_other_draw():
    for layout in ("mid_block_crosswalk", "crossroads_signals", "straight"):
        for seed in range(3):
            none, many = (
                sample_scene(
                    SceneConfig(
                        layouts=(layout,), traffic=TrafficConfig(people_low=n, people_high=n)
                    ),
                    seed, 0,
                )
                for n in (0, 40)
            )  # fmt: skip
            for name in ("network", "signs", "plan", "surroundings", "camera", "routes"):
                assert same(getattr(none, name), getattr(many, name))
            count = len(none.agents)
            assert not none.agents.on_foot.any()
            for field in dataclasses.fields(none.agents):
                a, b = getattr(none.agents, field.name), getattr(many.agents, field.name)
                b = b if b is None else b[:count]
                assert np.array_equal(a, b), field.name
            assert bool(many.agents.on_foot[count:].any()) == bool(many.network.crosswalks)


def test_the_speeds_of_people_have_the_mean_and_spread_that_were_measured():
    """Weidmann 1993: 1.34 m/s, standard deviation 0.26."""
    speeds = np.concatenate(
        [s.agents.desired_speed_mps[s.agents.on_foot] for s in scenes("mid_block_crosswalk", 8)]
    )
    assert abs(speeds.mean() - 1.34) < 0.04
    assert abs(speeds.std() - 0.26) < 0.03


def test_every_crosswalk_with_a_light_gets_its_time_to_walk():
    for layout in ("crossroads_signals", "town", "t_junction"):
        for scene in scenes(layout, 3):
            phases = scene.plan.phases
            for crosswalk in scene.network.crosswalks if phases else ():
                if crosswalk.group >= 0:
                    assert any(p.aspects[crosswalk.group] == Aspect.GREEN for p in phases)
