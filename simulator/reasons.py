"""Why somebody is not driving as fast as it would like: codes of the loop, and their words."""

from __future__ import annotations

FREE, LEADER, BEND, RED, MUST_STAND, TURN, GAP = range(7)
TAKEN, FULL, BEHIND, BRAKES, LATER, ENDS, LETS = range(7, 14)
PERSON, WALKS, NO_WALK, KERB, CROSSES = range(14, 19)

WORDS = (
    "drives freely",
    "keeps its distance to vehicle {whom}",
    "slows down for a slower lane ahead",
    "waits for the signal",
    "comes to a stand at the stop line",
    "waits for its turn: vehicle {whom} came first",
    "gives way to vehicle {whom}",
    "waits until vehicle {whom} has left the junction",
    "keeps the junction clear: there is no room behind it",
    "waits behind vehicle {whom} at the line",
    "brakes as hard as it can",
    "comes to a line and has not decided yet",
    "waits to get into the next lane because its own ends",
    "lets vehicle {whom} in, which has waited for long",
    "lets person {whom} cross",
    "walks along",
    "waits for the light to walk",
    "waits at the kerb until vehicle {whom} has gone by or stops",
    "crosses the road",
)
"""A sentence without its subject, by code; ``{whom}`` is the row of the other vehicle."""
