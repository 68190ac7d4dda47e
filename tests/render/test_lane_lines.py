"""Lines along lanes: none goes on beyond a stop line or over a crosswalk."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from render.line_gaps import gaps_of
from render.markings import NO_GAPS, lane_lines
from render.surface import Kind
from simulator.camera import to_px
from simulator.geometry import left_normals, point_at
from simulator.lane import Lane
from simulator.network import Network
from tests.render.drawn import backdrop, moment

SEEN = [(layout, k) for layout in ("crossroads_stop", "crossroads_signals") for k in (0, 1, 2)]


def painted(network: Network, *, with_gaps: bool = True) -> list[tuple[Lane, shapely.Polygon]]:
    """All lines and dashes along lanes, with the lanes that they are of."""
    marks = [(ln, s, m) for ln in network.lanes for s, m in ((1.0, ln.left), (-1.0, ln.right)) if m]
    normals = [left_normals(lane.centre_m) for lane, _, _ in marks]
    gaps = gaps_of(network, [(lane, side) for lane, side, _ in marks], normals)
    out = []
    for (lane, side, mark), normal in zip(marks, normals, strict=True):
        own = gaps.get((lane.id, side), NO_GAPS) if with_gaps else NO_GAPS
        for lines, _ in lane_lines(lane, normal, side, mark, own):
            out += [(lane, shapely.Polygon(line)) for line in lines]
    return out


@pytest.mark.parametrize(
    ("layout", "index"),
    [("crossroads_signals", 2), ("crossroads_signals", 3), ("town", 1), ("mid_block_crosswalk", 0)],
)
def test_no_line_crosses_a_crosswalk(layout, index):
    network = moment(layout, index)[0].network
    walks = shapely.union_all(
        [shapely.LineString([c.a_m, c.b_m]).buffer(c.width_m / 2, cap_style="flat")
         for c in network.crosswalks]
    )  # fmt: skip
    lines = painted(network)
    assert walks.area > 0
    assert max(line.intersection(walks).area for _, line in lines) < 1e-6
    if layout != "mid_block_crosswalk":
        without = [line for _, line in painted(network, with_gaps=False)]
        assert max(line.intersection(walks).area for line in without) > 0.1
    away = 0.9 * sum(line.area for _, line in painted(network, with_gaps=False))
    assert sum(line.area for _, line in lines) > away  # all others are as they were


@pytest.mark.parametrize(("layout", "index"), SEEN)
def test_no_line_of_a_lane_goes_on_beyond_its_stop_line(layout, index):
    network = moment(layout, index)[0].network
    lines = painted(network)
    for stop in network.stop_lines:
        lane = network.lanes[stop.lane_id]
        beyond = lane.length_m - stop.s_m
        if not stop.painted or beyond > 10.0 or beyond < 1.0:
            continue
        centre = point_at(lane.centre_m, lane.s_m, np.array([stop.s_m + 0.6, lane.length_m]))
        area = shapely.LineString(centre).buffer(lane.width_m / 2 + 0.2, cap_style="flat")
        assert sum(line.intersection(area).area for _, line in lines) < 0.05


def test_lines_are_drawn_that_way():
    scene = moment("crossroads_signals", 2)[0]
    canvas = backdrop("crossroads_signals", 2).canvas
    yellow = (canvas.kind == Kind.PAINT) & (canvas.albedo[0] > 1.6 * canvas.albedo[2])
    assert yellow.sum() > 50
    for walk in scene.network.crosswalks:
        ends = np.array([walk.a_m, walk.b_m])
        places = ends[0] + np.linspace(0.0, 1.0, 200)[:, None] * (ends[1] - ends[0])
        u, v = np.floor(to_px(scene.camera, places)).astype(int).T
        seen = (u >= 0) & (v >= 0) & (u < 480) & (v < 480)
        assert not yellow[v[seen], u[seen]].any()
