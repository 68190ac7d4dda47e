"""Parked cars along kerbs."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios.config import TrafficConfig
from scenarios.layout import ParkingStrip, Roads
from scenarios.paint import vehicle_colours
from simulator.agents import Kind
from simulator.seeding import uniform

BAY_M = 6.1
"""Length of a parallel bay (20 ft)."""

SQUARE_BAY_M = 2.6
"""Width of a bay that is not along the kerb (8.5 ft)."""


@dataclasses.dataclass(frozen=True)
class Parked:
    """Columns of the agent table for the parked cars, by name."""

    columns: dict[str, np.ndarray]


def sample_parked(
    rng: np.random.Generator, roads: Roads, settings: TrafficConfig, length_m: np.ndarray,
    width_m: np.ndarray, height_m: np.ndarray,
) -> Parked:  # fmt: skip
    """Fill a share of the bays of every strip that is not kept free.

    Args:
        rng: the stream of the parked cars.
        roads: the layout. settings: shares.
        length_m, width_m, height_m: f64[M], sizes to take in order, at least one a bay.
    """
    poses = []
    for strip in roads.strips:
        share = uniform(rng, settings.parked_low, settings.parked_high)
        bays, pitch = bays_of(strip), pitch_m(strip)
        taken = (rng.random(bays) < share) & (not strip.kept_free)
        along = (np.arange(bays) + 0.5) * pitch + rng.normal(0.0, 0.2, bays).clip(-0.3, 0.3)
        aside = rng.normal(0.0, 0.06, bays).clip(-0.1, 0.1)
        turn = rng.normal(0.0, 0.015, bays).clip(-0.04, 0.04)
        c, s = math.cos(strip.heading_rad), math.sin(strip.heading_rad)
        x = strip.x_m + c * along - s * aside
        y = strip.y_m + s * along + c * aside
        poses.append(np.stack([x, y, strip.heading_rad + strip.bay_rad + turn], axis=1)[taken])
    pose = np.concatenate(poses) if poses else np.zeros((0, 3))
    return Parked(_columns(rng, pose, (length_m, width_m, height_m)))


def bay_count(roads: Roads) -> int:
    """Most cars that could be parked."""
    return sum(bays_of(strip) for strip in roads.strips)


def pitch_m(strip: ParkingStrip) -> float:
    """From one bay to the next."""
    return BAY_M if strip.bay_rad == 0 else SQUARE_BAY_M


def bays_of(strip: ParkingStrip) -> int:
    """How many bays a strip has."""
    return int(strip.length_m // pitch_m(strip))


def _columns(
    rng: np.random.Generator, pose: np.ndarray, sizes: tuple[np.ndarray, ...]
) -> dict[str, np.ndarray]:
    count = len(pose)
    zero = np.zeros(count)
    return {
        "kind": np.full(count, int(Kind.CAR), np.uint8),
        "style": rng.integers(0, 256, count),
        "length_m": np.minimum(sizes[0][:count], BAY_M - 0.8),
        "width_m": sizes[1][:count],
        "height_m": sizes[2][:count],
        "colour": vehicle_colours(rng, np.zeros(count, np.bool_)),
        "desired_speed_mps": zero + 10.0,
        "headway_s": zero + 1.0,
        "min_gap_m": zero + 2.0,
        "accel_mps2": zero + 1.0,
        "decel_mps2": zero + 2.0,
        "route": np.full(count, -1, np.int32),
        "start_s_m": zero,
        "enter_time_s": zero,
        "temper": zero,
        "adapts": np.ones(count, np.bool_),
        "parked_x_m": pose[:, 0].round(3),
        "parked_y_m": pose[:, 1].round(3),
        "parked_heading_rad": pose[:, 2].round(4),
    }
