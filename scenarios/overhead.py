"""What hangs over the road: signal heads on mast arms, guide signs on gantries.

They hide what drives under them and throw shadows, and are no objects of the labels: the symbolic
plate of a signal stays beside its stop line. Roads are laid for traffic that keeps right.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np

from scenarios.config import RoadConfig
from scenarios.furniture import rightmost_of
from scenarios.gantries import sample_gantries
from scenarios.layout import Roads
from scenarios.site import Site, site_of
from simulator.convention import Convention
from simulator.geometry import place_at
from simulator.lane import LaneKind
from simulator.network import Control, Network, StopLine
from simulator.seeding import uniform
from simulator.signals import Signal
from simulator.support import Panel, Support
from simulator.surroundings import Surroundings

LONGEST_ARM_M = 21.0
"""About the longest mast arms that are made (70 ft)."""

BEYOND_M = (0.5, 2.0, 4.0, 6.0)
"""From the junction's far side to the arm there: as near as a place is free."""

AFTER_LINE_M = (0.3, 1.2)
"""From the stop line to an arm on its own side of the junction."""

HEAD_LOW_M = (4.9, 5.6)
"""Clear height below a head over the road (MUTCD 4D.15: at least 4.6 m)."""

POST_LOW_M = 2.5
"""The same beside the road (MUTCD 4D.14: at least 2.4 m)."""

HEAD_M = 1.16, 0.42, 0.36
"""Long side and short side of a head of three lenses of 0.30 m, and its depth with the visors."""

BACKPLATE_M = 0.13
HEADS_APART_M = 2.6
"""Least way between two heads (MUTCD 4D.13: 2.4 m)."""

BLACK, YELLOW, DARK_GREEN = (26, 28, 28), (206, 168, 40), (36, 56, 46)
STEELS = ((148, 150, 151), (70, 72, 74), (54, 50, 46))
STEEL_SHARES = np.cumsum((0.6, 0.25, 0.15))
"""Galvanised, grey and brown paint; how much of all lies up to each."""

BLADE = (0, 92, 62)
"""Ground of a street-name sign."""

Streams = Callable[[str], np.random.Generator]


@dataclasses.dataclass(frozen=True)
class _Style:
    """How the signals of a map look."""

    steel: tuple[int, int, int]
    housing: tuple[int, int, int]
    level: bool
    backplates: bool
    blades: bool
    low_m: float
    arm_m: float


@dataclasses.dataclass(frozen=True)
class _Approach:
    """The lanes of one approach that signals rule.

    ``place_m`` f64[2] is the stop line's middle in the rightmost of them; ``lanes_m`` tells how far
    left of it the middles of the lanes are, from the right.
    """

    place_m: np.ndarray
    heading_rad: float
    lanes_m: tuple[float, ...]
    signals: tuple[Signal, ...]


def sample_supports(
    streams: Streams, roads: Roads, signals: tuple[Signal, ...], around: Surroundings,
    convention: Convention, config: RoadConfig,
) -> tuple[Support, ...]:  # fmt: skip
    """Posts and arms for the signals, and gantries, where they find room among what stands there.

    Args:
        streams: purpose -> stream. roads: the layout. signals: at their legal places.
        around: houses, trees and all else. convention: whose signals. config: shares.
    """
    site = functools.cache(lambda: site_of(roads, around))  # many maps ask for none
    arms: list[Support] = []
    if signals:
        rng = streams("overhead/signals")
        arms = _for_signals(rng, site, roads, signals, convention, config)
    gantries = sample_gantries(streams("overhead/gantries"), site, roads, convention, config)
    return (*arms, *gantries)


def without_heads(supports: tuple[Support, ...]) -> tuple[Support, ...]:
    """The same without signal heads; a post that carried nothing else goes with its head."""
    left = []
    for support in supports:
        panels = tuple(p for p in support.panels if p.face != BLACK)
        if panels or support.length_m > 0:
            left.append(dataclasses.replace(support, panels=panels))
    return tuple(left)


def _for_signals(
    rng: np.random.Generator, site: Callable[[], Site], roads: Roads,
    signals: tuple[Signal, ...], convention: Convention, config: RoadConfig,
) -> list[Support]:  # fmt: skip
    """An arm for each approach that has one; all other heads stand on posts."""
    vienna = convention.signs == "vienna"
    share = config.vienna_arm_share if vienna else config.mast_arm_share
    style = _style(rng, vienna=vienna)
    supports: list[Support] = []
    for approach in _approaches(roads.network, signals):
        wanted, off = bool(rng.random() < share), uniform(rng, 0.9, 2.0)
        arm = _arm(site(), approach, style, off, far=not vienna) if wanted else None
        supports += [arm] if arm else [_post(signal, style) for signal in approach.signals]
    return supports


