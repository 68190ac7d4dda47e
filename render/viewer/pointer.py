"""What the mouse does to a view."""

from __future__ import annotations

import dataclasses

from render.viewer import aim, clock, edit, slider
from render.viewer.arrange import Arrangement, arrange, share_at
from render.viewer.keys import COMMANDS
from render.viewer.view import SLIDERS, View, with_divider, with_preset, with_values
from render.viewer.weather_keys import with_slider

_BY_LABEL = {command.label: command for command in COMMANDS}

SLACK_PX = 3
"""A mouse that moves less between down and up has clicked and not dragged."""


def laid_out(view: View) -> Arrangement:
    """Where everything is in this view."""
    return arrange(view.size_px, view.tab, aim.divider_px(view) if view.split else None)


def pressed(view: View, at_px: tuple[int, int]) -> View:
    """The left button goes down: on a slider or the picture it takes hold, elsewhere it acts."""
    at = laid_out(view)
    view = dataclasses.replace(view, mouse=at_px, hint=False)
    for act, boxes in (
        (_take_slider, at.sliders),
        (_switch, at.switches),
        (with_preset, at.presets),
        (lambda v, label: _BY_LABEL[label].act(v), at.buttons),
        (lambda v, name: dataclasses.replace(v, tab=name), at.tabs),
        (lambda v, name: dataclasses.replace(v, held=name, grip=at_px, dragged=False), at.bars),
    ):
        for name, box in boxes.items():
            if box.collidepoint(at_px):
                return moved(act(view, name), at_px)
    return view


def _take_slider(view: View, name: str) -> View:
    return dataclasses.replace(view, held=name)


def _switch(view: View, name: str) -> View:
    return with_values(view, {name: not getattr(view.conditions, name)})


def moved(view: View, at_px: tuple[int, int]) -> View:
    """The mouse moves: what it holds follows."""
    view = dataclasses.replace(view, mouse=at_px)
    at = laid_out(view)
    if view.held == "time":
        return clock.at_share(view, share_at(at.bars["time"], at_px[0]))
    if view.held == "divider":
        box = aim.framing(view).box
        return with_divider(view, (at_px[0] - box.x) / box.width)
    if view.held == "picture":
        right, down = at_px[0] - view.grip[0], at_px[1] - view.grip[1]
        if not view.dragged and max(abs(right), abs(down)) < SLACK_PX:
            return view
        return dataclasses.replace(aim.dragged(view, right, down), grip=at_px, dragged=True)
    if view.held not in at.sliders:
        return view
    share = share_at(at.sliders[view.held], at_px[0])
    return with_slider(view, view.held, slider.value_at(SLIDERS[view.held], share))


def released(view: View) -> View:
    """The left button goes up.

    A picture that was not dragged was clicked: for the tool in hand, or to see what a sign, a
    signal or a vehicle does.
    """
    clicked = view.held == "picture" and not view.dragged
    view = dataclasses.replace(view, held="", dragged=False)
    if not clicked:
        return view
    if view.tool:
        return edit.applied(view, view.grip)
    plate = edit.plate_at(view, view.grip)
    view = dataclasses.replace(view, plate=plate)
    return view if max(plate) >= 0 else aim.picked(view, view.grip)


def wheeled(view: View, at_px: tuple[int, int], steps: float) -> View:
    """The wheel turns over the picture: nearer to what is under the mouse, or farther."""
    view = dataclasses.replace(view, mouse=at_px)
    inside = laid_out(view).bars["picture"].collidepoint(at_px)
    return aim.zoomed(view, steps) if inside else view
