"""Signs and signal heads at their legal places beside the stop lines."""

from __future__ import annotations

import functools

from scenarios.layout import Roads
from simulator.convention import USUAL, Convention
from simulator.geometry import direction_at, offset_line, place_at
from simulator.lane import LaneKind
from simulator.network import Control, Network, StopLine
from simulator.sign import Sign, is_known, shown
from simulator.signals import Signal
from simulator.signs import SIGNS

SIGNAL_LATERAL_M = 1.5
"""From the edge of the carriageway to a post-mounted head (MUTCD: at least 0.6 m)."""

HEAD_SPACING_M = 5.0
"""Between two heads on the same side, along the road."""


def place_signs(roads: Roads, convention: Convention = USUAL) -> tuple[Sign, ...]:
    """One sign for each approach whose painted lines are ruled by signs, right of the carriageway,
    then the signs that the layout itself has put up. Roads are laid for traffic that keeps right.
    """
    network = roads.network
    signs: list[Sign] = []
    for line in network.stop_lines:
        name = _sign_of().get(line.control.name)
        rightmost = network.right_of[line.lane_id] < 0
        driven = network.lanes[line.lane_id].kind == LaneKind.DRIVE
        if name is not None and line.painted and rightmost and driven:
            x, y, heading = roadside(roads, line, SIGNS[name].lateral_m)
            signs.append(Sign(len(signs), name, x, y, heading, line.id))
    for post in roads.placed:
        if not is_known(SIGNS[post.sign], convention):
            continue
        number = shown(SIGNS[post.sign], post.limit_mps, convention)
        signs.append(Sign(len(signs), post.sign, post.x_m, post.y_m, post.heading_rad, -1, number))
    return tuple(signs)


@functools.cache
def _sign_of() -> dict[str, str]:
    """The sign that stands at a line of each control."""
    return {sign.control: name for name, sign in SIGNS.items() if sign.control}


def place_signals(roads: Roads) -> tuple[Signal, ...]:
    """One head for each signal group, right of the carriageway; that of a left lane upstream."""
    rightmost: dict[int, StopLine] = {}
    for line in roads.network.stop_lines:
        kind = roads.network.lanes[line.lane_id].kind
        if line.control == Control.SIGNAL and kind == LaneKind.DRIVE:
            rightmost[line.group] = line  # lines of an approach run from left to right
    signals = []
    for k, (group, line) in enumerate(sorted(rightmost.items())):
        x, y, heading = roadside(roads, line, SIGNAL_LATERAL_M)
        signals.append(Signal(k, x, y, heading, group, line.id))
    return tuple(signals)


def roadside(roads: Roads, line: StopLine, lateral_m: float) -> tuple[float, float, float]:
    """(x, y, heading of the traffic) of a place right of the carriageway at a stop line, m, rad.

    Lines of lanes that are not the rightmost stand upstream, one spacing a lane, so that two
    heads of one approach keep apart.
    """
    network, lane, steps = roads.network, line.lane_id, 0
    while network.right_of[lane] >= 0:
        lane = int(network.right_of[lane])
        steps += 1
    kerb = network.lanes[lane]
    edge = offset_line(kerb.centre_m, -(float(roads.verge_m[lane]) + lateral_m))
    s = line.s_m - steps * HEAD_SPACING_M
    return *place_at(edge, kerb.s_m, s), direction_at(kerb.centre_m, kerb.s_m, s)


def rightmost_of(network: Network, lane: int) -> int:
    """The outermost lane to the right of a lane, or the lane itself."""
    while network.right_of[lane] >= 0:
        lane = int(network.right_of[lane])
    return lane
