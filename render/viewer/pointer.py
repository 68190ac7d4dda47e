"""What the mouse does to a view."""

from __future__ import annotations

import dataclasses

from render.viewer import slider
from render.viewer.arrange import Arrangement, share_at
from render.viewer.keys import KEYS
from render.viewer.view import QUANTITIES, View, with_preset, with_values

_BY_LABEL = {command.label: command for command in KEYS.values()}


def pressed(view: View, at: Arrangement, x_px: int, y_px: int) -> View:
    """The button goes down: on a slider it takes hold, elsewhere it acts."""
    for name, box in at.sliders.items():
        if box.collidepoint(x_px, y_px):
            return moved(dataclasses.replace(view, held=name), at, x_px)
    for name, box in at.switches.items():
        if box.collidepoint(x_px, y_px):
            return with_values(view, {name: not getattr(view.conditions, name)})
    for name, box in at.presets.items():
        if box.collidepoint(x_px, y_px):
            return with_preset(view, name)
    for label, box in at.buttons.items():
        if box.collidepoint(x_px, y_px):
            return _BY_LABEL[label].act(view)
    return view


def moved(view: View, at: Arrangement, x_px: int) -> View:
    """The mouse moves: the slider that it holds follows."""
    if not view.held:
        return view
    share = share_at(at.sliders[view.held], x_px)
    return with_values(view, {view.held: slider.value_at(QUANTITIES[view.held], share)})


def released(view: View) -> View:
    """The button goes up."""
    return dataclasses.replace(view, held="")
