"""Routes through a network: which ways traffic takes, and how much of it each."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from scenarios.draft import Draft
from simulator.lane import LaneKind, Turn

SHARE = {Turn.NONE: 0.6, Turn.STRAIGHT: 0.6, Turn.LEFT: 0.2, Turn.RIGHT: 0.2}
"""Weight of a movement where the way parts."""

MOST_PATHS = 40
"""An entry with more paths than this gets some of them, drawn at random."""

WALKS = 6
"""How many are drawn then."""

U_TURN_SHARE = 0.05
"""How much rarer a route is that leaves where it came in."""

Path = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Found:
    """Routes of the traffic with their weights, and routes of bicycles."""

    paths: tuple[Path, ...]
    weights: tuple[float, ...]
    bikes: tuple[Path, ...]


@dataclasses.dataclass(frozen=True)
class Ahead:
    """What follows each lane on a way out of the world, and in how many lanes it gets there."""

    follow: list[list[int]]
    steps: list[int]


def find_routes(draft: Draft, calm: set[int], rng: np.random.Generator) -> Found:
    """Routes of the traffic.

    Routes that begin where the world does have a weight. Those from lanes in its midst have none:
    they are for vehicles that are there at the beginning, on lanes that leave a junction, where
    nobody comes from behind at full speed. Every driving lane is on some route.

    Args:
        draft: the network. calm: nodes that are junctions. rng: for tastes and random routes.
    """
    taste = rng.uniform(0.5, 1.5, len(draft.lanes))
    follow = _endings(draft)
    ahead = Ahead(follow, _steps_to_edge(follow))
    begins = set(range(len(draft.lanes))) - {b for s in draft.successors for b in s}
    entries = [i for i in sorted(begins) if draft.lanes[i].kind == LaneKind.DRIVE]
    routes: list[Path] = []
    weights: list[float] = []
    for entry in entries:
        found = _paths(draft, follow, entry)
        if found is None:
            drawn = [_walk(draft, ahead, entry, taste, rng) for _ in range(WALKS)]
            found = sorted(set(drawn))
        for path in found:
            routes.append(path)
            weights.append(_weight(draft, path, taste))
    _cover(draft, ahead, routes, weights)
    inner = sorted(
        {
            i
            for p, after in enumerate(draft.successors)
            for i in after
            if draft.link[i] >= 0
            and draft.lanes[i].kind == LaneKind.DRIVE
            and (draft.node[p] in calm or draft.link[p] == draft.node[p] == -1)
        }
    )
    for i in inner:
        routes.append(_walk(draft, ahead, i, taste, rng))
        weights.append(0.0)
    bikes = [i for i in sorted(begins) if draft.lanes[i].kind == LaneKind.BIKE]
    bike_routes = [_walk(draft, ahead, i, taste, rng) for i in bikes]
    return Found(tuple(routes), tuple(weights), tuple(bike_routes))


def _endings(draft: Draft) -> list[list[int]]:
    """The successors of each lane from which the world's edge can be reached."""
    ends = {i for i, s in enumerate(draft.successors) if not s}
    before: list[list[int]] = [[] for _ in draft.lanes]
    for i, s in enumerate(draft.successors):
        for j in s:
            before[j].append(i)
    reach, stack = set(ends), sorted(ends)
    while stack:
        for i in before[stack.pop()]:
            if i not in reach:
                reach.add(i)
                stack.append(i)
    return [[j for j in s if j in reach] for s in draft.successors]


def _paths(draft: Draft, follow: list[list[int]], entry: int) -> list[Path] | None:
    """All legal paths from a lane to the edge without a lane twice; None: there are too many."""
    found: list[Path] = []
    stack: list[Path] = [(entry,)]
    while stack:
        path = stack.pop()
        if not follow[path[-1]]:
            found.append(path)
        shut = set(path).union(*(draft.never.get(i, ()) for i in path))
        stack += [(*path, j) for j in reversed(follow[path[-1]]) if j not in shut]
        if len(found) + len(stack) > MOST_PATHS:
            return None
    return found


def _weight(draft: Draft, path: Path, taste: np.ndarray) -> float:
    weight = 1.0
    for i, j in itertools.pairwise(path):
        if len(draft.successors[i]) > 1 or draft.node[j] >= 0:
            weight *= SHARE[draft.lanes[j].turn] * float(taste[j])
    if draft.link[path[0]] == draft.link[path[-1]] and len(path) > 1:
        weight *= U_TURN_SHARE
    return weight


def _walk(
    draft: Draft, ahead: Ahead, start: int, taste: np.ndarray, rng: np.random.Generator
) -> Path:
    """A random path from a lane to the edge: it prefers links that it has not been on."""
    follow, steps = ahead.follow, ahead.steps
    path = [start]
    while follow[path[-1]]:
        options = follow[path[-1]]
        fresh = [j for j in options if j not in path and draft.link[j] not in _links(draft, path)]
        if not fresh or len(path) > 12:
            path.append(min(fresh or options, key=lambda j: steps[j]))
            if path.count(path[-1]) > 1:  # a loop: the shortest way out has none
                return _shortest(ahead, start)
            continue
        share = np.cumsum([SHARE[draft.lanes[j].turn] * taste[j] for j in fresh])
        path.append(fresh[int(np.searchsorted(share, rng.random() * share[-1]))])
    return tuple(path)


def _links(draft: Draft, path: list[int]) -> set[int]:
    return {draft.link[i] for i in path} - {-1}


def _steps_to_edge(follow: list[list[int]]) -> list[int]:
    before: list[list[int]] = [[] for _ in follow]
    for i, after in enumerate(follow):
        for j in after:
            before[j].append(i)
    steps = [0 if not after else len(follow) for after in follow]
    layer = [i for i, after in enumerate(follow) if not after]
    while layer:
        reached = sorted({i for j in layer for i in before[j] if steps[i] == len(follow)})
        for i in reached:
            steps[i] = steps[layer[0]] + 1
        layer = reached
    return steps


def _shortest(ahead: Ahead, start: int) -> Path:
    path = [start]
    while ahead.follow[path[-1]]:
        path.append(min(ahead.follow[path[-1]], key=lambda j: ahead.steps[j]))
    return tuple(path)


def _cover(draft: Draft, ahead: Ahead, routes: list[Path], weights: list[float]) -> None:
    """Add a route over every driving lane that has none yet and that an entry leads to."""
    used = {i for route in routes for i in route}
    driven = [i for i, lane in enumerate(draft.lanes) if lane.kind == LaneKind.DRIVE]
    if used.issuperset(driven):
        return
    first: dict[int, Path] = {route[0]: (route[0],) for route in routes}
    queue = list(first)
    while queue:
        i = queue.pop(0)
        for j in ahead.follow[i]:
            if j not in first:
                first[j] = (*first[i], j)
                queue.append(j)
    mean = float(np.mean(weights)) if weights else 1.0
    for i in driven:
        if i not in used and i in first:
            route = (*first[i][:-1], *_shortest(ahead, i))
            if len(set(route)) == len(route):
                routes.append(route)
                weights.append(mean)
                used |= set(route)
