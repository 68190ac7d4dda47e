"""The cast: a few tiny scenes with names, for all tests."""

from __future__ import annotations

import dataclasses

import numpy as np

from simulator.agents import AgentTable
from simulator.camera import Camera, Sensor
from simulator.conditions import Conditions
from simulator.lane import Lane
from simulator.network import Control, Network, StopLine
from simulator.scene import Scene
from simulator.signals import Aspect, Phase, Signal, SignalPlan
from simulator.surroundings import Ground, Surroundings

DRY = Conditions()
WET = Conditions(water_film_mm=1.0)
SNOWY = Conditions(snow_cover=1.0)
ICY = Conditions(ice=1.0)
GROUND = Ground(0.12, (1.0, 1.0, 1.0), 0.6, (90, 100, 60), 0.3, 0.2, 7)


def drivers(
    starts_m: list[float], routes: list[int] | None = None, **columns: object
) -> AgentTable:
    """Equal cars whose fronts begin at the given places; any column may be given otherwise."""
    count = len(starts_m)
    values: dict[str, object] = {
        "kind": 0, "style": 0, "length_m": 4.5, "width_m": 1.8, "height_m": 1.5,
        "desired_speed_mps": 13.0, "headway_s": 1.2, "min_gap_m": 2.5, "accel_mps2": 1.9,
        "decel_mps2": 2.0, "enter_time_s": 0.0,
        "parked_x_m": 0.0, "parked_y_m": 0.0, "parked_heading_rad": 0.0,
        "temper": 0.0, "adapts": True,
    } | columns  # fmt: skip
    table = {k: np.broadcast_to(np.asarray(v), (count,)) for k, v in values.items()}
    table["colour"] = np.full((count, 3), 120, np.uint8)
    table["route"] = np.array(routes if routes is not None else [0] * count)
    return AgentTable(**table, start_s_m=np.array(starts_m))


def scene(
    network: Network, routes: tuple[tuple[int, ...], ...], agents: AgentTable, **more
) -> Scene:
    """A scene with nothing beside the road."""
    values = {
        "seed": 1, "index": 0, "layout": "cast", "signs": (), "signals": (), "plan": SignalPlan(),
        "surroundings": Surroundings(GROUND), "conditions": DRY, "camera": Camera(),
        "sensor": Sensor(), "warm_up_s": 0.0,
    } | more  # fmt: skip
    return Scene(network=network, routes=routes, agents=agents, **values)


def lane_network(
    length_m: float, lines: tuple[StopLine, ...] = (), limit_mps: float = 60.0
) -> Network:
    """One lane due east from the origin."""
    lane = Lane(0, np.array([[0.0, 0.0], [length_m, 0.0]]), 3.5, limit_mps)
    none = np.array([-1])
    pairs = np.zeros((0, 2), np.int32)
    return Network((lane,), ((),), none, none, pairs, lines, (), (), (0.0, -20.0, length_m, 20.0))


def open_road(agents: AgentTable, length_m: float = 5000.0, **more: object) -> Scene:
    """One long lane without anything on it."""
    return scene(lane_network(length_m), ((0,),), agents, **more)


def red_light(
    agents: AgentTable, phases: tuple[tuple[float, Aspect], ...], **more: object
) -> Scene:
    """One lane of 600 m with a signal's line at 300 m that shows the given phases in turn."""
    line = StopLine(0, 0, 300.0, Control.SIGNAL, 0)
    plan = SignalPlan(tuple(Phase(seconds, (aspect,)) for seconds, aspect in phases))
    head = Signal(0, 300.0, -4.0, 0.0, 0, 0)
    network = lane_network(600.0, (line,))
    return scene(network, ((0,),), agents, plan=plan, signals=(head,), **more)


def four_way_stop(agents: AgentTable, control: Control = Control.STOP, **more: object) -> Scene:
    """Four straight approaches to one square, each with a line 4 m before it.

    Route k comes in heading k quarter turns from east, and all ways cross.
    """
    lanes, lines, routes = [], [], []
    follow: list[tuple[int, ...]] = []
    for k in range(4):
        c, s = [(1, 0), (0, 1), (-1, 0), (0, -1)][k]
        turn = np.array([[c, s], [-s, c]], dtype=float)
        cuts = [(-100.0, -10.0), (-10.0, 10.0), (10.0, 100.0)]
        base = len(lanes)
        for a, b in cuts:
            lanes.append(Lane(len(lanes), np.array([[a, -1.75], [b, -1.75]]) @ turn, 3.5, 14.0))
        group = k if control == Control.SIGNAL else -1
        lines.append(StopLine(k, base, 86.0, control, group))
        routes.append((base, base + 1, base + 2))
        follow += [(base + 1,), (base + 2,), ()]
    none = np.full(12, -1)
    pairs = np.array([(1, 4), (4, 7), (7, 10), (10, 1)])
    box = (-100.0, -100.0, 100.0, 100.0)
    network = Network(tuple(lanes), tuple(follow), none, none, pairs, tuple(lines), (), (), box)
    return scene(network, tuple(routes), agents, **more)


def under(old: Scene, conditions: Conditions) -> Scene:
    """The same scene in other weather."""
    return dataclasses.replace(old, conditions=conditions)
