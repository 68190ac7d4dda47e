"""Every layout over many seeds: no map that a traffic engineer, or a car, could not use."""

import itertools
import math

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import substring

from scenarios import conflicts
from scenarios.config import RoadConfig, SceneConfig
from scenarios.furniture import place_signs
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from scenarios.taper import joins
from simulator.errors import FairweatherError
from simulator.geometry import heading_at, point_at, wrap_rad
from simulator.lane import LaneKind, Turn
from simulator.network import Control
from simulator.seeding import stream
from simulator.settings import quantities
from simulator.signs import SIGNS
from simulator.world import bends_per_m

SEEDS = 12
LEAST_RADIUS_M = 5.0


GRID_M = 1e-4


def union(shapes):
    """Without a grid, outlines that all but coincide are lost in a union."""
    return shapely.union_all(shapes, grid_size=GRID_M)


def roads_of(layout, seed):
    return LAYOUTS[layout].build(stream(seed, 0, f"test/{layout}"), RoadConfig())


@pytest.fixture(scope="module", params=list(LAYOUTS))
def some_roads(request):
    return [roads_of(request.param, seed) for seed in range(SEEDS)]


def strip(lane, less_m=0.0):
    return LineString(lane.centre_m).buffer(lane.width_m / 2 - less_m, cap_style="flat")


def test_lanes_go_on_where_and_as_the_one_before_them_ends(some_roads):
    for roads in some_roads:
        lanes = roads.network.lanes
        for lane, follow in zip(lanes, roads.network.successors, strict=True):
            for i in follow:
                assert joins(lane, lanes[i]), (lane.id, i)


def test_no_line_is_bent_more_than_a_car_can_steer_nor_has_a_kink(some_roads):
    for roads in some_roads:
        for lane in roads.network.lanes:
            assert bends_per_m([lane])[0] < 1 / LEAST_RADIUS_M, lane.id
            turns = np.abs(wrap_rad(np.diff(heading_at(lane.centre_m, lane.s_m, lane.s_m[:-1]))))
            assert len(turns) == 0 or turns.max() < math.radians(13), lane.id


def test_lanes_outside_junctions_do_not_overlap(some_roads):
    for roads in some_roads:
        apart = [lane for lane in roads.network.lanes if lane.turn == Turn.NONE]
        shapes = [strip(lane, 0.1) for lane in apart]
        tree = shapely.STRtree(shapes)
        for i, j in tree.query(shapes, predicate="intersects").T.tolist():
            if i < j:
                both = shapely.intersection(shapes[i], shapes[j], grid_size=GRID_M).area
                assert both < 0.6, (apart[i].id, apart[j].id, both)


def test_every_lane_lies_on_pavement_and_off_the_islands(some_roads):
    for roads in some_roads:
        net = roads.network
        paved = union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
        islands = union([Polygon(p) for p in net.islands_m])
        for lane in net.lanes:
            # the ends may lean over the straight edge between two bent pieces of road
            middle = substring(LineString(lane.centre_m), 0.02, 0.98, normalized=True)
            body = middle.buffer(min(lane.width_m / 2 - 0.2, 1.1), cap_style="flat")
            assert body.difference(paved).area < 0.3, lane.id
            if lane.kind == LaneKind.DRIVE:
                assert body.intersection(islands).area < 0.05, lane.id


def test_every_lane_is_used_and_every_route_leads_out_of_the_world(some_roads):
    for roads in some_roads:
        net = roads.network
        every = roads.routes + roads.bike_routes
        assert {i for route in every for i in route} == {lane.id for lane in net.lanes}
        assert max(roads.weights) > 0
        for route in every:
            assert not net.successors[route[-1]]
            assert all(b in net.successors[a] for a, b in itertools.pairwise(route))
            assert len(set(route)) == len(route)
        kinds = [{net.lanes[i].kind for i in route} for route in roads.routes]
        assert all(k == {LaneKind.DRIVE} for k in kinds)


