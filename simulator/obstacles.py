"""What stands beside the road and can stop a body: walls, trunks, posts, boxes, as flat arrays."""

from __future__ import annotations

import numpy as np

from simulator.geometry import box_corners_each
from simulator.surroundings import Surroundings

OBSTACLE = np.dtype(
    [("first", "i8"), ("last", "i8"), ("x", "f8"), ("y", "f8"), ("reach", "f8"), ("kind", "i8")],
    align=True,
)
"""A convex upright thing: rows of its corners, the middle of them and how far off they are, m; its
place in KINDS."""

KINDS = ("a building", "a tree", "a post", "a thing beside the road")
BUILDING, TREE, POST, BLOCK = range(4)

TRUNK_SHARE, LEAST_TRUNK_M = 0.1, 0.15
"""Radius of a trunk, of that of its crown; one holds back a car from about 0.3 m across on."""

POST_M = 0.15
"""Half the width of the foot of a lamp or of a mast."""

STANDS_M = 0.3
"""Lower blocks are driven over."""


def obstacles(around: Surroundings) -> tuple[np.ndarray, np.ndarray]:
    """What stands beside the road, buildings first, as flat arrays.

    Returns:
        OBSTACLE[O]; their corners, counter-clockwise, f64[V, 2] m, world frame.
    """
    kinds, boxes = _boxes(around)
    walls = [b.footprint_m for b in around.buildings]
    points = np.concatenate([np.zeros((0, 2)), *walls, box_corners_each(boxes).reshape(-1, 2)])
    count = np.array([*map(len, walls), *[4] * len(boxes)], dtype=np.int64)
    table = np.zeros(len(count), OBSTACLE)
    if not len(count):
        return table, points
    table["last"] = np.cumsum(count)
    table["first"] = table["last"] - count
    middle = np.add.reduceat(points, table["first"]) / count[:, None]
    away = np.hypot(*(points - np.repeat(middle, count, axis=0)).T)
    table["x"], table["y"] = middle.T
    table["reach"] = np.maximum.reduceat(away, table["first"])
    table["kind"] = [BUILDING] * len(walls) + kinds
    return table, points


def _boxes(around: Surroundings) -> tuple[list[int], np.ndarray]:
    """Kinds of all but the buildings; their feet f64[K, 5], x, y, heading, length, width."""
    posts = [(p.x_m, p.y_m) for p in around.poles]
    posts += [(s.x_m, s.y_m) for s in around.supports]
    posts += [(s.end_x_m, s.end_y_m) for s in around.supports if s.two_posts]
    blocks = [b for b in around.blocks if b.height_m > STANDS_M]
    # flat lists: numpy takes many short ones four times as long
    rows = [v for t in around.trees for v in (t.x_m, t.y_m, 0.0, t.radius_m, t.radius_m)]
    rows += [v for x, y in posts for v in (x, y, 0.0, 2 * POST_M, 2 * POST_M)]
    rows += [v for b in blocks for v in (b.x_m, b.y_m, b.heading_rad, b.length_m, b.width_m)]
    boxes = np.array(rows, dtype=float).reshape(-1, 5)
    trunks = boxes[: len(around.trees), 3:]
    trunks[:] = 2 * np.maximum(TRUNK_SHARE * trunks, LEAST_TRUNK_M)
    kinds = [TREE] * len(trunks) + [POST] * len(posts) + [BLOCK] * len(blocks)
    return kinds, boxes
