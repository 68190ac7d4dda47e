"""The state that signs are in: dirt, plates askew, crowns that have grown over them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from scenarios.config import SignStateConfig
from scenarios.layout import Roads
from scenarios.paint import LEAVES, near, triples
from scenarios.surroundings import OVERHANG_M
from simulator.camera import Camera, foot_m
from simulator.collision import hit
from simulator.seeding import uniform
from simulator.sign import PLATE_M, Sign, plate_centre_m
from simulator.surroundings import Building, Surroundings, Tree

LEAST_TILT_RAD = 0.08
"""Nobody sees less."""

CROWN_BASE = 0.6
"""A crown is widest at this share of its height, see ``render/trees.py``; there it must be above
the plate."""

TALL_M = (4.6, 7.5)
RADIUS_M = (1.8, 2.9)
BEHIND_M, ASIDE_M = (0.3, 1.7), 0.6
"""Where the middle of a crown is from that of the plate that it hangs over: away from the road, and
spread along it, m."""

WITHIN = 0.8
"""The middle of the plate is within this share of the crown's radius."""

TRIES = 8

KEPT_M = 0.4
"""Least way from a trunk to a house."""


def with_wear(
    rng: np.random.Generator, signs: tuple[Sign, ...], config: SignStateConfig
) -> list[Sign]:
    """The signs, a share of them dirty and a share askew.

    Args:
        rng: the stream of the signs' state. signs: as they were put up. config: shares and ranges.
    """
    worn = []
    for sign, (dirty, dirt, askew, tilt, side) in zip(
        signs, rng.random((len(signs), 5)), strict=True
    ):
        if dirty < config.dirty_share:
            share = config.dirt_low + (config.dirt_high - config.dirt_low) * float(dirt)
            sign = dataclasses.replace(sign, dirt=round(share, 3))
        if askew < config.tilted_share:
            low = min(LEAST_TILT_RAD, config.tilt_high_rad)
            rad = low + (config.tilt_high_rad - low) * float(tilt)
            sign = dataclasses.replace(sign, tilt_rad=round(math.copysign(rad, side - 0.5), 4))
        worn.append(sign)
    return worn


def overgrown(
    rng: np.random.Generator, signs: list[Sign], around: Surroundings, roads: Roads,
    camera: Camera, config: SignStateConfig,
) -> tuple[tuple[Sign, ...], Surroundings]:  # fmt: skip
    """Signs and surroundings with trees that hide a share of the signs from the camera.

    A sign beside which no tree finds room stays as it is.

    Args:
        rng: the stream of these trees. signs, around: what there is already.
        roads: where no trunk stands. camera: it looks at the plates. config: shares.
    """
    wanted = rng.random(len(signs)) < config.overgrown_share
    if not wanted.any():
        return tuple(signs), around
    houses = _boxes(around.buildings)
    found, trees = list(signs), list(around.trees)
    for k in np.flatnonzero(wanted).tolist():
        tree = _tree_over(rng, signs[k], roads.boxes, houses, camera)
        if tree is not None:
            trees.append(tree)
            found[k] = dataclasses.replace(signs[k], overgrown=True)
    return tuple(found), dataclasses.replace(around, trees=tuple(trees))


def _tree_over(
    rng: np.random.Generator, sign: Sign, roads: np.ndarray, houses: np.ndarray, camera: Camera
) -> Tree | None:
    """A tree whose crown the camera sees over a sign's plate, None where there is no room."""
    ahead = np.array([math.cos(sign.heading_rad), math.sin(sign.heading_rad)])
    out = np.array([ahead[1], -ahead[0]])
    plate = plate_centre_m(sign, "right")
    leaf = triples(near(rng, np.array([LEAVES[int(rng.integers(len(LEAVES)))]]), 10.0))[0]
    for _ in range(TRIES):
        off = uniform(rng, *BEHIND_M) * out + float(rng.normal(0.0, ASIDE_M)) * ahead
        tall, wide = round(uniform(rng, *TALL_M), 2), uniform(rng, *RADIUS_M)
        radius = round(max(wide, float(np.hypot(*off)) / WITHIN), 2)
        x, y = np.round(_seen_at(camera, plate + off, CROWN_BASE * tall), 3).tolist()
        crown, trunk = 2 * (radius - OVERHANG_M), 2 * KEPT_M
        if hit(np.array([[x, y, 0.0, crown, crown]]), roads).any():
            continue
        if not hit(np.array([[x, y, 0.0, trunk, trunk]]), houses).any():
            return Tree(x, y, radius, tall, leaf, int(rng.integers(0, 2**31)))
    return None


def _seen_at(camera: Camera, place_m: np.ndarray, z_m: float) -> np.ndarray:
    """Where something at a height must be to be seen where a plate is that stands elsewhere."""
    if camera.kind != "pinhole":
        return place_m
    foot = foot_m(camera)
    return foot + (place_m - foot) * (camera.altitude_m - z_m) / (camera.altitude_m - PLATE_M)


def _boxes(buildings: tuple[Building, ...]) -> np.ndarray:
    """Houses of four corners as boxes f64[N, 5]: x, y, heading, length, width."""
    corners = np.array([b.footprint_m for b in buildings]).reshape(-1, 4, 2)
    along, across = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    heading = np.arctan2(along[:, 1], along[:, 0])
    sizes = np.hypot(*along.T), np.hypot(*across.T)
    return np.column_stack([corners.mean(axis=1), heading, *sizes])
