"""AP50 of an arm by condition and class, as figures that ``compare`` can subtract."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from render.store import Truth
from simulator.seeding import stream
from training.bootstrap import Interval, scene_weights, scenes_of
from training.breakdown import COUNTED, by_condition, part
from training.compare import ENOUGH_SEEDS, Figure, errors, interval_of
from training.detector import Detections
from training.fingerprint import LETTERS, Fingerprint, fingerprint
from training.matching import match
from training.metrics import MIN_OBJECTS, ap_samples, objects
from training.taxonomy import LabelPolicy, ignored, primary

ByClass = Mapping[str, Figure]
"""Figures of the classes that have objects, and of COUNTED, the mean over those with enough."""


def ap50_by_condition(
    name: str,
    truth: Truth,
    runs: Sequence[Detections],
    replicates: int,
    seed: int,
    policy: LabelPolicy | None = None,
) -> dict[str, ByClass]:
    """AP50 of one arm in every condition of a truth.

    Args:
        name: of the arm. runs: detections of each paired seed's model. replicates, seed: of the
            bootstrap over scenes; the same for arms that are to be compared. policy: the truth's
            primary one if none.
    """
    policy = primary(truth) if policy is None else policy
    return {
        condition: _ap50(name, *_parts(truth, runs, keep), replicates, seed, policy)
        for condition, keep in by_condition(truth).items()
    }


def _parts(
    truth: Truth, runs: Sequence[Detections], keep: np.ndarray
) -> tuple[Truth, list[Detections]]:
    parts = [part(truth, found, keep) for found in runs]
    return parts[0][0], [p[1] for p in parts]


def _ap50(
    name: str,
    truth: Truth,
    runs: Sequence[Detections],
    replicates: int,
    seed: int,
    policy: LabelPolicy,
) -> ByClass:
    scenes, number = scenes_of(truth)
    skip = ignored(truth, policy)
    weights = np.concatenate([np.ones((1, number)), scene_weights(number, replicates, seed)])
    tables, counts = [], np.zeros(len(truth.classes), dtype=np.int64)
    for found in runs:
        matched = [
            dataclasses.replace(m, hit=m.hit[:1], void=m.void[:1])
            for m in match(truth, skip, found, scenes)
        ]
        counts = objects(matched)
        tables.append(ap_samples(matched, weights)[:, :, 0])
    table = np.stack(tables)  # seeds, replicates, classes; the first replicate is the data
    print_of = fingerprint(truth, skip, policy)
    enough = counts >= (MIN_OBJECTS if (counts >= MIN_OBJECTS).any() else 1)
    columns = {c: (table[:, :, i], int(counts[i])) for i, c in enumerate(truth.classes)}
    mean = table[:, :, enough].mean(axis=2) if enough.any() else np.full(table.shape[:2], np.nan)
    columns[COUNTED] = (mean, int(counts[enough].sum()))
    return {
        c: Figure(name, both[:, 0], both[:, 1:], number, n, print_of)
        for c, (both, n) in columns.items() if n
    }  # fmt: skip


def interval_of_figure(figure: Figure) -> Interval:
    """The mean of shares over the seeds with its interval; over scenes alone with few seeds.

    The ends stay within 0 and 1, as all shares do.
    """
    over_seeds = len(figure.values) >= ENOUGH_SEEDS
    parts = errors(figure.values, figure.samples, figure.scenes, over_seeds)
    whole = interval_of(float(np.mean(figure.values)), parts)
    low, high = (float(np.clip(v, 0.0, 1.0)) for v in (whole.low, whole.high))
    return Interval(whole.value, low, high)


def mean_figure(name: str, figures: Sequence[Figure]) -> Figure:
    """The mean of figures of twins: the same scenes in several conditions.

    Its fingerprint is made of all of theirs, so that only means over the same may be subtracted.
    """
    protocols, truths = (
        [getattr(f.fingerprint, n) for f in figures] for n in ("protocol", "truth")
    )
    digests = (
        hashlib.sha256(" ".join(words).encode()).hexdigest()[:LETTERS]
        for words in (protocols, truths)
    )
    return Figure(
        name, np.mean([f.values for f in figures], axis=0),
        np.mean([f.samples for f in figures], axis=0), figures[0].scenes,
        min(f.objects for f in figures),
        Fingerprint(*digests, twins=figures[0].fingerprint.twins),
    )  # fmt: skip


def joint_replicates(figures: Sequence[Figure], seed: int) -> np.ndarray:
    """Replicates of the means of several figures together: f64[R, F].

    For what is no plain difference (ratios, fits): scenes are reweighted alike for all figures,
    and the luck of training is added as a multivariate t draw from the spread over the paired
    seeds. What scenes do to single seeds counts twice, so intervals from this are a little wide.
    """
    samples = np.stack([f.samples.mean(axis=0) for f in figures], axis=1)
    values = np.stack([f.values for f in figures], axis=1)
    count = len(values)
    if count < 2:
        return samples
    rng = stream(seed, 0, "joint replicates")
    away = (values - values.mean(axis=0)) / np.sqrt(count * (count - 1))
    scale = np.sqrt((count - 1) / rng.chisquare(count - 1, len(samples)))
    return samples + scale[:, None] * (rng.normal(size=(len(samples), count)) @ away)
