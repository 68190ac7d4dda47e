"""The pedestrian crossing sign: W11-2 of the MUTCD."""

from __future__ import annotations

import numpy as np

from simulator.lettering import bar
from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, diamond, disc

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2C-1a)."""

YELLOW = (214, 226, 40)
"""Fluorescent yellow-green, as section 2C.54 allows."""


_LIMBS = (
    ((0.0, 0.17), (0.0, -0.03), 0.1), ((0.0, -0.03), (0.11, -0.28), 0.055),
    ((0.0, -0.03), (-0.11, -0.28), 0.055), ((0.0, 0.14), (0.14, 0.0), 0.045),
    ((0.0, 0.14), (-0.14, 0.0), 0.045),
)  # fmt: skip

SIGN = SignType(
    title="pedestrian crossing",
    category="",
    patches=(
        Patch(diamond(SIDE_M), YELLOW),
        Patch(diamond(SIDE_M - 0.03), BLACK),
        Patch(diamond(SIDE_M - 0.06), YELLOW),
        Patch(disc(0.06, (0.0, 0.25)), BLACK),
        *(Patch(bar(np.array(a), np.array(b), thick), BLACK) for a, b, thick in _LIMBS),
    ),
    meaning=Meaning.CROSSING,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), W11-2; section 2C.54: at the crosswalk",
)
