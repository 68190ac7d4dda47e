"""The STOP sign: R1-1 of the MUTCD."""

from __future__ import annotations

from simulator.lettering import legend
from simulator.sign import Meaning, Patch, SignType
from simulator.sign_shapes import RED, WHITE, octagon

WIDTH_M = 0.762
"""Across the flats: 30 in, one approach lane (MUTCD 2023, table 2B-1)."""


SIGN = SignType(
    title="STOP",
    category="stop_sign",
    patches=(
        Patch(octagon(WIDTH_M), WHITE),
        Patch(octagon(WIDTH_M - 0.05), RED),
        *legend("STOP", WIDTH_M / 3, 0.125, 0.03, 0.042, WHITE),
    ),
    meaning=Meaning.STOP,
    control="STOP",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R1-1; section 2B.04; legend a third of the height",
)
