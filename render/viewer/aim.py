"""What happens to the camera of a view: moved, zoomed, bound to a vehicle, sent home."""

from __future__ import annotations

import dataclasses

import numpy as np

from render.viewer import look
from render.viewer.look import Framed
from render.viewer.shot import shown
from render.viewer.view import View, said
from simulator.agents import AgentState

PAN_SHARE, ZOOM = 0.125, 0.8
"""How far one press moves the picture, of its smaller side; how much nearer one step of the wheel
goes."""

NEAR_PX = 40.0
"""A click this near to a vehicle's middle means the vehicle."""


def framing(view: View, state: AgentState | None = None) -> Framed:
    """The camera and where its picture lies; ``state``: ``shown(view)``, where it is at hand."""
    return look.framed(
        view.scene.camera, view.camera_kind, view.look, view.follow,
        state or (view.state if view.follow < 0 else shown(view)), look.area_of(view.size_px),
    )  # fmt: skip


def divider_px(view: View) -> int:
    """Where the divider stands, px of the window from its left."""
    box = framing(view).box
    return box.x + round(view.divider * box.width)


def pointed(view: View) -> tuple[int, int]:
    """Where the mouse points in the picture, px of the window; else the picture's middle."""
    box = framing(view).box
    if view.mouse is not None and box.collidepoint(view.mouse):
        return view.mouse
    return box.center


def panned(view: View, right: int, down: int) -> View:
    """The camera moved by some presses of an arrow key."""
    step = PAN_SHARE * min(look.area_of(view.size_px).size)
    return dragged(view, -right * step, -down * step)


def dragged(view: View, right_px: float, down_px: float) -> View:
    """The picture drawn along by the mouse; the camera lets go of a vehicle."""
    there = look.panned(framing(view), -right_px, -down_px)
    return dataclasses.replace(view, look=there, follow=-1)


def zoomed(view: View, steps: float) -> View:
    """Nearer (above 0) or farther, to where the mouse points, else to the middle."""
    there = look.zoomed(framing(view), ZOOM**steps, pointed(view))
    return dataclasses.replace(view, look=there)


def home(view: View) -> View:
    """The scene's own camera: the picture that a dataset holds."""
    own = view.scene.camera.kind
    return dataclasses.replace(view, look=None, follow=-1, camera_kind=own)


def follow_or_not(view: View) -> View:
    """Follow the vehicle nearest to the mouse or the middle, or let go."""
    if view.follow >= 0:
        return let_go(view)
    row = nearest(view, pointed(view), np.inf)
    return said(view, "nobody drives here") if row < 0 else following(view, row)


def picked(view: View, at_px: tuple[int, int]) -> View:
    """A click into the picture: follow the vehicle there, or let go."""
    row = nearest(view, at_px, NEAR_PX)
    return following(view, row) if row >= 0 else let_go(view)


def following(view: View, row: int) -> View:
    """The camera bound to a vehicle."""
    there = view.look or look.free(framing(view))
    return dataclasses.replace(view, look=there, follow=row)


def let_go(view: View) -> View:
    """The camera stays where it is."""
    if view.follow < 0:
        return view
    return dataclasses.replace(view, look=look.free(framing(view)), follow=-1)


def still_there(view: View) -> View:
    """Let go of a vehicle that has left the map."""
    gone = view.follow >= 0 and not view.state.active[view.follow]
    return let_go(view) if gone else view


def nearest(view: View, at_px: tuple[float, float], within_px: float) -> int:
    """Row of the vehicle whose middle is nearest to a point of the window, -1 none."""
    now, state = framing(view), shown(view)
    rows = np.flatnonzero(state.active & (view.scene.agents.route >= 0))
    if not len(rows):
        return -1
    points = np.stack([state.x_m[rows], state.y_m[rows]], axis=1)
    px = look.in_window(now, points, view.scene.agents.height_m[rows])
    far = np.hypot(*(px - np.array(at_px)).T)
    best = int(np.argmin(far))
    return int(rows[best]) if far[best] <= within_px else -1
