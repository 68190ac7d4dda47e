"""The priority road sign: B,3 of the Vienna convention; the MUTCD has none."""

from __future__ import annotations

from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import BLACK, VIENNA, WHITE, diamond

VIENNA_M = 0.6

YELLOW = (250, 200, 20)

SIGN = SignType(
    title="priority road",
    category="",
    meaning=Meaning.PRIORITY,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place=f"{VIENNA}, section B: also before an intersection",
    north_america=None,
    vienna=Look(
        patches=(
            Patch(diamond(VIENNA_M), BLACK),
            Patch(diamond(VIENNA_M - 0.025), WHITE),
            Patch(diamond(VIENNA_M - 0.19), BLACK),
            Patch(diamond(VIENNA_M - 0.215), YELLOW),
        ),
        code="B,3",
        source=f"{VIENNA}: a yellow square in a white one on its corner, black rims",
    ),
)
