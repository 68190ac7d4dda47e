"""People on foot in pictures and labels."""

import dataclasses

import numpy as np

from render.bodies import templates
from render.frame import CLASSES
from render.people import LOOKS, STRIDE_M, STRIDES
from render.picture import draw, prepare
from render.poses import moving
from render.rigs import rigs_of
from render.taxonomy import TAXONOMIES
from scenarios.config import CameraConfig, SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import Kind

PERSON = CLASSES.index("pedestrian")


def crossing(kind="orthographic"):
    """A scene with people in view and a moment of it."""
    camera = CameraConfig(m_per_px=0.05, spread_m=0.0, kind=kind)
    traffic = TrafficConfig(people_low=40, people_high=40)
    config = SceneConfig(layouts=("mid_block_crosswalk",), camera=camera, traffic=traffic)
    scene = sample_scene(config, 2, 0)
    return scene, engine.rollout(scene, [38.0])[0]


def test_people_in_view_are_labelled_with_the_size_of_people():
    for kind in ("orthographic", "pinhole"):
        scene, state = crossing(kind)
        geometry = draw(prepare(scene), state).geometry
        mine = geometry.category == PERSON
        assert mine.sum() >= 3
        rows = geometry.instance[mine].astype(int) - 1
        assert scene.agents.on_foot[rows].all()
        assert np.allclose(geometry.speed_mps[mine], state.speed_mps[rows])
        least = np.where(scene.agents.height_m[rows] < 1.5, 12, 30)  # children are smaller
        assert (geometry.full_px[mine] > least).all()
        assert (geometry.full_px[mine] < (900 if kind == "pinhole" else 200)).all()


def test_the_last_class_is_the_new_one_and_a_person_in_coco_and_no_vehicle():
    assert CLASSES[-1] == "pedestrian"
    coco = TAXONOMIES["coco"](CLASSES)
    assert coco.names[coco.position["pedestrian"]] == "person"
    assert "pedestrian" not in TAXONOMIES["vehicle"](CLASSES).position


def test_legs_swing_with_the_way_walked_and_stand_together_at_the_kerb():
    scene, state = crossing()
    row = int(np.flatnonzero(scene.agents.on_foot & state.active & (state.speed_mps > 0))[0])

    def stride(s_m, speed):
        s, v = state.s_m.copy(), state.speed_mps.copy()
        s[row], v[row] = s_m, speed
        moment = dataclasses.replace(state, s_m=s, speed_mps=v)
        wide = dataclasses.replace(scene.camera, m_per_px=0.5)
        found = moving(wide, scene.agents, rigs_of(scene.agents), moment)
        return int(found.stride[found.rows == row][0])

    assert [stride(k * STRIDE_M / 4 + 0.01, 1.0) for k in range(4)] == [0, 2, 4, 6]
    assert stride(STRIDE_M / 4 + 0.01, 0.0) == 0


def test_every_look_has_every_moment_of_a_stride_and_stays_within_its_box():
    t = templates()
    first, count = t.by_kind[Kind.PEDESTRIAN]
    assert count == len(LOOKS) * STRIDES
    a, b = t.first_point[t.first_part[first]], t.first_point[t.first_part[first + count]]
    assert np.abs(t.points[a:b, :2]).max() <= 0.56
    assert t.points[a:b, 2].max() == 1.0
