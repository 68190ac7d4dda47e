"""A road plan: nodes where roads meet, and links between them; ``builder`` makes roads of it."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

from scenarios.section import Section
from simulator.lane import Turn
from simulator.network import Control
from simulator.surroundings import Block, Cone


class NodeKind(enum.Enum):
    """How roads meet at a node."""

    JUNCTION = "junction"
    ROUNDABOUT = "roundabout"
    TAPER = "taper"
    """Two roads end to end; lanes that only one of them has begin or end on the right."""
    GORE = "gore"
    """Lanes that lie end to end go on into each other: where a ramp joins or leaves."""


@dataclasses.dataclass(frozen=True)
class Node:
    """Where links meet.

    Attributes:
        x_m, y_m: its centre.
        kind: see NodeKind.
        corner_m: kerb radius at the corners of a junction.
        taper_m: length of a taper.
        inscribed_m, ring_m, rings: of a roundabout: inscribed diameter, width of a circulating
            lane, how many there are.
        dark: its signals are out.
    """

    x_m: float = 0.0
    y_m: float = 0.0
    kind: NodeKind = NodeKind.JUNCTION
    corner_m: float = 6.0
    taper_m: float = 25.0
    inscribed_m: float = 34.0
    ring_m: float = 5.2
    rings: int = 1
    dark: bool = False


@dataclasses.dataclass(frozen=True)
class End:
    """One end of a link: the node there (-1: the edge of the world) and what traffic meets.

    Attributes:
        node: index of the node.
        control: what rules the traffic that arrives.
        line_m: from the stop line to the junction's mouth, where no crosswalk asks for more.
        crosswalk_m: width of a crosswalk across the link at its mouth, 0 none.
        own_left: the leftmost of several lanes is for turning left only.
        banned: a turn that nobody may make here, where the junction can do without it.
        no_return: a sign says that nobody may turn back here; none of our ways does.
    """

    node: int = -1
    control: Control = Control.NONE
    line_m: float = 1.5
    crosswalk_m: float = 0.0
    own_left: bool = False
    banned: Turn = Turn.NONE
    no_return: bool = False


@dataclasses.dataclass(frozen=True)
class Crossing:
    """A crosswalk away from junctions: place along the link, width, length of a refuge (0 none)."""

    s_m: float
    width_m: float
    refuge_m: float = 0.0


@dataclasses.dataclass(frozen=True)
class Bay:
    """A bay for buses beyond the right edge of a direction: where it begins along the link's line,
    its length without the tapers, its width, and the length of each taper, m.
    """

    s_m: float
    length_m: float
    width_m: float
    taper_m: float
    forward: bool


@dataclasses.dataclass(frozen=True)
class Post:
    """A sign beside a link.

    Attributes:
        sign: its type.
        s_m: how far the traffic that it faces has come along the link; negative: has yet to go.
        forward: whether it faces the traffic from a to b.
        limit_mps: the speed limit that it shows, 0 none.
    """

    sign: str
    s_m: float
    forward: bool
    limit_mps: float = 0.0


@dataclasses.dataclass(frozen=True, eq=False)
class Link:
    """A road between two nodes along its centre line f64[N, 2] m, from end a to end b.

    ``kept_free`` says of the traffic from a to b and of the other whether nobody may park there.
    """

    line_m: np.ndarray
    section: Section
    limit_mps: float
    a: End = End()
    b: End = End()
    crossings: tuple[Crossing, ...] = ()
    bays: tuple[Bay, ...] = ()
    posts: tuple[Post, ...] = ()
    kept_free: tuple[bool, bool] = (False, False)


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """Everything from which the builder makes roads.

    ``focus_m`` f64[M, 2] are points worth looking at; ``half_m`` is half the drawn world's side;
    ``blocks`` and ``cones`` are what stands about because of the layout.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    focus_m: np.ndarray
    half_m: float
    blocks: tuple[Block, ...] = ()
    cones: tuple[Cone, ...] = ()