def _style(rng: np.random.Generator, *, vienna: bool) -> _Style:
    steel = STEELS[int(STEEL_SHARES.searchsorted(rng.random(), side="right"))]
    yellow, level, plates, blades = rng.random(4) < (0.5, 0.15, 0.5, 0.6)
    low, arm = uniform(rng, *HEAD_LOW_M), uniform(rng, 0.16, 0.28)
    if vienna:
        return _Style(steel, DARK_GREEN if yellow else BLACK, False, bool(plates), False, low, arm)
    housing = YELLOW if yellow else BLACK
    return _Style(steel, housing, bool(level), bool(plates), bool(blades), low, arm)


def _approaches(network: Network, signals: tuple[Signal, ...]) -> list[_Approach]:
    """The approaches in the order of their first signals."""
    heads: dict[int, list[Signal]] = {}
    for signal in signals:
        lane = network.stop_lines[signal.stop_line_id].lane_id
        heads.setdefault(rightmost_of(network, lane), []).append(signal)
    lines: dict[int, list[StopLine]] = {}
    for line in network.stop_lines:
        kind = network.lanes[line.lane_id].kind
        if line.control == Control.SIGNAL and kind == LaneKind.DRIVE:
            lines.setdefault(rightmost_of(network, line.lane_id), []).append(line)
    return [_approach(network, lines[lane], tuple(of)) for lane, of in heads.items()]


def _approach(network: Network, lines: list[StopLine], heads: tuple[Signal, ...]) -> _Approach:
    on = [(network.lanes[line.lane_id], line.s_m) for line in lines]
    places = np.array([place_at(lane.centre_m, lane.s_m, s) for lane, s in on])
    heading = heads[0].heading_rad
    aside = places @ [-math.sin(heading), math.cos(heading)]
    right = int(aside.argmin())
    lanes = tuple(sorted((aside - aside[right]).tolist()))
    return _Approach(places[right], heading, lanes, heads)


def _arm(site: Site, at: _Approach, style: _Style, off_m: float, *, far: bool) -> Support | None:
    """An arm over an approach: beyond the junction, or at the line where nothing fits there."""
    beyond = site.beyond_junction_m(at.place_m, at.heading_rad) if far else None
    ways = [] if beyond is None else [beyond + more for more in BEYOND_M]
    for way in (*ways, *AFTER_LINE_M):
        arm = _arm_at(site, at, style, off_m, way)
        if arm is not None:
            return arm
    return None


def _arm_at(
    site: Site, at: _Approach, style: _Style, off_m: float, ahead_m: float
) -> Support | None:
    c, s = math.cos(at.heading_rad), math.sin(at.heading_rad)
    under = at.place_m + ahead_m * np.array([c, s])
    edges = site.edges_m(under, at.heading_rad)
    if edges is None:
        return None
    post = edges[0] + off_m
    over = _heads_m(at.lanes_m)
    left = np.array([-s, c])
    foot, end = under - post * left, under + (over[-1] + 0.5) * left
    if post + over[-1] > LONGEST_ARM_M or not site.is_free(foot):
        return None
    panels = [_head(post + aside, at.heading_rad, style.low_m, style) for aside in over]
    height = style.low_m + (HEAD_M[1] if style.level else HEAD_M[0]) / 2 + style.arm_m / 2
    if style.blades:
        length = round(min(2.2, post), 2)
        panels.append(
            Panel(
                round(0.3 + length / 2, 3), at.heading_rad, length, 0.06, round(height - 0.5, 3),
                round(height, 3), BLADE, BLADE, lettered=True,
            )
        )  # fmt: skip
    x, y, end_x, end_y = np.round([*foot, *end], 3).tolist()
    return Support(
        x, y, end_x, end_y, round(height, 3), round(style.arm_m, 3), style.steel, tuple(panels)
    )


def _heads_m(lanes_m: tuple[float, ...]) -> list[float]:
    """Where heads hang over the lanes of an approach: one a lane, but never one alone."""
    if len(lanes_m) > 1 and min(np.diff(lanes_m)) >= HEADS_APART_M:
        return list(lanes_m)
    middle = sum(lanes_m) / len(lanes_m)
    return [middle - HEADS_APART_M / 2, middle + HEADS_APART_M / 2]


def _head(s_m: float, heading_rad: float, low_m: float, style: _Style) -> Panel:
    """A signal head; its lamps are those of the symbolic plate, so its face is dark."""
    long, short, deep = HEAD_M
    wide, tall = (long, short) if style.level else (short, long)
    rim = BACKPLATE_M * style.backplates
    return Panel(
        round(s_m, 3), heading_rad, round(wide + 2 * rim, 3), deep, round(low_m - rim, 3),
        round(low_m + tall + rim, 3), BLACK, style.housing,
    )  # fmt: skip


def _post(signal: Signal, style: _Style) -> Support:
    x, y = round(signal.x_m, 3), round(signal.y_m, 3)
    upright = dataclasses.replace(style, level=False, backplates=False)
    head = _head(0.0, signal.heading_rad, POST_LOW_M, upright)
    return Support(x, y, x, y, round(head.top_m, 3), 0.12, style.steel, (head,))
