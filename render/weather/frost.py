"""Hoar frost: ice crystals on grass, roofs, cars, glass and plates after a clear night.

It changes pixels alone; how the road grips is told by ``ice``.
"""

from __future__ import annotations

import numpy as np

from render.effect import Effect, View
from render.surface import KINDS, Kind
from render.texture import anchored
from simulator.conditions import Conditions
from simulator.settings import Quantity

WHITE = np.array([0.60, 0.62, 0.65], np.float32)
"""Thin frost reflects half to two thirds, blue a little more (snow: 0.85)."""

HOLD = {
    Kind.VERGE: 0.8, Kind.LEAF: 0.65, Kind.ROOF: 0.75, Kind.GLASS: 0.3, Kind.BODY: 0.3,
    Kind.PLATE: 0.5, Kind.PAVEMENT: 0.35, Kind.ROAD: 0.06, Kind.PAINT: 0.06, Kind.LENS_DARK: 0.2,
    Kind.SKYLIGHT: 0.75,
}  # fmt: skip
"""How much of it each surface bears at most (a choice): thin things that face the sky cool below
the air, the road and what lamps warm do not; of cars some were driven.
"""

GRAIN_M, PATCH_M = 0.05, 0.3
"""Of one tile pixel: crystals stand in tufts of decimetres, cold air lies in hollows of metres."""


def _strength(conditions: Conditions) -> float:
    return conditions.extra.get("frost", 0.0)


def _prepare(conditions: Conditions, view: View) -> tuple[np.ndarray, np.ndarray]:
    shape = view.kind.shape
    hold = np.zeros(KINDS, np.float32)
    for kind, share in HOLD.items():
        hold[kind] = share * _strength(conditions)
    tufts = anchored(view.px_to_m, shape, 3, GRAIN_M, lens=view.lens)
    hollows = anchored(view.px_to_m, shape, 24, PATCH_M, lens=view.lens)
    return hold, np.float32(0.18) * tufts + np.float32(0.3) * hollows


def _surface(
    block: np.ndarray, corner: tuple[int, int], view: View, prepared: tuple[np.ndarray, np.ndarray]
) -> None:
    (x0, y0), (_, rows, columns), (hold, rough) = corner, block.shape, prepared
    here = slice(y0, y0 + rows), slice(x0, x0 + columns)
    share = hold[view.kind[here]]
    share = share + share * (1 - share) * rough[here]
    block += np.clip(share, 0.0, 0.95) * (WHITE[:, None, None] - block)


EFFECT = Effect(
    title="hoar frost: whitened grass, roofs, cars and plates; the road stays dark",
    order=18,
    quantities=("frost",),
    steps=(0.15, 0.4, 0.7, 1.0),
    strength=_strength,
    prepare=_prepare,
    surface=_surface,
    extra={"frost": Quantity("", 0.0, 1.0, "hoar frost: 1 is all that it lies on, white")},
)
