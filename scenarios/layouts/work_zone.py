"""Road works: the right lane is closed behind a taper of cones, and its traffic merges before."""

from __future__ import annotations

import math

import numpy as np

from scenarios import draw
from scenarios.alignment import straight
from scenarios.builder import build_roads
from scenarios.config import RoadConfig
from scenarios.layout import Layout, Roads
from scenarios.plan import End, Link, Node, NodeKind, Plan, Post
from scenarios.section import Carriageway, Section
from simulator.geometry import to_world
from simulator.seeding import uniform
from simulator.surroundings import Block, Cone

MPH_PER_MPS, FOOT_M = 2.23694, 0.3048
MOST_LIMIT_MPS = 13.5
"""30 mph: works in a street are passed no faster."""

LEAST_LIMIT_MPS, STEP_MPS = 6.0, 2.235
"""15 mph or a little less, 5 mph."""

LEAST_HALF_M = 105.0
MERGE_M = 26.0
LEAST_WORKS_M = 14.0
DOWNSTREAM_M = 15.0
"""Taper behind the works (MUTCD table 6B-3: 15 m, 50 ft, a lane)."""

MACHINE, HEAP, PIT = (236, 160, 24), (132, 104, 76), (64, 58, 54)
"""sRGB of a yellow machine, a heap of earth and an open pit."""


def taper_m(width_m: float, limit_mps: float) -> float:
    """Length of a merging taper: W S^2 / 60 in feet and mph, W S from 45 mph (MUTCD table 6B-4)."""
    speed, width = limit_mps * MPH_PER_MPS, width_m / FOOT_M
    return FOOT_M * (width * speed if speed >= 45 else width * speed**2 / 60)


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one; two or three lanes each way."""
    half, turn = draw.half_m(config, LEAST_HALF_M), uniform(rng, -math.pi, math.pi)
    count, width = int(rng.integers(2, 4)), draw.lane_width_m(rng, config)
    median = draw.between(rng, config.median_low_m, config.median_high_m)
    median = median if rng.random() < config.median_share else 0.0
    first = draw.between(rng, -0.62, -0.55) * half  # where both lanes have merged
    last = half - DOWNSTREAM_M - MERGE_M - 15.0
    limit = min(MOST_LIMIT_MPS, max(config.speed_limits_mps))
    while limit > LEAST_LIMIT_MPS and first + taper_m(width, limit) + LEAST_WORKS_M > last:
        limit -= STEP_MPS  # a shorter taper where the world is small
    closed = first + taper_m(width, limit)
    opens = min(closed + draw.between(rng, LEAST_WORKS_M, 40.0), last)
    wide = draw.lanes(count, width)
    narrow = Carriageway((width,) * (count - 1), shoulder_m=width)
    cuts = [-half, first - MERGE_M / 2, opens + DOWNSTREAM_M + MERGE_M / 2, half]
    ends = [-1, 0, 1, -1]
    signs = [
        (Post("road_works", 6.0, True), *draw.limit_signs(limit, backward=False, s_m=18.0)),
        (),
        (*draw.limit_signs(limit, forward=False),),
    ]
    links = [
        Link(
            straight(turn, cuts[k], cuts[k + 1]),
            Section(narrow if k == 1 else wide, wide, median, raised=median >= 1.8),
            limit, End(ends[k]), End(ends[k + 1]), posts=signs[k],
        )
        for k in range(3)
    ]  # fmt: skip
    nodes = (Node(kind=NodeKind.TAPER, taper_m=MERGE_M),) * 2
    inner = median / 2 + (count - 1) * width
    cones = _cones((first, closed, opens), inner + 0.15, width - 0.3, limit)
    blocks = _works(rng, closed + 2.0, opens - 2.0, inner + width / 2, width)
    focus = straight(turn, first, opens)
    plan = Plan(
        nodes, tuple(links), focus, half,
        tuple(_turned(block, turn) for block in blocks),
        tuple(Cone(*np.round(p, 3).tolist()) for p in to_world(cones, 0.0, 0.0, turn)),
    )  # fmt: skip
    return build_roads(plan, rng, config)


def _cones(
    along: tuple[float, float, float], inner_m: float, width_m: float, limit_mps: float
) -> np.ndarray:
    """Cones along the road's own axis, f64[N, 2] m: taper, beside the works, downstream taper.

    Their spacing in feet is the speed in mph in the taper and twice that beside the works (MUTCD
    section 6K.01), no more than 4 m where the works are short.
    """
    first, closed, opens = along
    step = limit_mps * MPH_PER_MPS * FOOT_M
    upstream = np.linspace(0.0, 1.0, max(2, round((closed - first) / step)) + 1)
    beside = np.linspace(closed, opens, max(2, round((opens - closed) / min(2 * step, 6.0))) + 1)
    back = np.linspace(0.0, 1.0, 4)
    rows = [
        np.stack([first + upstream * (closed - first), (1 - upstream) * width_m], axis=1),
        np.stack([beside, 0.0 * beside], axis=1)[1:],
        np.stack([opens + back * DOWNSTREAM_M, back * width_m], axis=1)[1:],
    ]
    return np.concatenate(rows) * [1.0, -1.0] - [0.0, inner_m]


def _works(
    rng: np.random.Generator, from_m: float, to_m: float, aside_m: float, width_m: float
) -> list[Block]:
    """A pit, heaps and a machine one behind the other in the closed lane, along the road's axis."""
    blocks, x = [], from_m
    while x < to_m - 3.0:
        what = rng.random()
        length = min(uniform(rng, 3.0, 7.0), to_m - x)
        wide = width_m - uniform(rng, 0.9, 1.5)
        turn = float(rng.normal(0.0, 0.03))
        colour, height = PIT, 0.05  # flat patches lie beneath the road
        if what > 0.4:
            colour, height = (MACHINE, 2.2) if what > 0.7 else (HEAP, 1.0)
        place = x + length / 2, -aside_m - 0.15
        blocks.append(Block(*place, turn, round(length, 2), round(wide, 2), height, colour))
        x += length + uniform(rng, 1.0, 5.0)
    return blocks


def _turned(block: Block, turn: float) -> Block:
    x, y = np.round(to_world(np.array([[block.x_m, block.y_m]]), 0.0, 0.0, turn)[0], 3).tolist()
    return Block(
        x, y, round(block.heading_rad + turn, 4), block.length_m, block.width_m, block.height_m,
        block.colour,
    )  # fmt: skip


LAYOUT = Layout("road works in the right lane", build)
