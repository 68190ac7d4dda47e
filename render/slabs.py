"""Bodies for a tilted camera: prisms cut into layers, of which each says how high it is."""

from __future__ import annotations

import dataclasses
import math

from render.parts_of_bodies import Part

LAYER_M = 0.5
"""Thickest layer, m: the error of a height in the raster's test of what hides what."""


def sliced(body: list[Part], height_m: float) -> list[Part]:
    """A body of about that height with every tall prism in layers from below upward."""
    return [layer for part in body for layer in _layers(part, height_m)]


def _layers(part: Part, height_m: float) -> list[Part]:
    count = math.ceil((part.top_z - part.z) * height_m / LAYER_M - 0.3) if part.top else 1
    if count < 2 or len(part.top) != len(part.shape):
        return [part]
    return [
        dataclasses.replace(
            part, shape=_between(part, k / count), z=_at(part, k / count),
            top=_between(part, (k + 1) / count), top_z=_at(part, (k + 1) / count),
        )
        for k in range(count)
    ]  # fmt: skip


def _between(part: Part, share: float) -> tuple[tuple[float, float], ...]:
    pairs = zip(part.shape, part.top, strict=True)
    return tuple((x + share * (u - x), y + share * (v - y)) for (x, y), (u, v) in pairs)


def _at(part: Part, share: float) -> float:
    return part.z + share * (part.top_z - part.z)
