"""The workers sign before a work zone: W21-1 of the MUTCD, A,16 of the Vienna convention."""

from __future__ import annotations

import numpy as np

from simulator.lettering import bar
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, RED, VIENNA, WHITE, diamond, disc, triangle_up

SIDE_M = 0.914
"""36 x 36 in (MUTCD 2023, table 6G-1)."""

VIENNA_M = 0.9

ORANGE = (240, 120, 20)


_LIMBS = (
    ((0.0, 0.15), (-0.1, -0.05), 0.11), ((-0.1, -0.05), (-0.2, -0.26), 0.06),
    ((-0.1, -0.05), (0.0, -0.26), 0.06), ((0.0, 0.13), (0.17, 0.0), 0.05),
    ((0.05, 0.12), (0.3, -0.2), 0.03),
)  # fmt: skip
_HEAP = np.array([[0.12, -0.26], [0.36, -0.26], [0.26, -0.13]])

_DOWN = np.array([0.0, -0.02])

SIGN = SignType(
    title="road works",
    category="",
    meaning=Meaning.WORKS,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 6H.36: before the taper",
    north_america=Look(
        patches=(
            Patch(diamond(SIDE_M), ORANGE),
            Patch(diamond(SIDE_M - 0.03), BLACK),
            Patch(diamond(SIDE_M - 0.07), ORANGE),
            Patch(disc(0.065, (0.03, 0.24)), BLACK),
            *(Patch(bar(np.array(a), np.array(b), thick), BLACK) for a, b, thick in _LIMBS),
            Patch(_HEAP, BLACK),
        ),
        code="W21-1",
        source="MUTCD 2023 (11th ed.)",
    ),
    vienna=Look(
        patches=(
            Patch(triangle_up(VIENNA_M), RED),
            Patch(triangle_up(VIENNA_M - 0.3), WHITE),
            Patch(disc(0.036, (0.02, 0.115)), BLACK),
            *(
                Patch(bar(0.55 * np.array(a) + _DOWN, 0.55 * np.array(b) + _DOWN, 0.55 * t), BLACK)
                for a, b, t in _LIMBS
            ),
            Patch(0.55 * _HEAP + _DOWN, BLACK),
        ),
        code="A,16",
        source=f"{VIENNA}: on model Aa",
    ),
)
