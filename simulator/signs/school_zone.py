"""The school zone with its limit: S4-3P over R2-1 of the MUTCD, A,13 over C,14 of Vienna."""

from __future__ import annotations

import numpy as np

from simulator.lettering import bar, legend
from simulator.sign import Look, Meaning, Numeral, Patch, SignType
from simulator.sign_shapes import BLACK, RED, VIENNA, WHITE, box, disc, triangle_up
from simulator.signs.speed_limit import KMH_MPS, MPH_MPS

WIDTH_M, LIMIT_M, PLAQUE_M = 0.61, 0.762, 0.203
"""24 x 30 in under a plaque of 24 x 8 in (MUTCD 2009, tables 2B-1 and 7B-1)."""

YELLOW = (214, 226, 40)
"""Fluorescent yellow-green (section 7B.07)."""

_TOP_M, _LOW_M = LIMIT_M / 2, -PLAQUE_M / 2
"""Middles of the plaque and of the limit."""

BOARD_M = (0.62, 1.1)
"""Both Vienna signs on one board; triangle and disc are of the small size."""

_CHILD = (
    ((0.0, 0.1), (0.0, 0.0), 0.05), ((0.0, 0.0), (0.055, -0.1), 0.028),
    ((0.0, 0.0), (-0.06, -0.1), 0.028), ((0.0, 0.09), (0.065, 0.04), 0.022),
    ((0.0, 0.09), (-0.06, 0.03), 0.022),
)  # fmt: skip
_CHILDREN = ((-0.065, 0.2, 0.8), (0.06, 0.22, 1.0))
"""Where the two stand, and how large they are."""


def _child(x_m: float, y_m: float, size: float) -> tuple[Patch, ...]:
    place = np.array([x_m, y_m])
    return (
        Patch(disc(0.03 * size, (x_m + 0.012 * size, y_m + 0.16 * size)), BLACK),
        *(
            Patch(bar(place + size * np.array(a), place + size * np.array(b), size * t), BLACK)
            for a, b, t in _CHILD
        ),
    )


SIGN = SignType(
    title="school zone",
    category="",
    meaning=Meaning.SCHOOL,
    control="",
    lateral_m=1.8,
    mount_m=2.1,
    place="MUTCD 2009, section 7B.15: where the reduced limit begins",
    north_america=Look(
        patches=(
            Patch(box(WIDTH_M, LIMIT_M + PLAQUE_M), BLACK),
            Patch(box(WIDTH_M - 0.02, PLAQUE_M - 0.02, (0.0, _TOP_M)), YELLOW),
            *legend("SCHOOL", 0.1, 0.07, 0.02, 0.017, BLACK, y_m=_TOP_M),
            Patch(box(WIDTH_M - 0.02, LIMIT_M - 0.02, (0.0, _LOW_M)), WHITE),
            *legend("SPEED", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=_LOW_M + 0.28),
            *legend("LIMIT", 0.1, 0.075, 0.02, 0.016, BLACK, y_m=_LOW_M + 0.14),
        ),
        code="S4-3P, R2-1",
        source="MUTCD 2009, section 7B.15",
        number=Numeral(0.28, 0.19, 0.04, 0.045, _LOW_M - 0.16, BLACK, MPH_MPS, 5),
    ),
    vienna=Look(
        patches=(
            Patch(box(*BOARD_M), WHITE),
            Patch(triangle_up(0.58, (0.0, 0.19)), RED),
            Patch(triangle_up(0.4, (0.0, 0.19)), WHITE),
            *(patch for child in _CHILDREN for patch in _child(*child)),
            Patch(disc(0.24, (0.0, -0.28)), RED),
            Patch(disc(0.18, (0.0, -0.28)), WHITE),
        ),
        code="A,13, C,14",
        source=f"{VIENNA}: two signs on one board; the figure is km/h",
        number=Numeral(0.17, 0.095, 0.025, 0.034, -0.28, BLACK, KMH_MPS, 10),
    ),
)
