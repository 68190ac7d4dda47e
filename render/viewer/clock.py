"""The scene's time: it runs, stands, and is wound back and forth through the states it has had.

Going on from an earlier state drives the same way again, to the last bit, for as long as the
weather is the one of then; from where it differs on, another future takes the place of the old.
"""

from __future__ import annotations

import dataclasses

from render.viewer.sky import over
from render.viewer.view import SPEEDS, View, weather_at
from simulator import engine
from simulator.agents import AgentState

JUMP_S = 5.0
"""How far one press of a key winds."""

LONGEST_PAST_S = 600.0
"""The oldest states are forgotten, so that a window that runs all day does not grow."""


def advanced(view: View, seconds: float) -> View:
    """The view after some seconds on the clock: a running scene moves in the engine's own steps."""
    if view.message:
        left = max(view.message_s - seconds, 0.0)
        view = dataclasses.replace(view, message_s=left, message=view.message if left else "")
    if not view.playing or view.held == "time":
        return view
    step_s = view.scene.step_s
    ahead = view.ahead_s + seconds * SPEEDS[view.speed]
    while ahead > step_s - 1e-9:
        view, ahead = _onward(view), max(ahead - step_s, 0.0)
    return dataclasses.replace(view, ahead_s=ahead)


def stepped(view: View) -> View:
    """Paused, one step of the engine later."""
    return paused(_onward(view))


def stepped_back(view: View) -> View:
    """Paused, one step of the engine earlier."""
    return wound(view, -view.scene.step_s)


def wound(view: View, seconds: float) -> View:
    """Paused, so many seconds of the scene later or (below 0) earlier, within what has been."""
    place = place_of(view) + round(seconds / view.scene.step_s)
    state = view.past[min(max(place, 0), len(view.past) - 1)][0]
    return paused(_weathered(dataclasses.replace(view, state=state)))


def at_share(view: View, share: float) -> View:
    """Paused at a place of the scrub bar, 0 (as far back as there is) to 1 (the latest state)."""
    state = view.past[round(share * (len(view.past) - 1))][0]
    return paused(_weathered(dataclasses.replace(view, state=state)))


def share_of(view: View) -> float:
    """Where the state that is shown lies on the scrub bar, 0..1; 1 where there is no past."""
    last = len(view.past) - 1
    return place_of(view) / last if last else 1.0


def place_of(view: View) -> int:
    """Index of the state that is shown within the past."""
    return round((view.state.time_s - view.past[0][0].time_s) / view.scene.step_s)


def _weathered(view: View) -> View:
    """The weather of the state's time, where a front passes."""
    if view.front is None:
        return view
    conditions = weather_at(view.scene, view.front, view.state.time_s)
    gone = not view.lasting and over(view.front, view.state.time_s)
    return dataclasses.replace(view, conditions=conditions, front=None if gone else view.front)


def paused(view: View) -> View:
    """Standing still on the engine's state."""
    return dataclasses.replace(view, playing=False, previous=view.state, ahead_s=0.0)


def paused_or_playing(view: View) -> View:
    """Pause, or play on from the state that is shown."""
    return paused(view) if view.playing else dataclasses.replace(view, playing=True)


def with_speed(view: View, change: int) -> View:
    """Slower or faster by some places of SPEEDS."""
    return dataclasses.replace(view, speed=min(max(view.speed + change, 0), len(SPEEDS) - 1))


def _onward(view: View) -> View:
    """One step later: a state that has been, if the weather is the one of then, else a new one."""
    view = _weathered(view)
    place = place_of(view) + 1
    if place < len(view.past) and view.past[place][1] == view.conditions:
        return _weathered(dataclasses.replace(view, previous=view.state, state=view.past[place][0]))
    state = _driven(view)
    longest = round(LONGEST_PAST_S / view.scene.step_s)
    past = (*view.past[:place][-longest:], (state, view.conditions))
    return _weathered(dataclasses.replace(view, previous=view.state, state=state, past=past))


def _driven(view: View) -> AgentState:
    return engine.step(view.scene, view.state, world=view.world, conditions=view.weather)
