"""What bodies are made of: parts with an outline, a height and a colour of a few tones."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

from render.surface import Kind, fixed


class Tone(enum.IntEnum):
    """Which colour a part takes."""

    BODY = 0
    GLASS = 1
    DARK = 2
    CLEAR_LENS = 3
    RED_LENS = 4
    AMBER_LENS = 5
    LIGHT_GREY = 6
    GREY = 7
    SKIN = 8
    BROWN = 9
    BLOND = 10
    DENIM = 11


TONES = np.stack(
    [
        np.zeros(3, np.uint16),
        *(
            fixed(c)
            for c in (
                (34, 40, 46), (28, 28, 30), (222, 226, 228), (122, 18, 18), (190, 110, 20),
                (206, 208, 206), (112, 114, 116), (190, 142, 112), (88, 64, 46), (176, 148, 106),
                (56, 70, 100),
            )
        ),
    ]
)  # fmt: skip
"""Linear u16[T, 3] colours of the tones; BODY is replaced by the vehicle's paint."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One polygon of a body. With ``top`` it is a prism: the hull of the outline at z and of the
    other outline at ``top_z``, as a camera sees its sides. ``outline`` marks the silhouette.
    """

    shape: tuple[tuple[float, float], ...]
    z: float
    tone: Tone
    shade: float = 1.0
    top: tuple[tuple[float, float], ...] = ()
    top_z: float = 0.0
    kind: Kind = Kind.BODY
    lamp: int = 0
    lit_kind: Kind = Kind.BODY
    outline: bool = False
