"""Covering designs: few rows in which every t levels of different factors meet at least once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Sequence

MOST_ROWS = 1_000_000
"""Rows of a full design beyond which it is refused: it would be no design but a mistake."""


def full_rows(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Every combination of levels; ``sizes``: levels of each factor."""
    if math.prod(sizes) > MOST_ROWS:
        raise ValueError(f"a full design of {math.prod(sizes)} rows")
    return list(itertools.product(*map(range, sizes)))


def covering_rows(sizes: Sequence[int], strength: int) -> list[tuple[int, ...]]:
    """Rows of level indices in which every ``strength`` levels of different factors meet.

    Greedy, one row at a time, each begun with a combination that is still missing and completed by
    the levels that bring the most missing ones along (as AETG, Cohen et al. 1997, without its
    random tries). The same arguments give the same rows; any first rows cover much.

    Args:
        sizes: levels of each factor, each >= 1.
        strength: how many factors at a time; more than there are factors means all.
    """
    strength = min(strength, len(sizes))
    missing = dict.fromkeys(_combinations(sizes, strength))  # a set that keeps its order
    rows = []
    while missing:
        row: dict[int, int] = dict(next(iter(missing)))
        for factor in range(len(sizes)):
            if factor not in row:
                gains = [_gain(row, factor, v, strength, missing) for v in range(sizes[factor])]
                row[factor] = gains.index(max(gains))
        rows.append(tuple(row[f] for f in range(len(sizes))))
        for met in _met(rows[-1], strength):
            missing.pop(met, None)
    return rows


def coverage(rows: Iterable[Sequence[int]], sizes: Sequence[int], strength: int) -> float:
    """Share of all combinations of ``strength`` levels of different factors that the rows hold."""
    met = {c for row in rows for c in _met(row, strength)}
    several = itertools.combinations(sizes, strength)
    return len(met) / max(1, sum(math.prod(chosen) for chosen in several))


def _combinations(sizes: Sequence[int], strength: int) -> Iterable[tuple[tuple[int, int], ...]]:
    for factors in itertools.combinations(range(len(sizes)), strength):
        for levels in itertools.product(*(range(sizes[f]) for f in factors)):
            yield tuple(zip(factors, levels, strict=True))


def _met(row: Sequence[int], strength: int) -> Iterable[tuple[tuple[int, int], ...]]:
    return itertools.combinations(tuple(enumerate(row)), strength)


def _gain(
    row: dict[int, int],
    factor: int,
    level: int,
    strength: int,
    missing: Collection[tuple[tuple[int, int], ...]],
) -> int:
    """Missing combinations that a level would bring together with what the row has already."""
    count = 0
    for others in itertools.combinations(sorted(row.items()), strength - 1):
        count += tuple(sorted((*others, (factor, level)))) in missing
    return count
