"""Where a detector fails: slices of the objects, found on one half of the scenes and confirmed on
the other, and the worst group, chosen on one half and measured on the other.

A slice that was chosen because it looked bad looks worse than it is where it was chosen: only the
second half, which the search never saw, tells how bad it is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from render.store import Truth
from simulator.seeding import stream
from training.bands import BANDS, outside
from training.bootstrap import scene_weights, scenes_of
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE, taken_for
from training.compare import Comparison, Figure, compare, family
from training.detector import Detections
from training.fingerprint import LETTERS, Fingerprint, fingerprint
from training.metrics import MIN_OBJECTS
from training.taxonomy import ignored, primary

SMALLEST = 0.05
"""Least shortfall of the share found that matters, declared before the first look."""

LEAST_SCENES = 10
"""Scenes in which a slice must occur, in each half."""

CLEAR_ENOUGH = 2.0
"""Standard errors that a shortfall must reach in the search to be worth confirming."""

MOST = 8
"""Slices that are carried over to the confirmation: the family of its multiplicity control."""

WORST_SHARE = 0.2
"""Of the groups, for the mean over the worst of them (CVaR)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Objects:
    """The objects that count, M of them in S scenes.

    Attributes:
        found: bool[K, M], as what they are, one row a training seed. scene: i64[M], index.
        scenes: S. factors: level of each object by factor, words as a str array [M].
        fingerprint: of shares of these.
    """

    found: np.ndarray
    scene: np.ndarray
    scenes: int
    factors: Mapping[str, np.ndarray]
    fingerprint: Fingerprint

    def where(self, levels: Mapping[str, str]) -> np.ndarray:
        """The objects that have all of some levels: bool[M]."""
        inside = np.ones(len(self.scene), dtype=bool)
        for factor, level in levels.items():
            inside &= self.factors[factor] == level
        return inside


@dataclasses.dataclass(frozen=True)
class Slice:
    """Levels that together fail; how far the share found is below that of all other objects.

    Attributes:
        searched: that in the half where it was found. confirmed: "the rest" against the slice in
            the other half, judged as one family over all slices.
    """

    levels: tuple[tuple[str, str], ...]
    searched: float
    confirmed: Comparison

    @property
    def name(self) -> str:
        """In words."""
        return ", ".join(level for _, level in self.levels)


@dataclasses.dataclass(frozen=True, eq=False)
class Worst:
    """Groups by the share found in the search half, the worst first.

    Attributes:
        groups: name, share in the search half, and the figure in the other half.
        fifth: the mean over the worst fifth, in the other half; ``of`` groups in all.
    """

    groups: tuple[tuple[str, float, Figure], ...]
    fifth: Figure
    of: int


def objects_of(truth: Truth, runs: Sequence[Detections]) -> Objects:
    """The objects of a truth that count, what each run found, and their factors."""
    keep = ~ignored(truth)
    image = truth.image[keep]
    factors = {
        "condition": np.array(truth.condition)[image], "layout": np.array(truth.layout)[image],
        "class": np.array(truth.classes)[truth.category[keep]],
    }  # fmt: skip
    for factor in dict.fromkeys(b.factor for b in BANDS):
        level = np.full(len(truth.category), "", dtype="U24")
        for band in BANDS:
            if band.factor == factor:
                level[~outside(truth, band)] = band.name
        factors[factor] = level[keep]
    scene, number = scenes_of(truth)
    found = np.stack([(taken_for(truth, run)[0] == truth.category)[keep] for run in runs])
    made = fingerprint(truth, ~keep, primary(truth))
    protocol = f"{made.protocol} share found {CONFUSION_SCORE} {CONFUSION_OVERLAP}"
    digest = hashlib.sha256(protocol.encode()).hexdigest()[:LETTERS]
    known = {n: v for n, v in factors.items() if len(np.unique(v)) > 1}
    return Objects(
        found, scene[image].astype(np.int64), number, known,
        dataclasses.replace(made, protocol=digest),
    )  # fmt: skip


def halves(objects: Objects, seed: int) -> tuple[Objects, Objects]:
    """Cut by scene: the half to search in, and the half that the search does not see."""
    order = stream(seed, 0, "slices/halves").permutation(objects.scenes)
    middle = objects.scenes // 2
    return _of_scenes(objects, order[:middle]), _of_scenes(objects, order[middle:])


def _of_scenes(objects: Objects, chosen: np.ndarray) -> Objects:
    new = np.full(objects.scenes, -1)
    new[chosen] = np.arange(len(chosen))
    keep = new[objects.scene] >= 0
    # which scenes they are belongs to what a figure is a measurement of
    truth = f"{objects.fingerprint.truth} {sorted(chosen.tolist())}"
    digest = hashlib.sha256(truth.encode()).hexdigest()[:LETTERS]
    return Objects(
        objects.found[:, keep], new[objects.scene[keep]], len(chosen),
        {n: v[keep] for n, v in objects.factors.items()},
        dataclasses.replace(objects.fingerprint, truth=digest, twins=""),
    )  # fmt: skip


