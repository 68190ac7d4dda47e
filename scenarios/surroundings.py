"""What stands beside the road: houses, trees, street lamps, and what the ground is made of."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from scenarios.clutter import sample_clutter
from scenarios.layout import Roads, Side
from scenarios.leafless import leafless
from scenarios.paint import LEAVES, ROOFS, VERGES, WALLS, near, triples
from simulator.collision import fitting, hit, near_any
from simulator.geometry import box_corners_each
from simulator.seeding import uniform
from simulator.surroundings import Building, Ground, Pole, Surroundings, Tree, buildings_of

PAVEMENT_M = 2.4
"""Width of the pavement that houses keep clear of, beside the kerb."""

CLEAR_OF_PLATES_M = 5.0
"""Nothing that hides a sign or a signal grows this close to it."""

OVERHANG_M = 0.5
"""How far a crown may reach over the road."""

HOUSE_GAP_M = 1.5
"""Least space between two houses."""

Streams = Callable[[str], np.random.Generator]


def sample_surroundings(
    streams: Streams, roads: Roads, plates_m: np.ndarray, plate_clearance_m: float
) -> Surroundings:
    """Draw everything beside the road, each kind from a stream of its own.

    Args:
        streams: purpose -> stream, such as ``streams("surroundings/trees")``.
        roads: the layout.
        plates_m: f64[P, 2], places of signs and signal heads.
        plate_clearance_m: what must stay free around them, for enlarged plates.
    """
    edges = _edges(roads.sides)
    houses, boxes = _houses(streams("surroundings/buildings"), roads, edges)
    clear = max(plate_clearance_m, CLEAR_OF_PLATES_M)
    return Surroundings(
        ground=_ground(streams("surroundings/ground")),
        buildings=houses,
        trees=leafless(
            streams("surroundings/leaves"),
            _trees(streams("surroundings/trees"), roads, edges, boxes, plates_m, clear),
        ),
        poles=_poles(streams("surroundings/poles"), roads, edges, plates_m),
        blocks=roads.blocks
        + sample_clutter(streams("surroundings/clutter"), roads, boxes, plates_m),
        cones=roads.cones,
    )


def _ground(rng: np.random.Generator) -> Ground:
    road = uniform(rng, 0.06, 0.25)
    warm = float(rng.normal(0.0, 0.02))
    return Ground(
        road=road,
        road_tint=(1.0 + warm, 1.0, 1.0 - warm),
        paint=uniform(rng, max(0.4, road + 0.25), 0.8),
        verge=triples(near(rng, np.array([VERGES[int(rng.integers(len(VERGES)))]]), 8.0))[0],
        pavement=uniform(rng, 0.25, 0.45),
        wear=uniform(rng, 0.0, 0.6),
        texture_seed=int(rng.integers(2**31)),
    )


@dataclasses.dataclass(frozen=True, eq=False)
class _Edges:
    """All sides of the roads as arrays: begin, step along and step away f64[S, 2], length f64[S].

    Things are set out along all of them at once: scenes have many sides, and few things on each.
    """

    begin_m: np.ndarray
    ahead: np.ndarray
    away: np.ndarray
    length_m: np.ndarray

    def at(self, side: np.ndarray, s_m: np.ndarray, out_m: np.ndarray) -> np.ndarray:
        """Places f64[N, 2] m: on sides i[N], s along them and out from the road f64[N]."""
        along, out = s_m[:, None] * self.ahead[side], out_m[:, None] * self.away[side]
        return self.begin_m[side] + along + out


def _edges(sides: tuple[Side, ...]) -> _Edges:
    rows = np.array([(s.ax_m, s.ay_m, s.bx_m, s.by_m, s.right_x, s.right_y) for s in sides])
    span = rows[:, 2:4] - rows[:, :2]
    length = np.hypot(*span.T)
    return _Edges(rows[:, :2], span / length[:, None], rows[:, 4:], length)


def _numbered(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For ``count`` i[S] things a side: the side of each, and its number on it."""
    side = np.arange(len(count)).repeat(count)
    return side, np.arange(len(side)) - (count.cumsum() - count)[side]


