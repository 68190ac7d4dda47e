"""The plan of a town: streets in two directions, a junction wherever two of them cross.

Streets that run along x have index i from south to north, those along y index j from west to east.
Wide streets have two lanes each way and priority; junctions of two wide ones have signals.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from scenarios import draw
from scenarios.config import RoadConfig
from scenarios.plan import End, Link, Node, NodeKind, Plan, Post
from scenarios.section import Carriageway, Section
from simulator.geometry import to_world
from simulator.network import Control

ROUNDABOUT_REACH_M = 50.0
"""What the approaches of two roundabouts need of the block between them, beside one diameter."""

SIGN_M = 14.0
"""From the world's edge to a speed limit sign."""

OUTER_M = 78.0
"""From the outermost junctions to the world's edge."""

MOST_INSCRIBED_M = 38.0
"""A town's roundabouts are no larger, unless nothing smaller is asked for."""

ROUNDABOUT_SHARE, SIGNAL_SHARE = 0.35, 0.4


@dataclasses.dataclass(frozen=True)
class Street:
    """A street through the whole town: lanes each way, their width, parking and limit."""

    at_m: float
    count: int
    width_m: float
    parking: bool
    limit_mps: float


@dataclasses.dataclass(frozen=True)
class Corner:
    """What a junction is: its node, and what rules those who arrive along x and along y."""

    node: Node
    along_x: Control
    along_y: Control
    crosswalk_m: float


def town_plan(rng: np.random.Generator, config: RoadConfig, turn_rad: float) -> Plan:
    """Draw a town of two by two to three by two streets.

    Args:
        rng: stream. config: of roads. turn_rad: direction of the streets along x.
    """
    counts = (2, int(rng.integers(2, 4)))
    eastward = _streets(rng, config, counts[0])
    northward = _streets(rng, config, counts[1])
    xs, ys = [s.at_m for s in northward], [s.at_m for s in eastward]
    corners = {
        (i, j): _corner(rng, config, eastward[i], northward[j])
        for i in range(counts[0])
        for j in range(counts[1])
    }
    index = {key: n for n, key in enumerate(corners)}
    nodes = []
    for (i, j), corner in corners.items():
        x, y = to_world(np.array([[xs[j], ys[i]]]), 0.0, 0.0, turn_rad)[0].tolist()
        nodes.append(dataclasses.replace(corner.node, x_m=x, y_m=y))
    links: list[Link] = []
    for i, street in enumerate(eastward):
        line = [((i, j), xs[j]) for j in range(counts[1])]
        links += _along(rng, config, street, line, corners, index, turn_rad, northward=False)
    for j, street in enumerate(northward):
        line = [((i, j), ys[i]) for i in range(counts[0])]
        links += _along(rng, config, street, line, corners, index, turn_rad, northward=True)
    half = max(*(abs(v) for v in (*xs, *ys))) + OUTER_M
    focus = np.array([[node.x_m, node.y_m] for node in nodes])
    return Plan(tuple(nodes), tuple(links), focus, half)


def _streets(rng: np.random.Generator, config: RoadConfig, count: int) -> list[Street]:
    """Parallel streets a block apart, about the middle of the world."""
    gaps = [draw.between(rng, config.block_low_m, config.block_high_m) for _ in range(count - 1)]
    places = np.concatenate([[0.0], np.cumsum(gaps)])
    places -= places.mean()
    return [
        Street(
            float(at), int(rng.integers(1, 3)), draw.lane_width_m(rng, config),
            bool(rng.random() < config.parking_share), draw.limit_mps(rng, config),
        )
        for at in places
    ]  # fmt: skip


def _corner(rng: np.random.Generator, config: RoadConfig, one: Street, two: Street) -> Corner:
    """Small streets meet in a roundabout or with a four-way stop, wide ones at signals."""
    crosswalk = draw.crosswalk_m(rng, config)
    kind = rng.random()
    low = config.roundabout_low_m
    across = draw.between(rng, low, max(low, min(config.roundabout_high_m, MOST_INSCRIBED_M)))
    node = Node(corner_m=draw.corner_m(rng, config))
    if one.count == two.count == 1:
        if kind < ROUNDABOUT_SHARE and across + ROUNDABOUT_REACH_M < config.block_low_m:
            ring = dataclasses.replace(node, kind=NodeKind.ROUNDABOUT, inscribed_m=across)
            return Corner(ring, Control.YIELD, Control.YIELD, 0.0)
        if kind < ROUNDABOUT_SHARE + SIGNAL_SHARE / 2:
            return Corner(node, Control.SIGNAL, Control.SIGNAL, crosswalk)
        return Corner(node, Control.STOP, Control.STOP, crosswalk)
    if one.count == two.count or kind < SIGNAL_SHARE:
        return Corner(node, Control.SIGNAL, Control.SIGNAL, crosswalk)
    minor = Control.STOP if kind < 0.8 else Control.YIELD
    if one.count > two.count:
        return Corner(node, Control.PRIORITY, minor, crosswalk)
    return Corner(node, minor, Control.PRIORITY, crosswalk)


def _along(
    rng: np.random.Generator, config: RoadConfig, street: Street,
    line: list[tuple[tuple[int, int], float]], corners: dict[tuple[int, int], Corner],
    index: dict[tuple[int, int], int], turn_rad: float, *, northward: bool,
) -> list[Link]:  # fmt: skip
    """The links of one street from edge to edge."""
    places = [line[0][1] - OUTER_M, *(at for _, at in line), line[-1][1] + OUTER_M]
    ends = [End(), *(_end(corners[key], index[key], northward) for key, _ in line), End()]
    links = []
    for k in range(len(places) - 1):
        low, high = places[k], places[k + 1]
        local = [(low, street.at_m), (high, street.at_m)]
        if northward:
            local = [(street.at_m, low), (street.at_m, high)]
        posts: list[Post] = []
        if k in (0, len(places) - 2):
            posts = draw.limit_signs(street.limit_mps, forward=k == 0, backward=k > 0, s_m=SIGN_M)
        links.append(
            Link(
                to_world(np.array(local), 0.0, 0.0, turn_rad), _section(rng, config, street),
                street.limit_mps, ends[k], ends[k + 1], posts=tuple(posts),
            )
        )  # fmt: skip
    return links


def _section(rng: np.random.Generator, config: RoadConfig, street: Street) -> Section:
    sides = []
    for _ in range(2):
        parking = config.parking_width_m if street.parking and rng.random() < 0.7 else 0.0
        sides.append(Carriageway((street.width_m,) * street.count, parking_m=parking))
    return Section(*sides)


def _end(corner: Corner, node: int, northward: bool) -> End:
    control = corner.along_y if northward else corner.along_x
    crosswalk = 0.0 if control == Control.PRIORITY else corner.crosswalk_m
    # no lane is for the left turn alone: it would lead round the block and never out of it
    return End(node, control, crosswalk_m=crosswalk)
