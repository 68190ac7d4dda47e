"""What every report says alike: where scenes come from, and what limits its figures."""

from __future__ import annotations

from render.store import Lineage, Truth
from training.bootstrap import ENOUGH_SCENES

SIMULATED = "Simulated scenes only: a figure here is no evidence about real roads."


def origin(lineage: tuple[Lineage, ...]) -> str:
    """Where scenes come from, in words."""
    lines = [f"seed {x.seed}, split '{x.split}', scenes {x.first} to {x.last}" for x in lineage]
    return "; ".join(lines) or "frames of others"


def not_a_result(seen: str | None) -> tuple[str, ...]:
    """The warning of a report whose models had seen a scene of the test; none where none had."""
    if seen is None:
        return ()
    return (f"NOT A RESULT: a model was trained on {seen} (allow_seen=true).",)


def optimistic(scenes: int, where: str = "") -> tuple[str, ...]:
    """What too few scenes do to the intervals; none where there are enough."""
    if scenes >= ENOUGH_SCENES:
        return ()
    told = f"in {where} they" if where else "they"
    few = f"{told} come from {scenes} scenes, fewer than {ENOUGH_SCENES}"
    return (f"The intervals are optimistic: {few}.",)


def measured_on(truth: Truth) -> tuple[tuple[str, str], ...]:
    """The facts about a test set."""
    root = truth.root_hash or "none"
    return (("Measured on", origin(truth.lineage)), ("Root hash of that", root))


def overlap(seen: str | None) -> tuple[str, str]:
    """The fact about scenes that training and test share."""
    return ("Overlap of both", seen or "none: other streams, other geometry (checked)")
