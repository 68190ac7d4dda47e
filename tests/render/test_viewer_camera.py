"""The camera and the overlays of the window."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pygame
import pytest

from render.config import SimulateConfig
from render.viewer import aim, look, view, window
from render.viewer.arrange import arrange
from render.viewer.keys import COMMANDS, press
from render.viewer.view import SIZE_PX
from render.viewer.window import Window
from tests.render.windowed import area

pytestmark = pytest.mark.window

MIDDLE = list(look.area_of(SIZE_PX).center)


def test_the_ground_under_the_mouse_stays_there_while_zooming():
    now = view.opened(SimulateConfig())
    at = (300, 500)
    before = look.ground_at(aim.framing(now), at)
    for steps in (3, -5, 1):
        now = aim.zoomed(dataclasses.replace(now, mouse=at), steps)
        assert look.ground_at(aim.framing(now), at) == pytest.approx(before, abs=1e-6)
    assert now.look.m_per_px == pytest.approx(0.1 / 0.8, rel=1e-6)


def test_the_ground_under_the_mouse_stays_under_it_while_dragging(play):
    box = look.area_of(SIZE_PX)
    own, dragged, pressed, home = play(
        {"key": "space"}, {"state": "a"}, {"drag": [MIDDLE, [box.centerx + 100, box.centery]]},
        {"state": "b"}, {"key": "right"}, {"state": "c"}, {"key": "z"}, {"state": "d"},
    )  # fmt: skip
    assert own["own_camera"]
    east = np.subtract(dragged["centre_m"], own["centre_m"])
    assert np.hypot(*east) == pytest.approx(100 * own["m_per_px"], abs=0.01)
    assert not dragged["own_camera"]
    assert pressed["centre_m"] != dragged["centre_m"]
    assert home == own


def test_wheel_and_keys_zoom_and_the_picture_is_drawn_again_at_the_new_scale(play):
    near, far = play(
        {"key": "space"}, {"screenshot": "a.png"}, {"wheel": [*MIDDLE, 2]}, {"state": "a"},
        {"screenshot": "b.png"}, {"key": "-"}, {"key": "-"}, {"key": "-"}, {"state": "b"},
        {"screenshot": "c.png"}, {"key": "+"}, {"key": "+"}, {"key": "+"}, {"screenshot": "d.png"},
    )  # fmt: skip
    assert near["m_per_px"] == pytest.approx(0.1 * 0.8**2)
    assert far["m_per_px"] == pytest.approx(0.1 / 0.8)
    assert far["labels"] >= near["labels"]
    assert np.array_equal(area("b.png"), area("d.png"))
    assert not np.array_equal(area("b.png"), area("c.png"))


def test_the_camera_follows_the_vehicle_that_is_clicked_until_it_is_let_go(play):
    followed, later, free = play(
        {"key": "space"}, {"key": "f"}, {"state": "a"}, {"key": "space"}, {"wait_s": 2},
        {"state": "b"}, {"key": "f"}, {"state": "c"}, words=["layouts=[straight]"],
    )  # fmt: skip
    row = followed["follow"]
    assert row >= 0
    assert later["follow"] == row
    at = np.array([x[row] for x in later["positions_m"]])
    assert np.hypot(*(at - [x[row] for x in followed["positions_m"]])) > 5
    reach = look.MARGIN_PX * later["m_per_px"] * 2
    assert np.abs(at - later["centre_m"]).max() < reach
    assert free["follow"] == -1


def test_a_click_on_a_vehicle_takes_it_and_one_on_the_ground_lets_go():
    now = view.opened(SimulateConfig(layouts=("straight",)))
    row = aim.nearest(now, tuple(MIDDLE), np.inf)
    place = np.array([[now.state.x_m[row], now.state.y_m[row]]])
    at = look.in_window(aim.framing(now), place, now.scene.agents.height_m[row])[0]
    taken = aim.picked(now, (round(at[0]), round(at[1])))
    assert taken.follow == row
    assert aim.picked(taken, (MIDDLE[0] + 320, MIDDLE[1] - 320)).follow == -1


def test_a_camera_in_motion_shows_the_last_picture_for_a_moment_and_then_a_sharp_one():
    pygame.font.init()
    w = Window(pygame.Surface(SIZE_PX), view.opened(SimulateConfig()), None, seen=False)
    window.paint(w, exact=False)
    first = w.shot
    w.view = aim.zoomed(dataclasses.replace(w.view, playing=False), 2)
    window.paint(w, exact=False)
    soft = pygame.surfarray.array3d(w.surface)
    assert w.shot is first
    w.soft_s += window.SOFT_S
    window.paint(w, exact=False)
    sharp = pygame.surfarray.array3d(w.surface)
    assert w.shot is not first
    box = look.area_of(SIZE_PX).inflate(-60, -60)
    part = (slice(box.left, box.right), slice(box.top, box.bottom))
    difference = np.abs(soft[part].astype(int) - sharp[part])
    assert 0.5 < difference.mean() < 12
    window.paint(w)
    assert np.array_equal(pygame.surfarray.array3d(w.surface), sharp)
    assert window.SOFT_S <= 0.2


def test_a_picture_on_the_move_uses_planes_again_and_is_the_one_drawn_from_nothing():
    now = view.opened(SimulateConfig())
    last = None
    for _ in range(4):
        now = window.advanced(now, 0.13)
        last = window.take(now, last)
    fresh = window.take(now)
    assert np.array_equal(last.frame.ids, fresh.frame.ids)
    assert np.abs(last.frame.bgr.astype(int) - fresh.frame.bgr).max() <= 1


def test_a_window_of_another_size_is_filled(play):
    (state,) = play(
        {"size": [1500, 900]}, {"key": "+"}, {"state": "a"}, {"screenshot": "a.png"},
        {"click": list(arrange((1500, 900)).buttons["step"].center)},
    )  # fmt: skip
    assert state["m_per_px"] < 0.1
    box = look.area_of((1500, 900))

    shot = cv2.imread("a.png")
    assert shot.shape == (900, 1500, 3)
    assert shot[box.bottom - 30 : box.bottom, box.right - 30 : box.right].std() > 1


@pytest.mark.parametrize("name", [c.label for c in COMMANDS if c.group == "overlays"][:-1])
def test_every_overlay_changes_the_picture_on_its_key_and_its_button(play, name):
    command = next(c for c in COMMANDS if c.label == name)
    button = list(arrange(SIZE_PX, "tools").buttons[name].center)
    on, off = play(
        {"key": "space"}, {"key": "tab"}, {"screenshot": "a.png"}, {"key": command.keys[0]},
        {"screenshot": "b.png"}, {"state": "b"}, {"click": button}, {"screenshot": "c.png"},
        {"state": "c"}, words=["layouts=[crossroads_stop]", "seed=2"],
    )  # fmt: skip
    assert len(on["overlays"]) == 1
    assert off["overlays"] == []
    assert not np.array_equal(area("a.png"), area("b.png"))
    assert np.array_equal(area("a.png"), area("c.png"))


def test_every_key_leaves_a_window_that_can_be_drawn():
    pygame.font.init()
    w = Window(pygame.Surface((1024, 600)), view.opened(SimulateConfig()), None, seen=False)
    for command in COMMANDS:
        if command.label not in ("quit", "write", "picture"):
            w.view = press(press(w.view, command.keys[0]), "escape" if w.view.entry else "")
            window.paint(w)
    assert w.view.overlays == {*window.OVERLAYS, "masks", "visible", "full", "oriented", "tracks",
                               "contrast"}  # fmt: skip
