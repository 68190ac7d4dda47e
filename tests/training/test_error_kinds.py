"""Kinds of errors and their costs against a slow reference, one object and one box at a time."""

from __future__ import annotations

import numpy as np
import pytest

from render.store import Truth
from tests.training.test_bootstrap import planted
from tests.training.test_metrics import random_set
from training.bootstrap import scene_weights
from training.detector import Detections
from training.error_cost import ORACLES, error_costs, mended
from training.error_kinds import KINDS, VOID, error_kinds
from training.matching import match
from training.metrics import RECALLS, ap_table


def iou(a: list[float], b: list[float]) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(w, 0) * max(h, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def reference(  # noqa: C901 - plain on purpose
    truth: Truth, found: Detections
) -> tuple[dict[str, int], dict[str, float]]:
    """Counts and costs by TIDE's rules, written down a second time without arrays."""
    points, objects = [], []
    for i in range(len(truth)):
        here = [
            {"class": int(truth.category[k]), "box": truth.box_px[k].tolist(), "by": None,
             "wanted": None}
            for k in np.flatnonzero(truth.image == i)
        ]  # fmt: skip
        seen = [
            {"class": int(found.category[d]), "box": found.box_px[d].tolist(),
             "score": float(found.score[d]), "kind": None, "meant": None}
            for d in np.flatnonzero(found.image == i)
        ]  # fmt: skip
        seen.sort(key=lambda d: -d["score"])
        for d in seen:
            best, most = None, 0.5
            for g in here:
                if g["class"] == d["class"] and g["by"] is None and iou(d["box"], g["box"]) >= most:
                    best, most = g, iou(d["box"], g["box"])
            if best:
                best["by"], d["kind"] = d, "right"
        for d in seen:
            if d["kind"]:
                continue
            own = [(iou(d["box"], g["box"]), g) for g in here if g["class"] == d["class"]]
            other = [(iou(d["box"], g["box"]), g) for g in here if g["class"] != d["class"]]
            top = max(own, key=lambda x: x[0], default=(0, None))
            wrong = max(other, key=lambda x: x[0], default=(0, None))
            if 0.1 <= top[0] <= 0.5:
                d["kind"], d["meant"] = "location", top[1]
            elif wrong[0] >= 0.5:
                d["kind"], d["meant"] = "class", wrong[1]
            elif top[0] >= 0.5:
                d["kind"] = "duplicate"
            elif max(top[0], wrong[0]) <= 0.1:
                d["kind"] = "background"
            else:
                d["kind"] = "both"
            g = d["meant"]
            if g and g["by"] is None and g["wanted"] is None:
                g["wanted"] = d
        points += seen
        objects += here

    def mean_ap(oracle: str) -> float:
        values = []
        for c in range(len(truth.classes)):
            if not any(g["class"] == c for g in objects):
                continue
            curve = []
            for d in points:
                label, hit = d["class"], d["kind"] == "right"
                if d["kind"] == oracle:
                    if not (d["meant"] and d["meant"]["wanted"] is d):
                        continue
                    label, hit = d["meant"]["class"], True
                if oracle == ORACLES[6] and not hit:
                    continue
                if label == c:
                    curve.append((d["score"], hit))
            gone = {
                "missed": lambda g: g["by"] is None and g["wanted"] is None,
                ORACLES[7]: lambda g: g["by"] is None,
            }.get(oracle, lambda g: False)
            total = sum(g["class"] == c and not gone(g) for g in objects)
            values.append(ap(sorted(curve, key=lambda x: -x[0]), total))
        return float(np.mean(values))

    counts = {k: sum(d["kind"] == k for d in points) for k in KINDS[:5]}
    counts["missed"] = sum(g["by"] is None and g["wanted"] is None for g in objects)
    return counts, {o: max(mean_ap(o) - mean_ap(""), 0.0) for o in ORACLES}


def ap(curve: list[tuple[float, bool]], total: int) -> float:
    if not total:
        return 0.0
    right, pairs = 0, []
    for place, (_, hit) in enumerate(curve, 1):
        right += hit
        pairs.append((right / total, right / place))
    return sum(max((p for r, p in pairs if r >= least), default=0.0) for least in RECALLS) / 101


def without_ties(seed: int, crowded: bool = False) -> tuple[Truth, Detections]:
    truth, found = random_set(seed)
    keep = (found.image != 3) | crowded  # more than a hundred there
    scores = (np.argsort(np.argsort(found.score + 1e-4 * np.arange(len(found)))) + 1) / 1e4
    chosen = Detections(
        image=found.image[keep], category=found.category[keep], score=scores[keep],
        box_px=found.box_px[keep], classes=found.classes,
    )  # fmt: skip
    return truth, chosen


@pytest.mark.parametrize("seed", range(8))
def test_kinds_and_costs_equal_the_reference(seed: int) -> None:
    truth, found = without_ties(seed)
    none = np.zeros(len(truth.category), dtype=bool)
    counts, costs = reference(truth, found)
    scenes = np.arange(len(truth))
    ours = error_costs(truth, none, found, scenes, scene_weights(len(truth), 50, 0))
    assert {c.kind: c.count for c in ours if c.kind in KINDS} == counts
    assert min(counts.values()) >= 2  # every kind is there, or the comparison says nothing
    for c in ours:
        assert c.cost.value == pytest.approx(costs[c.kind], abs=1e-9), c.kind
        assert c.cost.low <= c.cost.high


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_an_oracle_the_ap_is_the_ap_everywhere_also_with_ignored_boxes(seed: int) -> None:
    truth, found = without_ties(seed + 20, crowded=True)
    errors = error_kinds(truth, truth.crowd, found)
    scenes = np.zeros(len(truth), dtype=int)
    plain = mended(truth, truth.crowd, found, errors, scenes, 1, "")
    ours = ap_table(plain)[:, 0]
    np.testing.assert_allclose(ours, ap_table(match(truth, truth.crowd, found, scenes))[:, 0])
    assert (errors.kind == VOID).any()


def test_each_kind_is_called_by_its_name() -> None:
    truth, _ = planted(1, 1, 0.5, 0.0)  # eight boxes of 10 px at x = 0, 20, 40, ...
    boxes = [
        [0, 0, 10, 10],  # right
        [0, 0, 10, 9],  # again
        [24, 0, 34, 10],  # IoU 0.43 with the second
        [40, 0, 50, 10],  # right place, other class
        [64, 0, 74, 10],  # other class, IoU 0.43
        [0, 90, 10, 99],  # nothing there
    ]
    found = Detections(
        image=np.zeros(6), category=[0, 0, 0, 1, 1, 0], score=np.linspace(0.9, 0.4, 6),
        box_px=boxes, classes=("car", "bus"),
    )  # fmt: skip
    errors = error_kinds(truth, np.zeros(8, dtype=bool), found)
    assert errors.kind[0] < 0
    assert [KINDS[k] for k in errors.kind[1:]] == [
        "duplicate", "location", "class", "both", "background",
    ]  # fmt: skip
    assert errors.mends.tolist() == [-1, -1, 1, 2, -1, -1]
    assert np.flatnonzero(errors.missed).tolist() == [3, 4, 5, 6, 7]


def test_pictures_without_objects_or_detections_are_no_trouble() -> None:
    truth, found = planted(1, 3, 0.5, 0.0)
    nothing = Detections(
        image=np.zeros(0), category=np.zeros(0), score=np.zeros(0), box_px=np.zeros((0, 4)),
        classes=("car",),
    )  # fmt: skip
    all_missed = error_kinds(truth, np.zeros(24, dtype=bool), nothing)
    assert all_missed.missed.all()
    all_void = error_kinds(truth, np.ones(24, dtype=bool), found)
    assert (all_void.kind == VOID).all()
    assert not all_void.missed.any()
