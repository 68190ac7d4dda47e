"""The circular intersection sign: W2-6 of the MUTCD."""

from __future__ import annotations

import itertools
import math

import numpy as np

from simulator.lettering import bar
from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, diamond

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2C-1a)."""

YELLOW = (250, 190, 20)
RADIUS_M, THICK_M = 0.19, 0.055


def _at(angle: float, radius: float) -> np.ndarray:
    return np.array([math.cos(angle), math.sin(angle)]) * radius


def _arrows() -> list[Patch]:
    """Three arrows that chase each other counter-clockwise."""
    patches = []
    for k in range(3):
        start = math.pi / 2 + k * 2 * math.pi / 3
        angles = np.linspace(start, start + 1.35, 6)
        for a, b in itertools.pairwise(angles.tolist()):
            patches.append(Patch(bar(_at(a, RADIUS_M), _at(b, RADIUS_M), THICK_M), BLACK))
        tip = start + 1.85
        head = [_at(start + 1.4, RADIUS_M + 0.075), _at(tip, RADIUS_M)]
        patches.append(Patch(np.array([*head, _at(start + 1.4, RADIUS_M - 0.075)]), BLACK))
    return patches


SIGN = SignType(
    title="roundabout",
    category="",
    patches=(
        Patch(diamond(SIDE_M), YELLOW),
        Patch(diamond(SIDE_M - 0.03), BLACK),
        Patch(diamond(SIDE_M - 0.06), YELLOW),
        *_arrows(),
    ),
    meaning=Meaning.ROUNDABOUT,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), W2-6; section 2C.41: before the entry",
)
