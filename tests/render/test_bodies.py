"""Bodies whose details no camera sees beside what the amodal silhouette is made of."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from render.bodies import Templates, templates

PLAIN = templates()
BODIES = range(len(PLAIN.first_part) - 1)


def points_of(t: Templates, part: int) -> np.ndarray:
    return t.points[t.first_point[part] : t.first_point[part + 1]]


def section(t: Templates, part: int, z: float) -> shapely.Geometry:
    """What an outline, the hull of its lower and its upper end, takes up at a height."""
    points = points_of(t, part)
    low, high = points[points[:, 2] <= points[0, 2]], points[points[:, 2] >= points[-1, 2]]
    if not low[0, 2] <= z <= high[0, 2]:
        return shapely.Polygon()
    up = (z - low[0, 2]) / max(high[0, 2] - low[0, 2], 1e-12)
    between = low[:, None, :2] + up * (high[None, :, :2] - low[:, None, :2])
    return shapely.MultiPoint(between.reshape(-1, 2)).convex_hull


@pytest.mark.parametrize("body", BODIES)
def test_every_detail_lies_within_the_outlines_at_its_own_height(body) -> None:
    parts = range(PLAIN.first_part[body], PLAIN.first_part[body + 1])
    outlines = [p for p in parts if PLAIN.outline[p]]
    for part in (p for p in parts if not PLAIN.outline[p]):
        points = points_of(PLAIN, part)
        whole = shapely.union_all([section(PLAIN, p, float(points[0, 2])) for p in outlines])
        assert shapely.Polygon(points[:, :2]).difference(whole.buffer(1e-9)).is_empty


@pytest.mark.parametrize("body", BODIES)
def test_what_is_drawn_instead_of_a_prism_from_above_is_as_convex_as_that(body) -> None:
    for part in range(PLAIN.first_part[body], PLAIN.first_part[body + 1]):
        if PLAIN.under[part]:
            shown = shapely.Polygon(points_of(PLAIN, part + 1)[:, :2])
            assert shown.convex_hull.area - shown.area < 1e-9
