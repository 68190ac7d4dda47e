"""People on foot as parts of a body, seen from above: one template a look and moment of the stride.

Coordinates as in ``bodies.py``: x forward in -0.5..0.5 of a stride's length, y left in -0.5..0.5 of
the width over the arms, z in 0..1 of the height.
"""

from __future__ import annotations

import math

import numpy as np

from render.parts_of_bodies import Part, Tone

STRIDES = 8
"""Moments of a stride that are drawn; the first is that of somebody who stands."""

STRIDE_M = 1.4
"""Length of a stride, two steps, at the height of 1.7 m."""

LEG_SWING, ARM_SWING = 0.3, 0.26

LOOKS = (
    # hair or cap, trousers or skirt, with a rucksack
    (Tone.DARK, Tone.DENIM, False),
    (Tone.BROWN, Tone.DARK, True),
    (Tone.BLOND, Tone.DENIM, False),
    (Tone.GREY, Tone.BROWN, False),
    (Tone.DARK, Tone.DARK, True),
    (Tone.BODY, Tone.BLOND, False),
)


def bodies() -> list[list[Part]]:
    """All looks, each at all moments of its stride."""
    return [
        _person(*look, 2.0 * math.pi * k / STRIDES) for look in LOOKS for k in range(STRIDES)
    ]  # fmt: skip


def _oval(
    x: float, y: float, rx: float, ry: float, corners: int = 8
) -> tuple[tuple[float, float], ...]:
    angles = np.linspace(0.0, 2 * np.pi, corners, endpoint=False) + np.pi / corners
    return tuple((x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angles)


def _person(hair: Tone, legs: Tone, rucksack: bool, phase: float) -> list[Part]:
    swing = math.sin(phase)
    parts = []
    for side in (1, -1):
        x, y = LEG_SWING * swing * side, 0.17 * side
        parts += [
            Part(_oval(x + 0.04, y, 0.19, 0.1), 0.01, Tone.DARK, 1.0,
                 _oval(x + 0.02, y, 0.16, 0.09), 0.05, outline=True),
            Part(_oval(x, y, 0.11, 0.1), 0.05, legs, 0.8, _oval(0.0, 0.15 * side, 0.13, 0.14), 0.47,
                 outline=True),
        ]  # fmt: skip
    for side in (1, -1):
        x, y = -ARM_SWING * swing * side, 0.41 * side
        shoulder = _oval(-0.01, 0.37 * side, 0.11, 0.11)
        parts += [
            Part(_oval(x + 0.06, y, 0.07, 0.06), 0.44, Tone.SKIN, outline=True),
            Part(_oval(x, y, 0.08, 0.08), 0.46, Tone.BODY, 0.72, shoulder, 0.8, outline=True),
        ]
    if rucksack:
        bag = _oval(-0.22, 0.0, 0.13, 0.3)
        parts.append(
            Part(bag, 0.52, Tone.DARK, 1.0, _oval(-0.2, 0.0, 0.11, 0.26), 0.8, outline=True)
        )
    trunk = _oval(0.0, 0.0, 0.18, 0.4, 10)
    return [
        *parts,
        Part(_oval(0.0, 0.0, 0.17, 0.33, 10), 0.46, Tone.BODY, 0.7, trunk, 0.8, outline=True),
        Part(_oval(0.0, 0.0, 0.15, 0.4, 10), 0.82, Tone.BODY, 1.0, outline=True),
        Part(_oval(0.03, 0.0, 0.13, 0.13), 0.86, Tone.SKIN, 0.9, _oval(0.05, 0.0, 0.13, 0.13), 0.93,
             outline=True),
        Part(_oval(0.0, 0.0, 0.16, 0.16), 0.9, hair, 0.9, _oval(0.0, 0.0, 0.14, 0.14), 1.0,
             outline=True),
    ]  # fmt: skip
