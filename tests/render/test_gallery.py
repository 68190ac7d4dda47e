"""The contact sheets: everything there is has its tile, and no two tiles are the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from render.bodies import ARTICULATED, templates
from render.gallery import COLUMNS, TILE_PX, gallery
from render.people import STRIDES
from render.umbrellas import TONES
from render.weather import EFFECTS
from scenarios.layouts import LAYOUTS
from simulator.agents import Kind
from simulator.errors import ConfigError
from simulator.signs import SIGNS


def tiles(path: Path, count: int) -> list[np.ndarray]:
    sheet = cv2.imread(str(path))
    assert sheet.shape == (-(-count // COLUMNS) * TILE_PX, COLUMNS * TILE_PX, 3)
    places = [(TILE_PX * (k // COLUMNS), TILE_PX * (k % COLUMNS)) for k in range(count)]
    # below the caption
    return [sheet[y + 30 : y + TILE_PX, x : x + TILE_PX].astype(float) for y, x in places]


def assert_all_different(pictures: list[np.ndarray]) -> None:
    for i, a in enumerate(pictures):
        for b in pictures[i + 1 :]:
            assert np.abs(a - b).mean() > 0.3


def test_every_sign_has_a_face_of_its_own_under_each_convention(tmp_path: Path):
    bare, labelled = gallery("signs", tmp_path)
    looks = [f for k in SIGNS.values() for f in (k.north_america, k.vienna) if f is not None]
    pictures, boxed = (tiles(p, sum(1 + f.handed for f in looks)) for p in (bare, labelled))
    assert_all_different(pictures)
    differ = [np.abs(a - b).max() > 80 for a, b in zip(pictures, boxed, strict=True)]
    stops = [f for f in (SIGNS["stop"].north_america, SIGNS["stop"].vienna) if f is not None]
    assert sum(differ) == len(stops)  # of all signs only these are objects of the labels


def test_every_shape_of_every_kind_is_shown_and_articulated_trucks_bend(tmp_path: Path):
    path, labelled = gallery("vehicles", tmp_path)
    table = templates().by_kind
    kinds = [int(count) for _, count in table[: int(Kind.PEDESTRIAN)]]
    people, rigs = table[Kind.PEDESTRIAN, 1] // STRIDES, table[ARTICULATED, 1]
    pictures = tiles(path, sum(kinds) + people + rigs + len(set(TONES)))
    assert_all_different(pictures)
    boxed = tiles(labelled, len(pictures))
    assert all(np.abs(a - b).max() > 80 for a, b in zip(pictures, boxed, strict=True))
    first = sum(kinds) + people
    for straight, bent in zip(
        *(pictures[first + k : first + rigs : 2] for k in (0, 1)), strict=True
    ):
        reach = [
            np.ptp(np.nonzero(np.abs(p - p[-1, 0]).max(axis=2) > 25)[0]) for p in (straight, bent)
        ]
        assert reach[1] > 1.5 * reach[0]


def test_every_layout_is_shown_bare_and_with_boxes(tmp_path: Path):
    bare, labelled = gallery("layouts", tmp_path)
    pictures = tiles(bare, len(LAYOUTS))
    assert_all_different(pictures)
    boxed = tiles(labelled, len(LAYOUTS))
    assert all(np.abs(a - b).max() > 80 for a, b in zip(pictures, boxed, strict=True))


def test_every_effect_is_shown_from_mild_to_severe(tmp_path: Path):
    bare, _ = gallery("weather", tmp_path)
    steps = [len(effect.steps) for effect in EFFECTS.values()]
    pictures = tiles(bare, sum(steps))
    assert_all_different(pictures)
    fog = pictures[: steps[0]]  # the families are in the order of their names
    spread = [picture.std() for picture in fog]
    assert spread == sorted(spread, reverse=True)


def test_headlamps_alone_do_not_burn_a_night_out(tmp_path: Path):
    bare, _ = gallery("weather", tmp_path)
    steps = [len(effect.steps) for effect in EFFECTS.values()]
    start = sum(steps[: list(EFFECTS).index("night")])
    darkest = tiles(bare, sum(steps))[start + steps[0] - 1]
    assert (darkest > 250).mean() < 0.1
    assert 20 < darkest.mean() < 120


def test_what_has_no_gallery_is_named_with_the_nearest_that_has(tmp_path: Path):
    with pytest.raises(ConfigError, match="weather"):
        gallery("wether", tmp_path)
