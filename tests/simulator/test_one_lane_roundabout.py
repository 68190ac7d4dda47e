"""Traffic in roundabouts of one lane, as the layout builds them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator import engine
from tests.cast import scene
from tests.simulator import observer
from tests.simulator.circles import OUTER, circle
from tests.simulator.flows import passed_per_h, poisson


@pytest.mark.parametrize("flow", [0, 300, 600, 900])
def test_a_lane_lets_in_what_the_manual_says_less_a_fourth_at_most(flow):
    """HCM 7, exhibit 22-18: 1380 exp(-0.00102 v), v being what does go round."""
    net, routes, names = circle("right", 1)
    rounds, enters = names[0, OUTER, 2], names[1, OUTER, 2]
    run = scene(net, routes, poisson({rounds: flow, enters: 1500}, 1200.0))
    states = engine.rollout(run, np.arange(1200, 12000, 10) * 0.1)
    round_ = passed_per_h(run, states, rounds) if flow else 0.0
    share = passed_per_h(run, states, enters) / (1380 * math.exp(-0.00102 * round_))
    assert 0.75 < share < 1.15
    assert round_ >= 0.9 * flow
    assert observer.overlapping(run, states) == []
    assert min(s.accel_mps2[s.active].min() for s in states) > -4.5
