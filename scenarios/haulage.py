"""Articulated trucks: which of the trucks are some, how long, and where they can turn."""

from __future__ import annotations

import dataclasses

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
    long = np.round(np.clip(mean + sd * rng.normal(size=len(kind)), low, high), 3)
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
    ends = np.cumsum([lane.length_m for lane in lanes])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    s = np.arange(0.0, along[-1], STEP_M)
    pin = np.stack([np.interp(s, along, line[:, k]) for k in (0, 1)], axis=1)
    axle = pin[0] - tow_m * (pin[1] - pin[0]) / np.hypot(*(pin[1] - pin[0]))
    for k in range(1, len(pin)):
        axle = pin[k] - tow_m * (pin[k] - axle) / np.hypot(*(pin[k] - axle))
        near = max(k - 2 * round(tow_m / STEP_M), 0)
        away = float(np.hypot(*(pin[near : k + 1] - axle).T).min()) if k * STEP_M > tow_m else 0.0
        lane = lanes[min(int(np.searchsorted(ends, max(s[k] - tow_m, 0.0))), len(lanes) - 1)]
        if away + WIDTH_M / 2 > lane.width_m / 2:
            return False
    return True
