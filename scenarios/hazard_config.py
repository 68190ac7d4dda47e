"""Settings of a hazard: which things a scene must show, and how they must stand to each other."""

from __future__ import annotations

import dataclasses

from simulator.agents import Kind
from simulator.errors import ConfigError, unknown_name
from simulator.settings import quantity
from simulator.signs import SIGNS

FIXTURES = ("signal", "crosswalk", *SIGNS)
"""Things that do not move: signals, crosswalks, and every type of sign."""

KINDS = tuple(kind.name.lower() for kind in Kind)

PARKED_M = {"van": (5.4, 2.0, 2.5), "truck": (7.5, 2.45, 3.4), "bus": (10.5, 2.5, 3.1)}
"""Length, width, height of what a parked car is replaced by: the small ones of their kinds."""


RELATIONS = (
    "near", "ahead", "approaches", "hidden", "beyond_bend", "cuts_in", "runs", "faces_sun",
)  # fmt: skip
"""How things can stand to each other; what each means is in ``scenarios/relations.py``."""

STATES = ("any", "moving", "standing", "parked", "crossing", "dirty", "tilted", "overgrown")
"""What agents are doing, or what signs are like."""

OF_SIGNS = STATES[-3:]


@dataclasses.dataclass(frozen=True)
class ThingConfig:
    """Somebody or something that the scene must show.

    A parked car that ``becomes`` another kind is replaced by it; ``turned``, it stands against the
    direction of its side of the road.
    """

    name: str = quantity(help="what relations call it")
    what: tuple[str, ...] = quantity(
        help="kinds of vehicles, pedestrian, signal, crosswalk, or signs"
    )
    state: str = quantity("any", choices=STATES, help="what it is doing or is like")
    becomes: str | None = quantity(
        None, choices=tuple(PARKED_M), help="kind that a parked one is made"
    )
    turned: bool = quantity(False, help="whether a parked one is turned about")

    def __post_init__(self) -> None:
        for word in self.what:
            if word not in (*KINDS, *FIXTURES):
                raise unknown_name("thing", word, [*KINDS, *FIXTURES])
        if not self.what or ({*self.what} & {*KINDS} and {*self.what} & {*FIXTURES}):
            raise ConfigError(f"hazard thing '{self.name}' must be agents or fixtures, not both")
        if self.state in OF_SIGNS and not {*self.what} <= {*SIGNS}:
            raise ConfigError(f"hazard thing '{self.name}' is no sign, only signs are {self.state}")
        if (self.becomes or self.turned) and self.state != "parked":
            raise ConfigError(f"hazard thing '{self.name}' can be changed only where it is parked")


@dataclasses.dataclass(frozen=True)
class RelationConfig:
    """How two things stand to each other, within a range of distances."""

    a: str = quantity(help="name of a thing")
    how: str = quantity(choices=RELATIONS, help="the relation")
    b: str | None = quantity(None, help="name of the other thing")
    by: str | None = quantity(None, help="what hides a from b")
    low_m: float = quantity(0.0, "m", -50, 500, "least distance")
    high_m: float = quantity(60.0, "m", -50, 500, "largest distance")

    def __post_init__(self) -> None:
        if (self.b is None) != (self.how == "faces_sun") or (self.by is None) == (
            self.how == "hidden"
        ):
            raise ConfigError(f"hazard relation '{self.words()}' has a thing too many or too few")
        if self.low_m > self.high_m:
            raise ConfigError(f"hazard relation '{self.words()}' has low_m above high_m")

    def words(self) -> str:
        """The relation in one line."""
        by = f" by {self.by}" if self.by else ""
        return f"{self.a} {self.how} {self.b or ''}".rstrip() + by


@dataclasses.dataclass(frozen=True)
class HazardConfig:
    """A moment that the first frame of every scene shows; the camera looks at it."""

    things: tuple[ThingConfig, ...] = quantity(help="what the scene must show")
    relations: tuple[RelationConfig, ...] = quantity(help="how they must stand to each other")
    tries: int = quantity(60, "", 1, 1000, "scenes that are drawn before it gives up")
    within_s: float = quantity(20.0, "s", 0, 120, "time after warm_up_s in which it may happen")
    bold: bool = quantity(False, help="whether all drivers are of those who run late yellows")
    halts: bool = quantity(False, help="whether one vehicle has broken down on the road")

    def __post_init__(self) -> None:
        names = [thing.name for thing in self.things]
        if not names or len(set(names)) != len(names):
            raise ConfigError("hazard.things must be one at least, with names of their own")
        for relation in self.relations:
            for name in (relation.a, relation.b, relation.by):
                if name is not None and name not in names:
                    raise unknown_name("hazard thing", name, names)
