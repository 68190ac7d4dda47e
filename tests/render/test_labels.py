"""Labels against paths that share nothing with the renderer: shapely, the controller, slow sums."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from render import labels, raster
from render.config import GenerateConfig
from render.faces import first_ids
from render.frame import ASPECT_CLASS, CLASSES
from render.picture import draw, prepare
from render.record import SHARED
from render.scene_job import make_record
from render.surface import Kind
from render.trees import crown_outline
from scenarios.config import CameraConfig, TrafficConfig
from simulator.agents import AgentTable
from simulator.agents import Kind as AgentKind
from simulator.camera import to_px
from simulator.geometry import box_corners
from simulator.signals import aspect_at
from tests.render.drawn import CLEAR, OVERCAST, SHARP, backdrop, moment, replace, shoot

PLACES = [("crossroads_signals", 0), ("crossroads_stop", 1), ("straight", 2)]
EVERYWHERE = [(*p, kind) for p in PLACES for kind in ("orthographic", "pinhole")]


@pytest.mark.parametrize(("layout", "index", "kind"), EVERYWHERE)
def test_every_box_is_the_bounds_of_its_mask_and_every_mask_has_a_box(layout, index, kind):
    frame = shoot(layout, index, kind=kind)
    a = frame.annotations
    assert set(np.unique(frame.ids)) - {0} == set(a.instance.tolist())
    assert len(a) > 5
    for k in range(len(a)):
        v, u = np.nonzero(frame.ids == a.instance[k])
        assert a.box_px[k].tolist() == [u.min(), v.min(), u.max() + 1, v.max() + 1]
        assert a.visible_px[k] == len(u)
        full = a.full_box_px[k]
        assert full[0] <= u.min()
        assert full[1] <= v.min()
        assert full[2] >= u.max() + 1
        assert full[3] >= v.max() + 1


@pytest.mark.parametrize(("layout", "index"), PLACES)
def test_a_free_vehicle_has_the_box_and_the_area_of_its_outline_in_metres(layout, index):
    scene, state = moment(layout, index)
    a = shoot(layout, index).annotations
    free = [
        k
        for k in range(len(a))
        if a.category[k] < 3 and a.occlusion[k] == 0 and a.truncation[k] == 0
    ]
    assert len(free) >= 3
    for k in free:
        row = int(a.instance[k]) - 1
        size = scene.agents.length_m[row], scene.agents.width_m[row]
        body = box_corners(
            state.x_m[row], state.y_m[row], state.heading_rad[row], size[0], 1.19 * size[1]
        )
        outline = shapely.Polygon(to_px(scene.camera, body))
        x0, y0, x1, y1 = outline.bounds
        # corners are rounded and only mirrors reach the full width: a few px inside the bounds
        assert np.all(a.box_px[k] >= np.array([x0, y0, x0, y0]) - 1)
        assert np.all(a.box_px[k] <= np.array([x1, y1, x1, y1]) + 1)
        assert (a.box_px[k, 2] - a.box_px[k, 0]) > 0.78 * (x1 - x0)
        assert (a.box_px[k, 3] - a.box_px[k, 1]) > 0.78 * (y1 - y0)
        area = size[0] * size[1] / scene.camera.m_per_px**2
        assert 0.85 * area < a.visible_px[k] < 1.06 * area
        cx, cy, w, h, angle = a.oriented_px[k]
        body = box_corners(state.x_m[row], state.y_m[row], state.heading_rad[row], *size)
        turned = box_corners(cx, cy, angle, w, h)
        overlap = shapely.Polygon(to_px(scene.camera, body)).intersection(shapely.Polygon(turned))
        assert overlap.area > 0.99 * w * h


def test_a_heading_lies_within_half_a_turn_however_many_its_pose_has():
    scene, state = moment("parking_lot", 3)
    parked = scene.agents.parked_heading_rad
    assert np.abs(parked).max() > np.pi
    geometry = draw(backdrop("parking_lot", 3), state).geometry
    cars = geometry.instance <= len(scene.agents)
    told, rows = geometry.heading_rad[cars], geometry.instance[cars].astype(int) - 1
    still = scene.agents.route[rows] < 0
    poses = np.where(still, parked[rows], state.heading_rad[rows])
    assert np.abs(told).max() <= np.pi
    np.testing.assert_allclose(np.exp(1j * told), np.exp(1j * poses))


def test_a_lamp_is_labelled_as_its_controller_shows_it_at_every_moment():
    scene, _ = moment("crossroads_signals", 0)
    from simulator import engine

    seen = set()
    ground = backdrop("crossroads_signals", 0)
    for time_s in np.arange(30.0, 110.0, 2.5):
        state = engine.rollout(scene, [float(time_s)])[0]
        geometry = draw(ground, state).geometry
        for k in np.nonzero(geometry.instance > 2000)[0]:
            signal = scene.signals[int(geometry.instance[k]) - 2001]
            aspect = aspect_at(scene.plan, signal.group, float(time_s))
            assert CLASSES[geometry.category[k]] == ASPECT_CLASS[int(aspect)]
            seen.add(int(aspect))
    assert {1, 2, 3} <= seen


def test_a_car_under_a_tree_loses_the_pixels_that_the_crown_covers():
    import dataclasses

    from simulator.surroundings import Tree

    scene, state = moment("straight", 2)
    a = shoot("straight", 2).annotations
    k = next(
        k for k in range(len(a)) if a.category[k] == 0 and a.occlusion[k] == a.truncation[k] == 0
    )
    row = int(a.instance[k]) - 1
    tree = Tree(float(state.x_m[row]) + 1.2, float(state.y_m[row]), 1.3, 8.0, (60, 90, 50), 5)
    shaded = dataclasses.replace(
        scene, surroundings=dataclasses.replace(scene.surroundings, trees=(tree,))
    )
    geometry = draw(prepare(shaded), state).geometry
    now = int(np.nonzero(geometry.instance == row + 1)[0][0])
    crown = shapely.Polygon(to_px(scene.camera, crown_outline(tree)))
    v, u = np.nonzero(shoot("straight", 2).ids == row + 1)
    covered = int(shapely.contains_xy(crown, u + 0.5, v + 0.5).sum())
    assert covered > 50
    lost = a.visible_px[k] - geometry.visible_px[now]
    assert lost == pytest.approx(covered, abs=0.15 * covered + 8)
    assert geometry.full_px[now] == pytest.approx(a.full_px[k], abs=2)


def test_a_vehicle_across_the_edge_is_truncated_by_what_lies_outside():
    found = 0
    for layout, index in PLACES:
        scene, state = moment(layout, index)
        a = shoot(layout, index).annotations
        for k in np.nonzero((a.truncation > 0.1) & (a.category == 0))[0]:
            row = int(a.instance[k]) - 1
            size = scene.agents.length_m[row], scene.agents.width_m[row]
            place = state.x_m[row], state.y_m[row], state.heading_rad[row]
            body = shapely.Polygon(to_px(scene.camera, box_corners(*place, *size)))
            frame = shapely.box(0, 0, scene.camera.width_px, scene.camera.height_px)
            outside = 1 - body.intersection(frame).area / body.area
            assert a.truncation[k] == pytest.approx(outside, abs=0.06)
            found += 1
    assert found >= 2


def _slow_contrast(ids, instance, luminance):
    """|mean over the mask - mean over the 3 px around it|, and the second mean, pixel by pixel."""
    mask = ids == instance
    ring = np.zeros_like(mask)
    for v, u in zip(*np.nonzero(mask), strict=True):
        ring[max(v - 3, 0) : v + 4, max(u - 3, 0) : u + 4] = True
    ring &= ~mask
    return abs(luminance[mask].mean() - luminance[ring].mean()), luminance[ring].mean()


@pytest.mark.parametrize(
    "quantities",
    [{}, {"visibility_m": 200.0}, {"rain_mm_h": 20.0, "water_film_mm": 1.0}, {"snow_cover": 0.7}],
)
def test_contrast_left_is_what_its_definition_says(quantities):
    from tests.render.drawn import linear_light

    conditions = replace(OVERCAST, **quantities)
    after, before = linear_light("crossroads_stop", 1, conditions)
    frame = shoot("crossroads_stop", 1, conditions, SHARP)
    a = frame.annotations
    checked = 0
    for k in range(len(a)):
        pre, _ = _slow_contrast(frame.ids, a.instance[k], before)
        post, around = _slow_contrast(frame.ids, a.instance[k], after)
        if pre < 0.03:  # too faint for a quotient
            continue
        checked += 1
        # where a drop happens to lie, the label does not say
        assert a.contrast_left[k] == pytest.approx(min(post / pre, 1), abs=0.04 + 0.004 / pre)
        assert a.contrast_abs[k] == pytest.approx(post / around, rel=0.04, abs=0.004 / around)
    assert checked > 5


def test_without_weather_and_with_an_ideal_lens_all_contrast_is_left():
    a = shoot("crossroads_stop", 1, CLEAR, SHARP).annotations
    assert np.all(a.contrast_left > 0.97)


def test_ego_lane_marks_the_signals_that_rule_the_vehicle_in_the_middle():
    marked = 0
    for index in range(4):
        a = shoot("crossroads_signals", index).annotations
        plates = a.instance > 1000
        assert not a.ego_lane[~plates].any()
        marked += int(a.ego_lane[plates].sum())
    assert marked >= 1


@pytest.mark.parametrize(("layout", "index"), [("crossroads_signals", 4), ("crossroads_stop", 0)])
def test_the_one_sign_of_an_approach_rules_who_waits_on_any_of_its_lanes(layout, index):
    scene, state = moment(layout, index)
    stands_at = {1001 + s.id: s.stop_line_id for s in scene.signs}
    stands_at |= {2001 + s.id: s.stop_line_id for s in scene.signals}
    inner = [s for s in scene.network.stop_lines if s.id not in stands_at.values()]
    assert len(inner) >= 2
    row = int(np.flatnonzero(scene.agents.driven)[0])
    alone = np.arange(len(scene.agents)) == row
    for line in inner:
        lane, outer = line.lane_id, int(scene.network.right_of[line.lane_id])
        route = next(k for k, lanes in enumerate(scene.routes) if lanes[0] == lane)
        at = {"leg": 0, "route": route, "s_m": line.s_m - 1}
        waits = {k: np.full_like(getattr(state, k), v) for k, v in at.items()}
        waiting = dataclasses.replace(state, active=alone, **waits)
        shown = draw(backdrop(layout, index), waiting).geometry
        ruling = [stands_at[i] for i in shown.instance[shown.ego_lane].tolist()]
        assert [scene.network.stop_lines[k].lane_id for k in ruling] == [outer]


def test_a_sign_without_a_class_is_in_the_picture_but_is_background_to_the_labels():
    scene, state = moment("roundabout", 0)
    sign = next(s for s in scene.signs if s.type == "yield")
    camera = dataclasses.replace(scene.camera, x_m=sign.x_m, y_m=sign.y_m)
    bare = dataclasses.replace(scene, signs=tuple(s for s in scene.signs if s.type != "yield"))
    drawn, without = (draw(prepare(s, camera), state) for s in (scene, bare))
    plate = (drawn.canvas.kind == Kind.PLATE) & (without.canvas.kind != Kind.PLATE)
    assert plate.sum() > 300
    assert not drawn.canvas.ids[plate].any()
    assert (drawn.canvas.ids < 1001).all()
    assert set(drawn.geometry.instance.tolist()) == set(np.unique(drawn.canvas.ids)) - {0}
    assert not any(drawn.geometry.sign)


def test_signs_with_and_without_a_class_stand_side_by_side():
    scene, state = moment("crossroads_stop", 1)
    limits = [s for s in scene.signs if s.type == "speed_limit"]
    stop = next(s for s in scene.signs if s.type == "stop")
    beside = dataclasses.replace(limits[0], x_m=stop.x_m + 4.0, y_m=stop.y_m + 4.0)
    signs = tuple(beside if s is limits[0] else s for s in scene.signs)
    camera = dataclasses.replace(scene.camera, x_m=stop.x_m, y_m=stop.y_m)
    geometry = draw(prepare(dataclasses.replace(scene, signs=signs), camera), state).geometry
    named = [(n, CLASSES[c]) for n, c in zip(geometry.sign, geometry.category, strict=True) if n]
    assert ("stop", "stop_sign") in named
    assert {n for n, _ in named} == {"stop"}


def test_no_vehicle_shares_its_number_with_a_sign_or_a_signal():
    few, state = moment("crossroads_stop", 1)
    rows = 1500
    many = dataclasses.replace(few, agents=_padded(few.agents, rows))
    columns = {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}
    time_s = columns.pop("time_s")
    late = {name: np.resize(c, rows) for name, c in columns.items() if c is not None}
    late["active"] = np.arange(rows) < len(few.agents)
    late["route"] = many.agents.route
    full = draw(prepare(many), dataclasses.replace(state, time_s=time_s, **late)).geometry
    usual = draw(prepare(few), state).geometry
    sign, signal, limit = first_ids(many)
    assert rows < sign < signal < limit < 65536
    assert usual.sign == full.sign
    assert any(usual.sign)
    assert np.array_equal(usual.category, full.category)
    assert np.array_equal(usual.box_px, full.box_px)


def _padded(agents, count):
    """The same vehicles, and so many rows in all: the new ones never enter."""
    columns = {
        f.name: np.concatenate([getattr(agents, f.name), np.repeat(
            getattr(agents, f.name)[:1], count - len(agents), axis=0)])
        for f in dataclasses.fields(agents)
        if getattr(agents, f.name) is not None
    }  # fmt: skip
    return AgentTable(**columns)


def test_who_stands_is_measured_after_another_drawing_as_in_one_alone(monkeypatch) -> None:
    # who is hidden is measured in another way than who is seen whole: by one pixel now, where
    # otherwise one in many thousands is
    def larger(*given):
        full, inside, box = raster.silhouette(*given)
        return full + 1, inside, box

    monkeypatch.setattr("render.labels.silhouette", larger)
    config = GenerateConfig(
        out="", seed=43, layouts=("crossroads_signals",),
        camera=CameraConfig(
            kind="pinhole", altitude_m=48.0, width_px=320, height_px=320, m_per_px=0.2
        ),
        traffic=TrafficConfig(people_low=40.0, people_high=60.0),
    )  # fmt: skip
    record, drawing = make_record(config, 0), None
    still = prepare(record.scene)
    for state in record.track(SHARED):
        drawing = draw(still, state, drawing)
        alone = draw(still, state)
        assert np.array_equal(drawing.geometry.full_px, alone.geometry.full_px)


def measured_both_ways(monkeypatch, still, state) -> None:
    """Taking what is seen of who is seen whole says the same as working all silhouettes out."""
    seen = draw(still, state).geometry
    with monkeypatch.context() as patch:
        whole = labels.measure_vehicles
        patch.setattr(labels, "measure_vehicles", lambda *given: whole(*given[:5]))
        worked_out = draw(still, state).geometry
    for name in ("full_px", "inside_px", "full_box_px"):
        assert getattr(seen, name).tolist() == getattr(worked_out, name).tolist(), name


CAMERAS = {
    "from above": {},
    "pinhole": {"kind": "pinhole", "altitude_m": 48.0},
    "tilted": {"kind": "pinhole", "tilt_rad": 0.4},
    "lens": {"kind": "pinhole", "k1": -0.1},
}


@pytest.mark.parametrize("camera", list(CAMERAS))
def test_who_is_seen_whole_is_as_large_as_the_silhouette_to_the_pixel(camera, monkeypatch) -> None:
    for index, layout in enumerate(("crossroads_signals", "straight")):
        config = GenerateConfig(
            out="", seed=5, layouts=(layout,), frames_per_scene=8,
            camera=CameraConfig(**CAMERAS[camera]),
            traffic=TrafficConfig(vehicles_low=48, vehicles_high=64),
        )  # fmt: skip
        record = make_record(config, index)
        still = prepare(record.scene)
        for state in record.track(SHARED):
            measured_both_ways(monkeypatch, still, state)


@pytest.mark.parametrize("camera", ["from above", "pinhole", "tilted"])
def test_what_lies_outside_the_image_is_as_a_larger_image_shows_it(camera) -> None:
    pad, truncated = 120, 0
    config = GenerateConfig(out="", seed=6, camera=CameraConfig(**CAMERAS[camera]))
    for index in range(4):
        record = make_record(config, index)
        state, own = record.track(SHARED)[0], record.scene.camera
        sides = {"width_px": own.width_px + 2 * pad, "height_px": own.height_px + 2 * pad}
        small = draw(prepare(record.scene), state).geometry
        large = draw(prepare(record.scene, dataclasses.replace(own, **sides)), state).geometry
        place = {int(ident): k for k, ident in enumerate(large.instance)}
        for k, ident in enumerate(small.instance):
            j = place[int(ident)]
            # another origin rounds an edge in another way, once in thousands
            assert abs(int(small.full_px[k]) - int(large.full_px[j])) <= 1
            assert np.all(np.abs(small.full_box_px[k] - (large.full_box_px[j] - pad)) <= 1)
            truncated += int(small.inside_px[k] < small.full_px[k])
    assert truncated > 4


def test_a_thin_wheel_across_the_edge_is_cut_although_no_pixel_there_is_half_covered(
    monkeypatch,
) -> None:
    scene, state = moment("crossroads_signals", 0)
    row = int(np.nonzero(state.active)[0][0])
    kinds = scene.agents.kind.copy()
    kinds[row] = AgentKind.BICYCLE
    sizes = {"length_m": scene.agents.length_m.copy(), "width_m": scene.agents.width_m.copy()}
    sizes["length_m"][row], sizes["width_m"][row] = 1.8, 0.6
    scene = dataclasses.replace(
        scene, agents=dataclasses.replace(scene.agents, kind=kinds, **sizes)
    )
    still, camera = prepare(scene), scene.camera
    left = camera.x_m - camera.width_px / 2 * camera.m_per_px
    for beyond in np.arange(0.3, 1.0, 0.05):
        x, y, heading = state.x_m.copy(), state.y_m.copy(), state.heading_rad.copy()
        x[row], y[row], heading[row] = left - beyond, camera.y_m + beyond, 0.32
        moved = dataclasses.replace(state, x_m=x, y_m=y, heading_rad=heading)
        measured_both_ways(monkeypatch, still, moved)