def find_slices(
    search: Objects, fresh: Objects, replicates: int, seed: int, smallest: float = SMALLEST
) -> tuple[Slice, ...]:
    """Slices of one or two levels that fail in one half, put to the test in the other.

    Args:
        search, fresh: see ``halves``. replicates, seed: of the bootstrap over the fresh scenes.
        smallest: least shortfall that counts; a slice within one that was chosen already must fall
            short of that one too by so much.
    """
    chosen: list[tuple[dict[str, str], float]] = []
    for levels, short in _candidates(search, fresh, smallest):
        around = [c for c, _ in chosen if c.items() <= levels.items()]
        own = search.found[:, search.where(levels)].mean()
        if all(search.found[:, search.where(c)].mean() - own >= smallest for c in around):
            chosen.append((levels, short))
        if len(chosen) == MOST:
            break
    judged = family([_confirmed(fresh, levels, replicates, seed, smallest) for levels, _ in chosen])
    return tuple(
        Slice(tuple(levels.items()), short, made)
        for (levels, short), made in zip(chosen, judged, strict=True)
    )


def _candidates(
    search: Objects, fresh: Objects, smallest: float
) -> list[tuple[dict[str, str], float]]:
    """Slices with enough objects and scenes that fall short, those that lose most objects first."""
    kept = []
    for levels in _all_levels(search.factors):
        inside = search.where(levels)
        if not (_enough(search, inside) and _enough(fresh, fresh.where(levels))):
            continue
        if not _enough(search, ~inside):
            continue
        short, error = _shortfall(search, inside)
        if short >= smallest and short >= CLEAR_ENOUGH * error:
            kept.append((short * inside.sum(), levels, short))
    return [(levels, short) for _, levels, short in sorted(kept, key=lambda k: -k[0])]


def _all_levels(factors: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    values = {name: sorted(set(column.tolist()) - {""}) for name, column in factors.items()}
    for size in (1, 2):
        for names in itertools.combinations(values, size):
            for levels in itertools.product(*(values[n] for n in names)):
                yield dict(zip(names, levels, strict=True))


def _enough(objects: Objects, inside: np.ndarray) -> bool:
    few = inside.sum() < MIN_OBJECTS
    return not few and len(np.unique(objects.scene[inside])) >= LEAST_SCENES


def _shortfall(objects: Objects, inside: np.ndarray) -> tuple[float, float]:
    """Share found of the rest minus that of a slice; its standard error over scenes, linearised."""
    share = objects.found.mean(axis=0)
    parts = []
    for mask in (inside, ~inside):
        total = np.bincount(objects.scene[mask], minlength=objects.scenes)
        hits = np.bincount(objects.scene[mask], share[mask], minlength=objects.scenes)
        mean = hits.sum() / total.sum()
        parts.append((mean, (hits - mean * total) / total.sum()))
    return parts[1][0] - parts[0][0], float(np.sqrt(((parts[1][1] - parts[0][1]) ** 2).sum()))


def _confirmed(
    fresh: Objects, levels: Mapping[str, str], replicates: int, seed: int, smallest: float
) -> Comparison:
    inside = fresh.where(levels)
    name = ", ".join(levels.values())
    rest = share_found("the rest", fresh, ~inside, replicates, seed)
    own = share_found(name, fresh, inside, replicates, seed)
    return compare(rest, own, smallest, between="conditions")


def share_found(
    name: str, objects: Objects, inside: np.ndarray, replicates: int, seed: int
) -> Figure:
    """The share of some objects that is found, as a figure that ``compare`` can subtract."""
    scenes = objects.scene[inside]
    total = np.bincount(scenes, minlength=objects.scenes).astype(float)
    hits = np.stack(
        [np.bincount(scenes, f[inside], minlength=objects.scenes) for f in objects.found]
    )
    weights = scene_weights(objects.scenes, replicates, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        values, samples = hits.sum(axis=1) / total.sum(), (hits @ weights.T) / (weights @ total)
    return Figure(
        name, values, samples, objects.scenes, int(total.sum()), objects.fingerprint
    )  # fmt: skip


def worst_groups(
    search: Objects, fresh: Objects, by: Sequence[str], replicates: int, seed: int
) -> Worst | None:
    """Groups of all levels of some factors, ranked in one half and measured in the other.

    Returns:
        None where fewer than two groups have enough objects and scenes in both halves.
    """
    names = [n for n in by if n in search.factors and n in fresh.factors]
    values = [sorted(set(search.factors[n].tolist())) for n in names]
    ranked = []
    for levels in itertools.product(*values):
        chosen = dict(zip(names, levels, strict=True))
        inside, other = search.where(chosen), fresh.where(chosen)
        if _enough(search, inside) and _enough(fresh, other):
            ranked.append((float(search.found[:, inside].mean()), ", ".join(levels), other))
    if len(ranked) < 2:
        return None
    ranked.sort(key=lambda r: (r[0], r[1]))
    groups = tuple(
        (name, share, share_found(name, fresh, other, replicates, seed))
        for share, name, other in ranked
    )
    count = max(round(WORST_SHARE * len(groups)), 1)
    worst = [figure for _, _, figure in groups[:count]]
    fifth = dataclasses.replace(
        worst[0], name="the worst fifth", values=np.mean([f.values for f in worst], axis=0),
        samples=np.mean([f.samples for f in worst], axis=0),
        objects=sum(f.objects for f in worst),
    )  # fmt: skip
    return Worst(groups, fifth, len(groups))
