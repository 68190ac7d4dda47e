"""View -> picture, by the renderer of the datasets; what has not changed is not drawn again."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from pygame import Rect

from render.exposure import Weather, expose, light_up
from render.frame import Frame
from render.picture import Backdrop, Drawing, draw, prepare
from render.viewer.look import Framed, covers, with_margin
from render.viewer.view import View
from simulator.agents import AgentState
from simulator.conditions import Conditions
from simulator.seeding import stream


@dataclasses.dataclass(frozen=True, eq=False)
class Shot:
    """A picture with what it was made from."""

    backdrop: Backdrop
    weather: Weather
    drawing: Drawing
    frame: Frame


def take(
    view: View,
    last: Shot | None = None,
    now: Framed | None = None,
    state: AgentState | None = None,
) -> Shot:
    """The picture of a view.

    Args:
        view: what to show.
        last: the picture before; its parts are used again where they hold, its planes in any case,
            so that nothing but its pixels and annotations may be read afterwards.
        now: the camera, the scene's own unless given. state: ``shown(view)``, where it is at hand.
    """
    scene, state = view.scene, state or shown(view)
    now = now or Framed(dataclasses.replace(scene.camera, kind=view.camera_kind), Rect(0, 0, 1, 1))
    backdrop = last.backdrop if last else None
    if backdrop is None or backdrop.scene is not scene or not covers(now, backdrop.camera):
        backdrop = prepare(scene, with_margin(now))
    same = last if last and last.backdrop is backdrop else None
    weather = same.weather if same else None
    if weather is None or weather.conditions != view.conditions:
        weather = light_up(backdrop, view.conditions, [weather] if weather else [])
    drawing = same.drawing if same else None
    if drawing is None or drawing.state is not state:
        drawing = draw(backdrop, state, drawing)
    if same and same.drawing is drawing and same.weather is weather:
        return same
    return Shot(backdrop, weather, drawing, _exposed(view, backdrop, drawing, weather))


def twin(view: View, shot: Shot, conditions: Conditions, last: Shot | None) -> Shot:
    """The same moment in another weather; ``last``: an earlier twin, whose light may still hold."""
    if last is None or last.backdrop is not shot.backdrop or last.weather.conditions != conditions:
        weather = light_up(shot.backdrop, conditions, [shot.weather])
    else:
        weather = last.weather
        if last.drawing is shot.drawing:
            return last
    frame = _exposed(view, shot.backdrop, shot.drawing, weather)
    return Shot(shot.backdrop, weather, shot.drawing, frame)


def _exposed(view: View, backdrop: Backdrop, drawing: Drawing, weather: Weather) -> Frame:
    """The noise and the drops depend on the moment alone, so a paused picture stands still."""
    scene, moment = view.scene, round(drawing.state.time_s * 1000)
    rng = stream(scene.seed, scene.index, f"window/{moment}")
    return expose(backdrop, drawing, weather, rng)


def shown(view: View) -> AgentState:
    """The state that is shown: the engine's own when paused, between two of them when playing."""
    if not view.playing or view.previous is view.state:
        return view.state
    return between(view.previous, view.state, view.ahead_s / view.scene.step_s)


def between(a: AgentState, b: AgentState, share: float) -> AgentState:
    """The poses a share of the way from a to b; everything that jumps is as in a."""
    turn = (b.heading_rad - a.heading_rad + math.pi) % (2 * math.pi) - math.pi

    def mixed(name: str) -> np.ndarray:
        first, second = getattr(a, name), getattr(b, name)
        return first + share * (second - first)

    return dataclasses.replace(
        a,
        time_s=a.time_s + share * (b.time_s - a.time_s),
        heading_rad=a.heading_rad + share * turn,
        active=a.active & b.active,
        **{name: mixed(name) for name in ("x_m", "y_m", "speed_mps")},
    )
