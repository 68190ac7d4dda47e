"""Signs: what a type of sign is (shape, meaning, place) and one sign in a scene."""

from __future__ import annotations

import dataclasses
import enum
import math

import numpy as np

from simulator.arrays import frozen
from simulator.convention import Convention
from simulator.settings import LATER
from simulator.signals import Signal


class Meaning(enum.Enum):
    """What a sign makes traffic do."""

    STOP = "full stop at the line, then go in turn"
    YIELD = "give way at the line to whoever has priority"
    LIMIT = "drive no faster than the number"
    NO_ENTRY = "do not drive in here"
    ONE_WAY = "traffic goes this way only"
    CROSSING = "give way to people on the crosswalk"
    ROUNDABOUT = "a roundabout is ahead: give way to the ring"
    PRIORITY = "this road has priority: whoever crosses it gives way"
    WORKS = "road works are ahead: slow down and merge"
    NO_LEFT = "do not turn left at the junction ahead"
    NO_RIGHT = "do not turn right at the junction ahead"
    NO_U_TURN = "do not turn back at the junction ahead"
    SCHOOL = "children are about: drive no faster than the number"
    NO_PARKING = "do not park along this kerb"


OUTWARD_M = 0.8
"""How far a symbolic plate is moved from its legal place, away from the road."""

PLATE_M = 2.5
"""Height at which plates are seen: signs hang 2.1 m high and more."""


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
    """Digits on a face: height, width of a digit, gap between two, stroke, middle's height, m; and
    what they count: a unit in m/s, to the nearest multiple of ``step``.
    """

    height_m: float
    width_m: float
    gap_m: float
    thick_m: float
    y_m: float
    srgb: tuple[int, int, int]
    unit_mps: float
    step: int


@dataclasses.dataclass(frozen=True, eq=False)
class Look:
    """What a type of sign looks like under one convention.

    Attributes:
        patches: the face; the first patch is the outline.
        code: its name in the regulation. source: that regulation.
        number: how the number of a sign is written on the face, None where there is none.
        handed: whether the face, which then has no letters, is mirrored where traffic keeps left.
    """

    patches: tuple[Patch, ...]
    code: str
    source: str
    number: Numeral | None = None
    handed: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class SignType:
    """A type of sign: the constant SIGN of a module in ``simulator/signs``.

    Attributes:
        title: name for people.
        category: label class, the same under every convention; empty: drawn, but no object of the
            labels.
        meaning: what it makes traffic do.
        control: name of the stop-line control at which it must stand, see ``network.Control``;
            empty: layouts put it up.
        lateral_m: legal distance of its centre from the edge of the carriageway, m.
        mount_m: height of its lower edge, m.
        place: where that comes from.
        mirror: type of sign that its mirror image is, where that is another.
        north_america, vienna: its look under either convention, see ``convention.py``; None for
            what is no sign of North America's.
    """

    title: str
    category: str
    meaning: Meaning
    control: str
    lateral_m: float
    mount_m: float
    place: str
    north_america: Look | None
    vienna: Look
    mirror: str = ""


def look(kind: SignType, convention: Convention) -> Look:
    """What a type of sign looks like under a convention; as in the other where this has none."""
    return kind.vienna if convention.signs == "vienna" else kind.north_america or kind.vienna


def is_known(kind: SignType, convention: Convention) -> bool:
    """Whether a convention has such a sign."""
    return convention.signs == "vienna" or kind.north_america is not None


def shown(kind: SignType, limit_mps: float, convention: Convention) -> int:
    """The number on a sign of this type for a speed limit in m/s, 0 where none is written."""
    style = look(kind, convention).number
    return style.step * round(limit_mps / style.unit_mps / style.step) if style else 0


@dataclasses.dataclass(frozen=True)
class Sign:
    """One sign, and the state that it is in.

    Attributes:
        type: names a member of SIGNS.
        x_m, y_m: its legal place. heading_rad: direction of the traffic that it faces.
        stop_line_id: the line that it rules, or -1.
        number: what it shows beside its face, 0 none.
        dirt: share of its face under dirt, 0..1.
        tilt_rad: how far the plate hangs askew on its post, ccw as its reader sees it.
        overgrown: a crown hangs over it: what stands higher than the plate hides it.
    """

    id: int
    type: str
    x_m: float
    y_m: float
    heading_rad: float
    stop_line_id: int = -1
    number: int = 0
    dirt: float = dataclasses.field(default=0.0, metadata=LATER)
    tilt_rad: float = dataclasses.field(default=0.0, metadata=LATER)
    overgrown: bool = dataclasses.field(default=False, metadata=LATER)

    def __post_init__(self) -> None:
        if not 0.0 <= self.dirt <= 1.0 or not abs(self.tilt_rad) <= math.pi:
            raise ValueError("a sign's dirt must be 0 to 1 and its tilt_rad -pi to pi")


def plate_centre_m(place: Sign | Signal, side: str) -> np.ndarray:
    """Middle of the symbolic plate of a sign or signal where traffic keeps to a side, f64[2] m."""
    out = OUTWARD_M if side == "right" else -OUTWARD_M
    heading = place.heading_rad
    return np.array([place.x_m + out * math.sin(heading), place.y_m - out * math.cos(heading)])


def state_of(sign: Sign) -> dict[str, float | bool]:
    """What of a sign's state is not as on the day when it was put up, by name."""
    return {f.name: v for f in STATES if (v := getattr(sign, f.name)) != f.default}


STATES = tuple(f for f in dataclasses.fields(Sign) if f.metadata.get("later"))
"""The fields of a sign that are its state."""
