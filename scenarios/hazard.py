"""Scenes with a hazard: draws scenes until one has a moment in which all relations hold."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

import numpy as np

from scenarios.check import check_scene
from scenarios.hazard_config import PARKED_M, HazardConfig, ThingConfig
from scenarios.relations import Moment, candidates, holds
from simulator import engine
from simulator.agents import AgentState, AgentTable, Kind
from simulator.errors import FairweatherError
from simulator.geometry import wrap_rad
from simulator.scene import Scene

LOOK_EVERY_S = 0.5
LONGEST_S = 600.0
"""No scene is warmed up for longer."""

BOLD_TEMPER = 2.0
"""Beyond ``drivers.LATE_TEMPER``: goes on at a yellow at which others stop."""

BROKEN_MPS = 0.02
"""Free speed of a vehicle that has broken down: it is a driver still, whom others see."""

Chosen = dict[str, int]
"""The row of the agent, sign or signal that each thing is."""


def find_hazard(hazard: HazardConfig, draw: Callable[[int], Scene], place: str) -> Scene:
    """The first of the drawn scenes that shows the hazard, at the moment in which it does.

    Its warm-up ends at that moment, and its camera looks at the middle of the things.

    Args:
        hazard: what is wanted. draw: attempt -> a consistent scene.
        place: what to call the scene in an error.

    Raises:
        FairweatherError: no moment of any of the scenes will do; says what was missing.
    """
    lacking: Counter[str] = Counter()
    for attempt in range(hazard.tries):
        scene = _staged(draw(attempt), hazard, attempt)
        first = round(scene.warm_up_s / scene.step_s)
        every = round(LOOK_EVERY_S / scene.step_s)
        last = round(min(hazard.within_s, LONGEST_S - scene.warm_up_s) / scene.step_s)
        times = [k * scene.step_s for k in range(first, first + last + 1, every)]
        nearest: list[str] = []
        for state in engine.rollout(scene, times):
            chosen, why = search(scene, state, hazard)
            if chosen is not None:
                made = _made(scene, state, hazard, chosen)
                if made is not None:
                    return made
                why = "the moment did not survive the change of a parked car"
            nearest.append(why)
        lacking[max(nearest, key=lambda w: not w.startswith("there is no"))] += 1
    why, count = lacking.most_common(1)[0]
    raise FairweatherError(
        f"no hazard in {hazard.tries} tries: {why} (in {count} of them)", place=place,
        mend="Widen its ranges, raise the shares of its kinds in traffic, or hazard.tries",
    )  # fmt: skip


def search(scene: Scene, state: AgentState, hazard: HazardConfig) -> tuple[Chosen | None, str]:
    """(the things for which all relations hold in a moment, or None; what was lacking then)."""
    things = {t.name: candidates(scene, state, t) for t in hazard.things}
    for name, found in things.items():
        if not len(found.row):
            return None, f"there is no {name}"
    tables: list[tuple[list[str], np.ndarray]] = []
    for relation in sorted(hazard.relations, key=lambda r: r.by is not None):
        table = holds(Moment(scene, state, things), relation)
        if not table.any():
            return None, f"never '{relation.words()}'"
        own = [n for n in (relation.a, relation.b, relation.by) if n is not None]
        tables.append((own, table))
        for axis, name in enumerate(own):  # who fails here need not be looked at again
            kept = np.asarray(table.any(axis=tuple(k for k in range(table.ndim) if k != axis)))
            things[name] = things[name].only(kept)
            tables = [(o, _thinned(o, t, name, kept)) for o, t in tables]
            table = tables[-1][1]
    names = list(things)
    picked = _join(names, [len(things[n].row) for n in names], tables)
    if picked is None:
        return None, "not all relations at once"
    return {n: int(things[n].row[k]) for n, k in zip(names, picked, strict=True)}, ""


def _thinned(own: list[str], table: np.ndarray, name: str, kept: np.ndarray) -> np.ndarray:
    return np.compress(kept, table, axis=own.index(name)) if name in own else table


def _join(
    names: list[str], counts: list[int], tables: list[tuple[list[str], np.ndarray]]
) -> list[int] | None:
    """The first choice of a candidate for every name that is true in all tables (backtracking)."""

    def fits(chosen: list[int]) -> bool:
        for own, table in tables:
            known = [names.index(n) for n in own]
            if max(known) == len(chosen) - 1:
                index = tuple(chosen[k] for k in known)
                if not table[index if table.ndim == len(index) else (*index, 0)]:
                    return False
        return True

    def deeper(chosen: list[int]) -> list[int] | None:
        if len(chosen) == len(names):
            return chosen
        for k in range(counts[len(chosen)]):
            if fits([*chosen, k]) and (found := deeper([*chosen, k])) is not None:
                return found
        return None

    return deeper([])


def _staged(scene: Scene, hazard: HazardConfig, attempt: int) -> Scene:
    """The scene with what the hazard does to its drivers before anything moves."""
    agents, changes = scene.agents, {}
    if hazard.bold:
        changes["temper"] = np.where(agents.driven, BOLD_TEMPER, agents.temper)
    here = np.flatnonzero(agents.driven & (agents.enter_time_s <= 0))
    if hazard.halts and len(here):
        speed = agents.desired_speed_mps.copy()
        speed[here[attempt % len(here)]] = BROKEN_MPS
        changes["desired_speed_mps"] = speed
    return dataclasses.replace(scene, agents=dataclasses.replace(agents, **changes))


def _made(scene: Scene, state: AgentState, hazard: HazardConfig, chosen: Chosen) -> Scene | None:
    """The scene at that moment, with the changes of its parked things; None if it spoils it."""
    agents = scene.agents
    for thing in hazard.things:
        if thing.state == "parked":
            agents = _replaced(agents, thing, chosen[thing.name])
    camera = dataclasses.replace(scene.camera, **_middle(scene, state, hazard, chosen))
    made = dataclasses.replace(
        scene, agents=agents, warm_up_s=round(state.time_s, 6), camera=camera
    )
    if agents is not scene.agents:
        moment = engine.rollout(made, [state.time_s])[0]
        if check_scene(made) or search(made, moment, _changed(hazard))[0] is None:
            return None
    return made


def _changed(hazard: HazardConfig) -> HazardConfig:
    """The hazard as it reads once its parked things are what they become."""
    things = tuple(
        dataclasses.replace(t, what=(t.becomes,), becomes=None) if t.becomes else t
        for t in hazard.things
    )
    return dataclasses.replace(hazard, things=things)


def _replaced(agents: AgentTable, thing: ThingConfig, row: int) -> AgentTable:
    values: dict[str, float] = {}
    if thing.becomes is not None:
        values["kind"] = int(Kind[thing.becomes.upper()])
        size = PARKED_M[thing.becomes]
        values |= zip(("length_m", "width_m", "height_m"), size, strict=True)
    if thing.turned:
        values["parked_heading_rad"] = float(wrap_rad(agents.parked_heading_rad[row] + np.pi))
    columns = {name: getattr(agents, name).copy() for name in values}
    for name, value in values.items():
        columns[name][row] = value
    return dataclasses.replace(agents, **columns)


def _middle(
    scene: Scene, state: AgentState, hazard: HazardConfig, chosen: Chosen
) -> dict[str, float]:
    places = []
    for thing in hazard.things:
        found, row = candidates(scene, state, thing), chosen[thing.name]
        k = int(np.flatnonzero(found.row == row)[0])
        places.append((found.x[k], found.y[k]))
    low, high = np.min(places, axis=0), np.max(places, axis=0)
    x, y = (low + high) / 2
    return {"x_m": round(float(x), 3), "y_m": round(float(y), 3)}
