"""What is held out: splits as sets of predicates, and the lineage of scenes that must not leak."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.errors import ConfigError, LeakError

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "!=": operator.ne, "<=": operator.le, ">=": operator.ge,
    "=": operator.eq, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Predicate:
    """A statement about one picture, such as ``condition=fog`` or ``visibility_m<200``."""

    key: str
    test: str
    value: str | float

    def __str__(self) -> str:
        value = f"{self.value:g}" if isinstance(self.value, float) else self.value
        return f"{self.key}{self.test}{value}"


@dataclasses.dataclass(frozen=True)
class Split:
    """A named part of the scenes: those for which all predicates hold."""

    name: str
    predicates: tuple[Predicate, ...] = ()


@dataclasses.dataclass(frozen=True, order=True)
class Lineage:
    """A run of scenes by name: seed, split, and the first and last index (both included)."""

    seed: int
    split: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"scenes {self.first}..{self.last} of seed {self.seed}, split '{self.split}'"


def read_predicate(text: str) -> Predicate:
    """Read ``key=value``, ``key!=value`` or, for numbers, ``<``, ``<=``, ``>``, ``>=``.

    Raises:
        ConfigError: no key, no comparison, or an order asked of a word.
    """
    found = [(text.find(t), -len(t), t) for t in _TESTS if t in text]
    place, _, test = min(found, default=(-1, 0, ""))
    key, word = (text[:place].strip(), text[place + len(test) :].strip()) if test else ("", "")
    if not key or not word:
        mend = "Write condition=fog or visibility_m<200"
        raise ConfigError(f"no predicate in '{text}'", mend=mend)
    try:
        value: str | float = float(word)
    except ValueError:
        value = word
        if test not in ("=", "!="):
            raise ConfigError(f"'{text}' compares with '{word}', which is no number") from None
    return Predicate(key, test, value)


def holds(predicate: Predicate, facts: Mapping[str, Any]) -> bool:
    """Whether a predicate holds for the facts of a picture (condition, layout, quantities, ...).

    Raises:
        ConfigError: the facts do not say anything about the key.
    """
    if predicate.key not in facts:
        known = ", ".join(sorted(facts))
        raise ConfigError(f"nothing is known of '{predicate.key}'", mend=f"There are: {known}")
    fact = facts[predicate.key]
    if isinstance(predicate.value, str) != isinstance(fact, str):
        return predicate.test == "!="
    return _TESTS[predicate.test](fact, predicate.value)


def belongs(split: Split, facts: Mapping[str, Any]) -> bool:
    """Whether a picture with these facts is part of a split."""
    return all(holds(p, facts) for p in split.predicates)


def read_lineage(entries: Sequence[Mapping[str, Any]]) -> tuple[Lineage, ...]:
    """Lineages from the plain data of a dataset or of a model's metadata.

    Raises:
        ConfigError: an entry lacks a key or holds something else than whole numbers and a name.
    """
    made = []
    for entry in entries:
        try:
            numbers = [entry[k] for k in ("seed", "first", "last")]
            split = entry["split"]
        except (KeyError, TypeError):
            raise ConfigError(f"{entry!r} is no lineage of scenes") from None
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in numbers)
        if not whole or not isinstance(split, str) or not 0 <= numbers[1] <= numbers[2]:
            raise ConfigError(f"{entry!r} is no lineage of scenes")
        made.append(Lineage(numbers[0], split, numbers[1], numbers[2]))
    return tuple(made)


def check_lineage(
    a: Sequence[Lineage], b: Sequence[Lineage], names: tuple[str, str] = ("one", "the other")
) -> None:
    """Refuse two sets of scenes that share any.

    Args:
        a, b: the lineages of both. names: what to call them in the message.

    Raises:
        LeakError: some scene is in both; names both.
    """
    for one in a:
        for two in b:
            same = one.seed == two.seed and one.split == two.split
            if same and one.first <= two.last and two.first <= one.last:
                raise LeakError(
                    f"{names[0]} has {one} and {names[1]} has {two}",
                    mend="Use another seed or another split name for one of them",
                )
