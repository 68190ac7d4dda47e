"""Lying snow: whitens ground, roofs, crowns, cars and plates; tyres clear two ruts a lane."""

from __future__ import annotations

import numpy as np

from render.canvas import WINDOWED
from render.effect import Effect, View
from render.kernel import kernel
from render.surface import Kind
from render.texture import anchored, hollows_seen
from simulator.conditions import Conditions

SNOW_ALBEDO = 0.85
"""Fresh snow reflects 0.8-0.9."""

HOLD = {
    Kind.VERGE: 1.0, Kind.PAVEMENT: 0.95, Kind.ROOF: 1.0, Kind.ROAD: 0.85, Kind.PAINT: 0.8,
    Kind.RUT: 0.3, Kind.LEAF: 0.6, Kind.BODY: 0.35, Kind.GLASS: 0.08, Kind.PLATE: 0.3,
    Kind.LENS_DARK: 0.15,
}  # fmt: skip
"""How much of the snow that fell each surface holds; wheels, warmth and slope take the rest; of
vehicles that drive the wind does, and wipers of glass."""

PARKED = {Kind.BODY: 0.92, Kind.GLASS: 0.6, Kind.LENS_DARK: 0.4}
"""The same of parked vehicles: body and roof are buried, steep glass less (a choice)."""

FIRST_THING = np.uint8(Kind.BODY)
"""From this kind on it lies evenly: on things, whatever ground they are on."""

GRAIN_M = 0.07
"""Size of one tile pixel, m: grains are of decimetres. Drifts and bare patches are of metres: they
lie where tyres have them, in the hollows and on the humps of the ground."""

FIRST_WINDOW, BACK = np.uint8(Kind.SKYLIGHT), np.uint8(WINDOWED)
"""Windows hold what the surface that they are in does: from this kind on, so many kinds back."""


def _strength(conditions: Conditions) -> float:
    return conditions.snow_cover


def _prepare(conditions: Conditions, view: View) -> tuple:
    shape = view.kind.shape
    hold = np.zeros(max(HOLD) + 1, np.float32)
    for kind, share in HOLD.items():
        hold[kind] = share
    parked = view.scene.agents.route < 0
    buried = np.zeros_like(hold)
    for kind, share in PARKED.items():  # beside what it holds while it drives
        held = HOLD[kind] * conditions.snow_cover
        buried[kind] = (share * conditions.snow_cover - held) / (1.0 - held)
    drift = hollows_seen(view.scene, view.px_to_m, shape, view.lens)
    grain = anchored(view.px_to_m, shape, 2, GRAIN_M, lens=view.lens)
    return tuple(hold), np.float32(conditions.snow_cover), drift, grain, parked, buried


def _surface(block: np.ndarray, corner: tuple[int, int], view: View, prepared: tuple) -> None:
    hold, cover, drift, grain, parked, buried = prepared
    _lie(block, *corner, view.kind, hold, cover, drift, grain)
    if view.ids is not None and parked.any():
        _bury(block, *corner, view.kind, view.ids, parked, buried)


@kernel
def _lie(block, x0, y0, kind, hold, cover, drift, grain):
    """``hold``: a tuple by kind of surface, which is compared, not looked up: so many pixels are
    taken at a time.
    """
    _, rows, columns = block.shape
    one, zero, most = np.float32(1.0), np.float32(0.0), np.float32(0.98)
    for y in range(rows):
        kinds = kind[y0 + y, x0 : x0 + columns]
        coarse, fine = drift[y0 + y, x0 : x0 + columns], grain[y0 + y, x0 : x0 + columns]
        red, green, blue = block[0, y], block[1, y], block[2, y]
        for x in range(columns):
            k, a = kinds[x], zero
            k = k if k < FIRST_WINDOW else np.uint8(k - BACK)
            for holding in range(len(hold)):
                a = hold[holding] if k == holding else a
            a *= cover
            rough = coarse[x] + np.float32(0.4) * fine[x]
            rough = rough if k < FIRST_THING else zero
            a *= one + np.float32(0.9) * (one - a) * rough
            share = min(max(a, zero), most)
            white = np.float32(SNOW_ALBEDO) * (one + np.float32(0.04) * fine[x])
            red[x] += share * (white - red[x])
            green[x] += share * (white - green[x])
            blue[x] += share * (white - blue[x])


@kernel
def _bury(block, x0, y0, kind, ids, parked, buried):
    """Add what lies on parked vehicles, bool[rows of the agent table], beside what others hold."""
    _, rows, columns = block.shape
    white = np.float32(SNOW_ALBEDO)
    for y in range(rows):
        kinds, own = kind[y0 + y, x0 : x0 + columns], ids[y0 + y, x0 : x0 + columns]
        most = np.uint16(0)
        for x in range(columns):
            most = max(most, own[x])
        if most == 0:
            continue
        for x in range(columns):
            row = np.int64(own[x]) - 1
            if 0 <= row < len(parked) and parked[row] and kinds[x] < len(buried):
                share = buried[kinds[x]]
                for channel in range(3):
                    block[channel, y, x] += share * (white - block[channel, y, x])


EFFECT = Effect(
    title="snow cover: lying snow with cleared wheel tracks",
    order=20,
    quantities=("snow_cover",),
    steps=(0.15, 0.4, 0.7, 1.0),
    strength=_strength,
    prepare=_prepare,
    surface=_surface,
)
