"""Sizes that layouts draw from the settings of roads."""

from __future__ import annotations

import numpy as np

from scenarios.config import RoadConfig
from scenarios.plan import Post
from scenarios.section import Carriageway
from simulator.seeding import uniform

GRAVITY_MPS2 = 9.81
LEAST_BEND_M = 30.0
"""No road of several lanes bends tighter, however slow it is."""

LIMIT_SIGN_M = 28.0
"""From the world's edge to a speed limit sign."""


def half_m(config: RoadConfig, least_m: float) -> float:
    """Half of the world's side: what the settings say, or what a layout needs at least."""
    return max(config.length_m / 2, least_m)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A length evenly from a range, to the centimetre, m."""
    return round(uniform(rng, low, high), 2)


def lane_width_m(rng: np.random.Generator, config: RoadConfig) -> float:
    """Width of the lanes of a road."""
    return between(rng, config.lane_width_low_m, config.lane_width_high_m)


def corner_m(rng: np.random.Generator, config: RoadConfig) -> float:
    """Kerb radius at the corners of a junction."""
    return between(rng, config.corner_radius_low_m, config.corner_radius_high_m)


def limit_mps(rng: np.random.Generator, config: RoadConfig) -> float:
    """A speed limit."""
    return float(rng.choice(config.speed_limits_mps))


def crosswalk_m(rng: np.random.Generator, config: RoadConfig) -> float:
    """Width of a junction's crosswalks, 0 where it has none."""
    width = between(rng, config.crosswalk_low_m, config.crosswalk_high_m)
    return width if rng.random() < config.crosswalk_share else 0.0


def parked_m(rng: np.random.Generator, config: RoadConfig) -> float:
    """Width of a kerb's parking strip, 0 where it has none."""
    return config.parking_width_m if rng.random() < config.parking_share else 0.0


def lanes(count: int, width_m: float, **more: float) -> Carriageway:
    """A direction with a number of equal lanes."""
    return Carriageway((width_m,) * count, **more)


def limit_signs(
    limit: float, *, forward: bool = True, backward: bool = True, s_m: float = LIMIT_SIGN_M
) -> list[Post]:
    """Speed limit signs for a limit in m/s where traffic has come ``s_m`` from the world's edge."""
    ways = [True] * forward + [False] * backward
    return [Post("speed_limit", s_m, way, limit) for way in ways]


def one_way_signs() -> list[Post]:
    """Signs of a one-way road: for its own traffic, and against any that comes the other way."""
    return [Post("one_way", LIMIT_SIGN_M + 20.0, True), Post("no_entry", LIMIT_SIGN_M, False)]


def least_radius_m(speed_mps: float, config: RoadConfig) -> float:
    """Tightest bend for a speed: v^2 / (g (e + f)), e + f the settings' side_friction (AASHTO)."""
    return max(speed_mps**2 / (GRAVITY_MPS2 * config.side_friction), LEAST_BEND_M)
