"""What the signs of a convention ask of roads: limits that can stand on a sign, colour of lines."""

from __future__ import annotations

import dataclasses

from scenarios.config import RoadConfig
from simulator.convention import Convention
from simulator.lane import Marking
from simulator.network import Network
from simulator.sign import look, shown
from simulator.signs import SIGNS

WHITE = {
    Marking.DOUBLE_YELLOW: Marking.DOUBLE_WHITE,
    Marking.SOLID_YELLOW: Marking.SOLID_WHITE,
}
"""Lines that part directions, or edge a road on the side of its middle, are white under the
Convention on Road Signs and Signals (Vienna 1968), article 29, 2, and continuous where nobody may
go over them (article 26, 2)."""


def with_legal_limits(roads: RoadConfig, convention: Convention) -> RoadConfig:
    """The settings of roads with limits that a Vienna sign can show in km/h: so 25, 30 and 35 mph
    are 40, 50 and 60 km/h. Those of North America stay as they are.
    """
    kind = SIGNS["speed_limit"]
    style = look(kind, convention).number
    if convention.signs == "north_america" or style is None:
        return roads

    def legal(limit_mps: float) -> float:
        return style.unit_mps * shown(kind, limit_mps, convention)

    return dataclasses.replace(
        roads,
        speed_limits_mps=tuple(legal(v) for v in roads.speed_limits_mps),
        school_limit_mps=legal(roads.school_limit_mps),
    )


def with_legal_lines(network: Network, convention: Convention) -> Network:
    """The network with the lines that the convention paints; layouts paint yellow ones."""
    if convention.signs == "north_america":
        return network
    lanes = tuple(
        dataclasses.replace(
            lane, left=WHITE.get(lane.left, lane.left), right=WHITE.get(lane.right, lane.right)
        )
        for lane in network.lanes
    )
    return dataclasses.replace(network, lanes=lanes)
