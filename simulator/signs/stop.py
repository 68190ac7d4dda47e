"""The STOP sign: R1-1 of the MUTCD."""

from __future__ import annotations

import itertools
import math

import numpy as np

from simulator.sign import Meaning, Patch, SignType

WIDTH_M = 0.762
"""Across the flats: 30 in, one approach lane (MUTCD 2023, table 2B-1)."""

WHITE, RED = (235, 235, 230), (177, 31, 36)

_STROKES = {
    "S": ["1,.86 .86,1 .14,1 0,.86 0,.64 .14,.52 .86,.46 1,.34 1,.14 .86,0 .14,0 0,.14"],
    "T": ["0,1 1,1", ".5,1 .5,0"],
    "O": [".14,0 .86,0 1,.14 1,.86 .86,1 .14,1 0,.86 0,.14 .14,0"],
    "P": ["0,0 0,1 .86,1 1,.86 1,.6 .86,.46 0,.46"],
}
"""Middle lines of the strokes of each letter in a unit box, y up."""


def _octagon(across_m: float) -> np.ndarray:
    angle = np.arange(8) * math.pi / 4 + math.pi / 8
    radius = across_m / 2 / math.cos(math.pi / 8)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _bar(a: np.ndarray, b: np.ndarray, thick_m: float) -> np.ndarray:
    """A stroke as a rectangle, lengthened by half its thickness so that corners close."""
    along = (b - a) / np.hypot(*(b - a)) * thick_m / 2
    side = np.array([-along[1], along[0]])
    return np.array([a - along + side, a - along - side, b + along - side, b + along + side])


def _legend(height_m: float, width_m: float, gap_m: float, thick_m: float) -> list[Patch]:
    left = -(4 * width_m + 3 * gap_m) / 2
    box = np.array([width_m - thick_m, height_m - thick_m])
    patches = []
    for k, letter in enumerate("STOP"):
        origin = np.array([left + k * (width_m + gap_m) + thick_m / 2, (thick_m - height_m) / 2])
        for stroke in _STROKES[letter]:
            line = np.array([[float(v) for v in p.split(",")] for p in stroke.split()])
            points = origin + line * box
            patches += [Patch(_bar(a, b, thick_m), WHITE) for a, b in itertools.pairwise(points)]
    return patches


SIGN = SignType(
    title="STOP",
    category="stop_sign",
    patches=(
        Patch(_octagon(WIDTH_M), WHITE),
        Patch(_octagon(WIDTH_M - 0.05), RED),
        *_legend(height_m=WIDTH_M / 3, width_m=0.125, gap_m=0.03, thick_m=0.042),
    ),
    meaning=Meaning.STOP,
    control="STOP",
    lateral_m=1.8,
    mount_m=2.1,
    source="MUTCD 2023 (11th ed.), R1-1; section 2B.04; legend a third of the height",
)
