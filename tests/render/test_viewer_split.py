"""Two pictures beside a divider: weather twins, the id plane, and what a detector makes of it."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from render.config import SimulateConfig
from render.viewer import aim, graph, outcome, pointer, shot, view, window
from render.viewer.finder import Finder
from render.viewer.look import area_of
from render.viewer.view import SIZE_PX
from render.viewer.window import Window
from tests.render.windowed import picture

pytestmark = pytest.mark.window


def found(boxes: list, names: tuple[str, ...], classes=("car", "truck")) -> SimpleNamespace:
    return SimpleNamespace(
        box_px=np.array(boxes, float).reshape(-1, 4), classes=classes,
        category=np.array([classes.index(n) for n in names], int),
        score=np.linspace(0.9, 0.5, len(boxes)),
    )  # fmt: skip


def test_the_left_side_keeps_the_clear_weather_and_the_same_places(play):
    a, b = play(
        {"key": "space"}, {"screenshot": "clear.png"}, {"key": "v"}, {"set": {"visibility_m": 60}},
        {"state": "a"}, {"screenshot": "twin.png"}, {"key": "v"}, {"key": "v"}, {"state": "b"},
        {"screenshot": "fog.png"},
    )  # fmt: skip
    assert (a["split"], b["split"]) == ("twin", "")
    clear, twin, fog = (picture(f"{n}.png") for n in ("clear", "twin", "fog"))
    left = (slice(40, 600), slice(0, 315))
    right = (slice(40, 600), slice(325, 640))
    assert np.abs(twin[left] - clear[left]).mean() < 1
    assert np.array_equal(twin[right], fog[right])
    assert np.abs(fog[left] - clear[left]).mean() > 10


def test_the_right_side_shows_the_id_plane(play):
    play(
        {"key": "space"}, {"key": "v"}, {"key": "v"}, {"screenshot": "a.png"},
        {"key": "tab"}, {"key": "k"}, {"key": "k"}, {"key": "k"}, {"screenshot": "b.png"},
    )  # fmt: skip
    ids, narrow = picture("a.png"), picture("b.png")
    right = ids[:600, 330:]
    assert (right == 0).all(axis=2).mean() > 0.8
    assert (ids[:600, :310] > 0).all(axis=2).mean() > 0.9
    assert (narrow[:600, 330:450] > 0).all(axis=2).mean() > 0.9


def test_the_divider_is_dragged_and_the_picture_is_not():
    box = area_of(SIZE_PX)
    now = view.next_split(view.opened(SimulateConfig()))
    at = aim.divider_px(now), box.centery
    moved = pointer.moved(pointer.pressed(now, at), (at[0] + 100, at[1]))
    assert moved.divider == pytest.approx(0.5 + 100 / aim.framing(now).box.width, abs=0.01)
    assert moved.look is None
    far = pointer.moved(moved, (box.right + 500, at[1]))
    assert far.divider == 0.95
    assert pointer.released(far).held == ""


def test_hits_confusions_misses_and_false_alarms_are_told_apart():
    labels = shot.take(view.opened(SimulateConfig(seed=3))).frame.annotations
    cars = [i for i in range(len(labels)) if labels.category[i] == 0 and labels.occlusion[i] < 0.5]
    hit, wrong = (labels.box_px[i] for i in cars[:2])
    result = outcome.judged(
        labels, found([hit, wrong, hit, [0, 0, 9, 9]], ("car", "truck", "car", "car"))
    )
    assert result.hits == ((cars[0], 0),)
    assert result.confused == ((cars[1], 1),)
    assert set(result.alarms) == {2, 3}
    assert set(cars[2:]) <= set(result.missed)
    nothing = outcome.judged(labels, found([], ()))
    assert nothing.truths == result.truths == len(nothing.missed)
    one_class = outcome.judged(labels, found([hit], ("vehicle",), ("vehicle",)))
    assert len(one_class.hits) == 1


def test_the_graph_falls_when_the_fog_that_is_turned_up_hides_what_the_detector_looks_for():
    pygame.font.init()
    begun = view.opened(SimulateConfig(seed=3), detector=True)
    labels = shot.take(begun).frame.annotations
    sees = labels.box_px[labels.category == 0]

    def detect(bgr: np.ndarray) -> SimpleNamespace:
        boxes = sees if bgr.std() > 25 else sees[:0]
        return found(list(boxes), ("car",) * len(boxes), ("car",))

    now = dataclasses.replace(view.next_split(begun), split="detector", playing=False)
    w = Window(pygame.Surface(SIZE_PX), now, Finder(detect), seen=False)
    surfaces = []
    for metres in (40_000.0, 15.0):
        w.view = view.with_values(w.view, {"visibility_m": metres})
        window.paint(w)
        window.paint(w)
        surfaces.append(pygame.surfarray.array3d(w.surface))
    shares = graph.recall(w.curve)
    assert shares[graph.bin_of("visibility_m", 40_000.0)] > 0.9
    assert shares[graph.bin_of("visibility_m", 15.0)] == 0
    assert w.curve.truths.sum() == 2 * len(outcome.judged(labels, detect(np.zeros(9))).missed)
    hit, miss = ((surfaces[0] == c).all(axis=2).sum() for c in (outcome.HIT, outcome.MISS))
    later = (surfaces[1] == outcome.MISS).all(axis=2).sum()
    assert hit > 100
    assert later > 100 > miss
    w.finder.worker.shutdown()


def test_without_a_detector_its_view_is_left_out():
    now = view.opened(SimulateConfig())
    names = []
    for _ in range(4):
        now = view.next_split(now)
        names.append(now.split)
    assert names == ["twin", "ids", "", "twin"]
