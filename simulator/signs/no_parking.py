"""The NO PARKING sign: R8-3 of the MUTCD, C,18 of the Vienna convention."""

from __future__ import annotations

from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, BLUE, RED, VIENNA, WHITE, box, disc, on_plate, slash

SIDE_M = 0.61
"""24 x 24 in (MUTCD 2009, table 2B-1)."""

VIENNA_M = 0.6

_P = (
    Patch(box(0.06, 0.32, (-0.07, 0.0)), BLACK),
    Patch(box(0.1, 0.2, (-0.03, 0.06)), BLACK),
    Patch(disc(0.1, (0.02, 0.06)), BLACK),
    Patch(box(0.06, 0.09, (-0.01, 0.06)), WHITE),
    Patch(disc(0.045, (0.02, 0.06)), WHITE),
)

SIGN = SignType(
    title="no parking",
    category="",
    meaning=Meaning.NO_PARKING,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2009, section 2B.48: where the stretch without parking begins",
    north_america=Look(
        patches=(
            *on_plate(SIDE_M),
            Patch(disc(0.27), RED),
            Patch(disc(0.23), WHITE),
            *_P,
            Patch(slash(0.25, 0.04), RED),
        ),
        code="R8-3",
        source="MUTCD 2009, section 2B.46",
    ),
    vienna=Look(
        patches=(
            Patch(disc(VIENNA_M / 2), RED),
            Patch(disc(VIENNA_M / 2 - 0.05), BLUE),
            Patch(slash(VIENNA_M / 2 - 0.025, 0.05), RED),
        ),
        code="C,18",
        source=VIENNA,
    ),
)
