"""Where the window's camera looks, and where its picture lies in the window.

Without a ``Look`` the camera is the scene's own and the picture is what a dataset holds. With one
the picture fills its area, pixel for pixel.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from pygame import Rect

from render.bending import bend_line, bend_outline
from simulator.agents import AgentState
from simulator.camera import Camera, straight_px, to_ground, to_px

NEAREST_M_PER_PX, FARTHEST_M_PER_PX = 0.02, 1.0
MARGIN_PX = 64
"""While it follows a vehicle the camera draws so much more on every side, and draws anew only when
that is used up."""

EDGE_PX, PANEL_PX, FOOT_PX = 8, 360, 54
"""Gaps in the window, width of its right side, height of what is under the picture."""

LEAST_PX = (1000, 600)
"""Smaller windows are laid out as this one and cut off."""

SHARP_BELOW = 1.15
"""A picture that would be enlarged by less than this is shown pixel by pixel instead."""


@dataclasses.dataclass(frozen=True)
class Look:
    """Where a person pointed the camera: the middle of the picture, and its scale."""

    x_m: float
    y_m: float
    m_per_px: float


@dataclasses.dataclass(frozen=True)
class Framed:
    """A camera, and where its picture lies in the window.

    Attributes:
        camera: what is to be seen. box: where, in px of the window.
        margin_px: how much more may be drawn around it.
    """

    camera: Camera
    box: Rect
    margin_px: int = 0


def area_of(size_px: tuple[int, int]) -> Rect:
    """What the picture may take in a window (width, height) px."""
    width, height = max(size_px[0], LEAST_PX[0]), max(size_px[1], LEAST_PX[1])
    return Rect(EDGE_PX, EDGE_PX, width - PANEL_PX - 2 * EDGE_PX, height - FOOT_PX - 2 * EDGE_PX)


def framed(
    own: Camera, kind: str, look: Look | None, follow: int, state: AgentState, area: Rect
) -> Framed:
    """The camera of a view.

    Args:
        own: the scene's camera. kind: as in ``Camera.kind``. look: where a person pointed it.
        follow: row of the vehicle in the middle, or -1. state: what is shown.
        area: what the picture may take, px of the window.
    """
    if look is None:
        return Framed(
            own if kind == own.kind else _level(own, kind),
            fitted(area, (own.width_px, own.height_px)),
        )
    x_m, y_m = look.x_m, look.y_m
    if follow >= 0:
        x_m, y_m = float(state.x_m[follow]), float(state.y_m[follow])
    camera = dataclasses.replace(
        _level(own, kind), x_m=x_m, y_m=y_m, m_per_px=look.m_per_px,
        width_px=area.width, height_px=area.height,
    )  # fmt: skip
    return Framed(camera, area, MARGIN_PX if follow >= 0 else 0)


def _level(camera: Camera, kind: str) -> Camera:
    """A camera that looks straight down and bends nothing: the window moves no other."""
    return dataclasses.replace(camera, kind=kind, tilt_rad=0.0, k1=0.0, k2=0.0, p1=0.0, p2=0.0)


def free(now: Framed) -> Look:
    """The look that shows the middle of what is seen now at the same scale in the window."""
    camera = now.camera
    scale = camera.width_px / now.box.width
    return Look(camera.x_m, camera.y_m, clamped(camera.m_per_px * scale))


def panned(now: Framed, right_px: float, down_px: float) -> Look:
    """The camera moved by some px of the window."""
    look = free(now)
    there = dataclasses.replace(_level(now.camera, now.camera.kind), m_per_px=look.m_per_px)
    centre = np.array([[there.width_px / 2 + right_px, there.height_px / 2 + down_px]])
    x_m, y_m = to_ground(there, centre)[0]
    return Look(float(x_m), float(y_m), look.m_per_px)


def zoomed(now: Framed, factor: float, at_px: tuple[float, float]) -> Look:
    """Nearer (factor below 1) or farther; the point of the ground at ``at_px`` stays there."""
    look = free(now)
    m_per_px = clamped(look.m_per_px * factor)
    x_m, y_m = ground_at(now, at_px)
    keep = m_per_px / look.m_per_px
    return Look(x_m + (look.x_m - x_m) * keep, y_m + (look.y_m - y_m) * keep, m_per_px)


def clamped(m_per_px: float) -> float:
    """A scale within its bounds."""
    return min(max(m_per_px, NEAREST_M_PER_PX), FARTHEST_M_PER_PX)


def ground_at(now: Framed, at_px: tuple[float, float]) -> tuple[float, float]:
    """The point of the ground under a point of the window, m."""
    x_m, y_m = grounds_at(now, np.array([at_px]))[0]
    return float(x_m), float(y_m)


def grounds_at(now: Framed, at_px: np.ndarray) -> np.ndarray:
    """The points of the ground under points of the window f64[N, 2] px, f64[N, 2] m."""
    scale = now.camera.width_px / now.box.width
    return to_ground(now.camera, (at_px - np.array(now.box.topleft)) * scale)


def in_window(now: Framed, points_m: np.ndarray, z_m: float | np.ndarray = 0.0) -> np.ndarray:
    """World points f64[N, 2] m at height z -> px of the window, f64[N, 2]."""
    return _placed(now, to_px(now.camera, points_m, z_m))


def line_in_window(now: Framed, line_m: np.ndarray) -> np.ndarray:
    """A line over the ground f64[N, 2] m as the camera sees it, px of the window, f64[M, 2]."""
    return _placed(now, bend_line(now.camera, straight_px(now.camera, line_m)))


def outline_in_window(now: Framed, outline_m: np.ndarray) -> np.ndarray:
    """A polygon on the ground f64[N, 2] m as the camera sees it, px of the window, f64[M, 2]."""
    return _placed(now, bend_outline(now.camera, straight_px(now.camera, outline_m)))


def _placed(now: Framed, px: np.ndarray) -> np.ndarray:
    """Points of the picture in px of the window."""
    return np.array(now.box.topleft) + now.box.width / now.camera.width_px * px


def whole(now: Framed, drawn: Camera) -> Rect:
    """Where the whole picture of another camera of the same scene lies in the window."""
    scale = drawn.m_per_px / now.camera.m_per_px * now.box.width / now.camera.width_px
    x, y = in_window(now, np.array([[drawn.x_m, drawn.y_m]]))[0]
    out = Rect(0, 0, round(drawn.width_px * scale), round(drawn.height_px * scale))
    out.topleft = round(x - out.width / 2), round(y - out.height / 2)
    return out


def covers(now: Framed, drawn: Camera) -> bool:
    """Whether a picture that was drawn shows all of what is to be seen, at its scale."""
    if not now.margin_px:
        return drawn == now.camera
    same = dataclasses.replace(drawn, x_m=now.camera.x_m, y_m=now.camera.y_m)
    return same == with_margin(now) and bool(whole(now, drawn).contains(now.box))


def with_margin(now: Framed) -> Camera:
    """The camera with as much more around its picture as it may draw."""
    camera, more = now.camera, 2 * now.margin_px
    return dataclasses.replace(
        camera, width_px=camera.width_px + more, height_px=camera.height_px + more
    )


def fitted(area: Rect, size_px: tuple[int, int]) -> Rect:
    """Where a picture (width, height) px goes: as large as fits, in the middle, sharp if it can."""
    scale = min(area.width / size_px[0], area.height / size_px[1])
    scale = 1.0 if 1.0 <= scale < SHARP_BELOW else scale
    out = Rect(0, 0, round(size_px[0] * scale), round(size_px[1] * scale))
    out.center = area.center
    return out
