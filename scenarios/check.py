"""What is wrong with a scene: findings in words, an empty list for a sound one."""

from __future__ import annotations

import math

import numpy as np
import shapely

from scenarios.contradictions import contradictions
from scenarios.outlines import pavement
from simulator.articulation import overlaps
from simulator.engine import initial_state
from simulator.geometry import direction_at, place_at
from simulator.network import Control
from simulator.scene import Scene

CLEARANCE_M = 4.5
"""Below what hangs over a road (Vienna Convention and MUTCD 4D.15: 4.5 and 4.6 m)."""


def check_scene(scene: Scene) -> list[str]:
    """Findings about a scene before it moves: overlaps, lanes without traffic, furniture amiss,
    signs that the road contradicts.
    """
    return [
        *_overlaps(scene), *_unreachable(scene), *_furniture(scene), *_aspects(scene),
        *_supports(scene), *contradictions(scene),
    ]  # fmt: skip


def _overlaps(scene: Scene) -> list[str]:
    agents = scene.agents
    pairs = overlaps(agents, initial_state(scene))
    walks = agents.on_foot  # people make way for each other
    pairs = pairs[~walks[pairs].all(axis=1)]
    return [f"vehicles {i} and {j} overlap at the beginning" for i, j in pairs.tolist()]


def _unreachable(scene: Scene) -> list[str]:
    used = {lane for route in scene.routes for lane in route}
    return [f"no route uses lane {k.id}" for k in scene.network.lanes if k.id not in used]


def _furniture(scene: Scene) -> list[str]:
    lines, lanes = scene.network.stop_lines, scene.network.lanes
    things = [("sign", s) for s in scene.signs if s.stop_line_id != -1]
    kept = scene.convention.side
    found = []
    for noun, thing in [*things, *(("signal", s) for s in scene.signals)]:
        if not 0 <= thing.stop_line_id < len(lines):
            found.append(f"{noun} {thing.id} has no stop line")
            continue
        line = lines[thing.stop_line_id]
        lane = lanes[line.lane_id]
        along = direction_at(lane.centre_m, lane.s_m, line.s_m)
        if math.cos(along - thing.heading_rad) < 0.8:
            found.append(f"{noun} {thing.id} faces away from its traffic")
        x, y = place_at(lane.centre_m, lane.s_m, line.s_m)
        out = (thing.x_m - x) * math.sin(along) - (thing.y_m - y) * math.cos(along)
        if (-out if kept == "left" else out) < lane.width_m / 2:
            found.append(f"{noun} {thing.id} does not stand {kept} of its lane")
    return found


def _supports(scene: Scene) -> list[str]:
    supports = scene.surroundings.supports
    if not supports:
        return []
    x, y = np.array([post for support in supports for post in support.posts_m]).T
    owner = np.repeat(np.arange(len(supports)), [len(support.posts_m) for support in supports])
    amiss = set(owner[shapely.contains_xy(pavement(scene.network)[:, None], x, y).any(axis=0)])
    found = []
    for k, support in enumerate(supports):
        if k in amiss:
            found.append(f"a post of support {k} stands on the carriageway")
        low = min([support.height_m - support.width_m, *(p.low_m for p in support.panels)])
        if support.length_m and low < CLEARANCE_M:
            found.append(f"support {k} hangs {low:g} m over the road, at least {CLEARANCE_M:g} m")
    return found


def _aspects(scene: Scene) -> list[str]:
    heads = {s.group for s in scene.signals}
    phases = scene.plan.phases
    groups = len(phases[0].aspects) if phases else None
    found = []
    for line in scene.network.stop_lines:
        if line.control == Control.SIGNAL:
            if line.group not in heads:
                found.append(f"stop line {line.id} has no signal head")
            if groups is not None and not 0 <= line.group < groups:
                found.append(f"stop line {line.id} has no aspect in the plan")
    return found
