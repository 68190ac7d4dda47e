"""Where a lane parts: who has turned off may still stand with its tail in the other's way."""

import numpy as np
import pytest

from simulator import engine
from simulator.agents import Kind
from simulator.lane import Lane, Turn
from simulator.network import Control, Network, StopLine
from simulator.signals import Aspect, Phase, SignalPlan
from tests.cast import drivers, scene
from tests.simulator import observer


def fork(agents, red_s: float):
    """A lane of 60 m that goes on straight (route 0), and turns off by 70 degrees to a signal 10 m
    from the fork (route 1), red for some seconds."""
    turned = np.linspace(0.0, np.radians(70.0), 25)
    arc = 12.0 * np.stack([np.sin(turned), np.cos(turned) - 1.0], axis=1) + [60.0, 0.0]
    lanes = (
        Lane(0, np.array([[0.0, 0.0], [60.0, 0.0]]), 3.5, 12.0),
        Lane(1, np.array([[60.0, 0.0], [140.0, 0.0]]), 3.5, 12.0, turn=Turn.STRAIGHT),
        Lane(2, arc, 3.5, 12.0, turn=Turn.RIGHT),
    )
    line = StopLine(0, 2, 10.6, Control.SIGNAL, 0)
    plan = SignalPlan((Phase(red_s, (Aspect.RED,)), Phase(600.0, (Aspect.GREEN,))))
    none = np.full(3, -1)
    box = (0.0, -40.0, 140.0, 40.0)
    pairs = np.zeros((0, 2), np.int32)
    network = Network(lanes, ((1, 2), (), ()), none, none, pairs, (line,), (), (), box)
    return scene(network, ((0, 1), (0, 2)), agents, plan=plan)


@pytest.mark.parametrize(
    ("kind", "length", "width"), [(5, 1.8, 0.65), (4, 2.2, 0.8), (0, 4.5, 1.8)]
)
def test_nobody_runs_into_the_tail_of_who_stands_in_the_other_branch(kind, length, width):
    """Also one so short that its own rear is in the mouth before its front is past that tail: a
    bicycle ran into a car that waited to leave a roundabout."""
    assert Kind(kind) in (Kind.BICYCLE, Kind.MOTORCYCLE, Kind.CAR)
    agents = drivers(
        [30.0, 0.0], [1, 0], kind=[0, kind], length_m=[4.6, length], width_m=[1.9, width],
        desired_speed_mps=[13.0, 5.0], enter_time_s=[0.0, 2.0],
    )  # fmt: skip
    run = fork(agents, 40.0)
    states = engine.rollout(run, np.arange(900) * 0.1)
    assert observer.overlapping(run, states) == []
    waits = [s for s in states if 35.0 < s.time_s < 40.0]
    assert all(s.speed_mps[0] == s.speed_mps[1] == 0.0 for s in waits)
    assert not states[-1].active.any()  # at green both go
