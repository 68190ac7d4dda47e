"""The weather by keyboard: presets in turn, one slider chosen and moved, hours, a front."""

from __future__ import annotations

import dataclasses

from render.viewer import slider
from render.viewer.sky import HOUR, hour_of, passing, values_at
from render.viewer.view import SLIDERS, SWITCHES, View, with_preset, with_values
from scenarios.presets import condition_names
from simulator.conditions import value

STEP = 0.025
"""How far one press moves a slider, of its length."""

HOUR_STEP = 0.5


def next_preset(view: View, change: int) -> View:
    """The named condition before or after the one that is shown."""
    names = condition_names()
    known = view.preset if view.preset in names else None
    place = names.index(known) + change if known else 0
    return with_preset(view, names[place % len(names)])


def next_slider(view: View, change: int) -> View:
    """Choose the slider above or below."""
    names = list(SLIDERS)
    place = names.index(view.chosen) + change if view.chosen in names else 0
    return dataclasses.replace(view, chosen=names[place % len(names)])


def moved_slider(view: View, steps: int) -> View:
    """Move the slider that is chosen, the first one if none is."""
    name = view.chosen or next(iter(SLIDERS))
    q, value = SLIDERS[name], value_of(view, name)
    share = slider.share_of(q, value) + steps * STEP
    made = slider.value_at(q, share)
    while made == value and 0 < share < 1:  # a step that rounds to where it was
        share += steps * STEP
        made = slider.value_at(q, share)
    return with_slider(dataclasses.replace(view, chosen=name), name, made)


def value_of(view: View, name: str) -> float:
    """The value that a slider shows."""
    return hour_of(view.conditions) if name == "hour" else value(view.conditions, name)


def with_slider(view: View, name: str, value: float) -> View:
    """A slider set to a value."""
    if name == "hour":
        return with_values(view, values_at(value))
    return with_values(view, {name: value})


def later(view: View, hours: float) -> View:
    """The sun moved on by some hours."""
    return with_values(view, values_at((hour_of(view.conditions) + hours) % HOUR.high))


def lamps(view: View) -> View:
    """Switch the street lamps."""
    name = SWITCHES[0]
    return with_values(view, {name: not getattr(view.conditions, name)})


def front_or_not(view: View) -> View:
    """Let a front come in from now on, or hold the weather as it is."""
    if view.front is not None:
        return dataclasses.replace(view, front=None, lasting=False)
    front = passing(view.conditions, view.state.time_s)
    return dataclasses.replace(view, front=front, lasting=False, preset=None)
