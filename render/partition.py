"""Splits by predicates: which images of a dataset go where, and that no scene goes to two."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from render.files import write_json
from render.format import Item, Source
from simulator.errors import ConfigError, LeakError

MOST_SPLITS, MOST_VALUES = 32, 1000
LINEAGE = "splits.json"
"""The file that tells where the scenes of each split come from."""

MEND = "Write splits={train: {condition: [clear]}, test: {layout: town, scene_index: [100, 199]}}"

Predicate = Mapping[str, Any]


def check_splits(given: Any) -> dict[str, Predicate]:
    """The predicates of a config: split -> {attribute: value, list of words, or [low, high]}.

    Raises:
        ConfigError: they are not written so, or a split's name is no plain word.
    """
    if not isinstance(given, Mapping) or not 1 <= len(given) <= MOST_SPLITS:
        raise ConfigError(f"splits must be 1 to {MOST_SPLITS} names with predicates", mend=MEND)
    for name, predicate in given.items():
        plain = isinstance(name, str) and name.replace("_", "").replace("-", "").isalnum()
        if not plain or len(name) > 40:
            raise ConfigError(f"splits has the name {name!r:.60}", mend="Take a short word")
        if not isinstance(predicate, Mapping):
            raise ConfigError(f"splits.{name} is no predicate: {predicate!r:.60}", mend=MEND)
        for key, wanted in predicate.items():
            values = wanted if isinstance(wanted, list | tuple) else [wanted]
            sorts = {type(v) for v in values} - {int, float}
            if not 1 <= len(values) <= MOST_VALUES or sorts - {str, bool} or len(sorts) > 1:
                raise ConfigError(f"splits.{name}.{key} is {wanted!r:.60}", mend=MEND)
    return dict(given)


def partitioned(source: Source, given: Any) -> Source:
    """The same dataset cut anew: an image goes to the first split whose predicate it meets.

    Images that meet none are left out. All images of a scene (its frames, its twins) belong
    together: where two of them would go to different splits, that is refused, both named.

    Raises:
        ConfigError: broken predicates, or one that no image meets, or an attribute that images do
            not have. LeakError: two splits would share a scene.
    """
    predicates = check_splits(given)
    counts = dict.fromkeys(predicates, 0)
    home: dict[tuple[Any, ...], tuple[str, str]] = {}
    for item in _all(source):
        split = _split_of(item, predicates)
        if split is None:
            continue
        counts[split] += 1
        first, other = home.setdefault(_scene(item), (split, item.name))
        if first != split:
            raise LeakError(
                f"{other} in '{first}' and {item.name} in '{split}' are of one scene",
                place="splits", mend="Tell splits apart by scene_index, layout or seed",
            )  # fmt: skip
    empty = [name for name, n in counts.items() if not n]
    if empty:
        raise ConfigError(f"no image meets the predicate of splits.{empty[0]}", mend=MEND)

    def items(split: str) -> Iterator[Item]:
        return (i for i in _all(source) if _split_of(i, predicates) == split)

    return dataclasses.replace(source, splits=tuple(predicates), items=items)


def write_lineage(source: Source, given: Any, root_hash: str, out: Path) -> None:
    """Write splits.json: the predicates, and the scenes of each split by seed, split and index."""
    told = {}
    for split, predicate in check_splits(given).items():
        scenes: dict[tuple[Any, Any], list[list[int]]] = {}
        for item in source.items(split):
            seed, own, index = _scene(item)
            ranges = scenes.setdefault((seed, own), [])
            if not ranges or index > ranges[-1][1] + 1:
                ranges.append([index, index])
            ranges[-1][1] = max(index, ranges[-1][1])
        told[split] = {
            "predicate": predicate,
            "lineage": [
                {"seed": seed, "split": own, "first": first, "last": last}
                for (seed, own), ranges in scenes.items()
                for first, last in ranges
            ],
        }
    write_json(out / LINEAGE, {"root_hash": root_hash, "splits": told})


def _all(source: Source) -> Iterator[Item]:
    for split in source.splits:
        yield from source.items(split)


def _scene(item: Item) -> tuple[Any, ...]:
    return item.fact("seed"), item.fact("split"), item.fact("scene_index")


def _split_of(item: Item, predicates: Mapping[str, Predicate]) -> str | None:
    for name, predicate in predicates.items():
        if all(_meets(item, key, wanted) for key, wanted in predicate.items()):
            return name
    return None


def _meets(item: Item, key: str, wanted: Any) -> bool:
    facts = item.image.get("attributes", {})
    known = {**facts.get("conditions", {}), **facts}
    if key not in known:
        near = ", ".join(sorted(k for k, v in known.items() if isinstance(v, str | int | float)))
        raise ConfigError(f"images have no attribute {key!r:.60}", mend=f"There are: {near}"[:400])
    value = known[key]
    if isinstance(value, int | float) and isinstance(wanted, list | tuple) and len(wanted) == 2:
        return wanted[0] <= value <= wanted[1]
    return value in (wanted if isinstance(wanted, list | tuple) else [wanted])
