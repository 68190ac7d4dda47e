"""The ONE WAY sign: R6-2 of the MUTCD, E,3a of the Vienna convention."""

from __future__ import annotations

import numpy as np

from simulator.lettering import legend
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, BLUE, VIENNA, WHITE, box

WIDTH_M, HEIGHT_M = 0.61, 0.762
"""24 x 30 in (MUTCD 2023, table 2B-1)."""

VIENNA_M = 0.6


_ARROW = np.array(
    [[0.06, -0.32], [0.06, -0.06], [0.17, -0.06], [0, 0.1], [-0.17, -0.06], [-0.06, -0.06],
     [-0.06, -0.32]]
)  # fmt: skip

_TALL_ARROW = np.array(
    [[0.05, -0.22], [0.05, 0.02], [0.14, -0.07], [0.14, 0.06], [0.0, 0.2], [-0.14, 0.06],
     [-0.14, -0.07], [-0.05, 0.02], [-0.05, -0.22]]
)  # fmt: skip

SIGN = SignType(
    title="one way",
    category="",
    meaning=Meaning.ONE_WAY,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2B.45",
    north_america=Look(
        patches=(
            Patch(box(WIDTH_M, HEIGHT_M), BLACK),
            Patch(box(WIDTH_M - 0.03, HEIGHT_M - 0.03), WHITE),
            *legend("ONE", 0.09, 0.1, 0.03, 0.02, BLACK, y_m=0.29),
            *legend("WAY", 0.09, 0.1, 0.03, 0.02, BLACK, y_m=0.17),
            Patch(_ARROW, BLACK),
        ),
        code="R6-2",
        source="MUTCD 2023 (11th ed.)",
    ),
    vienna=Look(
        patches=(
            Patch(box(VIENNA_M, VIENNA_M), WHITE),
            Patch(box(VIENNA_M - 0.03, VIENNA_M - 0.03), BLUE),
            Patch(_TALL_ARROW, WHITE),
        ),
        code="E,3a",
        source=f"{VIENNA}: across the road; its panel is square",
    ),
)
