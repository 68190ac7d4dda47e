"""Every key, button, slider, switch, preset, tab, tool and bar does what it says, by events."""

from __future__ import annotations

import dataclasses

import numpy as np
import pygame
import pytest

from render.viewer import app, edit, look, slider
from render.viewer.arrange import arrange, share_at, track
from render.viewer.keys import COMMANDS
from render.viewer.scene_file import saved
from render.viewer.view import SIZE_PX, SLIDERS, SWITCHES, TABS, View
from render.viewer.weather_keys import value_of
from render.viewer.window import Window, closed, paint, tick
from scenarios.presets import condition_names
from tests.render.controls import CHECKS, USED, base, later, moved, people

pytestmark = pytest.mark.window

AREA = look.area_of(SIZE_PX)
VERGE = AREA.x + 560, AREA.y + 60


@pytest.fixture(scope="module")
def first() -> View:
    return base()


@pytest.fixture
def hands(first, monkeypatch, tmp_path):
    """A window that is fed with posted events; returns the view that they lead to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    pygame.font.init()
    window = Window(pygame.display.set_mode(SIZE_PX), first, None, seen=False)

    def feed(begin: View, *events: pygame.event.Event) -> View:
        window.view = begin
        pygame.event.clear()
        for event in events:
            pygame.event.post(event)
        for event in pygame.event.get():
            app.handle(window, event)
        tick(window, 0.0)
        closed(window)
        return window.view

    yield feed
    pygame.display.quit()


def key(name: str, letter: str = "") -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(name), unicode=letter)


def press(at: tuple[int, int]) -> list[pygame.event.Event]:
    return [
        pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(0, 0), buttons=(0, 0, 0)),
        pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=at, button=1),
    ]


def click(at: tuple[int, int]) -> list[pygame.event.Event]:
    return [*press(at), pygame.event.Event(pygame.MOUSEBUTTONUP, pos=at, button=1)]


def drag(a: tuple[int, int], b: tuple[int, int]) -> list[pygame.event.Event]:
    return [
        *press(a),
        pygame.event.Event(pygame.MOUSEMOTION, pos=b, rel=(0, 0), buttons=(1, 0, 0)),
        pygame.event.Event(pygame.MOUSEBUTTONUP, pos=b, button=1),
    ]


def wheel(at: tuple[int, int], steps: int) -> list[pygame.event.Event]:
    return [press(at)[0], pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=steps)]


def test_every_command_and_every_tool_has_a_check():
    assert set(CHECKS) == {c.label for c in COMMANDS}
    assert set(USED) == set(edit.TOOLS)


@pytest.mark.parametrize(("label", "name"), [(c.label, k) for c in COMMANDS for k in c.keys])
def test_every_key_does_what_its_command_says(label, name, hands, first):
    begin = CHECKS[label].begin(first)
    assert CHECKS[label].holds(begin, hands(begin, key(name)))


@pytest.mark.parametrize("label", [c.label for c in COMMANDS])
def test_every_button_does_what_its_command_says(label, hands, first):
    begin = CHECKS[label].begin(first)
    tab = next(t for t in TABS if label in arrange(SIZE_PX, t).buttons)
    begin = dataclasses.replace(begin, tab=tab)
    after = hands(begin, *click(arrange(SIZE_PX, tab).buttons[label].center))
    assert CHECKS[label].holds(begin, after)


@pytest.mark.parametrize("label", [c.label for c in COMMANDS if c.switches])
def test_every_overlay_changes_the_picture(label, hands, first):
    command = next(c for c in COMMANDS if c.label == label)
    pictures = []
    for view in (first, hands(first, key(command.keys[0]))):
        window = Window(pygame.Surface(SIZE_PX), view, None, seen=False)
        paint(window)
        pictures.append(pygame.surfarray.array3d(window.surface.subsurface(AREA)))
    assert (pictures[0] != pictures[1]).any()


@pytest.mark.parametrize("name", SLIDERS)
def test_every_slider_is_clicked_dragged_and_moved_by_keys(name, hands, first):
    row, q = arrange(SIZE_PX).sliders[name], SLIDERS[name]
    bar = track(row)
    places = [(bar.x + round(share * bar.width), bar.centery) for share in (0.62, 0.81)]
    clicked = hands(first, *click(places[0]))
    dragged = hands(first, *drag(*places))
    for view, at in ((clicked, places[0]), (dragged, places[1])):
        wanted = slider.value_at(q, share_at(row, at[0]))
        assert value_of(view, name) == pytest.approx(wanted, abs=0.03 if name == "hour" else 1e-9)
    assert value_of(dragged, name) > value_of(clicked, name)
    chosen = dataclasses.replace(clicked, chosen=name)
    assert value_of(hands(chosen, key("f6")), name) > value_of(clicked, name)
    assert value_of(hands(chosen, key("f5")), name) < value_of(clicked, name)


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_turns(name, hands, first):
    after = hands(first, *click(arrange(SIZE_PX).switches[name].center))
    assert getattr(after.conditions, name) != getattr(first.conditions, name)


@pytest.mark.parametrize("name", condition_names())
def test_every_preset_is_set(name, hands, first):
    after = hands(first, *click(arrange(SIZE_PX).presets[name].center))
    assert after.preset == name
    assert name == "rain" or after.conditions != first.conditions


@pytest.mark.parametrize("name", TABS)
def test_every_tab_opens(name, hands, first):
    begin = dataclasses.replace(first, tab=TABS[TABS.index(name) - 1])
    assert hands(begin, *click(arrange(SIZE_PX, begin.tab).tabs[name].center)).tab == name


@pytest.mark.parametrize("tool", USED)
def test_every_tool_is_used_by_a_click_into_the_picture(tool, hands, first):
    begin, at = first, VERGE
    if tool == "signal":
        at = _signal(first)
    if tool == "remove":
        begin = hands(dataclasses.replace(first, tool="cone"), *click(at))
    begin = dataclasses.replace(begin, tool=tool)
    after = hands(begin, *click(at))
    assert USED[tool](begin, after)
    assert after.given


def _signal(view: View) -> tuple[int, int]:
    places = [(x, y) for y in range(AREA.top, AREA.bottom, 14) for x in range(140, 780, 14)]
    return next(p for p in places if edit.plate_at(view, p)[1] >= 0)


def test_the_bar_of_time_the_divider_and_the_picture_follow_the_mouse(hands, first):
    begin = later(6)(first)
    bar = track(arrange(SIZE_PX).bars["time"])
    wound = hands(begin, *drag(bar.midright, (bar.x + bar.width // 2, bar.centery)))
    assert wound.state.time_s == pytest.approx(begin.state.time_s - 3, abs=0.11)
    assert not wound.playing
    split = dataclasses.replace(first, split="ids")
    assert hands(split, *drag(AREA.center, (AREA.centerx + 90, AREA.centery))).divider > 0.6
    dragged = hands(first, *drag(AREA.center, (AREA.centerx + 90, AREA.centery)))
    assert dragged.look is not None
    assert moved(-1, 0)(first, dragged)
    nearer, farther = (hands(first, *wheel(AREA.center, n)).look for n in (2, -2))
    assert nearer.m_per_px < farther.m_per_px
    assert hands(first, *wheel((SIZE_PX[0] - 50, 50), 2)).look is None


def test_what_is_typed_dropped_and_closed_arrives(hands, first):
    letters = [key(c, c) for c in "23"]
    typed = hands(first, key("g"), *letters, key("backspace"), key("return"))
    assert typed.scene.seed == 2
    assert hands(first, key("g"), key("escape")).entry is None
    saved(hands(dataclasses.replace(first, tool="cone"), *click(VERGE)))
    file = "outputs/window/crossroads_signals-1.json"
    dropped = hands(first, pygame.event.Event(pygame.DROPFILE, file=file))
    assert len(dropped.scene.surroundings.cones) == len(first.scene.surroundings.cones) + 1
    assert hands(first, pygame.event.Event(pygame.QUIT)).closing
    away = hands(first, press(VERGE)[0], pygame.event.Event(pygame.WINDOWLEAVE))
    assert away.mouse is None


def test_a_tooltip_stands_at_every_button_and_slider(hands, first):
    for tab in TABS:
        at = arrange(SIZE_PX, tab)
        for name, box in (at.buttons | at.sliders).items():
            surface = []
            for mouse in (None, box.center):
                view = dataclasses.replace(first, tab=tab, mouse=mouse, playing=False)
                window = Window(pygame.Surface(SIZE_PX), view, None, seen=False)
                window.shot = hands.shot if hasattr(hands, "shot") else None
                paint(window)
                hands.shot = window.shot
                surface.append(pygame.surfarray.array3d(window.surface))
            changed = np.argwhere((surface[0] != surface[1]).any(axis=2))
            assert changed[:, 1].min() < box.top - 3, name


def test_somebody_who_is_put_down_walks_beside_the_road_and_tells_what_they_do(hands, first):
    made = hands(dataclasses.replace(first, tool="person"), *click(VERGE))
    assert people(made) == people(first) + 1
    row = len(made.scene.agents) - 1
    on = later(5)(made)
    gone = np.hypot(
        on.state.x_m[row] - made.state.x_m[row], on.state.y_m[row] - made.state.y_m[row]
    )
    assert gone > 2
    chosen = hands(dataclasses.replace(made, tool=""), *click(VERGE))
    assert chosen.follow == row
    road = hands(dataclasses.replace(first, tool="person"), *click(AREA.center))
    assert road.scene is first.scene
    assert "beside the road" in road.message
