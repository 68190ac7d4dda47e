"""What stands beside the road and can stop a body: walls, trunks, posts, boxes, as flat arrays."""

from __future__ import annotations

import numpy as np

from simulator.geometry import box_corners
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
    """What stands beside the road, in the order buildings, trees, lamps, supports, blocks.

    Returns:
        OBSTACLE[O]; their corners, counter-clockwise, f64[V, 2] m, world frame.
    """
    shapes = [(BUILDING, b.footprint_m) for b in around.buildings]
    trunks = [max(TRUNK_SHARE * t.radius_m, LEAST_TRUNK_M) for t in around.trees]
    feet = [(TREE, t.x_m, t.y_m, r) for t, r in zip(around.trees, trunks, strict=True)]
    feet += [(POST, p.x_m, p.y_m, POST_M) for p in around.poles]
    for s in around.supports:
        feet.append((POST, s.x_m, s.y_m, POST_M))
        if s.two_posts:
            feet.append((POST, s.end_x_m, s.end_y_m, POST_M))
    shapes += [(kind, box_corners(x, y, 0.0, 2 * r, 2 * r)) for kind, x, y, r in feet]
    shapes += [
        (BLOCK, box_corners(b.x_m, b.y_m, b.heading_rad, b.length_m, b.width_m))
        for b in around.blocks
        if b.height_m > STANDS_M
    ]
    table = np.zeros(len(shapes), OBSTACLE)
    if not shapes:
        return table, np.zeros((0, 2))
    ends = np.cumsum([len(corners) for _, corners in shapes])
    points = np.concatenate([corners for _, corners in shapes])
    middle = np.add.reduceat(points, np.r_[0, ends[:-1]]) / np.diff(ends, prepend=0)[:, None]
    away = np.hypot(*(points - np.repeat(middle, np.diff(ends, prepend=0), axis=0)).T)
    table["first"], table["last"] = np.r_[0, ends[:-1]], ends
    table["x"], table["y"] = middle.T
    table["reach"] = np.maximum.reduceat(away, table["first"])
    table["kind"] = [kind for kind, _ in shapes]
    return table, points
