"""Letters and digits of signs as polygons: strokes of even thickness in boxes of equal width."""

from __future__ import annotations

import itertools

import numpy as np

from simulator.sign import Numeral, Patch

_STROKES = {
    "A": ["0,0 0,.7 .3,1 .7,1 1,.7 1,0", "0,.4 1,.4"],
    "C": ["1,.86 .86,1 .14,1 0,.86 0,.14 .14,0 .86,0 1,.14"],
    "D": ["0,0 0,1 .75,1 1,.75 1,.25 .75,0 0,0"],
    "E": ["1,1 0,1 0,0 1,0", "0,.5 .8,.5"],
    "H": ["0,0 0,1", "1,0 1,1", "0,.5 1,.5"],
    "I": [".5,0 .5,1"],
    "L": ["0,1 0,0 1,0"],
    "M": ["0,0 0,1 .5,.4 1,1 1,0"],
    "N": ["0,0 0,1 1,0 1,1"],
    "O": [".14,0 .86,0 1,.14 1,.86 .86,1 .14,1 0,.86 0,.14 .14,0"],
    "P": ["0,0 0,1 .86,1 1,.86 1,.6 .86,.46 0,.46"],
    "R": ["0,0 0,1 .86,1 1,.86 1,.6 .86,.46 0,.46", ".5,.46 1,0"],
    "S": ["1,.86 .86,1 .14,1 0,.86 0,.64 .14,.52 .86,.46 1,.34 1,.14 .86,0 .14,0 0,.14"],
    "T": ["0,1 1,1", ".5,1 .5,0"],
    "W": ["0,1 .2,0 .5,.6 .8,0 1,1"],
    "Y": ["0,1 .5,.45 1,1", ".5,.45 .5,0"],
    "0": [".14,0 .86,0 1,.14 1,.86 .86,1 .14,1 0,.86 0,.14 .14,0"],
    "1": [".2,.75 .5,1 .5,0", ".2,0 .8,0"],
    "2": ["0,.86 .14,1 .86,1 1,.86 1,.55 0,0 1,0"],
    "3": ["0,1 1,1 .5,.55 .86,.55 1,.4 1,.14 .86,0 .14,0 0,.14"],
    "4": [".8,0 .8,1 0,.3 1,.3"],
    "5": ["1,1 0,1 0,.55 .86,.55 1,.42 1,.14 .86,0 0,0"],
    "6": ["1,.9 .86,1 .14,1 0,.86 0,.14 .14,0 .86,0 1,.14 1,.4 .86,.52 0,.52"],
    "7": ["0,1 1,1 .4,0"],
    "8": [".14,.52 0,.64 0,.88 .14,1 .86,1 1,.88 1,.64 .86,.52 .14,.52",
          ".14,.52 0,.4 0,.12 .14,0 .86,0 1,.12 1,.4 .86,.52"],
    "9": ["0,.1 .14,0 .86,0 1,.14 1,.86 .86,1 .14,1 0,.86 0,.6 .14,.48 1,.48"],
}  # fmt: skip
"""Middle lines of the strokes of each letter in a unit box, y up."""


def bar(a: np.ndarray, b: np.ndarray, thick_m: float) -> np.ndarray:
    """A stroke as a rectangle f64[4, 2], lengthened by half its thickness so that corners close."""
    along = (b - a) / np.hypot(*(b - a)) * thick_m / 2
    side = np.array([-along[1], along[0]])
    return np.array([a - along + side, a - along - side, b + along - side, b + along + side])


def legend(
    word: str, height_m: float, width_m: float, gap_m: float, thick_m: float,
    srgb: tuple[int, int, int], y_m: float = 0.0,
) -> list[Patch]:  # fmt: skip
    """A word on a face.

    Args:
        word: capital letters and digits.
        height_m, width_m: of a letter. gap_m: between two. thick_m: of a stroke.
        srgb: colour. y_m: height of the word's middle above the face's centre.
    """
    left = -(len(word) * width_m + (len(word) - 1) * gap_m) / 2
    box = np.array([width_m - thick_m, height_m - thick_m])
    patches = []
    for k, letter in enumerate(word):
        x = left + k * (width_m + gap_m) + thick_m / 2
        origin = np.array([x, y_m + (thick_m - height_m) / 2])
        for stroke in _STROKES[letter]:
            line = np.array([[float(v) for v in p.split(",")] for p in stroke.split()])
            points = origin + line * box
            patches += [Patch(bar(a, b, thick_m), srgb) for a, b in itertools.pairwise(points)]
    return patches


def numeral(number: int, style: Numeral) -> list[Patch]:
    """A whole number on a face, as the sign's type says."""
    return legend(
        str(abs(number)), style.height_m, style.width_m, style.gap_m, style.thick_m, style.srgb,
        style.y_m,
    )  # fmt: skip
