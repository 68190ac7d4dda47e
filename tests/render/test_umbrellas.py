"""Umbrellas over people in the rain: who has one, and what pictures and labels make of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render.frame import CLASSES
from render.picture import draw, prepare
from scenarios.config import CameraConfig, SceneConfig, TrafficConfig
from scenarios.sampler import sample_scene
from scenarios.umbrellas import umbrella_share
from simulator import engine, scene_io
from simulator.agents import AgentTable

PERSON = CLASSES.index("pedestrian")


def crossing(conditions, kind="orthographic", tilt_rad=0.0):
    camera = CameraConfig(m_per_px=0.05, spread_m=0.0, kind=kind, tilt_rad=tilt_rad)
    traffic = TrafficConfig(people_low=40, people_high=40)
    config = SceneConfig(
        layouts=("mid_block_crosswalk",), camera=camera, traffic=traffic, conditions=conditions
    )
    return sample_scene(config, 2, 0)


def carried(agents: AgentTable) -> np.ndarray:
    none = np.zeros(len(agents))
    return none if agents.umbrella_m is None else agents.umbrella_m


RAINS = tuple({"rain": {"rain_mm_h": r}} for r in (1.0, 4.0, 30.0))


def test_more_rain_opens_more_umbrellas_and_closes_none_and_changes_nothing_else():
    dry = crossing(("clear",)).agents
    assert dry.umbrella_m is None
    before = np.zeros(len(dry), bool)
    for rain in RAINS:
        agents = crossing((rain,)).agents
        up = carried(agents) > 0
        assert (up >= before).all()
        assert up.sum() > before.sum()
        assert not up[~agents.on_foot].any()
        assert up[agents.on_foot].mean() == pytest.approx(
            umbrella_share(rain["rain"]["rain_mm_h"]), abs=0.15
        )
        for field in dataclasses.fields(AgentTable):
            if field.name != "umbrella_m":
                same = getattr(agents, field.name), getattr(dry, field.name)
                assert np.array_equal(*same) or same == (None, None), field.name
        before = up


def test_the_rain_that_drivers_drive_in_decides_and_not_that_of_a_twin():
    dry_first, wet_first = crossing(("clear", RAINS[2])), crossing((RAINS[2], "clear"))
    assert dry_first.agents.umbrella_m is None
    assert (carried(wet_first.agents) > 0).any()


def test_a_scene_with_umbrellas_is_read_back_with_them():
    scene = crossing((RAINS[2],))
    again = scene_io.load_scene(scene_io.dump_scene(scene))
    assert np.array_equal(carried(again.agents), carried(scene.agents))


@pytest.mark.parametrize(
    ("kind", "tilt"), [("orthographic", 0.0), ("pinhole", 0.0), ("pinhole", 0.3)]
)
def test_the_umbrella_is_part_of_the_person_that_it_hides(kind: str, tilt: float):
    scene = crossing((RAINS[2],), kind, tilt)
    state = engine.rollout(scene, [38.0])[0]
    without = dataclasses.replace(scene.agents, umbrella_m=None)
    closed = draw(prepare(dataclasses.replace(scene, agents=without)), state)
    opened = draw(prepare(scene), state)
    wide = carried(scene.agents)
    whole = opened.geometry
    mine = np.flatnonzero((whole.category == PERSON) & (whole.visible_px == whole.full_px))
    mine = [k for k in mine if wide[whole.instance[k] - 1] > 0]
    assert len(mine) >= 3
    for k in mine:
        ident = whole.instance[k]
        x0, y0, x1, y1 = whole.box_px[k]
        ys, xs = np.nonzero(opened.canvas.ids == ident)
        assert (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) == (x0, y0, x1, y1)
        cloth = np.pi / 4 * (wide[ident - 1] / scene.camera.m_per_px) ** 2
        assert whole.visible_px[k] > (0.75 if tilt == 0 else 0.4) * cloth
        assert whole.visible_px[k] > 1.5 * (closed.canvas.ids == ident).sum()
