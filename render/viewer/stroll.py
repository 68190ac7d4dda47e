"""Somebody on foot who is put down by hand: strolls round and round beside the road."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, TypeVar

import numpy as np
import shapely

from simulator.agents import AgentState, AgentTable, Kind
from simulator.footpath import Footpath
from simulator.scene import Scene

T = TypeVar("T", AgentTable, AgentState)

ROUND_M = ((8.0, 1.4), (4.0, 1.2), (2.0, 1.2))
"""Length and width of the round that is walked; the first that has room is taken."""

AIR_M = 0.4
"""Between a person's middle and the edge of the road, or a wall."""

LASTS_S = 1800.0
SPEED_MPS = 1.3
CLOTHES = ((150, 60, 52), (52, 84, 140), (70, 74, 82), (196, 182, 150), (58, 98, 72))


def strolling(
    scene: Scene, state: AgentState, at: tuple[float, float], heading_rad: float
) -> tuple[Scene, AgentState] | None:
    """The scene with one more person, who is there from its beginning on.

    Args:
        at: where the person stands now, m. heading_rad: along the road.

    Returns:
        The scene and its state; None where there is no room beside the road.
    """
    line = _round(scene, at, heading_rad)
    if line is None:
        return None
    path = Footpath(line, np.zeros(0, np.int32), np.zeros((0, 2)))
    count, ahead = len(scene.agents), line[1] - line[0]
    row: dict[str, Any] = {
        "kind": int(Kind.PEDESTRIAN), "style": 37 * count % 256, "length_m": 0.62, "width_m": 0.52,
        "height_m": 1.7, "colour": CLOTHES[count % len(CLOTHES)], "desired_speed_mps": SPEED_MPS,
        "headway_s": 1.0, "min_gap_m": 0.8, "accel_mps2": 2.0, "decel_mps2": 2.0,
        "route": len(scene.paths), "adapts": True,
    }  # fmt: skip
    stands: dict[str, Any] = {
        "x_m": at[0], "y_m": at[1], "heading_rad": math.atan2(ahead[1], ahead[0]), "active": True,
        "stopped_since_s": -1.0, "granted_line": -1, "route": len(scene.paths), "shift_done": 1.0,
    }  # fmt: skip
    table, now = _longer(scene.agents, row), _longer(state, stands)
    return dataclasses.replace(scene, agents=table, paths=(*scene.paths, path)), now


def _round(scene: Scene, at: tuple[float, float], heading_rad: float) -> np.ndarray | None:
    """The way of somebody who walks round and round from a place: f64[N, 2] m, or None."""
    network = scene.network
    taken = [*network.kerbs_m, *network.junctions_m]
    taken += [b.footprint_m for b in scene.surroundings.buildings]
    solid = np.array([shapely.Polygon(p).buffer(AIR_M) for p in taken])
    for length, width in ROUND_M:
        for turn in np.arange(4) * np.pi / 2 + heading_rad:
            along = length * np.array([math.cos(turn), math.sin(turn)])
            for side in (1.0, -1.0):
                aside = side * width * np.array([-math.sin(turn), math.cos(turn)])
                corners = np.array([[0.0, 0.0], along, along + aside, aside]) + at
                if not shapely.intersects(solid, shapely.Polygon(corners)).any():
                    rounds = math.ceil(LASTS_S * SPEED_MPS / (2 * (length + width)))
                    return np.round(np.tile(corners, (rounds, 1)), 3)
    return None


def _longer(rows_of: T, row: dict[str, Any]) -> T:
    """A table with one more row; what it does not say is 0."""
    fields: dict[str, np.ndarray] = {}
    for field in dataclasses.fields(rows_of):
        value = getattr(rows_of, field.name)
        if isinstance(value, np.ndarray):
            last = np.zeros((1, *value.shape[1:]), value.dtype)
            last[0] = row.get(field.name, 0)
            fields[field.name] = np.concatenate([value, last])
    return dataclasses.replace(rows_of, **fields)
