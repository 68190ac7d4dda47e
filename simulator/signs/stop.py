"""The STOP sign: R1-1 of the MUTCD, B,2a of the Vienna convention."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Look, Meaning, Patch, SignType
from simulator.sign_shapes import RED, VIENNA, WHITE, octagon

WIDTH_M = 0.762
"""Across the flats: 30 in, one approach lane (MUTCD 2023, table 2B-1)."""

VIENNA_M = 0.9


SIGN = SignType(
    title="STOP",
    category="stop_sign",
    meaning=Meaning.STOP,
    control="STOP",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2023 (11th ed.), section 2B.04",
    north_america=Look(
        patches=(
            Patch(octagon(WIDTH_M), WHITE),
            Patch(octagon(WIDTH_M - 0.05), RED),
            *legend("STOP", WIDTH_M / 3, 0.125, 0.03, 0.042, WHITE),
        ),
        code="R1-1",
        source="MUTCD 2023 (11th ed.): legend a third of the height",
    ),
    vienna=Look(
        patches=(
            Patch(octagon(VIENNA_M), WHITE),
            Patch(octagon(VIENNA_M - 0.05), RED),
            *legend("STOP", VIENNA_M / 3, 0.145, 0.035, 0.05, WHITE),
        ),
        code="B,2a",
        source=f"{VIENNA}: the legend in English or the language of the country",
    ),
)
