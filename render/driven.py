"""Driven vehicles as the effects of weather ask for them: whose headlamps shine, who throws up
water or dust.
"""

from __future__ import annotations

import functools

import numpy as np

from simulator.agents import AgentState
from simulator.articulation import trailers
from simulator.scene import Scene


def headlamps(scene: Scene, state: AgentState) -> np.ndarray:
    """Whose headlamps are lit at night, f64[N, 4], see ``Effect.beams``."""
    rows = np.flatnonzero(state.active & scene.agents.driven)
    return _columns(rows, state.x_m, state.y_m, state.heading_rad, scene.agents.body_m)


@functools.lru_cache(maxsize=1)  # the twins of a drawing ask for the same
def throwing(scene: Scene, state: AgentState) -> np.ndarray:
    """Who may throw something up, f64[N, 7], see ``Effect.plumes``."""
    table = scene.agents
    rows = np.flatnonzero(state.active & table.driven & (state.speed_mps > 0))
    sizes = table.body_m, table.width_m, table.height_m
    out = _columns(rows, state.x_m, state.y_m, state.heading_rad, *sizes, state.speed_mps)
    tows, towed = trailers(table, state, rows)
    out[np.searchsorted(rows, tows), :5] = towed
    return out


def _columns(rows: np.ndarray, *columns: np.ndarray) -> np.ndarray:
    """Some rows of columns, side by side: f64[N, columns]."""
    out = np.empty((len(rows), len(columns)))
    for k, column in enumerate(columns):
        out[:, k] = column[rows]
    return out
