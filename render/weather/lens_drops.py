"""Drops on the lens: out of focus, each shows a smear of all instead of what is behind it."""

from __future__ import annotations

import numpy as np

from render.effect import Effect, Film, View
from simulator.conditions import Conditions
from simulator.seeding import stream
from simulator.settings import Quantity

MOST_DROPS = 160
SIZE_PX = (9.0, 34.0)
"""Radii on an image 640 px wide."""

CLEAREST = 0.25
"""Share of the light that still comes straight through the middle of a drop."""

SMEAR = 0.75
"""Light of a drop, of the airlight: it gathers the sky's as well as the road's."""


def _strength(conditions: Conditions) -> float:
    return conditions.extra.get("lens_drops", 0.0)


def _film(conditions: Conditions, view: View, prepared: None) -> Film:
    del prepared
    rows, columns = view.kind.shape
    rng = stream(view.scene.seed, view.scene.index, "lens/drops")
    at, size, depth = rng.random((MOST_DROPS, 2)), rng.random(MOST_DROPS), rng.random(MOST_DROPS)
    share = _strength(conditions)
    keep = np.ones((rows, columns), np.float32)
    # as more fall, new ones come beside those that are there, and all grow
    for k in range(int(np.ceil(share * MOST_DROPS))):
        grown = min(share * MOST_DROPS - k, 1.0) * (0.6 + 0.4 * share)
        radius = (SIZE_PX[0] + (SIZE_PX[1] - SIZE_PX[0]) * size[k] ** 3) * columns / 640 * grown
        x, y = at[k] * [columns, rows]
        x0, x1 = max(int(x - radius), 0), min(int(x + radius) + 2, columns)
        y0, y1 = max(int(y - radius), 0), min(int(y + radius) + 2, rows)
        across = np.arange(x0, x1) + 0.5 - x, np.arange(y0, y1)[:, None] + 0.5 - y
        away = np.hypot(*across) / max(radius, 0.5)
        left = CLEAREST + 0.35 * depth[k]
        inside = np.clip((1.0 - away) / 0.6, 0.0, 1.0).astype(np.float32)
        keep[y0:y1, x0:x1] *= 1.0 - inside * np.float32(1.0 - left)
    return Film(keep, np.float32(SMEAR) * (1.0 - keep))


EFFECT = Effect(
    title="lens drops: water on the lens, out of focus",
    order=30,
    quantities=("lens_drops",),
    extra={"lens_drops": Quantity("", 0.0, 1.0, "water on the lens: 1 is a lens full of drops")},
    steps=(0.05, 0.2, 0.5, 1.0),
    strength=_strength,
    film=_film,
)
