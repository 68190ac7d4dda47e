"""Vehicles in bright paint, as toys have it: colours that hardly any vehicle on a road has."""

from __future__ import annotations

import colorsys
import dataclasses

import numpy as np

from simulator.agents import AgentTable


def with_vivid_paint(rng: np.random.Generator, agents: AgentTable, share: float) -> AgentTable:
    """The agents, of whom a share of the vehicles have a paint of any hue, bright and saturated.

    More of them change nobody's colour who had one: who is vivid, and how, is drawn for all.

    Args:
        rng: the stream of this paint. agents: of the scene. share: 0..1 of the vehicles.
    """
    if share == 0.0:
        return agents
    luck, hue, value = rng.random((3, len(agents)))
    chosen = ~agents.on_foot & (luck < share)
    colour = agents.colour.copy()
    for k in np.flatnonzero(chosen):
        rgb = colorsys.hsv_to_rgb(hue[k], 0.9, 0.55 + 0.4 * value[k])
        colour[k] = np.rint(255.0 * np.array(rgb))
    return dataclasses.replace(agents, colour=colour)
