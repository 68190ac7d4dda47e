"""Mast arms and gantries: where their posts stand and what hangs where, against polygons."""

from __future__ import annotations

import dataclasses
import functools
import json
import math

import pytest
from shapely import LineString, Point, Polygon, unary_union

from scenarios.check import check_scene
from scenarios.config import RoadConfig, SceneConfig
from scenarios.mirror import mirrored
from scenarios.sampler import sample_scene
from scenarios.telling import tell
from simulator.arrays import same
from simulator.convention import Convention
from simulator.errors import DataError
from simulator.lane import LaneKind
from simulator.scene_io import dump_scene, load_scene
from simulator.support import Support

LAYOUTS = ("straight", "merge", "diverge", "crossroads_signals", "town")
ALL = RoadConfig(mast_arm_share=1.0, vienna_arm_share=1.0, gantry_share=1.0)
USUAL = RoadConfig()
NONE = RoadConfig(mast_arm_share=0.0, vienna_arm_share=0.0, gantry_share=0.0)


@functools.cache
def scene_of(layout, index, signs="north_america", side="right", roads=ALL):
    config = SceneConfig(layouts=(layout,), convention=Convention(side, signs), roads=roads)
    return sample_scene(config, 5, index)


def some(layouts=LAYOUTS):
    for layout in layouts:
        for index in range(3):
            for signs in ("north_america", "vienna"):
                for side in ("right", "left"):
                    yield scene_of(layout, index, signs, side)


def is_gantry(support: Support) -> bool:
    """Whether nothing on it is a signal head: those are black in front."""
    return all(p.face != (26, 28, 28) for p in support.panels)


def arms(scene):
    return [s for s in scene.surroundings.supports if s.length_m > 0 and not is_gantry(s)]


def gantries(scene):
    return [s for s in scene.surroundings.supports if is_gantry(s)]


def hung_at(support, panel):
    """Where a panel hangs, by hand."""
    share = panel.s_m / support.length_m
    x = support.x_m + share * (support.end_x_m - support.x_m)
    return Point(x, support.y_m + share * (support.end_y_m - support.y_m))


def test_posts_stand_off_the_carriageway_and_in_nothing_else():
    count = 0
    for scene in some():
        net = scene.network
        paved = unary_union([Polygon(p).buffer(0.001) for p in (*net.kerbs_m, *net.junctions_m)])
        houses = [Polygon(b.footprint_m) for b in scene.surroundings.buildings]
        walks = [LineString([c.a_m, c.b_m]).buffer(c.width_m / 2) for c in net.crosswalks]
        for support in scene.surroundings.supports:
            for post in map(Point, support.posts_m):
                assert post.distance(paved) > 0.6
                if support.length_m:
                    trees = scene.surroundings.trees
                    assert all(post.distance(Point(t.x_m, t.y_m)) > 0.4 for t in trees)
                    assert all(post.distance(area) > 0.4 for area in (*houses, *walks))
                count += 1
    assert count > 150


def test_a_gantry_crosses_its_road_and_its_signs_face_the_lanes_below_them():
    found = [(scene, g) for scene in some() for g in gantries(scene)]
    assert len(found) > 15
    assert {g.two_posts for _, g in found} == {True, False}
    assert {g.truss for _, g in found} == {True, False}
    for scene, gantry in found:
        net = scene.network
        paved = unary_union([Polygon(p).buffer(0.05) for p in (*net.kerbs_m, *net.junctions_m)])
        beam = LineString([(gantry.x_m, gantry.y_m), (gantry.end_x_m, gantry.end_y_m)])
        if gantry.two_posts:
            assert beam.intersection(paved).geom_type == "LineString"
            assert 1.0 < beam.difference(paved).length < 5.0
        for panel in gantry.panels:
            below, facing = hung_at(gantry, panel), panel.heading_rad
            near = [
                k for k in net.lanes
                if k.kind == LaneKind.DRIVE and LineString(k.centre_m).distance(below) < k.width_m
            ]  # fmt: skip
            ways = []
            for lane in near:
                line = LineString(lane.centre_m)
                s = line.project(below)
                a, b = line.interpolate(s - 0.5), line.interpolate(s + 0.5)
                ways.append(math.cos(math.atan2(b.y - a.y, b.x - a.x) - facing))
            assert max(ways) > 0.9
            assert panel.low_m > 5.2


