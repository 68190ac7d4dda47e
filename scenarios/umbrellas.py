"""Who carries an open umbrella, as the rain has it that the drivers drive in."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from simulator.agents import AgentTable

MOST = 0.85
"""Share of people under umbrellas in heavy rain; others have hoods, or nothing (a choice)."""

RAIN_MM_H = 3.0
"""The share approaches its most as 1 - exp(-rain / this): half of it at 2 mm/h (a choice)."""

WIDTH_M = (1.0, 0.08, 0.85, 1.25)
"""Mean, standard deviation and bounds of an open umbrella's width, m: usual trade sizes."""


def umbrella_share(rain_mm_h: float) -> float:
    """Share of people with an open umbrella."""
    return MOST * (1.0 - math.exp(-max(rain_mm_h, 0.0) / RAIN_MM_H))


def with_umbrellas(rng: np.random.Generator, agents: AgentTable, rain_mm_h: float) -> AgentTable:
    """The agents, of whom some on foot carry umbrellas.

    It is the rain of the scene's own conditions that counts: twins in another weather show the same
    people with the same umbrellas, because twins share their geometry. More rain takes nobody's
    umbrella away.

    Args:
        rng: the stream of the umbrellas. agents: of the scene. rain_mm_h: rain rate.
    """
    share = umbrella_share(rain_mm_h)
    if share == 0.0:
        return agents
    mean, sd, low, high = WIDTH_M
    luck = rng.random(len(agents))
    width = np.round(np.clip(rng.normal(mean, sd, len(agents)), low, high), 3)
    up = agents.on_foot & (luck < share)
    return dataclasses.replace(agents, umbrella_m=np.where(up, width, 0.0)) if up.any() else agents
