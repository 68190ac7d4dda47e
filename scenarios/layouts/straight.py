"""A straight road through the whole world, one to three lanes a direction."""

from __future__ import annotations

import math

import numpy as np

from scenarios.config import RoadConfig
from scenarios.layout import Layout, ParkingStrip, Roads, side_along
from scenarios.road import Road, box_polygon, lane_markings, neighbours
from simulator.lane import Lane
from simulator.network import Network
from simulator.signals import SignalPlan


def build(rng: np.random.Generator, config: RoadConfig) -> Roads:
    """Draw one: direction, lanes, widths, limit, parking on either side."""
    half = config.length_m / 2
    angle = float(rng.uniform(-math.pi, math.pi))
    count = int(rng.integers(1, 4))
    width = float(rng.uniform(config.lane_width_low_m, config.lane_width_high_m))
    limit = (
        float(rng.choice(config.speed_limits_mps)) if count < 3 else max(config.speed_limits_mps)
    )
    parking = [bool(v) for v in rng.random(2) < config.parking_share]
    extra = rng.uniform(-0.1, 0.1, count)
    widths = np.clip(width + extra, config.lane_width_low_m, config.lane_width_high_m)
    lanes, left_of, right_of = _lanes(angle, half, widths, limit)
    sides, strips, boxes = [], [], []
    for turn in (0, 1):
        road = Road(angle + math.pi * turn, float(widths.sum()))
        edge = road.half_m + (config.parking_width_m if parking[turn] else 0.0)
        ends = road.points([(-half, -edge), (half, -edge)])
        sides.append(side_along(ends, road.vector(0.0, -1.0)))
        x, y = road.points([(0.0, -edge / 2)])[0]
        boxes.append((x, y, road.heading_rad, config.length_m, edge))
        if parking[turn]:
            x, y = road.points([(-half, -road.half_m - config.parking_width_m / 2)])[0]
            strips.append(ParkingStrip(float(x), float(y), road.heading_rad, config.length_m))
    network = Network(
        lanes=tuple(lanes),
        successors=((),) * len(lanes),
        left_of=np.array(left_of),
        right_of=np.array(right_of),
        conflicts=np.zeros((0, 2), np.int32),
        stop_lines=(),
        junctions_m=(),
        kerbs_m=tuple(box_polygon(box) for box in boxes),
        bounds_m=(-half, -half, half, half),
    )
    along = np.linspace(-0.3, 0.3, 7)[:, None] * half
    routes = tuple((lane.id,) for lane in lanes)
    return Roads(
        network, routes, (1.0,) * len(routes), SignalPlan(), tuple(sides), tuple(strips),
        np.array(boxes), along * [math.cos(angle), math.sin(angle)],
    )  # fmt: skip


def _lanes(
    angle: float, half: float, widths: np.ndarray, limit: float
) -> tuple[list[Lane], list[int], list[int]]:
    """Lanes of both directions, each from the middle outwards, and their neighbours' ids."""
    lanes: list[Lane] = []
    left_of: list[int] = []
    right_of: list[int] = []
    count, middle = len(widths), np.cumsum(widths) - widths / 2
    for turn in (0, 1):
        road = Road(angle + math.pi * turn, float(widths.sum()))
        low, high = neighbours(len(lanes), count)
        for k in range(count):
            line = road.points([(-half, -middle[k]), (half, -middle[k])])
            lanes.append(Lane(len(lanes), line, float(widths[k]), limit, *lane_markings(k, count)))
        left_of += low
        right_of += high
    return lanes, left_of, right_of


LAYOUT = Layout("straight road", build)
