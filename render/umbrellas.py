"""Open umbrellas as bodies of their own, over the people who carry them.

Coordinates as in ``bodies.py``: x and y in -0.5..0.5 of the width, z in 0..1 of the tip's height.
"""

from __future__ import annotations

import numpy as np

from render.parts_of_bodies import Part, Tone

OVER_HEAD_M = 0.28
"""So much higher than the head is the tip."""

RIM = 0.88
"""Height of the rim, as a share of the tip's."""

PANELS = 8

TONES = (Tone.DARK, Tone.DARK, Tone.DENIM, Tone.BODY, Tone.RED_LENS, Tone.GREY, Tone.LIGHT_GREY)
"""Most umbrellas are dark."""

_LIGHT = (1.0, 0.86, 0.95, 0.8, 1.0, 0.9, 0.84, 0.93)
"""How much of the light each panel sends up: cloth hangs between ribs and none lies level."""


def bodies() -> list[list[Part]]:
    """One of each colour."""
    return [_umbrella(tone) for tone in TONES]


def _umbrella(tone: Tone) -> list[Part]:
    angle = 2.0 * np.pi * np.arange(PANELS) / PANELS
    rim = tuple((0.5 * float(np.cos(a)), 0.5 * float(np.sin(a))) for a in angle)
    half = tuple((0.5 * x, 0.5 * y) for x, y in rim)
    tip = tuple((0.06 * x, 0.06 * y) for x, y in rim)
    cloth = [
        Part(rim, RIM, tone, 0.75, half, 0.96, outline=True),
        Part(half, 0.96, tone, 0.9, tip, 1.0, outline=True),
    ]
    for k in range(PANELS):
        panel = (rim[k], rim[(k + 1) % PANELS], tip[0])
        cloth.append(Part(panel, 0.93, tone, _LIGHT[k]))
    return [*cloth, Part(tip, 1.0, Tone.DARK)]
