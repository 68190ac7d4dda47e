"""The speed limit sign: R2-1 of the MUTCD, in miles an hour."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Meaning, Numeral, Patch, SignType
from simulator.sign_shapes import BLACK, WHITE, box

WIDTH_M, HEIGHT_M = 0.61, 0.762
"""24 x 30 in (MUTCD 2023, table 2B-1)."""


MPS_PER_MPH = 0.44704


def shown_mph(limit_mps: float) -> int:
    """What stands on the sign for a limit: the nearest multiple of 5 mph."""
    return 5 * round(limit_mps / MPS_PER_MPH / 5)


SIGN = SignType(
    title="speed limit",
    category="",
    patches=(
        Patch(box(WIDTH_M, HEIGHT_M), WHITE),
        Patch(box(WIDTH_M - 0.03, HEIGHT_M - 0.03), BLACK),
        Patch(box(WIDTH_M - 0.06, HEIGHT_M - 0.06), WHITE),
        *legend("SPEED", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=0.26),
        *legend("LIMIT", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=0.13),
    ),
    meaning=Meaning.LIMIT,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R2-1; section 2B.21: at each point of change",
    number=Numeral(0.25, 0.19, 0.04, 0.045, -0.17, BLACK),
)
