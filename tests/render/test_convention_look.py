"""Signs and lines of either convention as they are drawn, and what is labelled of them."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from shapely import Polygon

from render.config import GenerateConfig
from render.exposure import expose, light_up
from render.faces import lay_plates, sign_face
from render.generate import generate
from render.picture import draw, prepare
from render.regenerate import regenerate
from scenarios.config import CameraConfig, SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.conditions import Conditions
from simulator.convention import CONVENTIONS, Convention
from simulator.lettering import numeral
from simulator.seeding import stream
from simulator.sign import is_known, look
from simulator.signs import SIGNS

VIENNA, LEFT = Convention(signs="vienna"), Convention("left", "vienna")


def test_no_two_faces_of_a_sign_are_mixed_up_and_only_arrows_that_say_a_side_are_turned():
    for name in SIGNS:
        faces = {c: sign_face(name, 40, c) for c in CONVENTIONS}
        right, left = faces[VIENNA], faces[LEFT]
        turned = [not np.array_equal(a[0], b[0]) for a, b in zip(right, left, strict=True)]
        assert any(turned) == (name in ("roundabout", "no_u_turn"))
        usual = faces[Convention()]
        if not is_known(SIGNS[name], Convention()):
            continue
        assert len(usual) != len(right) or not np.array_equal(usual[0][0], right[0][0])


def test_arrows_of_the_roundabout_sign_go_with_the_traffic():
    """Each head lies ahead of its shaft: counter-clockwise on the right, clockwise on the left."""
    for convention, way in ((Convention(), 1), (VIENNA, 1), (LEFT, -1), (Convention("left"), -1)):
        face = [polygon for polygon, _, _, _ in sign_face("roundabout", 0, convention)]
        shaft = next(p for p in face if len(p) == 4 and np.hypot(*p.mean(axis=0)) > 0.1)
        head = next(p for p in face if len(p) == 3)
        a, b = shaft.mean(axis=0), head.mean(axis=0)
        assert way * (a[0] * b[1] - a[1] * b[0]) > 0


@pytest.mark.parametrize("number", [20, 50, 130])
def test_figures_on_the_red_ring_stay_within_the_white(number):
    shown = look(SIGNS["speed_limit"], VIENNA)
    white = Polygon(shown.patches[1].polygon_m)
    assert all(Polygon(p.polygon_m).within(white) for p in numeral(number, shown.number))


def test_vienna_signs_have_the_colours_of_their_class():
    colour = {name: {p.srgb for p in look(kind, VIENNA).patches} for name, kind in SIGNS.items()}
    red = {n for n, found in colour.items() if any(r > 150 and g < 60 for r, g, _ in found)}
    blue = {n for n, found in colour.items() if any(b > 120 and r < 60 for r, _, b in found)}
    turns = {"no_left_turn", "no_right_turn", "no_u_turn"}
    assert red == turns | {
        "stop", "yield", "no_entry", "speed_limit", "road_works", "school_zone", "no_parking",
    }  # fmt: skip
    assert blue == {"one_way", "pedestrian_crossing", "roundabout", "no_parking"}


def scene_of(layout, convention, m_per_px=0.1):
    camera = CameraConfig(m_per_px=m_per_px, width_px=320, height_px=320, heading="north")
    empty = TrafficConfig(vehicles_low=0, vehicles_high=0)
    config = SceneConfig(
        layouts=(layout,), camera=camera, traffic=empty, convention=convention, warm_up_s=5.0
    )
    return sample_scene(config, 2, 0)


def frame_of(scene):
    ground = prepare(scene)
    (state,) = engine.rollout(scene, [5.0])
    return expose(ground, draw(ground, state), light_up(ground, Conditions()), stream(1, 0, "t"))


def test_a_vienna_stop_sign_is_labelled_like_a_north_american_one():
    found = []
    for convention in (Convention(), VIENNA, LEFT):
        labels = frame_of(scene_of("crossroads_stop", convention, 0.2)).annotations
        stops = [(c, s) for c, s in zip(labels.category, labels.sign, strict=True) if s]
        found.append(sorted(stops))
    assert found[0] == found[1] == found[2]
    assert {s for _, s in found[0]} == {"stop"}
    assert len({c for c, _ in found[0]}) == 1


def test_plates_stand_away_from_the_road_on_either_side():
    for convention, side in ((Convention(), -1), (LEFT, 1)):
        scene = scene_of("crossroads_stop", convention)
        camera = dataclasses.replace(scene.camera, x_m=0.0, y_m=0.0, m_per_px=0.5)
        plates = lay_plates(scene, camera)
        assert len(plates.ident) >= 3
        sign = {(s.x_m, s.y_m): s for s in scene.signs}
        for k, heading in enumerate(plates.heading_rad.tolist()):
            if plates.signal_row[k] >= 0:
                continue
            u, v = plates.centre_px[k]
            x, y = (u - 160) * 0.5, (160 - v) * 0.5
            legal = min(sign.values(), key=lambda s: (s.x_m - x) ** 2 + (s.y_m - y) ** 2)
            left = -(x - legal.x_m) * np.sin(heading) + (y - legal.y_m) * np.cos(heading)
            assert side * left > 0.5


def test_the_middle_of_the_road_is_yellow_in_north_america_and_white_under_the_convention():
    usual, vienna = (
        frame_of(scene_of("straight", c)).bgr.astype(int) for c in (Convention(), VIENNA)
    )
    whiter = vienna[..., 0] - usual[..., 0] > 25
    assert whiter.sum() > 300
    assert np.mean(usual[whiter][:, 2] - usual[whiter][:, 0]) > 25
    assert abs(np.mean(vienna[whiter][:, 2] - vienna[whiter][:, 0])) < 10


def test_conventions_are_factors_of_a_dataset_that_says_so_and_is_drawn_again(tmp_path):
    made = generate(
        GenerateConfig(
            out=str(tmp_path / "d"), scenes=4, frames_per_scene=1, workers=1, image="png",
            design="pairwise", layouts=("t_junction",), warm_up_s=3.0,
            factors={"convention.side": ["right", "left"],
                     "convention.signs": ["north_america", "vienna"]},
            camera=CameraConfig(width_px=96, height_px=96, m_per_px=0.3),
        )
    )  # fmt: skip
    scenes = [json.loads(f.read_text())["scene"] for f in sorted((made / "scenes").iterdir())]
    found = [tuple(s.get("convention", {}).values()) for s in scenes]
    assert len(set(found)) == 4
    assert () in found
    assert "traffic drives on the right or left" in (made / "README.md").read_text()
    assert regenerate(made, 4, 0).problems == ()


def test_the_look_of_signs_is_part_of_the_geometry_that_twins_share():
    from render.record import geometry_hash, scene_parts

    usual = scene_of("crossroads_stop", Convention())
    vienna = dataclasses.replace(usual, convention=VIENNA)
    assert geometry_hash(scene_parts(usual), ()) != geometry_hash(scene_parts(vienna), ())
