"""Open umbrellas as bodies of their own, over the people who carry them.

Coordinates as in ``bodies.py``: x and y in -0.5..0.5 of the width, z in 0..1 of the tip's height.
"""

from __future__ import annotations

import numpy as np

from render.parts_of_bodies import Part, Tone

OVER_HEAD_M = 0.28
"""So much higher than the head is the tip."""

RIM, PANEL = 0.88, 0.93
"""Heights of the rim and of the middle of the cloth, as shares of the tip's. The panels lie flat at
the latter: up to there it is as wide as the rim.
"""

PANELS = 8

TONES = (Tone.DARK, Tone.DARK, Tone.DENIM, Tone.BODY, Tone.RED_LENS, Tone.GREY, Tone.LIGHT_GREY)
"""Most umbrellas are dark."""

_LIGHT = (1.0, 0.86, 0.95, 0.8, 1.0, 0.9, 0.84, 0.93)
"""How much of the light each panel sends up: cloth hangs between ribs and none lies level."""


def umbrella_points() -> np.ndarray:
    """The points whose hull an umbrella is, f64[N, 3]."""
    rim, tip = _rings()
    rings = ((rim, RIM), (rim, PANEL), (tip, 1.0))
    return np.array([(*p, z) for ring, z in rings for p in ring])


def bodies() -> list[list[Part]]:
    """One of each colour."""
    return [_umbrella(tone) for tone in TONES]


def _rings() -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """Rim and tip, seen from above."""
    angle = 2.0 * np.pi * np.arange(PANELS) / PANELS
    rim = tuple((0.5 * float(np.cos(a)), 0.5 * float(np.sin(a))) for a in angle)
    return rim, tuple((0.06 * x, 0.06 * y) for x, y in rim)


def _umbrella(tone: Tone) -> list[Part]:
    rim, tip = _rings()
    cloth = [
        Part(rim, RIM, tone, 0.75, rim, PANEL, outline=True),
        Part(rim, PANEL, tone, 0.9, tip, 1.0, outline=True),
    ]
    for k in range(PANELS):
        panel = (rim[k], rim[(k + 1) % PANELS], tip[0])
        cloth.append(Part(panel, PANEL, tone, _LIGHT[k]))
    return [*cloth, Part(tip, 1.0, Tone.DARK)]
