"""What stands beside the road: buildings, trees, poles, each with its height for its shadow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from simulator.arrays import frozen
from simulator.settings import LATER
from simulator.support import Support

Colour = tuple[int, int, int]


@dataclasses.dataclass(frozen=True, eq=False)
class Building:
    """A prism: footprint f64[N, 2] m (convex, ccw), height m, sRGB of roof and walls."""

    footprint_m: np.ndarray
    height_m: float
    roof: tuple[int, int, int]
    wall: tuple[int, int, int]

    def __post_init__(self) -> None:
        value = frozen(self.footprint_m, np.float64, (None, 2), "footprint_m")
        object.__setattr__(self, "footprint_m", value)


def buildings_of(
    footprints_m: np.ndarray, heights_m: Sequence[float], roofs: Sequence[Colour],
    walls: Sequence[Colour],
) -> tuple[Building, ...]:  # fmt: skip
    """Buildings whose footprints f64[K, 4, 2] m are checked all at once."""
    footprints = frozen(footprints_m, np.float64, (None, 4, 2), "footprints_m")
    names = [field.name for field in dataclasses.fields(Building)]
    made = []
    for row in zip(footprints, heights_m, roofs, walls, strict=True):
        made.append(object.__new__(Building))
        vars(made[-1]).update(zip(names, row, strict=True))
    return tuple(made)


@dataclasses.dataclass(frozen=True)
class Tree:
    """A crown: centre, radius and height in m, sRGB of the leaves, seed of its outline; whether it
    has lost its leaves.
    """

    x_m: float
    y_m: float
    radius_m: float
    height_m: float
    leaf: tuple[int, int, int]
    outline_seed: int
    bare: bool = dataclasses.field(default=False, metadata=LATER)


@dataclasses.dataclass(frozen=True)
class Pole:
    """A street lamp: foot, height in m, and where its lamp hangs (arm of 0 for a bare pole)."""

    x_m: float
    y_m: float
    height_m: float
    lamp_x_m: float
    lamp_y_m: float


@dataclasses.dataclass(frozen=True)
class Block:
    """A box on the ground beside the road: centre and size in m, heading in rad, sRGB.

    With no height it is a flat patch (a drive, a plaza, bare earth), else a thing that stands about
    (a bin, a cabinet, a planter, a container): what a detector may take for something else.
    """

    x_m: float
    y_m: float
    heading_rad: float
    length_m: float
    width_m: float
    height_m: float
    colour: tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Cone:
    """A traffic cone: its middle on the ground and its height in m."""

    x_m: float
    y_m: float
    height_m: float = 0.71


@dataclasses.dataclass(frozen=True)
class Ground:
    """What the ground is made of: linear reflectances 0..1 and a seed for its texture."""

    road: float
    road_tint: tuple[float, float, float]
    paint: float
    verge: tuple[int, int, int]
    pavement: float
    wear: float
    texture_seed: int


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """Everything static that is not a road, a sign or a signal; ``cones`` stand on the road."""

    ground: Ground
    buildings: tuple[Building, ...] = ()
    trees: tuple[Tree, ...] = ()
    poles: tuple[Pole, ...] = ()
    blocks: tuple[Block, ...] = ()
    cones: tuple[Cone, ...] = ()
    supports: tuple[Support, ...] = dataclasses.field(default=(), metadata=LATER)
