"""A study's figures on disk: rows of one form, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from render.files import write_bytes, write_json
from training.bootstrap import Interval

COLUMNS = (
    "study", "condition", "severity", "class", "metric", "value", "low", "high", "n_scenes",
    "n_truth", "fingerprint",
)  # fmt: skip
"""The keys of every row, in order."""


def row(
    study: str,
    condition: str,
    severity: str,
    name: str,
    metric: str,
    bounds: Interval,
    scenes: int,
    objects: int,
    fingerprint: str,
) -> dict[str, Any]:
    """One figure. ``name`` is a class or a group of classes; NaN becomes null when written."""
    values = (
        study, condition, severity or None, name, metric, bounds.value, bounds.low, bounds.high,
        scenes, objects, fingerprint,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def write_results(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Leave ``results.json`` and ``results.csv`` in a folder."""
    write_json(out / "results.json", list(rows))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        [["" if r[c] is None or r[c] != r[c] else r[c] for c in COLUMNS] for r in rows]
    )
    write_bytes(out / "results.csv", text.getvalue().encode())
