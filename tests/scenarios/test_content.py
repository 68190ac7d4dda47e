"""What a scene shows beside traffic can be taken away, kind by kind, and nothing else changes."""

import dataclasses

import numpy as np
import pytest

from scenarios.config import SceneConfig, SurroundingsConfig, TrafficConfig
from scenarios.sampler import sample_scene
from simulator.scene_io import compact

KINDS = {"building": "buildings", "tree": "trees", "pole": "poles", "clutter": "blocks"}


def scenes(**changes):
    config = SceneConfig(**changes)
    return [sample_scene(config, 3, k) for k in range(4)]


FULL = scenes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_share_takes_away_single_things_of_its_kind_alone(kind):
    name, share = KINDS[kind], f"{kind}_share"
    half = scenes(surroundings=SurroundingsConfig(**{share: 0.5}))
    few = scenes(surroundings=SurroundingsConfig(**{share: 0.2}))
    before, after, least = (
        [[compact(x) for x in getattr(s.surroundings, name)] for s in found]
        for found in (FULL, half, few)
    )
    assert all(set(c) <= set(b) <= set(a) for a, b, c in zip(before, after, least, strict=True))
    assert 0.3 < sum(map(len, after)) / sum(map(len, before)) < 0.7
    for one, other in zip(FULL, half, strict=True):
        own = dataclasses.replace(other.surroundings, **{name: getattr(one.surroundings, name)})
        assert compact(dataclasses.replace(other, surroundings=own)) == compact(one)


def test_nothing_stays_but_what_belongs_to_roads_and_signs():
    none = SurroundingsConfig(**{f"{kind}_share": 0.0 for kind in KINDS})
    for scene in scenes(surroundings=none):
        around = scene.surroundings
        assert not around.buildings
        assert not around.poles
        assert len(around.trees) == sum(s.overgrown for s in scene.signs)


def test_vivid_paint_changes_vehicles_and_their_paint_alone():
    def spread(colour):
        return colour.max(axis=1).astype(int) - colour.min(axis=1)

    for one, other, some in zip(
        FULL,
        scenes(traffic=TrafficConfig(vivid_share=1.0)),
        scenes(traffic=TrafficConfig(vivid_share=0.4)),
        strict=True,
    ):
        driven = ~one.agents.on_foot
        assert (spread(other.agents.colour)[driven] > 100).all()
        changed = (some.agents.colour != one.agents.colour).any(axis=1)
        assert not changed[~driven].any()
        assert 0.2 < changed[driven].mean() < 0.6
        np.testing.assert_array_equal(some.agents.colour[changed], other.agents.colour[changed])
        same = dataclasses.replace(other.agents, colour=one.agents.colour)
        assert compact(dataclasses.replace(other, agents=same)) == compact(one)
