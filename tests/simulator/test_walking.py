"""People on foot and drivers at crosswalks, on a road of one lane with a crosswalk at 200 m."""

import dataclasses
import itertools

import numpy as np
import pytest

from simulator import engine
from simulator.agents import Kind
from simulator.errors import DataError
from simulator.footpath import Footpath
from simulator.lane import Lane
from simulator.network import Crosswalk, Network
from simulator.scene_io import dump_scene, load_scene
from simulator.signals import Aspect, Phase, SignalPlan
from tests import cast
from tests.simulator import observer

WALK = Footpath(np.array([[200.0, -12.0], [200.0, 12.0]]), np.array([0]), np.array([[9.0, 15.0]]))
BACK = Footpath(np.array([[200.5, 12.0], [200.5, -12.0]]), np.array([0]), np.array([[9.0, 15.0]]))


def road(starts_m, people=(0.0,), group=-1, conditions=cast.DRY, plan=None, **columns):
    """Cars from the west and people from the south who set out at the given times."""
    lane = Lane(0, np.array([[0.0, 0.0], [400.0, 0.0]]), 3.5, 13.0)
    zebra = Crosswalk(0, (200.0, -3.0), (200.0, 3.0), 3.0, group)
    none = np.array([-1])
    network = Network(
        (lane,), ((),), none, none, np.zeros((0, 2)), (), (), (), (0.0, -20.0, 400.0, 20.0),
        crosswalks=(zebra,),
    )  # fmt: skip
    n, k = len(starts_m), len(people)
    agents = cast.drivers(
        [*starts_m, *[0.0] * k], routes=[0] * n + [i % 2 for i in range(k)],
        kind=[0] * n + [int(Kind.PEDESTRIAN)] * k, enter_time_s=[0.0] * n + list(people),
        desired_speed_mps=[13.0] * n + [1.4] * k, min_gap_m=[2.5] * n + [0.5] * k,
        length_m=[4.5] * n + [0.6] * k, width_m=[1.8] * n + [0.5] * k, **columns,
    )  # fmt: skip
    return cast.scene(
        network, ((0,),), agents, paths=(WALK, BACK), conditions=conditions,
        plan=plan or SignalPlan(),
    )  # fmt: skip


def test_a_driver_stops_before_the_crosswalk_for_whom_it_names_and_goes_on_behind_its_back():
    scene = road([60.0], people=(0.0, 2.0, 4.0))
    states = engine.rollout(scene, np.arange(300) * 0.1)
    for state in states:
        north, south = state.y_m[[1, 3]] < 1.75, state.y_m[[2]] > -1.75
        in_the_way = (state.granted_line[[1, 3, 2]] == 0) & np.concatenate([north, south])
        assert state.s_m[0] < 198.5 or not in_the_way.any()
    stands = next(s for s in states if s.speed_mps[0] == 0.0)
    assert 196.5 < stands.s_m[0] < 198.5
    assert engine.why(scene, stands, 0).startswith("lets person")
    assert engine.why(scene, stands, 3) == "crosses the road"
    assert observer.overlapping(scene, states) == []
    left = next(s.time_s for s in states if s.speed_mps[0] > 0.5 and s.time_s > stands.time_s)
    assert left < next(s.time_s for s in states if s.s_m[3] > 15.0)  # its lane is clear before


def test_nobody_steps_before_a_driver_who_could_not_stop_with_ease():
    scene = road([123.0])
    states = engine.rollout(scene, np.arange(200) * 0.1)
    passes = next(s for s in states if s.s_m[0] - 4.5 > 201.5)
    assert passes.granted_line[1] == -1


@pytest.mark.parametrize("conditions", [cast.DRY, cast.SNOWY, cast.ICY])
def test_a_stream_of_cars_and_people_never_touches_and_neither_waits_for_ever(conditions):
    people = tuple(float(k) for k in range(0, 160, 4))
    scene = road([190.0 - 25.0 * k for k in range(7)], people, conditions=conditions)
    states = engine.rollout(scene, np.arange(2400) * 0.1)
    assert observer.overlapping(scene, states) == []
    assert not states[-1].active.any()


def test_at_a_signal_people_step_off_only_while_it_lets_them_walk():
    green, red = Aspect.GREEN, Aspect.RED
    plan = SignalPlan(tuple(Phase(s, (a,)) for s, a in ((12.0, red), (6.0, green), (12.0, red))))
    scene = road([], tuple(float(k) for k in range(0, 60, 3)), group=0, plan=plan)
    states = engine.rollout(scene, np.arange(900) * 0.1)
    steps = 0
    for a, b in itertools.pairwise(states):
        off = (a.granted_line == -1) & (b.granted_line == 0)
        steps += int(off.sum())
        assert not off.any() or engine.aspects(scene, a.time_s)[0] == green
    assert steps == 20
    waits = engine.rollout(scene, [11.0])[0]
    assert engine.why(scene, waits, 0) == "waits for the light to walk"


def test_people_walk_at_their_own_speed_and_slower_on_ice():
    dry, ice = (
        engine.rollout(road([], conditions=c), [4.0])[0].s_m[0] for c in (cast.DRY, cast.ICY)
    )
    assert dry == pytest.approx(5.6, abs=0.05)
    assert ice == pytest.approx(0.67 * dry, rel=0.02)


def test_a_step_from_any_state_goes_on_as_the_rollout_did():
    scene = road([110.0, 80.0], (0.0, 2.0, 4.0))
    states = engine.rollout(scene, np.arange(200) * 0.1)
    for k in (0, 55, 80, 120):
        after = engine.step(scene, states[k])
        for name in ("x_m", "y_m", "s_m", "speed_mps", "granted_line", "leg", "active"):
            assert np.array_equal(getattr(after, name), getattr(states[k + 1], name)), name


def test_a_scene_with_people_is_read_back_whole_and_a_path_to_nowhere_is_refused():
    scene = road([110.0])
    text = dump_scene(scene)
    assert dump_scene(load_scene(text)) == text
    lost = dataclasses.replace(WALK, crosswalks=np.array([7]))
    with pytest.raises(ValueError, match="a crosswalk that is not there"):
        dataclasses.replace(scene, paths=(lost, lost))
    with pytest.raises(DataError, match="one after another"):
        load_scene(text.replace('"spans_m":[[9.0,15.0]]', '"spans_m":[[9.0,95.0]]', 1))


def test_who_does_not_adapt_takes_a_crosswalk_on_ice_for_one_that_it_can_stop_at():
    # people walk slower on ice: they set out so that both are about to step off after 8 s
    for weather, sets_out_s in ((cast.DRY, 3.4), (cast.ICY, 1.1)):
        scene = road([58.0], people=(sets_out_s,), conditions=weather, adapts=[False, True])
        states = engine.rollout(scene, np.arange(70, 95) * 0.1)
        lets = [s.s_m[0] for s in states if engine.why(scene, s, 0).startswith("lets")]
        assert lets
        assert 30.0 < 198.5 - lets[0] < 40.0
