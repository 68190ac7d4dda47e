"""Who walks: people beside the roads and over the crosswalks of a layout."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import shapely

from scenarios.config import SceneConfig
from scenarios.layout import Roads, Side
from scenarios.outlines import pavement
from scenarios.paint import clothes_colours
from simulator.agents import Kind
from simulator.footpath import Footpath
from simulator.geometry import (
    arc_lengths_m,
    left_normals,
    left_normals_each,
    place_at,
    point_at,
)
from simulator.network import Crosswalk
from simulator.seeding import exponential, stream, uniform

WALKING_MPS = (1.34, 0.26, 0.75, 2.1)
"""Free speed: mean, spread, least, largest (Weidmann 1993; SinD's three cities: medians of 1.12 to
1.45 m/s)."""

BODY_M = ((0.62, 0.05, 0.5, 0.75), (0.52, 0.04, 0.42, 0.62), (1.7, 0.09, 1.45, 1.95))
"""Mean, spread, least, largest of length (a stride), width (shoulders and arms) and height."""

STAND_M = (0.35, 1.3)
"""How far before the kerb people wait."""

SETBACK_M, WIDE_SETBACK_M = 0.9, 4.2
"""From the edge of the road to the nearest who walk beside it; where there are bays at the edge."""

WALK_M = 1.2
"""Width of what people walk on beside the road."""

FROM_KERB_M = 4.5
"""So far from the end of a crosswalk is the edge of the road beside it at most: a parking strip."""

NEAR_M = FROM_KERB_M + WIDE_SETBACK_M + 1.0
"""Walkways further off are not looked at."""

REFUGE_M = 6.0
"""Longest way between two pieces of one crossing."""

CORNER_M = 45.0
"""Longest way round a corner from one road to the next."""

FARTHEST_M = 220.0
"""A walk goes on at most so far from the crossing."""

ACROSS = 0.7
"""Share of those who walk over a crosswalk; the others stay on their side."""


@dataclasses.dataclass(frozen=True, eq=False)
class _Walk:
    """A walkway beside a road, with the road on its left: line, its ``left_normals``, distances
    along it, what comes before and after it round the corners, -1 nothing; the road.
    """

    line_m: np.ndarray
    normal: np.ndarray
    s_m: np.ndarray
    road: int
    before: int = -1
    after: int = -1


@dataclasses.dataclass(frozen=True)
class _Crossing:
    """Pieces from one kerb to the other, and where on which walkways either end is."""

    pieces: tuple[Crosswalk, ...]
    ends: tuple[tuple[int, float], tuple[int, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class People:
    """Columns of the agent table for those on foot, by name, and their paths."""

    columns: dict[str, np.ndarray]
    paths: tuple[Footpath, ...] = ()


def sample_people(rng: np.random.Generator, roads: Roads, config: SceneConfig) -> People:
    """Draw everybody on foot: who is about at the beginning, then who comes later.

    Only layouts with crosswalks have people.

    Args:
        rng: the stream of the people. roads: the layout.
        config: settings of the scene (traffic, warm-up).
    """
    settings = config.traffic
    wanted = uniform(rng, settings.people_low, settings.people_high)
    walks = _walkways(roads) if roads.network.crosswalks and wanted > 0 else []
    ways = _crossings(roads, walks)
    if not ways:
        return _nobody()
    paths, rows = [], []
    mean, sd, least, largest = WALKING_MPS
    until = config.warm_up_s + settings.horizon_s
    time, present = 0.0, round(wanted)
    while time < until:
        speed = min(max(rng.normal(mean, sd), least), largest)
        path = _path(rng, walks, ways)
        start, length = 0.0, path.length_m
        if present > 0:
            start = _off_crosswalks(path, uniform(rng, 0.0, 0.9 * length))
            present -= 1
        else:
            time += exponential(rng, length / speed / wanted)
        paths.append(path)
        rows.append((speed, round(start, 3), round(time, 1)))
    return People(_columns(rng, paths, np.array(rows)), tuple(paths))


@functools.cache
def _nobody() -> People:
    return People(_columns(stream(0, 0, "nobody"), [], np.zeros((0, 3))))


def _columns(
    rng: np.random.Generator, paths: list[Footpath], rows: np.ndarray
) -> dict[str, np.ndarray]:
    count = len(paths)
    zero = np.zeros(count)
    length, width, height = (
        rng.normal(mean, sd, count).clip(low, high).round(3) for mean, sd, low, high in BODY_M
    )
    return {
        "kind": np.full(count, int(Kind.PEDESTRIAN), np.uint8),
        "style": rng.integers(0, 256, count),
        "length_m": length, "width_m": width, "height_m": height,
        "colour": clothes_colours(rng, count),
        "desired_speed_mps": np.round(rows[:, 0], 3),
        "headway_s": zero + 1.0,
        "min_gap_m": np.round(rng.uniform(*STAND_M, count), 3),
        "accel_mps2": zero + 2.0,
        "decel_mps2": zero + 2.0,
        "route": np.arange(count, dtype=np.int32),
        "start_s_m": rows[:, 1],
        "enter_time_s": rows[:, 2],
        "temper": zero, "adapts": np.ones(count, np.bool_),
        "parked_x_m": zero, "parked_y_m": zero, "parked_heading_rad": zero,
    }  # fmt: skip


def _off_crosswalks(path: Footpath, s_m: float) -> float:
    """The place along a path, or one before the crosswalk that it lies on."""
    for begin, end in path.spans_m.tolist():
        if begin - STAND_M[1] < s_m < end + 0.5:
            return max(begin - STAND_M[1] - 0.5, 0.0)
    return s_m


def _walkways(roads: Roads) -> list[_Walk]:
    """A walkway along every side of the roads where there is room for one, joined at corners."""
    paved = shapely.buffer(pavement(roads.network), -0.1, quad_segs=16)
    chains = _chains(roads.sides)
    normals = left_normals_each(chains)
    lines = [
        chain - setback * normal
        for chain, normal in zip(chains, normals, strict=True)
        for setback in (SETBACK_M, WIDE_SETBACK_M)
    ]
    blocked = shapely.intersects(paved[:, None], _linestrings(lines)).any(axis=0)
    free = np.flatnonzero(~blocked).tolist()
    chosen = [k for k in free if k % 2 == 0 or k - 1 not in free]
    walks = [
        _Walk(line, left_normals(line), arc_lengths_m(line), k // 4)  # two sides a road
        for k, line in ((k, lines[k]) for k in chosen)
    ]
    return _joined(walks, paved)


def _linestrings(lines_m: list[np.ndarray]) -> np.ndarray:
    """Lines f64[N, 2] m as shapely lines [K]."""
    if not lines_m:
        return np.zeros(0, dtype=object)
    owner = np.repeat(np.arange(len(lines_m)), [len(line) for line in lines_m])
    return np.asarray(shapely.linestrings(np.concatenate(lines_m), indices=owner), dtype=object)


def _chains(sides: tuple[Side, ...]) -> list[np.ndarray]:
    """Sides that go on into each other as lines f64[N, 2] m."""
    chains: list[list[tuple[float, float]]] = []
    for side in sides:
        a, b = (side.ax_m, side.ay_m), (side.bx_m, side.by_m)
        if chains and chains[-1][-1] == a:
            chains[-1].append(b)
        else:
            chains.append([a, b])
    return [np.array(chain) for chain in chains]


def _joined(walks: list[_Walk], paved: np.ndarray) -> list[_Walk]:
    """The walkways with those that follow them round the corners."""
    before, after = [-1] * len(walks), [-1] * len(walks)
    starts = np.array([w.line_m[0] for w in walks]).reshape(-1, 2)
    for i, walk in enumerate(walks):
        far = np.hypot(*(starts - walk.line_m[-1]).T)
        for j in np.argsort(far, kind="stable")[:4].tolist():
            if far[j] > CORNER_M or walks[j].road == walk.road or before[j] >= 0:
                continue
            corner = shapely.LineString([walk.line_m[-1], starts[j]])
            if not shapely.intersects(paved, corner).any():
                before[j], after[i] = i, j
                break
    return [
        dataclasses.replace(w, before=b, after=a)
        for w, b, a in zip(walks, before, after, strict=True)
    ]


def _crossings(roads: Roads, walks: list[_Walk]) -> list[_Crossing]:
    """Crosswalks from kerb to kerb, those with a refuge in one, between walkways."""
    found, crosswalks, k = [], roads.network.crosswalks, 0
    lines = _linestrings([walk.line_m for walk in walks])
    while k < len(crosswalks) and walks:
        pieces = [crosswalks[k]]
        while k + 1 < len(crosswalks) and _goes_on(crosswalks[k], crosswalks[k + 1]):
            k += 1
            pieces.append(crosswalks[k])
        k += 1
        ends = [_foot(walks, lines, p) for p in (pieces[0].a_m, pieces[-1].b_m)]
        if ends[0] is not None and ends[1] is not None and ends[0][0] != ends[1][0]:
            found.append(_Crossing(tuple(pieces), (ends[0], ends[1])))
    return found


def _goes_on(one: Crosswalk, other: Crosswalk) -> bool:
    """Whether another crosswalk goes on behind a refuge."""
    between = np.subtract(other.a_m, one.b_m)
    along = np.subtract(one.b_m, one.a_m)
    apart = float(np.hypot(*between))
    return apart < REFUGE_M and float(between @ along) > 0.95 * apart * float(np.hypot(*along))


def _foot(
    walks: list[_Walk], lines: np.ndarray, point: tuple[float, float]
) -> tuple[int, float] | None:
    """The walkway beside the end of a crosswalk, and the place along it."""
    place = shapely.Point(point)
    along = shapely.line_locate_point(lines, place)
    reach = np.flatnonzero(shapely.distance(lines, place) < NEAR_M)
    best: tuple[float, int, float] | None = None
    for i in reach.tolist():
        walk, s = walks[i], float(along[i])
        far = math.dist(place_at(walk.line_m, walk.s_m, s), point)
        if far < FROM_KERB_M + WIDE_SETBACK_M and (best is None or far < best[0]):
            best = (far, i, s)
    return best[1:] if best else None


def _path(rng: np.random.Generator, walks: list[_Walk], ways: list[_Crossing]) -> Footpath:
    """A walk of somebody: over a crossing, or beside the road that it is on."""
    way = ways[int(rng.integers(len(ways)))]
    turned, across = rng.random() < 0.5, rng.random() < ACROSS
    first, last = way.ends[::-1] if turned else way.ends
    aside = WALK_M * float(rng.random())
    ahead = rng.random(2) < 0.5
    if not across:
        line = np.concatenate(
            [_along(walks, first, aside, ahead=not ahead[0])[::-1],
             _along(walks, first, aside, ahead=bool(ahead[0]))]
        )  # fmt: skip
        return Footpath(_thin(line), np.zeros(0, np.int32), np.zeros((0, 2)))
    come = _thin(_along(walks, first, aside, ahead=bool(ahead[0]))[::-1])
    go = _thin(_along(walks, last, WALK_M - aside, ahead=bool(ahead[1])))
    pieces = way.pieces[::-1] if turned else way.pieces
    kerbs: list[tuple[float, float]] = []
    right = (0.1 + 0.8 * float(rng.random())) * (way.pieces[0].width_m / 2 - 0.3)
    for piece in pieces:
        (ax, ay), (bx, by) = (piece.b_m, piece.a_m) if turned else (piece.a_m, piece.b_m)
        far = math.dist(piece.a_m, piece.b_m)
        x, y = right * ((bx - ax) / far), right * ((by - ay) / far)
        kerbs += [(ax + y, ay - x), (bx + y, by - x)]
    line = np.concatenate([come, kerbs, go])
    s = arc_lengths_m(line)
    where = len(come) + np.arange(0, len(kerbs), 2)
    spans = s[where[:, None] + (0, 1)]
    return Footpath(line.round(3), np.array([p.id for p in pieces]), spans.round(3))


def _along(
    walks: list[_Walk], start: tuple[int, float], aside: float, *, ahead: bool
) -> np.ndarray:
    """The way from a place on a walkway to its end, and on round corners, f64[N, 2] m."""
    i, s = start
    parts, gone = [], 0.0
    while i >= 0 and gone < FARTHEST_M:
        walk = walks[i]
        line = walk.line_m - aside * walk.normal
        begin = point_at(line, walk.s_m, np.array([s]))
        rest = line[walk.s_m > s + 0.5] if ahead else line[walk.s_m < s - 0.5][::-1]
        parts += [begin, rest]
        gone += walk.s_m[-1] - s if ahead else s
        i = walk.after if ahead else walk.before
        s = 0.0 if ahead else float(walks[i].s_m[-1])
    return np.concatenate(parts)


def _thin(line: np.ndarray) -> np.ndarray:
    """A line without points that are all but repeated, or that lie on the straight way."""
    rows = line.tolist()
    kept, last = [0], rows[0]
    for k in range(1, len(rows) - 1):
        ax, ay = rows[k][0] - last[0], rows[k][1] - last[1]
        bx, by = rows[k + 1][0] - rows[k][0], rows[k + 1][1] - rows[k][1]
        a, b = math.hypot(ax, ay), math.hypot(bx, by)
        if a > 0.2 and b > 0.2 and abs(ax * by - ay * bx) > 0.02 * a * b:
            kept.append(k)
            last = rows[k]
    if math.dist(rows[-1], last) > 0.2 or len(kept) < 2:
        kept.append(len(rows) - 1)
    return line[kept]
