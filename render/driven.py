"""Driven vehicles as the effects of weather ask for them: whose headlamps shine, who throws up
water or dust.
"""

from __future__ import annotations

import functools

import numpy as np

from render.kernel import kernel
from render.rigs import Rigs
from simulator.agents import AgentState, AgentTable


def headlamps(table: AgentTable, state: AgentState) -> np.ndarray:
    """Whose headlamps are lit at night, f64[N, 4], see ``Effect.beams``."""
    out = np.empty((len(table), 4))
    return out[: _lit(
        state.active, table.driven, state.x_m, state.y_m, state.heading_rad, table.body_m, out
    )]  # fmt: skip


@functools.lru_cache(maxsize=1)  # the twins of a drawing ask for the same
def throwing(table: AgentTable, rigs: Rigs, state: AgentState) -> np.ndarray:
    """Who may throw something up, f64[N, 7], see ``Effect.plumes``."""
    out = np.empty((len(table), 7))
    towed_rad = state.heading_rad if state.trailer_rad is None else state.trailer_rad
    return out[: _throw(
        state.active, table.driven, state.x_m, state.y_m, state.heading_rad, state.speed_mps,
        towed_rad, table.body_m, table.towed_m, table.width_m, table.height_m, rigs.hitch_m, out,
    )]  # fmt: skip


@kernel
def _lit(active, driven, x, y, heading, length, out):
    n = 0
    for r in range(len(active)):
        if active[r] and driven[r]:
            out[n, 0], out[n, 1], out[n, 2], out[n, 3] = x[r], y[r], heading[r], length[r]
            n += 1
    return n


@kernel
def _throw(
    active, driven, x, y, heading, speed, towed_rad, length, towed, width, height, hitch, out
):  # fmt: skip
    n = 0
    for r in range(len(active)):
        if not (active[r] and driven[r] and speed[r] > 0):
            continue
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = x[r], y[r], heading[r], length[r]
        if towed[r] > 0:
            near, far, turned = hitch[r, 0], hitch[r, 1], towed_rad[r]
            out[n, 0] -= near * np.cos(heading[r]) + far * np.cos(turned)
            out[n, 1] -= near * np.sin(heading[r]) + far * np.sin(turned)
            out[n, 2], out[n, 3] = turned, towed[r]
        out[n, 4], out[n, 5], out[n, 6] = width[r], height[r], speed[r]
        n += 1
    return n
