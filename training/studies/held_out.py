"""Trained in clear weather only: what is left of it in rain, fog, snow and night?

The training scenes are clear. The test scenes are others (another split, so no random stream is
shared), each drawn once under every condition as open-loop twins: what differs between two columns
of the table is the weather and nothing else, and their difference has a paired interval.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from render.files import write_bytes
from render.progress import say, show
from render.store import Truth, open_dataset, read_splits
from simulator.errors import DataError
from training.behaviour import mean_behaviour
from training.bootstrap import Interval
from training.breakdown import (
    ALL,
    COUNTED,
    METRICS,
    Cell,
    by_condition,
    confusion,
    drop,
    drop_over_seeds,
    measure,
    part,
)  # fmt: skip
from training.checkpoint import Model
from training.config import StudyConfig
from training.design import Plan, declared, detected, made, sizes_of, standing, trained
from training.detector import Detections
from training.plan import StudyPlan
from training.report import Findings, page, words
from training.results import write_results
from training.study import MakeDataset, Study
from training.taxonomy import POLICIES

CONDITIONS = ("clear", "rain", "fog", "snow", "night")
"""Declared before the first look; the first is the reference and what training sees."""

SMALLEST_EFFECT = 0.02
"""Two points of AP50: less is not worth a change of data."""

LAYOUTS = (*["crossroads_signals"] * 3, "crossroads_stop", "straight")
"""Layouts to draw from: signals thrice, for a junction shows few green and fewer yellow lamps."""


PLANS = {
    "small": Plan(240, 1, 60, 1, 650, 1),
    "normal": Plan(600, 1, 120, 1, 2000, 5),
    "large": Plan(3000, 1, 400, 1, 8000, 8),
}


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan, out = PLANS[config.size], Path(config.out)
    study_plan = declared(config, _study_plan(config, plan))
    train_data = made(config, plan, make_dataset, "train", CONDITIONS[:1], LAYOUTS)
    test_data = made(config, plan, make_dataset, "test", CONDITIONS, LAYOUTS)
    truth = read_splits(open_dataset(test_data))
    models = trained(config, plan, train_data)
    seen, runs = detected(config, models, truth, study_plan)
    say("measuring: resampling scenes")
    findings = _findings(config, plan, truth, models, runs, seen)
    write_results(out, rows(findings))
    write_bytes(out / "report.html", page(findings).encode())
    show(words(findings))
    show(f"\nreport:  {out / 'report.html'}\nresults: {out / 'results.json'}")
    return out / "report.html"


def _study_plan(config: StudyConfig, plan: Plan) -> StudyPlan:
    return StudyPlan(
        study="held_out", question="Which weather breaks a detector that was trained in clear?",
        endpoint="fall of AP50 over the classes with enough objects, against clear",
        smallest_effect=SMALLEST_EFFECT, arms=("clear",), conditions=CONDITIONS,
        seeds=tuple(config.seed + k for k in range(plan.seeds)), sizes=sizes_of(config, plan),
    )  # fmt: skip


def _findings(
    config: StudyConfig,
    plan: Plan,
    truth: Truth,
    models: list[Model],
    runs: list[Detections],
    seen: str | None,
) -> Findings:
    conditions = by_condition(truth)
    missing = [c for c in CONDITIONS if c not in conditions]
    if missing:
        raise DataError(
            f"has no images of {', '.join(missing)}", place=truth.name, mend="Remove the folder"
        )
    cells: dict[tuple[str, str], Cell] = {}
    tables, ways = {}, {}
    for name in CONDITIONS:
        parts = [part(truth, found, conditions[name]) for found in runs]
        for policy in POLICIES:
            cells[name, policy.suffix] = measure(
                parts[0][0], [p[1] for p in parts], policy, name, config.replicates, config.seed
            )
        tables[name] = sum(confusion(t, found) for t, found in parts)
        ways[name] = mean_behaviour(
            parts[0][0], [p[1] for p in parts], config.replicates, config.seed
        )
    return Findings(
        study="held_out", title=STUDY.title, size=config.size, conditions=CONDITIONS, cells=cells,
        confusions=tables, truth=truth, found=runs[0], cards=tuple(m.card for m in models),
        plan=dataclasses.asdict(plan), seen=seen, severity=dict(truth.severity),
        standing=standing(config), ways=ways,
    )  # fmt: skip


def rows(findings: Findings) -> list[dict[str, Any]]:
    """The content of results.json: one entry a figure; NaN becomes null when it is written."""
    out = []
    for (condition, suffix), cell in findings.cells.items():
        reference = findings.cells[findings.conditions[0], suffix]
        for row, name in enumerate(cell.classes):
            if not cell.truth[row] and name not in (ALL, COUNTED):
                continue
            for k, metric in enumerate(METRICS):
                out.append(_row(findings, cell, name, f"{metric}{suffix}", cell.interval(row, k)))
                if condition != findings.conditions[0]:
                    change = drop(reference, cell, row, k)
                    out.append(_row(findings, cell, name, f"{metric}{suffix}_drop", change))
                    if len(cell.runs) > 1:
                        change = drop_over_seeds(reference, cell, row, k)
                        label = f"{metric}{suffix}_drop_over_seeds"
                        out.append(_row(findings, cell, name, label, change))
    return out + _behaviour_rows(findings) + _confusion_rows(findings)


def _behaviour_rows(findings: Findings) -> list[dict[str, Any]]:
    out = []
    for condition, how in findings.ways.items():
        cell = findings.cells[condition, ""]
        for cost in how.costs:
            metric = f"AP50_cost_of_{cost.kind.replace(' ', '_')}"
            out.append(_row(findings, cell, ALL, metric, cost.cost) | {"count": cost.count})
        out.append(_row(findings, cell, ALL, "D-ECE", how.scores.d_ece))
        out.append(_row(findings, cell, ALL, "LaECE", how.scores.la_ece))
    return out


def _confusion_rows(findings: Findings) -> list[dict[str, Any]]:
    out = []
    for condition, table in findings.confusions.items():
        cell = findings.cells[condition, ""]
        names = (*findings.truth.classes, "background")
        for i, j in zip(*np.nonzero(table), strict=True):
            share = float(table[i, j] / table[i].sum())
            bounds = Interval(share, float("nan"), float("nan"))
            row = _row(findings, cell, names[i], f"taken_for_{names[j]}", bounds)
            out.append(row | {"count": int(table[i, j])})
    return out


def _row(
    findings: Findings, cell: Cell, name: str, metric: str, bounds: Interval
) -> dict[str, Any]:
    known = {c: int(n) for c, n in zip(cell.classes, cell.truth, strict=True)}
    return {
        "study": findings.study, "condition": cell.condition,
        "severity": findings.severity.get(cell.condition) or None, "class": name,
        "metric": metric, "value": bounds.value, "low": bounds.low, "high": bounds.high,
        "n_scenes": cell.scenes, "n_truth": known.get(name, 0),
        "fingerprint": str(cell.fingerprint),
    }  # fmt: skip


STUDY = Study(
    title="trained in clear weather, measured on twins of unseen scenes in rain, fog, snow, night",
    run=run,
)
