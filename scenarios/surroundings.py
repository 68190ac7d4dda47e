"""What stands beside the road: houses, trees, street lamps, and what the ground is made of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from scenarios.layout import Roads, Side
from scenarios.paint import LEAVES, ROOFS, VERGES, WALLS, near
from simulator.collision import hits_any
from simulator.geometry import box_corners
from simulator.surroundings import Building, Ground, Pole, Surroundings, Tree

PAVEMENT_M = 2.4
"""Width of the pavement that houses keep clear of, beside the kerb."""

CLEAR_OF_PLATES_M = 5.0
"""Nothing that hides a sign or a signal grows this close to it."""

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
    houses, boxes = _houses(streams("surroundings/buildings"), roads)
    clear = max(plate_clearance_m, CLEAR_OF_PLATES_M)
    return Surroundings(
        ground=_ground(streams("surroundings/ground")),
        buildings=houses,
        trees=_trees(streams("surroundings/trees"), roads, boxes, plates_m, clear),
        poles=_poles(streams("surroundings/poles"), roads, plates_m),
    )


def _ground(rng: np.random.Generator) -> Ground:
    road = float(rng.uniform(0.06, 0.25))
    warm = float(rng.normal(0.0, 0.02))
    return Ground(
        road=road,
        road_tint=(1.0 + warm, 1.0, 1.0 - warm),
        paint=float(rng.uniform(max(0.4, road + 0.25), 0.8)),
        verge=near(rng, VERGES[int(rng.integers(len(VERGES)))], 8.0),
        pavement=float(rng.uniform(0.25, 0.45)),
        wear=float(rng.uniform(0.0, 0.6)),
        texture_seed=int(rng.integers(2**31)),
    )


def _along(side: Side, s_m: float, out_m: float) -> tuple[float, float]:
    length = math.hypot(side.bx_m - side.ax_m, side.by_m - side.ay_m)
    t = s_m / length
    x = side.ax_m + t * (side.bx_m - side.ax_m) + out_m * side.right_x
    return x, side.ay_m + t * (side.by_m - side.ay_m) + out_m * side.right_y


def _length_m(side: Side) -> float:
    return math.hypot(side.bx_m - side.ax_m, side.by_m - side.ay_m)


def _houses(rng: np.random.Generator, roads: Roads) -> tuple[tuple[Building, ...], np.ndarray]:
    """Two rows of houses along every side; the second stands behind the gardens of the first."""
    taken = roads.boxes.copy()
    taken[:, 3:] += 2 * PAVEMENT_M
    houses: list[Building] = []
    found: list[np.ndarray] = []
    tall = float(rng.uniform(4.0, 12.0))
    for low, high in ((4.0, 12.0), (30.0, 42.0)):
        for side in roads.sides:
            heading = math.atan2(side.by_m - side.ay_m, side.bx_m - side.ax_m)
            s = float(rng.uniform(0.0, 12.0))
            while s < _length_m(side):
                front, depth = float(rng.uniform(9.0, 26.0)), float(rng.uniform(8.0, 17.0))
                back, gap = float(rng.uniform(low, high)), float(rng.uniform(2.0, 16.0))
                height = float(np.clip(rng.lognormal(math.log(tall), 0.35), 4.0, 25.0))
                roof, wall = int(rng.integers(len(ROOFS))), int(rng.integers(len(WALLS)))
                x, y = _along(side, s + front / 2, PAVEMENT_M + back + depth / 2)
                box = np.array([x, y, heading, front, depth])
                s += front + gap
                grown = box + [0, 0, 0, 1.5, 1.5]
                if hits_any(*grown, taken):
                    continue
                taken = np.concatenate([taken, box[None]])
                found.append(box)
                outline = np.round(box_corners(*box), 3)
                colours = near(rng, ROOFS[roof], 10.0), near(rng, WALLS[wall], 8.0)
                houses.append(Building(outline, round(height, 2), *colours))
    return tuple(houses), np.array(found).reshape(-1, 5)


def _trees(
    rng: np.random.Generator, roads: Roads, houses: np.ndarray, plates: np.ndarray, clear_m: float
) -> tuple[Tree, ...]:
    """Rows along the verges and a scatter in the gardens; trunks never stand on the road."""
    spots = []
    for side in roads.sides:
        if rng.random() < 0.35:
            continue
        step = float(rng.uniform(9.0, 20.0))
        for s in np.arange(step / 2, _length_m(side), step):
            radius = float(rng.uniform(1.2, 3.0))
            out = radius + float(rng.uniform(-0.4, 1.5)) + 0.6
            spots.append((*_along(side, s + float(rng.normal(0.0, 1.0)), out), radius))
    x0, y0, x1, y1 = roads.network.bounds_m
    for _ in range(int(rng.integers(20, 90))):
        xy = rng.uniform((x0, y0), (x1, y1))
        spots.append((float(xy[0]), float(xy[1]), float(rng.uniform(1.2, 4.2))))
    leaf = LEAVES[int(rng.integers(len(LEAVES)))]
    trees = []
    for x, y, radius in spots:
        colour, height = near(rng, leaf, 10.0), float(rng.uniform(1.6, 3.2)) * radius + 1.5
        outline = int(rng.integers(2**31))
        crown = 2 * (radius - 0.5)
        if hits_any(x, y, 0.0, crown, crown, roads.boxes):
            continue
        if len(houses) and hits_any(x, y, 0.0, radius, radius, houses):
            continue
        if _near_any(x, y, plates, radius + clear_m):
            continue
        place = (round(x, 3), round(y, 3), round(radius, 3), round(height, 2))
        trees.append(Tree(*place, colour, outline))
    return tuple(trees)


def _poles(rng: np.random.Generator, roads: Roads, plates: np.ndarray) -> tuple[Pole, ...]:
    """Street lamps every 25-45 m along the sides, arms over the edge of the road."""
    height, arm = float(rng.uniform(8.0, 10.0)), float(rng.uniform(1.5, 2.5))
    step = float(rng.uniform(25.0, 45.0))
    poles = []
    for k, side in enumerate(roads.sides):
        first = step * (0.25 + 0.5 * (k % 2)) + float(rng.uniform(-2.0, 2.0))
        for s in np.arange(first, _length_m(side), step):
            x, y = _along(side, s, 0.8)
            if _near_any(x, y, plates, 3.0) or hits_any(x, y, 0.0, 0.3, 0.3, roads.boxes):
                continue
            lamp = _along(side, s, 0.8 - arm)
            values = (x, y, height, *lamp)
            poles.append(Pole(*(round(v, 3) for v in values)))
    return tuple(poles)


def _near_any(x: float, y: float, points: np.ndarray, reach_m: float) -> bool:
    if not len(points):
        return False
    return bool((np.hypot(points[:, 0] - x, points[:, 1] - y) < reach_m).any())
