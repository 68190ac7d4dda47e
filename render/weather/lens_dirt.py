"""Dirt on the lens: dust out of focus scatters some light over the picture and keeps some back."""

from __future__ import annotations

import cv2
import numpy as np

from render.effect import Effect, Film, View
from render.texture import TILE, smooth_tile
from simulator.conditions import Conditions
from simulator.seeding import stream
from simulator.settings import Quantity

BLUR_TILE_PX = 40
"""Size of a smear on an image 640 px wide: nothing that lies on a lens is in focus."""

MOST_LOST = 0.75
SCATTERED = 0.55
"""Share of what dirt keeps back that comes on as an even haze."""


def _strength(conditions: Conditions) -> float:
    return conditions.extra.get("lens_dirt", 0.0)


def _film(conditions: Conditions, view: View, prepared: None) -> Film:
    del prepared
    rows, columns = view.kind.shape
    rng = stream(view.scene.seed, view.scene.index, "lens/dirt")
    x, y = rng.integers(0, TILE, 2)
    tile = np.roll(smooth_tile(BLUR_TILE_PX), (int(y), int(x)), axis=(0, 1))
    size = TILE * columns // 640
    plane = cv2.resize(tile, (max(size, columns), max(size, rows)), interpolation=cv2.INTER_LINEAR)
    share = _strength(conditions)
    covered = np.clip(plane[:rows, :columns] * 0.35 + 0.3, 0.0, 1.0)
    keep = (1.0 - MOST_LOST * share * covered).astype(np.float32)
    return Film(keep, np.float32(SCATTERED) * (1.0 - keep))


EFFECT = Effect(
    title="lens dirt: smears that veil parts of every frame",
    order=31,
    quantities=("lens_dirt",),
    extra={"lens_dirt": Quantity("", 0.0, 1.0, "dirt on the lens: 1 is a lens never cleaned")},
    steps=(0.1, 0.3, 0.6, 1.0),
    strength=_strength,
    film=_film,
)
