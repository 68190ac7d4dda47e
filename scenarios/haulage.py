"""Articulated trucks: which of the trucks are some, how long, and where they can turn."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios.layout import Roads
from simulator.agents import KINGPIN_M, Kind
from simulator.lane import Lane
from simulator.towing import AXLE_SHARE

SIZE_M = {
    # signs of: (mean, sd, low, high) of the length of both together; length of the semitrailer
    "vienna": ((16.3, 0.2, 15.6, 16.5), 13.6),
    "north_america": ((20.7, 0.5, 19.5, 21.5), 16.15),
}
"""Tractor with semitrailer by the country's rules, m: 16.5 and 13.6 are the limits of EU directive
96/53; a 53-foot semitrailer behind a tractor with a sleeper, between AASHTO's WB-62 and WB-67."""

WIDTH_M, HEIGHT_M = 2.55, 4.0
STEP_M = 0.5
"""Along a route, for the way of the trailer's axles."""


@dataclasses.dataclass(frozen=True, eq=False)
class Haul:
    """Sizes of the traffic once some trucks tow a semitrailer: f64[N], m."""

    length_m: np.ndarray
    width_m: np.ndarray
    height_m: np.ndarray
    trailer_m: np.ndarray


def with_trailers(
    rng: np.random.Generator, roads: Roads, kind: np.ndarray, route: np.ndarray,
    size: dict[str, np.ndarray], share: float, signs: str,
) -> Haul:  # fmt: skip
    """Make a share of the trucks articulated; not those whose route such a one cannot turn.

    Args:
        rng: a stream of their own. kind: u8[N]. route: i32[N]. size: of all, f64[N] m.
        share: of the trucks. signs: of the convention, by which the legal length is chosen.
    """
    (mean, sd, low, high), trailer = SIZE_M[signs]
    drawn = rng.random(len(kind)) < share
    long = (mean + sd * rng.normal(size=len(kind))).clip(low, high).round(3)
    tow = AXLE_SHARE * (trailer - KINGPIN_M)
    tows = (kind == Kind.TRUCK) & drawn
    turns: dict[int, bool] = {}
    for i in np.flatnonzero(tows).tolist():
        r = int(route[i])
        if r not in turns:
            turns[r] = keeps_its_lanes([roads.network.lanes[k] for k in roads.routes[r]], tow)
        tows[i] = turns[r]
    return Haul(
        np.where(tows, long, size["length_m"]), np.where(tows, WIDTH_M, size["width_m"]),
        np.where(tows, HEIGHT_M, size["height_m"]), np.where(tows, trailer, 0.0),
    )  # fmt: skip


def keeps_its_lanes(lanes: list[Lane], tow_m: float) -> bool:
    """Whether a semitrailer stays within the lanes of a route whose middle its pin runs along.

    Args:
        lanes: of the route, in order. tow_m: from the pin to the trailer's axles.
    """
    line = np.concatenate([lanes[0].centre_m, *(lane.centre_m[1:] for lane in lanes[1:])])
    spare_m = (min(lane.width_m for lane in lanes) - WIDTH_M) / 2
    if _bend_m(line) < spare_m:  # which the trailer cuts by less than the whole of it
        return True
    ends = np.cumsum([lane.length_m for lane in lanes])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    s = np.arange(0.0, along[-1], STEP_M)
    pin = np.stack([np.interp(s, along, line[:, k]) for k in (0, 1)], axis=1)
    axle = _followed(pin, tow_m)
    behind = np.arange(len(pin))[:, None] - np.arange(2 * round(tow_m / STEP_M) + 1)
    away = np.hypot(*np.moveaxis(pin[np.maximum(behind, 0)] - axle[:, None], 2, 0)).min(axis=1)
    away[s <= tow_m] = 0.0
    at = np.searchsorted(ends, np.maximum(s - tow_m, 0.0)).clip(max=len(lanes) - 1)
    width_m = np.array([lane.width_m for lane in lanes])[at]
    return bool((away + WIDTH_M / 2 <= width_m / 2)[1:].all())


def _bend_m(line: np.ndarray) -> float:
    """How far a line lies off the straight one between its ends at most, m."""
    x, y = line[-1] - line[0]
    off = x * (line[:, 1] - line[0, 1]) - y * (line[:, 0] - line[0, 0])
    return float(np.abs(off).max() / max(math.hypot(x, y), 1e-9))


def _followed(pin: np.ndarray, tow_m: float) -> np.ndarray:
    """Where a trailer's axles go that begin right behind the pin, f64[N, 2]."""
    (x0, y0), (x1, y1) = pin[:2].tolist()
    step = math.hypot(x1 - x0, y1 - y0)
    x, y = x0 - tow_m * (x1 - x0) / step, y0 - tow_m * (y1 - y0) / step
    out = [(x, y)]
    for px, py in pin[1:].tolist():
        dx, dy = px - x, py - y
        far = math.hypot(dx, dy)
        x, y = px - tow_m * dx / far, py - tow_m * dy / far
        out.append((x, y))
    return np.array(out)
