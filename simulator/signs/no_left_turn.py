"""The NO LEFT TURN sign: R3-2 of the MUTCD, C,11a of the Vienna convention."""

from __future__ import annotations

from simulator.sign import Look, Meaning, SignType
from simulator.sign_shapes import LEFT_ARROW, VIENNA, forbidden, on_plate

SIDE_M = 0.61
"""24 x 24 in (MUTCD 2009, table 2B-1)."""

VIENNA_M = 0.6

SIGN = SignType(
    title="no left turn",
    category="",
    meaning=Meaning.NO_LEFT,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2009, section 2B.18: wherever the movement is forbidden, before the junction",
    north_america=Look(
        patches=(*on_plate(SIDE_M), *forbidden(LEFT_ARROW, 0.27, 0.04)),
        code="R3-2",
        source="MUTCD 2009, section 2B.18",
    ),
    vienna=Look(
        patches=forbidden(LEFT_ARROW, VIENNA_M / 2, 0.05),
        code="C,11a",
        source=VIENNA,
    ),
    mirror="no_right_turn",
)
