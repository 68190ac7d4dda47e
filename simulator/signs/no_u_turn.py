"""The NO U-TURN sign: R3-4 of the MUTCD, C,12 of the Vienna convention."""

from __future__ import annotations

from simulator.sign import Look, Meaning, SignType
from simulator.sign_shapes import VIENNA, back_arrow, forbidden, on_plate

SIDE_M = 0.61
"""24 x 24 in (MUTCD 2009, table 2B-1)."""

VIENNA_M = 0.6

SIGN = SignType(
    title="no U-turn",
    category="",
    meaning=Meaning.NO_U_TURN,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2009, section 2B.18: wherever the movement is forbidden, before the junction",
    north_america=Look(
        patches=(*on_plate(SIDE_M), *forbidden(back_arrow(), 0.27, 0.04)),
        code="R3-4",
        source="MUTCD 2009, section 2B.18",
        handed=True,
    ),
    vienna=Look(
        patches=forbidden(back_arrow(), VIENNA_M / 2, 0.05),
        code="C,12",
        source=VIENNA,
        handed=True,
    ),
)
