"""What every key and every button of the window must do, for hands of any kind.

The table is complete or a test fails: a new command needs its line here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from render.config import SimulateConfig
from render.viewer import aim, clock, edit, look, view
from render.viewer.keys import COMMANDS
from render.viewer.sky import hour_of, values_at
from render.viewer.view import View, with_values

Change = Callable[[View], View]
Holds = Callable[[View, View], bool]

SAVED = Path("outputs/window")


@dataclasses.dataclass(frozen=True)
class Check:
    """What holds of the view before a command and the view after it; from which view it begins."""

    holds: Holds
    begin: Change = lambda v: v


def base() -> View:
    """A view with everything in it: signals, traffic, people."""
    config = SimulateConfig(seed=1, layouts=("crossroads_signals",), conditions=("rain",))
    return view.opened(config)


def later(seconds: float) -> Change:
    return lambda v: clock.advanced(v, seconds)


def field(**values: object) -> Change:
    return lambda v: dataclasses.replace(v, **values)


def moved(right: int, down: int) -> Holds:
    """The middle of the picture before now lies to the other side of the middle."""

    def holds(a: View, b: View) -> bool:
        now, before = aim.framing(b), aim.framing(a).camera
        at = look.in_window(now, np.array([[before.x_m, before.y_m]]))[0]
        aside = np.sign(np.round(np.array(now.box.center) - at, 1))
        return aside.tolist() == [right, down]

    return holds


def scale(sign: int) -> Holds:
    return lambda a, b: (aim.framing(b).camera.m_per_px / _shown_scale(a) - 1) * sign > 0.05


def _shown_scale(v: View) -> float:
    now = aim.framing(v)
    return now.camera.m_per_px * now.camera.width_px / now.box.width


def passed(seconds: float) -> Holds:
    return lambda a, b: abs(b.state.time_s - a.state.time_s - seconds) < 1e-6 and not b.playing


def rain(v: View) -> float:
    return v.conditions.rain_mm_h


CHECKS: dict[str, Check] = {
    "play": Check(lambda a, b: a.playing and not b.playing),
    "back": Check(passed(-0.1), later(1)),
    "step": Check(passed(0.1)),
    "slower": Check(lambda a, b: b.speed == a.speed - 1),
    "faster": Check(lambda a, b: b.speed == a.speed + 1),
    "new seed": Check(lambda a, b: b.scene.seed == a.scene.seed + 1),
    "last seed": Check(lambda a, b: b.scene.seed == a.scene.seed - 1),
    "help": Check(lambda a, b: b.help and not a.help),
    "tools": Check(lambda a, b: b.tab != a.tab),
    "start": Check(lambda a, b: b.state is a.past[0][0], later(1)),
    "5 s back": Check(passed(-5), later(7)),
    "5 s on": Check(passed(5), lambda v: clock.wound(clock.advanced(v, 7), -6)),
    "seed ...": Check(lambda _, b: b.entry == ("seed", "")),
    "open ...": Check(lambda _, b: b.entry == ("file", "")),
    "layout": Check(lambda a, b: a.scene.layout != b.scene.layout and b.scene.seed == 1),
    "rules": Check(lambda a, b: a.scene.convention != b.scene.convention and b.scene.seed == 1
                   and b.scene.layout == a.scene.layout and "keeps left" in b.message),
    "less cars": Check(lambda a, b: b.scene.agents.driven.sum() < a.scene.agents.driven.sum()),
    "more cars": Check(lambda a, b: b.scene.agents.driven.sum() > a.scene.agents.driven.sum()),
    "write": Check(lambda *_: (SAVED / "crossroads_signals-1.json").is_file()),
    "picture": Check(lambda _, b: "saved as" in b.message and any(SAVED.glob("*ms.png"))),
    "export": Check(lambda _, b: "exported to" in b.message and any(SAVED.glob("*/mask.png"))),
    "clip": Check(lambda *_: any(SAVED.glob("*.webm"))),
    "100 like": Check(lambda _, b: b.message.startswith("fairweather generate out=")),
    "quit": Check(lambda _, b: b.closing),
    "left": Check(moved(-1, 0)), "right": Check(moved(1, 0)),
    "up": Check(moved(0, -1)), "down": Check(moved(0, 1)),
    "nearer": Check(scale(-1)), "farther": Check(scale(1)),
    "follow": Check(lambda _, b: b.follow >= 0),
    "own": Check(lambda a, b: a.look is not None and b.look is None, lambda v: aim.zoomed(v, 2)),
    "drone": Check(lambda _, b: b.camera_kind == "pinhole"),
    "split": Check(lambda a, b: not a.split and b.split == "twin"),
    "divide <": Check(lambda a, b: b.divider < a.divider, field(split="ids")),
    "divide >": Check(lambda a, b: b.divider > a.divider, field(split="ids")),
    "preset <": Check(lambda _, b: b.preset == "patchy_fog"),
    "preset >": Check(lambda _, b: b.preset == "smog"),
    "slider <": Check(lambda _, b: b.chosen == "hour", field(chosen="rain_mm_h")),
    "slider >": Check(lambda _, b: b.chosen == "snow_mm_h", field(chosen="rain_mm_h")),
    "less": Check(lambda a, b: 0 < rain(b) < rain(a), field(chosen="rain_mm_h")),
    "more": Check(lambda a, b: rain(b) > rain(a) > 0, field(chosen="rain_mm_h")),
    "lamps": Check(lambda a, b: a.conditions.street_lamps != b.conditions.street_lamps),
    "change": Check(lambda a, b: a.front is None and b.front is not None),
    "earlier": Check(lambda a, b: -0.6 < hour_of(b.conditions) - hour_of(a.conditions) < -0.4,
                     lambda v: with_values(v, _noon())),
    "later": Check(lambda a, b: 0.4 < hour_of(b.conditions) - hour_of(a.conditions) < 0.6,
                   lambda v: with_values(v, _noon())),
    "sign >": Check(lambda a, b: b.sign_type != a.sign_type and b.tool == "sign"),
    "do it": Check(lambda a, b: _cones(b) == _cones(a) + 1, field(tool="cone")),
    "detect": Check(lambda _, b: b.detections, field(detector=True)),
    **{name: Check(lambda _, b, name=name: b.tool == name) for name in edit.TOOLS},
    **{
        c.label: Check(lambda _, b, name=c.switches: b.overlays == {name})
        for c in COMMANDS if c.switches
    },
}  # fmt: skip
"""By the label of the command."""


def _noon() -> dict[str, float]:
    return values_at(12.0)


def _cones(v: View) -> int:
    return len(v.scene.surroundings.cones)


def people(v: View) -> int:
    return int((v.scene.agents.on_foot & v.state.active).sum())


USED: dict[str, Holds] = {
    "cone": lambda a, b: _cones(b) == _cones(a) + 1,
    "sign": lambda a, b: len(b.scene.signs) == len(a.scene.signs) + 1,
    "car": lambda a, b: (b.scene.agents.route < 0).sum() == (a.scene.agents.route < 0).sum() + 1,
    "person": lambda a, b: people(b) == people(a) + 1,
    "remove": lambda a, b: _cones(b) == _cones(a) - 1,
    "signal": lambda a, b: a.scene.plan != b.scene.plan,
}
"""What a tool does to the scene when the picture is clicked with it in hand."""
