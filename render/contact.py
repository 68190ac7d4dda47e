"""Contact shadows: what things keep off the light of a clouded sky, on the ground close to them.

An endless wall of height h hides the share (1 - d / sqrt(h^2 + d^2)) / 2 of an even sky from level
ground at a distance d: half at its foot. So much is taken off by rings round each outline, a few of
them, of which the inner are the darker; the last is too faint to be seen to end.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from render import actors
from render.obstacles import block_corners, on_ground, standing_near
from render.poses import Poses
from render.rigs import Bodies
from render.trees import rounded
from simulator.camera import Camera
from simulator.scene import Scene

RINGS, FAR = 6, 1.5
"""How many there are, and where the last ends, in heights of the thing."""

TALLEST_M = 2.5
"""Higher things shade the ground no further: what is shaded far from them is shaded evenly."""

CROWN_SHARE = 0.5
"""A crown stands above the ground: light comes in under it."""

CORNERS = 12
"""Of the rings round a crown."""


def _rings() -> tuple[np.ndarray, np.ndarray]:
    """Where the rings end, in heights of the thing, f64[RINGS], and what they take, f64[RINGS]."""
    ends = FAR * (np.arange(RINGS + 1) / RINGS) ** 1.5
    middle = (ends[1:] + ends[:-1]) / 2
    taken, last = (1.0 - x / np.sqrt(1.0 + x * x) for x in (middle, FAR))
    return ends[1:], (taken - last) / (1.0 - last)


ENDS, TAKEN = _rings()

_NO_SUN = np.zeros(2)
"""Of this, shadows are what stands on the ground itself."""


def vehicle_rings(
    camera: Camera, poses: Poses, bodies: Bodies, chosen: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rings round vehicles: f32[V, 2] px, i32[P + 1] starts, and what each takes f64[P].

    Args:
        chosen: bool[rows of the agent table], only of these.
    """
    vertices, starts, taken, used = [], [np.zeros(1, np.int32)], [], 0
    for end, share in zip(ENDS.tolist(), TAKEN.tolist(), strict=True):
        points, first = actors.vehicle_shadows(camera, poses, _wider(bodies, end), _NO_SUN, chosen)
        vertices.append(points)
        starts.append(first[1:] + np.int32(used))
        taken.append(np.full(len(first) - 1, share))
        used += len(points)
    return np.concatenate(vertices), np.concatenate(starts), np.concatenate(taken)


def bounds(
    camera: Camera, poses: Poses, bodies: Bodies, chosen: np.ndarray, to: np.ndarray
) -> None:
    """Write what the rings of some vehicles fall on, as ``actors.bounds``."""
    actors.bounds(camera, poses, _wider(bodies, FAR), chosen, to, _NO_SUN)


def _wider(bodies: Bodies, heights: float) -> Bodies:
    """The bodies with so much more on all sides, in their heights."""
    more = 2.0 * heights * np.minimum(bodies.size_m[:, 2:], TALLEST_M)
    return dataclasses.replace(bodies, size_m=bodies.size_m + more * [1.0, 1.0, 0.0])


def obstacle_rings(scene: Scene, camera: Camera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rings round houses, crowns and what stands about, as of vehicles."""
    standing = standing_near(scene, camera, beside_m=FAR * TALLEST_M)
    things = [(b.footprint_m, b.height_m, 1.0) for b in standing.buildings]
    things += [(block_corners(b), b.height_m, 1.0) for b in standing.blocks if b.height_m > 0]
    things += [
        (rounded(CORNERS) * t.radius_m + [t.x_m, t.y_m], t.height_m, CROWN_SHARE)
        for t in standing.trees
    ]
    rings, taken = [], []
    for _, some in itertools.groupby(things, lambda thing: len(thing[0])):
        outlines, tall, share = map(np.array, zip(*some, strict=True))
        reach = np.minimum(tall, TALLEST_M)
        for end, part in zip(ENDS.tolist(), TAKEN.tolist(), strict=True):
            rings.append(_offset(outlines, end * reach))
            taken.append(part * share)
    return *on_ground(camera, rings), np.concatenate([*taken, np.zeros(0)])


def _offset(outlines: np.ndarray, more_m: np.ndarray) -> np.ndarray:
    """Convex outlines f64[P, N, 2], each grown by so much f64[P] on all sides."""
    after = np.roll(outlines, -1, axis=1)
    edge = after - outlines
    area = (outlines[..., 0] * after[..., 1] - outlines[..., 1] * after[..., 0]).sum(axis=1)
    out = np.stack([edge[..., 1], -edge[..., 0]], axis=2) * np.sign(area)[:, None, None]
    out /= np.maximum(np.hypot(edge[..., 0], edge[..., 1]), 1e-9)[..., None]
    before = np.roll(out, 1, axis=1)
    corner = (out + before) / (1.0 + (out * before).sum(axis=2, keepdims=True)).clip(0.2)
    return outlines + corner * more_m[:, None, None]
