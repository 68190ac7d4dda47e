"""The pedestrian crossing sign: W11-2 of the MUTCD, E,12a of the Vienna convention."""

from __future__ import annotations

import numpy as np

from simulator.lettering import bar
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, BLUE, VIENNA, WHITE, box, diamond, disc, triangle_up

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2C-1a)."""

VIENNA_M = 0.6

YELLOW = (214, 226, 40)
"""Fluorescent yellow-green, as section 2C.54 allows."""


_LIMBS = (
    ((0.0, 0.17), (0.0, -0.03), 0.1), ((0.0, -0.03), (0.11, -0.28), 0.055),
    ((0.0, -0.03), (-0.11, -0.28), 0.055), ((0.0, 0.14), (0.14, 0.0), 0.045),
    ((0.0, 0.14), (-0.14, 0.0), 0.045),
)  # fmt: skip

_WALKER = (
    ((0.0, 0.1), (0.0, 0.0), 0.05), ((0.0, 0.0), (0.055, -0.12), 0.03),
    ((0.0, 0.0), (-0.055, -0.12), 0.03), ((0.0, 0.09), (0.06, 0.02), 0.025),
    ((0.0, 0.09), (-0.06, 0.02), 0.025),
)  # fmt: skip

SIGN = SignType(
    title="pedestrian crossing",
    category="",
    meaning=Meaning.CROSSING,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2C.54: at the crosswalk",
    north_america=Look(
        patches=(
            Patch(diamond(SIDE_M), YELLOW),
            Patch(diamond(SIDE_M - 0.03), BLACK),
            Patch(diamond(SIDE_M - 0.06), YELLOW),
            Patch(disc(0.06, (0.0, 0.25)), BLACK),
            *(Patch(bar(np.array(a), np.array(b), thick), BLACK) for a, b, thick in _LIMBS),
        ),
        code="W11-2",
        source="MUTCD 2023 (11th ed.)",
    ),
    vienna=Look(
        patches=(
            Patch(box(VIENNA_M, VIENNA_M), WHITE),
            Patch(box(VIENNA_M - 0.03, VIENNA_M - 0.03), BLUE),
            Patch(triangle_up(0.5, (0.0, -0.03)), WHITE),
            Patch(disc(0.033, (0.0, 0.16)), BLACK),
            *(Patch(bar(np.array(a), np.array(b), thick), BLACK) for a, b, thick in _WALKER),
            *(Patch(box(0.055, 0.03, (x, -0.145)), BLACK) for x in (-0.13, -0.043, 0.043, 0.13)),
        ),
        code="E,12a",
        source=VIENNA,
    ),
)
