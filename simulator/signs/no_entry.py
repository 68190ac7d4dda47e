"""The DO NOT ENTER sign: R5-1 of the MUTCD, C,1a of the Vienna convention."""

from __future__ import annotations

from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import RED, VIENNA, WHITE, box, disc

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2B-1)."""

VIENNA_M = 0.6


SIGN = SignType(
    title="no entry",
    category="",
    meaning=Meaning.NO_ENTRY,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2B.42: faces traffic that would go the wrong way",
    north_america=Look(
        patches=(
            Patch(box(SIDE_M, SIDE_M), WHITE),
            Patch(disc(SIDE_M / 2 - 0.03), RED),
            Patch(box(0.52, 0.12), WHITE),
        ),
        code="R5-1",
        source="MUTCD 2023 (11th ed.)",
    ),
    vienna=Look(
        patches=(
            Patch(disc(VIENNA_M / 2), WHITE),
            Patch(disc(VIENNA_M / 2 - 0.015), RED),
            Patch(box(0.44, 0.11), WHITE),
        ),
        code="C,1a",
        source=VIENNA,
    ),
)