def test_kerbs_are_simple_outlines_and_the_covering_boxes_hold_all_pavement(some_roads):
    from simulator.geometry import box_corners

    for roads in some_roads:
        paved = [Polygon(p) for p in (*roads.network.kerbs_m, *roads.network.junctions_m)]
        assert all(p.is_valid for p in paved)
        assert all(Polygon(p).is_valid for p in roads.network.islands_m)
        cover = union([Polygon(box_corners(*box)).buffer(0.02) for box in roads.boxes])
        assert union([p.buffer(0.01) for p in paved]).difference(cover).area < 0.5


def test_ways_that_meet_are_conflicts_and_ways_that_stay_apart_are_not(some_roads):
    """Against polygons: bodies of 1.9 m that overlap must be found, bodies 3.6 m wide that do not
    must not be."""
    for roads in some_roads[:6]:
        net = roads.network
        found = {tuple(sorted(pair)) for pair in net.conflicts.tolist()}
        assert len(found) == len(net.conflicts)
        into = {j: i for i, follow in enumerate(net.successors) for j in follow}
        ways = [lane for lane in net.lanes if lane.turn != Turn.NONE]
        slim = [LineString(w.centre_m).buffer(0.95, cap_style="flat") for w in ways]
        wide = [LineString(w.centre_m).buffer(1.8, cap_style="flat") for w in ways]
        for i, a in enumerate(ways):
            for j in range(i + 1, len(ways)):
                b = ways[j]
                pair = (a.id, b.id)
                if into[a.id] == into[b.id] or LaneKind.BIKE in (a.kind, b.kind):
                    continue
                merge = set(net.successors[a.id]) & set(net.successors[b.id])
                if merge or slim[i].intersection(slim[j]).area > 0.05:
                    assert pair in found
                elif not wide[i].intersects(wide[j]):
                    assert pair not in found


def abreast(net, one, other):
    """Whether two lanes lie side by side: out of an inner ring goes first whoever is ahead."""
    return other in (net.left_of[one], net.right_of[one])


def test_whoever_could_meet_another_has_a_line_and_not_all_have_priority(some_roads):
    for roads in some_roads:
        net = roads.network
        control = {line.lane_id: line.control for line in net.stop_lines}
        assert len(control) == len(net.stop_lines), "a lane has two lines"
        into = {j: i for i, follow in enumerate(net.successors) for j in follow}
        for a, b in net.conflicts.tolist():
            if into[a] == into[b]:
                continue
            one, two = control[into[a]], control[into[b]]
            assert Control.NONE not in (one, two)
            assert (one == Control.SIGNAL) == (two == Control.SIGNAL)
            if one == two == Control.PRIORITY and not abreast(net, into[a], into[b]):
                turns = {net.lanes[a].turn, net.lanes[b].turn}
                assert Turn.LEFT in turns, "two that go on with priority meet"
        for line in net.stop_lines:
            assert 0 < line.s_m < net.lanes[line.lane_id].length_m


def test_signs_face_their_traffic_at_the_legal_place_and_do_not_contradict_each_other(some_roads):
    for roads in some_roads:
        net = roads.network
        paved = union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
        signs = place_signs(roads)
        lines = {s.stop_line_id: s.type for s in signs if s.stop_line_id >= 0}
        for i, kind in lines.items():
            assert net.stop_lines[i].control.name == SIGNS[kind].control
        for line in net.stop_lines:
            shown = line.painted and line.control in (Control.STOP, Control.YIELD)
            outer = net.right_of[line.lane_id] < 0 and net.lanes[line.lane_id].kind == 0
            assert (line.id in lines) == (shown and outer)
        for sign in signs:
            assert 0.55 <= Point(sign.x_m, sign.y_m).distance(paved) <= 3.7, sign
            lane, along = _lane_left_of(net, sign)
            away = abs(wrap_rad(along - sign.heading_rad))
            assert away < 0.3 or (sign.type == "no_entry" and away > 2.8), sign
            if sign.type in ("speed_limit", "school_zone"):
                assert abs(sign.number * 0.44704 - lane.speed_limit_mps) < 1.2
        for a, b in itertools.combinations(signs, 2):
            near = math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) < 3.0
            assert not near, f"{a.type} and {b.type} stand in one place"


