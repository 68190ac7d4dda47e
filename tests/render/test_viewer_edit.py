"""Scenes changed by hand: what is put down is drawn, labelled, driven by and saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from render.config import SimulateConfig
from render.faces import lay_plates
from render.viewer import aim, clock, edit, look, pointer, shot, view
from render.viewer.arrange import arrange
from render.viewer.keys import press
from render.viewer.view import SIZE_PX
from simulator import engine
from simulator.scene_io import load_scene
from simulator.signals import aspect_at
from simulator.signs import SIGNS
from tests.render.windowed import picture

pytestmark = pytest.mark.window

MIDDLE = look.area_of(SIZE_PX).center


def click(now: view.View, at: tuple[int, int]) -> view.View:
    return pointer.released(pointer.pressed(now, at))


def plate(now: view.View, *, signal: bool) -> tuple[int, int]:
    """Where the first sign or signal in the picture is drawn, px of the window."""
    framed = aim.framing(now)
    plates = lay_plates(now.scene, framed.camera)
    inside = (np.diff(plates.rects[:, [0, 2]])[:, 0] > 4) & ((plates.signal_row >= 0) == signal)
    at = plates.centre_px[np.flatnonzero(inside)[0]] * framed.box.width / framed.camera.width_px
    return round(at[0] + framed.box.x), round(at[1] + framed.box.y)


def test_a_cone_a_sign_and_a_car_are_put_down_by_click_and_by_key_and_taken_away(play):
    tool = {name: list(arrange(SIZE_PX, "tools").buttons[name].center) for name in edit.TOOLS}
    corner = [MIDDLE[0] - 250, MIDDLE[1] - 250]
    a, b, c, d, e = play(
        {"key": "space"}, {"key": "tab"}, {"state": "a"}, {"screenshot": "a.png"},
        {"click": tool["cone"]}, {"key": "return"}, {"state": "b"}, {"screenshot": "b.png"},
        {"key": "f9"}, {"click": corner}, {"state": "c"},
        {"click": tool["remove"]}, {"click": corner}, {"state": "d"},
        {"key": "return"}, {"state": "e"}, {"screenshot": "e.png"},
        words=["layouts=[straight]", "traffic.vehicles_low=4", "traffic.vehicles_high=4"],
    )  # fmt: skip
    assert [s["cones"] - a["cones"] for s in (b, c, d, e)] == [1, 1, 1, 0]
    assert [s["signs"] - a["signs"] for s in (b, c, d, e)] == [0, 1, 0, 0]
    assert c["labels"] == a["labels"] + 1
    spot = np.abs(picture("b.png") - picture("a.png"))[300:340, 300:340]
    assert spot.max() > 60
    assert np.array_equal(picture("e.png")[:560], picture("a.png")[:560])


def test_a_parked_car_is_labelled_stands_in_the_way_of_another_and_goes_again():
    now = press(view.opened(SimulateConfig(layouts=("straight",))), "f10")
    corner = MIDDLE[0] - 250, MIDDLE[1] - 250
    parked = click(now, corner)
    assert len(parked.scene.agents) == len(now.scene.agents) + 1
    before, after = (shot.take(clock.paused(v)).frame.annotations for v in (now, parked))
    assert len(after) == len(before) + 1
    twice = click(parked, corner)
    assert twice.scene is parked.scene
    assert "in the way" in twice.message
    driven = clock.advanced(parked, 3)
    assert driven.state.x_m[-1] == parked.state.x_m[-1]
    gone = click(press(driven, "f11"), corner)
    assert len(gone.scene.agents) == len(now.scene.agents)
    plain = clock.advanced(now, 3)
    assert np.allclose(gone.state.x_m, plain.state.x_m)
    assert clock.advanced(gone, 2).state.time_s == pytest.approx(plain.state.time_s + 2)


def test_a_signal_that_is_set_stays_and_vehicles_obey_it():
    now = view.opened(SimulateConfig(seed=1, layouts=("crossroads_signals",)))
    at = plate(now, signal=True)
    row = edit.plate_at(now, at)[1]
    group = now.scene.signals[row].group
    shown = aspect_at(now.scene.plan, group, now.state.time_s)
    made = click(press(now, "f12"), at)
    for seconds in (0.0, 40.0):
        later = aspect_at(made.scene.plan, group, made.state.time_s + seconds)
        assert int(later) == (int(shown) + 1) % 4
    assert engine.aspects(made.scene, made.state.time_s)[group] == later
    assert clock.advanced(made, 1).state.time_s == pytest.approx(now.state.time_s + 1)
    nothing = click(press(now, "f12"), MIDDLE)
    assert nothing.scene is now.scene
    assert "no signal" in nothing.message


def test_a_click_on_a_sign_or_a_signal_selects_it():
    signs = view.opened(SimulateConfig(layouts=("crossroads_stop",)))
    chosen = click(signs, plate(signs, signal=False))
    assert signs.scene.signs[chosen.plate[0]].type == "stop"
    signals = view.opened(SimulateConfig(seed=1, layouts=("crossroads_signals",)))
    assert click(signals, plate(signals, signal=True)).plate[1] >= 0
    assert chosen.follow == -1


def test_an_edited_scene_is_saved_opened_and_drawn_the_same(play):
    corner = [MIDDLE[0] - 250, MIDDLE[1] - 250]
    made, again = play(
        {"key": "space"}, {"key": "/"}, {"click": corner}, {"key": "f8"},
        {"click": [MIDDLE[0] - 200, MIDDLE[1] - 250]}, {"key": "f8"}, {"key": "w"}, {"state": "a"},
        {"load": "outputs/window/straight-0.json"}, {"key": "space"}, {"state": "b"},
        words=["layouts=[straight]"],
    )  # fmt: skip
    scene = load_scene(Path("outputs/window/straight-0.json").read_bytes())
    assert scene.signs[-1].type in set(SIGNS) - {"stop"}
    assert (again["signs"], again["cones"]) == (made["signs"], made["cones"])
    assert again["labels"] == made["labels"]
    assert json.loads(Path("b").read_text())["seed"] == 0


@pytest.mark.parametrize("name", SIGNS)
def test_every_sign_can_be_put_up(name):
    now = view.opened(SimulateConfig(layouts=("straight",)))
    while now.sign_type != name or not now.tool:
        now = press(now, "/")
    made = click(now, (MIDDLE[0] - 250, MIDDLE[1] - 250))
    assert made.scene.signs[-1].type == name
    old, new = shot.take(clock.paused(now)), shot.take(clock.paused(made))
    assert np.abs(old.frame.bgr.astype(int) - new.frame.bgr).max() > 60
    assert click(press(made, "f11"), (MIDDLE[0] - 250, MIDDLE[1] - 250)).scene.signs == (
        now.scene.signs
    )
