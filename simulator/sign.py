"""Signs: what a type of sign is (shape, meaning, place) and one sign in a scene."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

from simulator.arrays import frozen


class Meaning(enum.Enum):
    """What a sign makes traffic do."""

    STOP = "full stop at the line, then go in turn"
    YIELD = "give way at the line to whoever has priority"
    LIMIT = "drive no faster than the number"
    NO_ENTRY = "do not drive in here"
    ONE_WAY = "traffic goes this way only"
    CROSSING = "give way to people on the crosswalk"
    ROUNDABOUT = "a roundabout is ahead: give way to the ring"
    WORKS = "road works are ahead: slow down and merge"


@dataclasses.dataclass(frozen=True, eq=False)
class Patch:
    """One flat piece of a sign's face: polygon f64[N, 2] m (x right, y up, origin at the face's
    centre) and its sRGB colour 0..255. Patches are painted in order.
    """

    polygon_m: np.ndarray
    srgb: tuple[int, int, int]

    def __post_init__(self) -> None:
        value = frozen(self.polygon_m, np.float64, (None, 2), "polygon_m")
        object.__setattr__(self, "polygon_m", value)


@dataclasses.dataclass(frozen=True)
class Numeral:
    """Digits on a face: height, width of a digit, gap between two, stroke, middle's height, m."""

    height_m: float
    width_m: float
    gap_m: float
    thick_m: float
    y_m: float
    srgb: tuple[int, int, int]


@dataclasses.dataclass(frozen=True, eq=False)
class SignType:
    """A type of sign: the constant SIGN of a module in ``simulator/signs``.

    Attributes:
        title: name for people.
        category: label class; empty: drawn, but no object of the labels.
        patches: the face; the first patch is the outline.
        meaning: what it makes traffic do.
        control: name of the stop-line control at which it must stand, see ``network.Control``;
            empty: layouts put it up.
        lateral_m: legal distance of its centre from the edge of the carriageway, m.
        mount_m: height of its lower edge, m.
        source: where shape and place come from.
        number: how the number of a sign is written on the face, None where there is none.
    """

    title: str
    category: str
    patches: tuple[Patch, ...]
    meaning: Meaning
    control: str
    lateral_m: float
    mount_m: float
    source: str
    number: Numeral | None = None


@dataclasses.dataclass(frozen=True)
class Sign:
    """One sign. ``type`` names a member of SIGNS; ``heading_rad`` is the direction of the traffic
    that it faces; ``stop_line_id`` the line that it rules, or -1; ``number`` what it shows beside
    its face, 0 none.
    """

    id: int
    type: str
    x_m: float
    y_m: float
    heading_rad: float
    stop_line_id: int = -1
    number: int = 0
