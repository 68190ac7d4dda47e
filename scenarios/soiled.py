"""Vehicles that nobody has washed: a film of road dust dulls their paint."""

from __future__ import annotations

import dataclasses

import numpy as np

from simulator.agents import AgentTable

SOILED_SHARE = 0.3
"""Share of the vehicles with dirt that can be seen."""

MOST_COVERED = 0.4

DUST = np.array([126.0, 116.0, 100.0])
"""Dried road dust, sRGB."""


def soiled(rng: np.random.Generator, agents: AgentTable) -> AgentTable:
    """The agents, with the dust of the road on a share of the vehicles. Args: rng: its stream."""
    luck, covered = rng.random((2, len(agents)))
    chosen = ~agents.on_foot & (luck < SOILED_SHARE)
    share = np.where(chosen, MOST_COVERED * covered, 0.0)[:, None]
    colour = np.rint(agents.colour * (1.0 - share) + DUST * share).astype(agents.colour.dtype)
    return dataclasses.replace(agents, colour=colour)
