"""Kerbs, moved lines, gravel, soft shadows, loads and dust: small things that real streets have."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from render import bodies, ground
from render.canvas import KEEP
from render.parts_of_bodies import Tone
from render.picture import prepare
from render.polygon_list import PolygonList
from render.sunlight import _softened, sunlight
from render.surface import Kind
from scenarios.config import SceneConfig
from scenarios.sampler import sample_scene
from scenarios.soiled import soiled
from simulator.agents import Kind as AgentKind
from simulator.lane import LaneKind
from simulator.seeding import stream
from simulator.surroundings import Surroundings
from tests.render.drawn import backdrop, moment


def test_a_kerb_of_pale_stone_lies_between_road_and_pavement():
    scene, _ = moment("straight", 2)
    bare = dataclasses.replace(scene, surroundings=Surroundings(scene.surroundings.ground))
    canvas = prepare(bare).canvas
    beside, road = (canvas.albedo[1][canvas.kind == kind] for kind in (Kind.PAVEMENT, Kind.ROAD))
    walk = np.median(beside)
    pale = beside > 1.15 * walk
    assert 0.02 < pale.mean() < 0.3
    assert walk > np.median(road)


def stains(texture_seed):
    scene, _ = moment("straight", 2)
    around = scene.surroundings
    changed = dataclasses.replace(around.ground, texture_seed=texture_seed, wear=0.0)
    scene = dataclasses.replace(scene, surroundings=dataclasses.replace(around, ground=changed))
    shapes = PolygonList(scene.camera)
    ground._markings(shapes, scene, ground._seen(scene.network.lanes, scene.camera))
    batch = shapes.batch()
    return [int(np.count_nonzero(batch.kind == kind)) for kind in (KEEP, Kind.PAINT)]


def test_some_places_show_where_their_lines_were_before():
    traces, lines = np.array([stains(seed) for seed in range(40)]).T
    assert 5 <= np.count_nonzero(traces) <= 20
    assert traces.max() <= lines.max()
    assert len(set(lines)) == 1


def steps_at_edges(reach):
    lit = sunlight(backdrop("curve", 3), np.array([reach, 0.0])).still.astype(int)
    steps = np.abs(np.diff(lit, axis=0))
    return steps[steps > 15].mean()


def test_shadows_of_a_low_sun_have_softer_edges():
    assert steps_at_edges(0.4) > 1.3 * steps_at_edges(2.5)
    camera = moment("curve", 3)[0].camera
    lit = np.full((200, 200), 255, np.uint8)
    lit[80:120, 80:120] = 0
    soft = [_softened(lit, np.array([0.0, reach]), camera) for reach in (0.4, 2.0, 5.0, 12.0)]
    half = [np.count_nonzero((plane > 20) & (plane < 235)) for plane in soft]
    assert half[0] == 0
    assert np.all(np.diff(half) > 0)


def test_gravel_is_coarser_than_slabs():
    rough = []
    scene, _ = moment("straight", 2)
    around = scene.surroundings
    for verge in ((150, 148, 146), (168, 158, 142)):
        own = dataclasses.replace(around.ground, verge=verge, wear=0.0)
        canvas = prepare(dataclasses.replace(scene, surroundings=Surroundings(own))).canvas
        tones = canvas.albedo[1][canvas.kind == Kind.VERGE].astype(float)
        rough.append(tones.std() / tones.mean())
    assert rough[1] > 1.4 * rough[0]


def test_open_trucks_are_loaded_and_pickups_have_a_box():
    t = bodies.templates()
    first, count = t.by_kind[AgentKind.TRUCK]
    parts = np.diff(t.first_part)[first : first + count]
    tones = [
        set(t.tone[t.first_part[first + k] : t.first_part[first + k + 1]].tolist())
        for k in range(count)
    ]
    loaded = [k for k in range(count) if {Tone.BROWN, Tone.BLOND} <= tones[k]]
    assert loaded == [count - 1]
    assert parts[loaded[0]] > parts[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_share_of_the_vehicles_is_dusty_and_nobody_on_foot(seed):
    agents = sample_scene(SceneConfig(), seed, 0).agents
    dull = soiled(stream(seed, 0, "test/dirt"), agents)
    changed = (dull.colour != agents.colour).any(axis=1)
    assert not changed[agents.on_foot].any()
    assert 0.1 < changed[~agents.on_foot].mean() < 0.5
    spread = np.ptp(dull.colour.astype(int), axis=1) - np.ptp(agents.colour.astype(int), axis=1)
    vivid = np.ptp(agents.colour.astype(int), axis=1) > 60
    assert (spread[vivid & changed] < 0).all()


def test_a_road_of_concrete_has_joints_every_few_metres_and_asphalt_none():
    scene, _ = moment("straight", 2)
    counts = []
    for road in (0.12, 0.23):
        own = dataclasses.replace(scene.surroundings.ground, road=road, wear=0.0)
        bare = dataclasses.replace(scene, surroundings=Surroundings(own))
        shapes = PolygonList(bare.camera)
        ground.draw_ground(shapes, bare, [], bare.camera)
        counts.append(int(np.count_nonzero(shapes.batch().kind == KEEP)))
    lanes = [lane for lane in scene.network.lanes if lane.kind == LaneKind.DRIVE]
    total = sum(lane.length_m for lane in lanes)
    assert total / 5.6 < counts[1] - counts[0] < total / 3.7
