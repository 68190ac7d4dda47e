"""The circular intersection sign: W2-6 of the MUTCD, D,3 of the Vienna convention."""

from __future__ import annotations

import itertools
import math

import numpy as np

from simulator.lettering import bar
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, BLUE, VIENNA, WHITE, diamond, disc

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2C-1a)."""

VIENNA_M = 0.6

YELLOW = (250, 190, 20)


def _at(angle: float, radius: float) -> np.ndarray:
    return np.array([math.cos(angle), math.sin(angle)]) * radius


def _arrows(radius_m: float, thick_m: float, srgb: tuple[int, int, int]) -> list[Patch]:
    """Three arrows that chase each other counter-clockwise, as traffic does that keeps right."""
    patches = []
    for k in range(3):
        start = math.pi / 2 + k * 2 * math.pi / 3
        angles = np.linspace(start, start + 1.35, 6)
        for a, b in itertools.pairwise(angles.tolist()):
            patches.append(Patch(bar(_at(a, radius_m), _at(b, radius_m), thick_m), srgb))
        tip = start + 1.85
        head = [_at(start + 1.4, radius_m + 0.075), _at(tip, radius_m)]
        patches.append(Patch(np.array([*head, _at(start + 1.4, radius_m - 0.075)]), srgb))
    return patches


SIGN = SignType(
    title="roundabout",
    category="",
    meaning=Meaning.ROUNDABOUT,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2C.41: before the entry",
    north_america=Look(
        patches=(
            Patch(diamond(SIDE_M), YELLOW),
            Patch(diamond(SIDE_M - 0.03), BLACK),
            Patch(diamond(SIDE_M - 0.06), YELLOW),
            *_arrows(0.19, 0.055, BLACK),
        ),
        code="W2-6",
        source="MUTCD 2023 (11th ed.)",
        handed=True,
    ),
    vienna=Look(
        patches=(
            Patch(disc(VIENNA_M / 2), WHITE),
            Patch(disc(VIENNA_M / 2 - 0.015), BLUE),
            *_arrows(0.165, 0.055, WHITE),
        ),
        code="D,3",
        source=f"{VIENNA}: reversed where traffic keeps left",
        handed=True,
    ),
)