def _lane_left_of(net, sign):
    """The nearest driving lane and its direction beside a sign."""
    best = math.inf, None, 0.0
    for lane in net.lanes:
        if lane.kind != LaneKind.DRIVE or lane.turn != Turn.NONE:
            continue
        line = LineString(lane.centre_m)
        d = line.distance(Point(sign.x_m, sign.y_m))
        if d < best[0]:
            best = d, lane, line.project(Point(sign.x_m, sign.y_m))
    _, lane, s = best
    return lane, float(heading_at(lane.centre_m, lane.s_m, np.array([s]))[0])


def test_crosswalks_reach_from_edge_to_edge_clear_of_stop_lines(some_roads):
    for roads in some_roads:
        net = roads.network
        paved = union([Polygon(p).buffer(0.01) for p in (*net.kerbs_m, *net.junctions_m)])
        solid = union([Polygon(p) for p in net.islands_m])
        for c in net.crosswalks:
            line = LineString([c.a_m, c.b_m])
            assert line.length > 2.4
            assert line.difference(paved.buffer(0.05)).length < 0.05
            assert line.buffer(c.width_m / 2 - 0.1, cap_style="flat").intersection(solid).area < 0.6
        for stop in net.stop_lines:
            lane = net.lanes[stop.lane_id]
            at = Point(point_at(lane.centre_m, lane.s_m, np.array([stop.s_m]))[0])
            for c in net.crosswalks:
                gap = at.distance(LineString([c.a_m, c.b_m])) - c.width_m / 2
                assert gap > 1.15


def test_people_walk_only_while_nobody_drives_straight_over_their_crosswalk():
    seen = 0
    for seed in range(40):
        roads = roads_of("crossroads_signals", seed)
        net, phases = roads.network, roads.plan.phases
        group = {line.lane_id: line.group for line in net.stop_lines}
        into = {j: i for i, follow in enumerate(net.successors) for j in follow}
        for c in net.crosswalks:
            over = LineString([c.a_m, c.b_m]).buffer(c.width_m / 2)
            for lane in net.lanes:
                # a lane into or out of the junction, whose traffic goes straight
                straight = [
                    w for w in net.lanes
                    if w.turn == Turn.STRAIGHT and lane.id in (into[w.id], *net.successors[w.id])
                ]  # fmt: skip
                if lane.turn != Turn.NONE or not LineString(lane.centre_m).intersects(over):
                    continue
                for way in straight:
                    for phase in phases:
                        walk = phase.aspects[c.group] == 3
                        seen += walk
                        assert not (walk and phase.aspects[group[into[way.id]]] == 3)
    assert seen > 50


def test_fewer_than_one_scene_in_a_hundred_is_given_up():
    tried = given_up = 0
    for layout in LAYOUTS:
        for seed in range(8):
            tried += 1
            try:
                sample_scene(SceneConfig(layouts=(layout,)), seed, 1)
            except FairweatherError:
                given_up += 1
    assert given_up <= tried // 100


def test_clearances_of_conflicts_leave_room_for_wide_bodies():
    assert conflicts.TURN_CLEARANCE_M > conflicts.STRAIGHT_CLEARANCE_M > 2.55


def test_whatever_the_settings_of_roads_allow_can_be_built_and_driven():
    rng = stream(3, 0, "test/wild roads")
    known = quantities(RoadConfig)
    for k in range(5):
        values = {n: float(rng.choice([q.low, q.high])) for n, q in known.items()}
        values["speed_limits_mps"] = tuple(rng.uniform(5, 35, 3).tolist())
        values["lanes_high"] = int(rng.integers(1, 5))
        for low in [n for n in values if "_low" in n]:
            high = low.replace("_low", "_high")
            values[low], values[high] = sorted((values[low], values[high]))
        for layout, member in LAYOUTS.items():
            roads = member.build(stream(k, 0, f"test/{layout}"), RoadConfig(**values))
            lanes = roads.network.lanes
            assert bends_per_m(lanes).max() < 1 / LEAST_RADIUS_M, layout
            for lane, follow in zip(lanes, roads.network.successors, strict=True):
                assert all(joins(lane, lanes[i]) for i in follow), layout
