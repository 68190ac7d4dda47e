"""The speed limit sign: R2-1 of the MUTCD (mph), C,14 of the Vienna convention (km/h)."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Look, Meaning, Numeral, Patch, SignType
from simulator.sign_shapes import BLACK, RED, VIENNA, WHITE, box, disc

WIDTH_M, HEIGHT_M = 0.61, 0.762
"""24 x 30 in (MUTCD 2023, table 2B-1)."""


VIENNA_M = 0.6

MPH_MPS, KMH_MPS = 0.44704, 1 / 3.6
"""What the numbers count: miles an hour in fives, kilometres an hour in tens."""

SIGN = SignType(
    title="speed limit",
    category="",
    meaning=Meaning.LIMIT,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2B.21: at each point of change",
    north_america=Look(
        patches=(
            Patch(box(WIDTH_M, HEIGHT_M), WHITE),
            Patch(box(WIDTH_M - 0.03, HEIGHT_M - 0.03), BLACK),
            Patch(box(WIDTH_M - 0.06, HEIGHT_M - 0.06), WHITE),
            *legend("SPEED", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=0.26),
            *legend("LIMIT", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=0.13),
        ),
        code="R2-1",
        source="MUTCD 2023 (11th ed.)",
        number=Numeral(0.25, 0.19, 0.04, 0.045, -0.17, BLACK, MPH_MPS, 5),
    ),
    vienna=Look(
        patches=(
            Patch(disc(VIENNA_M / 2), RED),
            Patch(disc(VIENNA_M / 2 - 0.075), WHITE),
        ),
        code="C,14",
        source=f"{VIENNA}: the figure is km/h",
        number=Numeral(0.2, 0.11, 0.03, 0.04, 0.0, BLACK, KMH_MPS, 10),
    ),
)
