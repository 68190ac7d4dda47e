"""Sign gantries over straight roads of several lanes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from scenarios.config import RoadConfig
from scenarios.layout import Roads
from scenarios.site import Segments, Site
from simulator.convention import Convention
from simulator.geometry import heading_at, place_at, wrap_rad
from simulator.lane import Lane, LaneKind, Turn
from simulator.network import Network
from simulator.seeding import uniform
from simulator.support import Panel, Support

CLEAR_M = (5.3, 6.2)
"""Below the signs (MUTCD 2A.18: at least 5.2 m)."""

LONGEST_M, LONGEST_CANTILEVER_M = 50.0, 14.0
CATWALK_M = 0.7

FROM_JUNCTION_M = 40.0
"""From a gantry to the next stop line or crosswalk."""

STRAIGHT_M, STRAIGHT_RAD = 12.0, 0.02
"""The road turns by no more, so far before and behind."""

TRIES, MOST, APART_M = 12, 2, 70.0
"""Places that are tried, gantries in a map, and the least way between them."""

CANTILEVER_SHARE, TRUSS_SHARE, CATWALK_SHARE, BOARD_SHARE = 0.25, 0.6, 0.6, 0.12
"""One post only; a lattice, not a single beam; a walkway; message boards among the signs."""

GUIDES = {
    "north_america": ((0, 98, 66), (0, 98, 66), (0, 84, 158), (226, 226, 222)),
    "vienna": ((0, 84, 158), (0, 110, 80), (0, 84, 158), (226, 226, 222)),
}
"""Grounds of guide signs, sRGB."""

BOARD, BACK, STEEL = (30, 31, 33), (134, 138, 140), (146, 149, 151)

LEAST_SIGN_M = 1.6

_Span = tuple[float, float]


def sample_gantries(
    rng: np.random.Generator, site: Callable[[], Site], roads: Roads, convention: Convention,
    config: RoadConfig,
) -> list[Support]:  # fmt: skip
    """Gantries over the roads of a map whose posts find room, none in most maps of narrow roads.

    Args:
        rng: their stream. site: gives that of the map. roads: the map. convention: whose signs.
        config: share of maps.
    """
    lanes = _outer_lanes(roads.network)
    if not lanes or rng.random() >= config.gantry_share:
        return []
    stops = _stops_m(roads.network)
    guide = GUIDES[convention.signs][int(rng.integers(4))]
    found: list[Support] = []
    for _ in range(TRIES):
        lane = lanes[int(rng.integers(len(lanes)))]
        s = uniform(rng, STRAIGHT_M, lane.length_m - STRAIGHT_M)
        place = np.array(place_at(lane.centre_m, lane.s_m, s))
        around = heading_at(lane.centre_m, lane.s_m, s + np.array([-1, 0, 1]) * STRAIGHT_M)
        bent = float(np.abs(np.exp(1j * (around - around[1])) - 1).max()) > STRAIGHT_RAD
        if bent or np.any(np.hypot(*(stops - place).T) < FROM_JUNCTION_M):
            continue
        gantry = _gantry(rng, site(), roads.network, place, float(around[1]), guide)
        if gantry is not None and all(_apart_m(gantry, other) > APART_M for other in found):
            found.append(gantry)
        if len(found) == MOST:
            break
    return found


def _outer_lanes(network: Network) -> list[Lane]:
    """The rightmost driving lanes of directions with several, long enough for a gantry."""
    lanes = network.lanes
    driven = [lane.kind == LaneKind.DRIVE and lane.turn == Turn.NONE for lane in lanes]
    left, right = network.left_of.tolist(), network.right_of.tolist()
    return [
        lane
        for lane in lanes
        if driven[lane.id]
        and lane.length_m > 3 * STRAIGHT_M
        and left[lane.id] >= 0
        and driven[left[lane.id]]
        and not (right[lane.id] >= 0 and driven[right[lane.id]])
    ]


def _stops_m(network: Network) -> np.ndarray:
    """Ends of crosswalks and painted stop lines, f64[N, 2] m."""
    places = [end for c in network.crosswalks for end in (c.a_m, c.b_m)]
    for line in network.stop_lines:
        if line.painted:
            lane = network.lanes[line.lane_id]
            places.append(place_at(lane.centre_m, lane.s_m, line.s_m))
    return np.array(places).reshape(-1, 2)


def _apart_m(a: Support, b: Support) -> float:
    return math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)


def _gantry(
    rng: np.random.Generator, site: Site, network: Network, place: np.ndarray, heading: float,
    guide: tuple[int, int, int],
) -> Support | None:  # fmt: skip
    """A gantry across the road at a place of it, None where its posts have no room."""
    off, low = uniform(rng, 1.0, 2.2), uniform(rng, *CLEAR_M)
    one_post, truss, walk = rng.random(3) < (CANTILEVER_SHARE, TRUSS_SHARE, CATWALK_SHARE)
    tall, wide = uniform(rng, 1.8, 3.2), uniform(rng, 0.7, 1.2)
    edges = site.edges_m(place, heading)
    if edges is None:
        return None
    left = np.array([-math.sin(heading), math.cos(heading)])
    ahead, against = _directions(network, place, heading, edges)
    post = edges[0] + off
    end = edges[1] + off
    if one_post:
        end = min(ahead[1], LONGEST_CANTILEVER_M - post)
        ahead, against = (ahead[0], end), None
    foot, tip = place - post * left, place + end * left
    if post + end > LONGEST_M or ahead[1] - ahead[0] < LEAST_SIGN_M:
        return None
    if not (site.is_free(foot) and (one_post or site.is_free(tip))):
        return None
    panels = _signs(rng, ahead, post, heading, (low, tall), guide)
    if against is not None:
        panels += _signs(rng, against, post, wrap_rad(heading + math.pi), (low, tall), guide)
    x, y, end_x, end_y = np.round([*foot, *tip], 3).tolist()
    beam = wide if truss else 0.5 * wide
    return Support(
        x, y, end_x, end_y, round(low + tall / 2 + beam / 2, 3), round(beam, 3), STEEL,
        tuple(panels), two_posts=not one_post, truss=bool(truss),
        catwalk_m=CATWALK_M if walk else 0.0,
    )  # fmt: skip


def _directions(
    network: Network, place: np.ndarray, heading: float, edges: tuple[float, float]
) -> tuple[_Span, _Span | None]:
    """From where to where, to the left of a place, lanes lie that go its way, and that come."""
    left = np.array([-math.sin(heading), math.cos(heading)])
    lanes = [lane for lane in network.lanes if lane.kind == LaneKind.DRIVE]
    pieces = Segments(
        np.concatenate([lane.centre_m[:-1] for lane in lanes]),
        np.concatenate([lane.centre_m[1:] for lane in lanes]),
        np.repeat(np.arange(len(lanes)), [len(lane.centre_m) - 1 for lane in lanes]),
    )
    crossed, aside = pieces.crossings(place, left)
    own = (-edges[0] < aside) & (aside < edges[1])
    ahead, against = [(0.0, 0.0)], []
    for k, y in zip(crossed[own].tolist(), aside[own].tolist(), strict=True):
        half = lanes[pieces.owner[k]].width_m / 2
        goes = (pieces.end_m[k] - pieces.begin_m[k]) @ (left[1], -left[0]) > 0
        (ahead if goes else against).append((y - half, y + half))
    return _whole(ahead), _whole(against) if against else None


def _whole(spans: list[_Span]) -> _Span:
    return min(a for a, _ in spans), max(b for _, b in spans)


def _signs(
    rng: np.random.Generator, span: _Span, post_m: float, heading: float,
    height: tuple[float, float], guide: tuple[int, int, int],
) -> list[Panel]:  # fmt: skip
    """Signs over the lanes of one direction.

    Args:
        span: from where to where to the left of the place. post_m: from the post to the place.
        heading: of the traffic. height: clear height, and how tall the largest is. guide: sRGB.
    """
    low, most = height
    cells = max(1, min(int(rng.integers(1, 4)), int((span[1] - span[0]) / 3.0)))
    cell = (span[1] - span[0]) / cells
    panels = []
    for k in range(cells):
        length = max(uniform(rng, 0.5, 0.92) * min(cell, 7.0), LEAST_SIGN_M)
        room = max(cell - length, 0.0) / 2
        middle = span[0] + (k + 0.5) * cell + uniform(rng, -room, room)
        tall = most * uniform(rng, 0.6, 1.0)
        board = bool(rng.random() < BOARD_SHARE)
        under = low + (most - tall) / 2
        panels.append(
            Panel(
                round(post_m + middle, 3), round(heading, 6), round(length, 3),
                0.3 if board else 0.12, round(under, 3), round(under + tall, 3),
                BOARD if board else guide, BACK, lettered=not board,
            )
        )  # fmt: skip
    return panels
