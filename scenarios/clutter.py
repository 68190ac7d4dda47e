"""What lies and stands about beside the road: paved plots, drives, bins, cabinets, containers."""

from __future__ import annotations

import math

import numpy as np

from scenarios.layout import Roads
from scenarios.paint import near, triples
from simulator.collision import hit, near_any
from simulator.surroundings import Block

PLOTS = np.array(
    [(168, 164, 158), (142, 142, 144), (190, 182, 168), (120, 118, 116), (150, 128, 104)]
)
"""Concrete, asphalt, sand, worn asphalt, bare earth; sRGB."""

THINGS = np.array(
    [(60, 110, 70), (40, 60, 110), (200, 196, 190), (120, 120, 122), (150, 60, 40), (214, 170, 40)]
)
"""Bins, cabinets, containers, skips; sRGB."""

FENCES = np.array([(126, 128, 130), (150, 118, 84), (206, 202, 194), (92, 96, 90)])
"""Wire, wood, plaster, painted iron; sRGB."""

COLOURS = np.concatenate([PLOTS, THINGS, FENCES])

CLEAR_OF_PLATES_M = 5.0


def sample_clutter(
    rng: np.random.Generator, roads: Roads, houses: np.ndarray, plates_m: np.ndarray
) -> tuple[Block, ...]:
    """Draw patches and things; none lies on the road, in a house or near a sign or signal.

    Args:
        rng: stream. roads: the layout. houses: f64[H, 5], boxes x, y, heading, length, width.
        plates_m: f64[P, 2], places of signs and signal heads.
    """
    x0, y0, x1, y1 = roads.network.bounds_m
    urban = rng.random()
    plots, things = int(rng.integers(4, 40) * urban * 2), int(rng.integers(30, 180))
    fences = int(rng.integers(0, 40))
    count = plots + things + fences
    x, y = rng.uniform(x0, x1, count), rng.uniform(y0, y1, count)
    flat, fence = np.arange(count) < plots, np.arange(count) >= plots + things
    turned = rng.uniform(0, math.pi, count)
    along = roads.boxes[rng.integers(0, len(roads.boxes), count), 2]
    heading = np.where(flat | fence | (rng.random(count) < 0.6), along, turned)
    length = np.where(flat, rng.uniform(4, 26, count), rng.lognormal(0.1, 0.7, count).clip(0.4, 6))
    width = np.where(flat, rng.uniform(3, 16, count), length * rng.uniform(0.3, 1.0, count))
    height = np.where(flat, 0.0, rng.uniform(0.4, 2.4, count))
    quarter = rng.random(count) < 0.5
    heading = np.where(fence & quarter, heading + math.pi / 2, heading)
    length = np.where(fence, rng.uniform(4, 28, count), length)
    width = np.where(fence, rng.uniform(0.08, 0.3, count), width)
    plot, thing, other = (rng.integers(0, len(of), count) for of in (PLOTS, THINGS, FENCES))
    thing += len(PLOTS)
    other += len(PLOTS) + len(THINGS)
    colour = COLOURS[np.where(flat, plot, np.where(fence, other, thing))]
    srgb = near(rng, colour, 12.0)
    columns = np.array([x, y, heading, length, width, height])
    boxes = columns[:5].T.copy()
    kept = ~hit(boxes, roads.boxes)
    shut = hit(boxes, houses) | near_any(boxes, np.full(count, CLEAR_OF_PLATES_M), plates_m)
    kept &= flat | ~shut
    columns = columns[:, kept].round(3).tolist()
    return tuple(map(Block, *columns, triples(srgb[kept])))
