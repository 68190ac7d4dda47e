"""The driving convention of a scene: the side of the road, and whose signs and lines it has."""

from __future__ import annotations

import dataclasses

from simulator.settings import quantity

SIDES = ("right", "left")
SIGN_SETS = ("north_america", "vienna")
LANE_USES = ("any", "slow")
PLATES = ("symbolic", "upright")
"""How signs and signals are drawn: face-up and enlarged, or as they stand."""


@dataclasses.dataclass(frozen=True)
class Convention:
    """Which side traffic keeps to, and whether signs and lines are those of North America (MUTCD,
    miles an hour, yellow centre lines) or of the Vienna Convention on Road Signs and Signals of
    1968 (km/h, white lines). ``lanes`` says whether drivers use any lane, as is usual in towns, or
    go back to the slow one, at the edge, after they have overtaken (Vienna Convention on Road
    Traffic of 1968, article 10).
    """

    side: str = quantity("right", choices=SIDES, help="side of the road that traffic keeps to")
    signs: str = quantity("north_america", choices=SIGN_SETS, help="whose signs and lines")
    lanes: str = quantity(
        "any",
        choices=LANE_USES,
        help="lanes that are used: any, or the slow one first",
        later=True,
    )


USUAL = Convention()

CONVENTIONS = tuple(Convention(side, signs) for signs in SIGN_SETS for side in SIDES)
"""Every side with each set of signs, the default first."""


def in_words(convention: Convention) -> str:
    """A convention for people."""
    whose = "Vienna-convention" if convention.signs == "vienna" else "North American"
    slow = ", to the slow lane" if convention.lanes == "slow" else ""
    return f"traffic keeps {convention.side}{slow}, {whose} signs"
