"""The YIELD sign: R1-2 of the MUTCD."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import RED, WHITE, triangle_down

SIDE_M = 0.914
"""36 in on a side (MUTCD 2023, table 2B-1)."""


SIGN = SignType(
    title="YIELD",
    category="",
    patches=(
        Patch(triangle_down(SIDE_M), RED),
        Patch(triangle_down(SIDE_M - 0.36), WHITE),
        *legend("YIELD", 0.075, 0.06, 0.02, 0.016, RED, y_m=0.07),
    ),
    meaning=Meaning.YIELD,
    control="YIELD",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R1-2; section 2B.08",
)
