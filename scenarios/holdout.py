"""Which scenes are which: the lineage that tells whether two sets of scenes share any."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, order=True)
class Lineage:
    """Scenes by their origin: indices ``first`` .. ``last`` (inclusive) of a split of a seed."""

    seed: int
    split: str
    first: int
    last: int


def overlap(a: Sequence[Lineage], b: Sequence[Lineage]) -> Lineage | None:
    """Scenes that two sets share, or None: same seed, same split, an index in both."""
    for one in a:
        for two in b:
            first, last = max(one.first, two.first), min(one.last, two.last)
            if (one.seed, one.split) == (two.seed, two.split) and first <= last:
                return Lineage(one.seed, one.split, first, last)
    return None
