"""Trees without leaves: who has them, what they hide, and what they shade."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from render.picture import draw, prepare
from render.sunlight import sunlight
from scenarios.config import SceneConfig
from scenarios.sampler import sample_scene
from simulator.scene_io import dump_scene, load_scene
from simulator.surroundings import Tree
from tests.render.drawn import moment, shoot

SUN_M = np.array([-1.2, 0.5])


@pytest.fixture(scope="module")
def scenes():
    return [sample_scene(SceneConfig(layouts=("straight",)), 5, i, "test") for i in range(40)]


def bare_share(scene):
    grown = [tree for tree in scene.surroundings.trees if tree.radius_m >= 1.0]
    return sum(tree.bare for tree in grown) / len(grown)


def test_some_scenes_are_of_winter_and_no_hedge_loses_its_leaves(scenes):
    shares = [bare_share(scene) for scene in scenes]
    assert 3 <= sum(share > 0.6 for share in shares) <= 15
    assert sum(share < 0.15 for share in shares) >= 25
    assert not any(t.bare for s in scenes for t in s.surroundings.trees if t.radius_m < 1.0)


def with_tree(kind, **changes):
    scene, state = moment("straight", 2, kind)
    a = shoot("straight", 2, kind=kind).annotations
    free = (a.category == 0) & (a.occlusion == 0) & (a.truncation == 0)
    row = int(a.instance[np.flatnonzero(free)[0]]) - 1
    place = float(state.x_m[row]), float(state.y_m[row])
    tree = dataclasses.replace(Tree(*place, 3.0, 8.0, (60, 90, 50), 5), **changes)
    around = dataclasses.replace(scene.surroundings, trees=(tree,))
    return prepare(dataclasses.replace(scene, surroundings=around)), state, row + 1


def visible_px(kind, **changes):
    backdrop, state, ident = with_tree(kind, **changes)
    return int(np.count_nonzero(draw(backdrop, state).canvas.ids == ident))


@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_a_car_under_a_bare_tree_is_seen_between_its_boughs(kind):
    leafy, bare = visible_px(kind), visible_px(kind, bare=True)
    free = visible_px(kind, x_m=-900.0)
    assert leafy < 0.2 * free
    assert 0.6 * free < bare < free


def test_a_bare_tree_shades_less_than_one_in_leaf_but_as_far():
    shaded = []
    for bare in (False, True):
        backdrop, _, _ = with_tree("orthographic", bare=bare)
        without, _, _ = with_tree("orthographic", x_m=-900.0)
        dark = sunlight(without, SUN_M).still.astype(int) - sunlight(backdrop, SUN_M).still
        shaded.append((np.maximum(dark, 0).sum() / 255, np.argwhere(dark > 40)))
    (leafy_px, leafy), (bare_px, bare) = shaded
    assert 0.05 * leafy_px < bare_px < 0.5 * leafy_px
    reach = np.ptp(bare, axis=0) / np.ptp(leafy, axis=0)
    assert np.all((reach > 0.7) & (reach < 1.6))


def test_scenes_of_before_there_were_bare_trees_are_read_and_written_as_they_were(scenes):
    scene = next(s for s in scenes if 0 < bare_share(s) < 1)
    text = dump_scene(scene)
    assert dump_scene(load_scene(text)) == text
    told = json.loads(text)["surroundings"]["trees"]
    assert [t.get("bare", False) for t in told] == [t.bare for t in scene.surroundings.trees]
    assert not any(t.get("bare") is False for t in told)
