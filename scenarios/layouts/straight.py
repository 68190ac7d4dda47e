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
    middle = np.cumsum(widths) - widths / 2
    lanes: list[Lane] = []
    sides, strips, left_of, right_of = [], [], [], []
    boxes = []
    for turn in (0, 1):
        road = Road(angle + math.pi * turn, float(widths.sum()))
        for k in range(count):
            line = road.points([(-half, -middle[k]), (half, -middle[k])])
            left, right = lane_markings(k, count)
            lanes.append(Lane(len(lanes), line, float(widths[k]), limit, left, right))
        low, high = neighbours(turn * count, count)
        left_of += low
        right_of += high
        edge = road.half_m + (config.parking_width_m if parking[turn] else 0.0)
        ends = road.points([(-half, -edge), (half, -edge)])
        sides.append(side_along(ends, road.vector(0.0, -1.0)))
        middle_y = -(edge / 2)
        x, y = road.points([(0.0, middle_y)])[0]
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


LAYOUT = Layout("straight road", build)
