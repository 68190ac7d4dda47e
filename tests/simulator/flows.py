"""Streams of arrivals for hand-built junctions."""

from __future__ import annotations

import numpy as np

from simulator.agents import AgentState, AgentTable
from simulator.scene import Scene
from simulator.seeding import stream
from tests.cast import drivers


def poisson(
    flows_per_h: dict[int, float], until_s: float, seed: int = 1, **columns: object
) -> AgentTable:
    """Cars arriving on each route at random, no closer than 1.5 s; ``columns`` for all."""
    times, routes = [], []
    for route, flow in flows_per_h.items():
        rng = stream(seed, route, "arrivals")
        time = 0.0
        while flow > 0:
            time += 1.5 + float(rng.exponential(max(3600.0 / flow - 1.5, 0.05)))
            if time > until_s:
                break
            times.append(round(time, 1))
            routes.append(route)
    order = np.argsort(times, kind="stable")
    return drivers(
        [0.0] * len(times),
        routes=[routes[i] for i in order],
        enter_time_s=[times[i] for i in order],
        **columns,
    )


def passed_per_h(scene: Scene, states: list[AgentState], route: int) -> float:
    """Vehicles of a route that got past its first lane in the record, an hour."""
    mine = scene.agents.route == route
    over = [int(((s.leg > 0) & mine).sum()) for s in (states[0], states[-1])]
    return (over[1] - over[0]) * 3600.0 / (states[-1].time_s - states[0].time_s)