def test_heads_hang_over_the_road_and_face_the_approach_of_a_signal():
    arms_found = [(scene, a) for scene in some(("crossroads_signals", "town")) for a in arms(scene)]
    assert len(arms_found) > 40
    far = 0
    for scene, arm in arms_found:
        net = scene.network
        paved = unary_union([Polygon(p) for p in (*net.kerbs_m, *net.junctions_m)])
        heads = [p for p in arm.panels if not p.lettered]
        assert len(heads) >= 2
        signals = [
            s for s in scene.signals if math.cos(s.heading_rad - heads[0].heading_rad) > 0.99
        ]
        for head in heads:
            assert paved.contains(hung_at(arm, head))
            assert head.low_m > 4.57
        place = hung_at(arm, heads[-1])
        ahead = [
            (place.x - s.x_m) * math.cos(s.heading_rad)
            + (place.y - s.y_m) * math.sin(s.heading_rad)
            for s in signals
        ]
        assert min(a for a in ahead if a > -0.5) < 70
        far += scene.convention.signs == "north_america" and min(a for a in ahead if a > -0.5) > 8
    assert far > 15


def test_every_signal_has_an_arm_or_a_post_of_its_own():
    for scene in (scene_of("crossroads_signals", k, roads=NONE) for k in range(3)):
        places = {(s.x_m, s.y_m) for s in scene.surroundings.supports}
        assert places == {(round(s.x_m, 3), round(s.y_m, 3)) for s in scene.signals}
        assert all(s.length_m == 0 for s in scene.surroundings.supports)
    shares = {"north_america": 0, "vienna": 0}
    for index in range(12):
        for signs in shares:
            shares[signs] += len(arms(scene_of("crossroads_signals", index, signs, roads=USUAL)))
    assert shares["vienna"] < 0.7 * shares["north_america"]


def test_nothing_else_of_a_scene_depends_on_them():
    for layout in ("straight", "crossroads_signals"):
        with_them, without = scene_of(layout, 0), scene_of(layout, 0, roads=NONE)
        assert with_them.surroundings.supports != without.surroundings.supports
        bare = [
            dataclasses.replace(
                s, surroundings=dataclasses.replace(s.surroundings, supports=())
            )
            for s in (with_them, without)
        ]  # fmt: skip
        assert same(*bare)


def test_the_other_side_of_the_road_has_them_in_the_mirror():
    for layout in ("straight", "crossroads_signals"):
        right, left = scene_of(layout, 1), scene_of(layout, 1, side="left")
        assert right.surroundings.supports
        assert same(mirrored(right).surroundings, left.surroundings)
        assert same(mirrored(left).surroundings, right.surroundings)


def test_files_keep_them_and_older_files_have_none():
    scene = scene_of("straight", 0)
    assert same(load_scene(dump_scene(scene)), scene)
    older = json.loads(dump_scene(scene))
    del older["surroundings"]["supports"]
    assert load_scene(json.dumps(older)).surroundings.supports == ()
    assert "supports" not in dump_scene(load_scene(json.dumps(older)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("width_m", 1e-9), ("height_m", -1.0), ("end_x_m", 1e6), ("panels", [0] * 41)],
)
def test_a_file_with_an_impossible_support_is_refused_in_one_line(name, value):
    data = json.loads(dump_scene(scene_of("straight", 0)))
    support = data["surroundings"]["supports"][0]
    support[name] = value if name != "panels" else support["panels"][:1] * len(value)
    with pytest.raises(DataError) as error:
        load_scene(json.dumps(data))
    assert "\n" not in str(error.value)


def test_a_post_on_the_road_and_a_beam_that_hangs_low_are_found():
    scene = scene_of("straight", 0)
    assert check_scene(scene) == []
    lane = scene.network.lanes[0]
    x, y = lane.centre_m.mean(axis=0).tolist()
    on_road = Support(x, y, x + 3.0, y, 3.2, 0.3, (99, 99, 99))
    around = dataclasses.replace(scene.surroundings, supports=(on_road,))
    findings = check_scene(dataclasses.replace(scene, surroundings=around))
    assert any("post of support 0 stands on the carriageway" in f for f in findings)
    assert any("hangs 2.9 m over the road" in f for f in findings)


def test_a_scene_in_words_tells_of_them():
    assert any("mast arm or sign gantry" in line for line in tell(scene_of("straight", 0)))
