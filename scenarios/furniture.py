"""STOP signs and signal heads at their legal places beside the stop lines."""

from __future__ import annotations

import numpy as np

from simulator.geometry import heading_at, offset_line, point_at
from simulator.network import Control, Network, StopLine
from simulator.sign import Sign
from simulator.signals import Signal
from simulator.signs import SIGNS

SIGNAL_LATERAL_M = 1.5
"""From the edge of the carriageway to a post-mounted head (MUTCD: at least 0.6 m)."""

HEAD_SPACING_M = 5.0
"""Between two heads on the same side, along the road."""


def place_signs(network: Network) -> tuple[Sign, ...]:
    """One sign for each approach whose stop lines are ruled by signs, right of the carriageway."""
    signs: list[Sign] = []
    sign_of = {sign.control: name for name, sign in SIGNS.items()}
    for line in network.stop_lines:
        name = sign_of.get(line.control.name)
        if name is not None and network.right_of[line.lane_id] < 0:
            x, y, heading = roadside(network, line, SIGNS[name].lateral_m)
            signs.append(Sign(len(signs), name, x, y, heading, line.id))
    return tuple(signs)


def place_signals(network: Network) -> tuple[Signal, ...]:
    """One head for each signal group, right of the carriageway; that of a left lane upstream."""
    rightmost: dict[int, StopLine] = {}
    for line in network.stop_lines:
        if line.control == Control.SIGNAL:
            rightmost[line.group] = line  # lines of an approach run from left to right
    signals = []
    for k, (group, line) in enumerate(sorted(rightmost.items())):
        x, y, heading = roadside(network, line, SIGNAL_LATERAL_M)
        signals.append(Signal(k, x, y, heading, group, line.id))
    return tuple(signals)


def roadside(network: Network, line: StopLine, lateral_m: float) -> tuple[float, float, float]:
    """(x, y, heading of the traffic) of a place right of the carriageway at a stop line, m, rad.

    Lines of lanes that are not the rightmost stand upstream, one spacing a lane, so that two
    heads of one approach keep apart.
    """
    lane = line.lane_id
    steps = 0
    while network.right_of[lane] >= 0:
        lane = int(network.right_of[lane])
        steps += 1
    kerb = network.lanes[lane]
    edge = offset_line(kerb.centre_m, -(kerb.width_m / 2 + lateral_m))
    s = np.array([line.s_m - steps * HEAD_SPACING_M])
    x, y = point_at(edge, kerb.s_m, s)[0]
    return float(x), float(y), float(heading_at(kerb.centre_m, kerb.s_m, s)[0])