def _squares(places: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Squares f64[N, 5] as boxes: middles f64[N, 2], lengths of their sides f64[N], m."""
    boxes = np.zeros((len(places), 5))
    boxes[:, :2], boxes[:, 3:] = places, sides[:, None]
    return boxes


def _houses(
    rng: np.random.Generator, roads: Roads, edges: _Edges
) -> tuple[tuple[Building, ...], np.ndarray]:
    """Two rows of houses along every side; the second stands behind the gardens of the first."""
    road = roads.boxes.copy()
    road[:, 3:] += 2 * PAVEMENT_M
    tall = uniform(rng, 4.0, 12.0)
    side, number = _numbered(np.ceil(edges.length_m / 11.0).astype(int))
    heading = np.arctan2(edges.ahead[side, 1], edges.ahead[side, 0])
    rows = []
    for low, high in ((4.0, 12.0), (30.0, 42.0)):
        front, depth = rng.uniform(9.0, 26.0, len(side)), rng.uniform(8.0, 17.0, len(side))
        back, gap = rng.uniform(low, high, len(side)), rng.uniform(2.0, 16.0, len(side))
        ends = (front + gap).cumsum()
        first = rng.uniform(0.0, 12.0, len(roads.sides)) - (ends - front - gap)[number == 0]
        s = first[side] + ends - gap - front / 2
        place = edges.at(side, s, PAVEMENT_M + back + depth / 2)
        boxes = np.column_stack([place, heading, front, depth])
        rows.append(boxes[s < edges.length_m[side]])
    boxes = np.concatenate(rows)
    height = rng.lognormal(math.log(tall), 0.35, len(boxes)).clip(4.0, 25.0)
    roof = near(rng, np.array(ROOFS)[rng.integers(0, len(ROOFS), len(boxes))], 10.0)
    wall = near(rng, np.array(WALLS)[rng.integers(0, len(WALLS), len(boxes))], 8.0)
    kept = fitting(boxes, road, HOUSE_GAP_M)
    boxes = boxes[kept]
    columns = height[kept].round(2).tolist(), triples(roof[kept]), triples(wall[kept])
    return buildings_of(box_corners_each(boxes).round(3), *columns), boxes


def _trees(
    rng: np.random.Generator, roads: Roads, edges: _Edges, houses: np.ndarray, plates: np.ndarray,
    clear_m: float,
) -> tuple[Tree, ...]:  # fmt: skip
    """Rows along the verges and a scatter in the gardens; trunks never stand on the road."""
    count = len(roads.sides)
    step, bare = rng.uniform(9.0, 20.0, count), rng.random(count) < 0.35
    side, number = _numbered(np.where(bare, 0, np.ceil(edges.length_m / step - 0.5)).astype(int))
    radius = rng.uniform(1.2, 3.0, len(side)) * rng.uniform(0.9, 1.7, count)[side]
    s = step[side] * (number + 0.5) + rng.normal(0.0, 1.0, len(side))
    place = edges.at(side, s, radius + rng.uniform(0.2, 2.1, len(side)))
    rows = np.concatenate([_garden(rng, roads, edges), np.column_stack([place, radius])])
    place, radius = rows[:, :2], rows[:, 2]
    leaf = LEAVES[int(rng.integers(len(LEAVES)))]
    colour = near(rng, np.tile(leaf, (len(rows), 1)), 10.0)
    height = rng.uniform(1.6, 3.2, len(rows)) * radius + np.minimum(1.5, 0.8 * radius)
    outline = rng.integers(0, 2**31, len(rows))
    kept = ~hit(_squares(place, 2 * (radius - OVERHANG_M)), roads.boxes)
    kept &= ~hit(_squares(place, radius), houses)
    kept &= ~near_any(rows, radius + clear_m, plates)
    columns = np.array([*rows.T, height])[:, kept].round(3).tolist()
    return tuple(map(Tree, *columns, triples(colour[kept]), outline[kept].tolist()))


def _garden(rng: np.random.Generator, roads: Roads, edges: _Edges) -> np.ndarray:
    """Trees beside the streets' own, f64[N, 3] (x, y, radius in m): lone ones, groves, hedges."""
    x0, y0, x1, y1 = roads.network.bounds_m
    count = int(rng.integers(20, 70))
    # what rng.uniform gives with such bounds, at a third of its cost
    lone = (x0, y0, 1.2) + np.array([x1 - x0, y1 - y0, 4.2 - 1.2]) * rng.random((count, 3))
    groves, sizes = int(rng.integers(0, 9)), rng.integers(4, 16, 9)
    middle = (x0, y0) + np.array([x1 - x0, y1 - y0]) * rng.random((9, 2))
    spread, wide = rng.uniform(3.0, 9.0, 9), rng.uniform(1.6, 3.6, 9)
    grove = np.repeat(np.arange(groves), sizes[:groves])
    near_by = middle[grove] + spread[grove, None] * rng.normal(size=(len(grove), 2))
    radius = wide[grove] * rng.uniform(0.7, 1.35, len(grove))
    return np.concatenate([lone, np.column_stack([near_by, radius]), _hedges(rng, edges)])


def _hedges(rng: np.random.Generator, edges: _Edges) -> np.ndarray:
    """Bushes in rows along the sides of the roads, f64[N, 3] as for gardens."""
    rows = int(rng.integers(0, 7))
    side = rng.integers(0, len(edges.length_m), rows)
    bushes, radius = rng.integers(5, 18, rows), rng.uniform(0.45, 0.8, rows)
    row, number = _numbered(bushes)
    s = rng.uniform(0.0, 1.0, rows)[row] * edges.length_m[side[row]] + 1.3 * radius[row] * number
    out = (PAVEMENT_M + rng.uniform(0.8, 5.0, rows))[row] + rng.normal(0.0, 0.08, len(row))
    inside = s < edges.length_m[side[row]]
    place = edges.at(side[row], s, out)
    size = radius[row] * rng.uniform(0.85, 1.2, len(row))
    return np.column_stack([place, size])[inside]


def _poles(
    rng: np.random.Generator, roads: Roads, edges: _Edges, plates: np.ndarray
) -> tuple[Pole, ...]:
    """Street lamps every 25-45 m along the sides, arms over the edge of the road."""
    height, arm = round(uniform(rng, 8.0, 10.0), 2), uniform(rng, 1.5, 2.5)
    step = uniform(rng, 25.0, 45.0)
    count = len(roads.sides)
    first = step * (0.25 + 0.5 * (np.arange(count) % 2)) + rng.uniform(-2.0, 2.0, count)
    side, number = _numbered(np.ceil((edges.length_m - first) / step).clip(0).astype(int))
    s = first[side] + number * step
    foot = edges.at(side, s, np.full(len(s), 0.8))
    lamp = edges.at(side, s, np.full(len(s), 0.8 - arm))
    kept = ~hit(_squares(foot, np.full(len(s), 0.3)), roads.boxes)
    kept &= ~near_any(foot, np.full(len(s), 3.0), plates)
    rows = np.concatenate([foot, lamp], axis=1)[kept].round(3).tolist()
    return tuple(Pole(px, py, height, lx, ly) for px, py, lx, ly in rows)
