"""Colours: vehicle paint by its share on the road, and the materials of houses and leaves."""

from __future__ import annotations

import numpy as np

_PAINT = (
    # name, share of cars, sRGB, spread of the draw
    ("white", 0.30, (226, 227, 226), 8),
    ("grey", 0.22, (104, 107, 110), 22),
    ("silver", 0.14, (176, 179, 181), 12),
    ("black", 0.14, (34, 35, 38), 10),
    ("blue", 0.10, (48, 76, 128), 20),
    ("red", 0.05, (150, 34, 36), 16),
    ("beige", 0.03, (170, 154, 128), 12),
    ("green", 0.02, (62, 92, 72), 14),
)
"""Nine cars in ten are achromatic or blue (registrations of paint makers, 2015-2023)."""

_HEAVY = (
    ("white", 0.55, (228, 228, 226), 8),
    ("grey", 0.15, (140, 142, 144), 22),
    ("blue", 0.10, (44, 82, 140), 20),
    ("red", 0.08, (160, 40, 38), 16),
    ("yellow", 0.07, (206, 168, 52), 14),
    ("green", 0.05, (58, 104, 76), 14),
)

LEAVES = ((62, 84, 40), (78, 98, 46), (54, 74, 44), (92, 104, 56))
ROOFS = (
    (146, 92, 74),
    (176, 84, 58),
    (120, 116, 112),
    (88, 86, 86),
    (168, 164, 156),
    (190, 186, 178),
)
WALLS = ((198, 190, 174), (172, 120, 96), (160, 160, 158), (214, 208, 196))
VERGES = (
    (94, 104, 58), (108, 112, 66), (122, 112, 80), (84, 98, 54),
    (148, 146, 140), (126, 124, 120), (168, 158, 138),
)  # fmt: skip
"""Grass and dry grass, and the paved squares of town centres."""


def _palette(rows: tuple[tuple[str, float, tuple[int, int, int], int], ...]) -> _Palette:
    shares, colours, spread = ([row[k] for row in rows] for k in (1, 2, 3))
    return np.cumsum(shares), np.array(colours, dtype=float), np.array(spread, dtype=float)


_Palette = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of colours: how much of all lies up to each, f64[K], sRGB f64[K, 3], spread f64[K]."""

_OF_CARS, _OF_HEAVY = _palette(_PAINT), _palette(_HEAVY)


def vehicle_colours(rng: np.random.Generator, heavy: np.ndarray) -> np.ndarray:
    """Paint of vehicles, sRGB u8[N, 3]; ``heavy`` bool[N] marks trucks and buses."""
    count = len(heavy)
    pick, jitter, tint = rng.random(count), rng.normal(size=count), rng.normal(size=(count, 3))
    base, spread = np.empty((count, 3)), np.empty(count)
    for (shares, colours, spreads), mask in ((_OF_CARS, ~heavy), (_OF_HEAVY, heavy)):
        which = np.minimum(shares.searchsorted(pick[mask]), len(shares) - 1)
        base[mask], spread[mask] = colours[which], spreads[which]
    colour = base + (jitter * spread)[:, None] + tint * 2.0
    return np.rint(colour).clip(8, 245).astype(np.uint8)


def near(rng: np.random.Generator, colours: np.ndarray, spread: float) -> np.ndarray:
    """Colours near the given ones f64[N, 3], sRGB: a step of lightness and a little hue each.

    Returns:
        i64[N, 3].
    """
    count = len(colours)
    shift = rng.normal(size=(count, 1)) * spread + rng.normal(size=(count, 3)) * spread / 4
    return np.rint(colours + shift).clip(5, 250).astype(int)


def triples(colours: np.ndarray) -> list[tuple[int, int, int]]:
    """Colours i[N, 3] as tuples."""
    return list(zip(*colours.T.tolist(), strict=True))


_CLOTHES = (
    ("black", 0.30, (36, 37, 41), 10),
    ("grey", 0.18, (110, 112, 116), 24),
    ("navy", 0.16, (44, 54, 88), 12),
    ("white", 0.12, (214, 214, 210), 12),
    ("brown", 0.08, (112, 88, 66), 14),
    ("red", 0.06, (158, 46, 48), 16),
    ("green", 0.04, (72, 96, 70), 16),
    ("yellow", 0.03, (206, 176, 66), 16),
    ("pink", 0.03, (200, 140, 150), 14),
)
"""Jackets of people in the street: three in four are dark or grey (an assumption)."""


_OF_CLOTHES = _palette(_CLOTHES)


def clothes_colours(rng: np.random.Generator, count: int) -> np.ndarray:
    """Colours of what people wear above, sRGB u8[N, 3]."""
    shares, base, spread = _OF_CLOTHES
    which = np.minimum(shares.searchsorted(rng.random(count)), len(shares) - 1)
    wide = spread[which][:, None]
    shade = rng.normal(size=(count, 1)) * wide + 3.0 * rng.normal(size=(count, 3))
    return np.rint(base[which] + shade).clip(8, 245).astype(np.uint8)
