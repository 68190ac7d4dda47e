"""What a condition costs, and how much of that is its own difficulty, how much the shift.

A fall from one weather to another mixes two things: the other weather may be harder for everybody,
also for a detector that was trained in it, and the detector meets what it never saw. Controls that
were trained in the condition itself, with as many scenes and steps on the same seeds, tell them
apart: loss = difficulty + shift, exactly.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from training.bootstrap import Interval
from training.compare import Comparison, Figure, compare, family
from training.worth import gap_closed


@dataclasses.dataclass(frozen=True)
class Shift:
    """One condition.

    Attributes:
        condition: a word. loss: the condition against the reference, the same models.
        difficulty: trained and measured in the condition, against trained and measured in the
            reference. shift: the models of the reference against those of the condition, both
            measured in the condition. share: of the loss that the shift makes; NaN where no loss
            is shown. The last three are None without controls.
    """

    condition: str
    loss: Comparison
    difficulty: Comparison | None = None
    shift: Comparison | None = None
    share: Interval | None = None


def shifts(
    base: Mapping[str, Figure],
    own: Mapping[str, Figure],
    smallest: float,
    seed: int,
    declared: Collection[frozenset[str]] = (),
) -> tuple[Shift, ...]:
    """Judge every condition: the losses are one family, difficulties and shifts another.

    Args:
        base: figures of the models of the reference, by condition, the reference first. own: of
            the models that were trained in a condition, measured there; may be empty.
        smallest: effect that matters. seed: of the draws for shares. declared: see ``compare``.
    """
    reference, *conditions = base
    first = base[reference]
    losses = family([compare(first, base[c], smallest, "conditions", declared) for c in conditions])
    parts = _parts(base, own, [c for c in conditions if c in own], smallest)
    out = []
    for c, loss in zip(conditions, losses, strict=True):
        if c not in own:
            out.append(Shift(c, loss))
            continue
        gap = compare(base[c], first, smallest)
        share = gap_closed(base[c], own[c], first, gap, seed)
        out.append(Shift(c, loss, *parts[c], share))
    return tuple(out)


def _parts(
    base: Mapping[str, Figure],
    own: Mapping[str, Figure],
    conditions: Sequence[str],
    smallest: float,
) -> dict[str, tuple[Comparison, Comparison]]:
    first = next(iter(base.values()))
    hard = [compare(first, own[c], smallest) for c in conditions]
    moved = [compare(own[c], base[c], smallest) for c in conditions]
    judged = family([*hard, *moved])
    count = len(conditions)
    return dict(zip(conditions, zip(judged[:count], judged[count:], strict=True), strict=True))
