"""The DO NOT ENTER sign: R5-1 of the MUTCD."""

from __future__ import annotations

from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import RED, WHITE, box, disc

SIDE_M = 0.762
"""30 x 30 in (MUTCD 2023, table 2B-1)."""


SIGN = SignType(
    title="no entry",
    category="",
    patches=(
        Patch(box(SIDE_M, SIDE_M), WHITE),
        Patch(disc(SIDE_M / 2 - 0.03), RED),
        Patch(box(0.52, 0.12), WHITE),
    ),
    meaning=Meaning.NO_ENTRY,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R5-1; section 2B.42: faces traffic that would go the wrong way",
)
