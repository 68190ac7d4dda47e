"""The YIELD sign: R1-2 of the MUTCD, B,1 of the Vienna convention."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import RED, VIENNA, WHITE, triangle_down

SIDE_M = 0.914
"""36 in on a side (MUTCD 2023, table 2B-1)."""

VIENNA_M = 0.9


SIGN = SignType(
    title="YIELD",
    category="",
    meaning=Meaning.YIELD,
    control="YIELD",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2B.08",
    north_america=Look(
        patches=(
            Patch(triangle_down(SIDE_M), RED),
            Patch(triangle_down(SIDE_M - 0.36), WHITE),
            *legend("YIELD", 0.075, 0.06, 0.02, 0.016, RED, y_m=0.07),
        ),
        code="R1-2",
        source="MUTCD 2023 (11th ed.)",
    ),
    vienna=Look(
        patches=(
            Patch(triangle_down(VIENNA_M), RED),
            Patch(triangle_down(VIENNA_M - 0.36), WHITE),
        ),
        code="B,1",
        source=f"{VIENNA}: no inscription",
    ),
)
