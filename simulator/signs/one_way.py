"""The ONE WAY sign: R6-2 of the MUTCD."""

from __future__ import annotations

import numpy as np

from simulator.lettering import legend
from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, WHITE, box

WIDTH_M, HEIGHT_M = 0.61, 0.762
"""24 x 30 in (MUTCD 2023, table 2B-1)."""


_ARROW = np.array(
    [[0.06, -0.32], [0.06, -0.06], [0.17, -0.06], [0, 0.1], [-0.17, -0.06], [-0.06, -0.06],
     [-0.06, -0.32]]
)  # fmt: skip

SIGN = SignType(
    title="one way",
    category="",
    patches=(
        Patch(box(WIDTH_M, HEIGHT_M), BLACK),
        Patch(box(WIDTH_M - 0.03, HEIGHT_M - 0.03), WHITE),
        *legend("ONE", 0.09, 0.1, 0.03, 0.02, BLACK, y_m=0.29),
        *legend("WAY", 0.09, 0.1, 0.03, 0.02, BLACK, y_m=0.17),
        Patch(_ARROW, BLACK),
    ),
    meaning=Meaning.ONE_WAY,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R6-2; section 2B.45",
)
