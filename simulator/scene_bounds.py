"""What a scene that comes from anywhere may hold, besides what its parts say of themselves: what
lies beyond would be drawn without end, or cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from simulator.errors import DataError
from simulator.scene import Scene
from simulator.seeding import MAX_SEED

FARTHEST_M = 20_000.0
"""From the origin of a scene to anything in it."""

TALLEST_M = 1000.0
LARGEST_BODY_M = 100.0
"""Longest side of a vehicle."""

PLATE_SCALES = 1.0, 8.0
LIGHTEST_TINT = 4.0
MOST_NUMBERED = 20_000
"""Above the number of any sign or signal: an array has an entry for each number below."""


def check_bounds(scene: Scene, place: str) -> None:
    """Refuse what cannot be drawn.

    Raises:
        DataError: a number of it is out of its bounds; names it.
    """
    for name, values, low, high in (*_numbers(scene), *_colours(scene), *_lengths(scene)):
        for value in np.asarray(values).ravel().tolist():
            if not low <= value <= high:
                raise DataError(f"{name} must be {low:g} to {high:g}, got {value:g}", place=place)
    if any(np.abs(p).max(initial=0.0) > FARTHEST_M for p in _places(scene)):
        raise DataError(f"reaches farther than {FARTHEST_M:,.0f} m", place=place)


_Bound = tuple[str, Iterable[float] | float, float, float]


def _numbers(scene: Scene) -> Iterator[_Bound]:
    ground, plan = scene.surroundings.ground, scene.plan
    yield "plate_scale", scene.plate_scale, *PLATE_SCALES
    yield "seed", scene.seed, 0, MAX_SEED
    yield "index", scene.index, 0, MAX_SEED
    yield "ground.texture_seed", ground.texture_seed, 0, MAX_SEED
    yield "outline_seed", [t.outline_seed for t in scene.surroundings.trees], 0, MAX_SEED
    yield "id of a sign", [s.id for s in scene.signs], 0, MOST_NUMBERED - 1
    yield "id of a signal", [s.id for s in scene.signals], 0, MOST_NUMBERED - 1
    if plan.phases:
        groups = len(plan.phases[0].aspects)
        yield "group of a signal", [s.group for s in scene.signals], 0, groups - 1
    for name in ("road", "paint", "pavement", "wear"):
        yield f"ground.{name}", getattr(ground, name), 0, 1
    yield "ground.road_tint", ground.road_tint, 0, LIGHTEST_TINT


def _colours(scene: Scene) -> Iterator[_Bound]:
    around = scene.surroundings
    colours = [around.ground.verge, *(b.colour for b in (*around.blocks, *around.supports))]
    colours += [c for b in around.buildings for c in (b.roof, b.wall)]
    colours += [t.leaf for t in around.trees]
    colours += [c for s in around.supports for p in s.panels for c in (p.face, p.back)]
    yield "a colour", [level for colour in colours for level in colour], 0, 255


def _lengths(scene: Scene) -> Iterator[_Bound]:
    agents, around = scene.agents, scene.surroundings
    for name in ("length_m", "width_m", "height_m"):
        yield f"{name} of an agent", getattr(agents, name).tolist(), 0, LARGEST_BODY_M
    tall = (*around.buildings, *around.trees, *around.poles, *around.blocks, *around.cones)
    yield "height_m of what stands about", [t.height_m for t in tall], 0, TALLEST_M
    sides = [s for b in around.blocks for s in (b.length_m, b.width_m)]
    yield "a side of a block, m,", sides, 0, FARTHEST_M
    yield "radius_m of a tree", [t.radius_m for t in around.trees], 0, TALLEST_M


def _places(scene: Scene) -> Iterator[np.ndarray]:
    network, around = scene.network, scene.surroundings
    yield from (lane.centre_m for lane in network.lanes)
    yield from (*network.kerbs_m, *network.junctions_m, *network.islands_m, *network.paint_m)
    yield from (b.footprint_m for b in around.buildings)
    yield from (path.line_m for path in scene.paths)
    yield np.array([c.a_m + c.b_m for c in network.crosswalks])
    small = (*around.trees, *around.poles, *around.blocks, *around.cones, *around.supports)
    yield np.array([(t.x_m, t.y_m) for t in (*small, *scene.signs, *scene.signals)])
