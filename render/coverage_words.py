"""Which combinations of layouts, weather, light and traffic a dataset shows, in words or JSON."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from render.image_reader import read_file
from render.record import load_record
from render.store import open_dataset
from scenarios.coverage import APART, LEVELS, FactorCoverage, Row, factor_coverage, scene_row
from scenarios.presets import read_condition
from simulator.errors import DataError

MOST_T = 3
MOST_MISSING = 12
"""So many of the missing combinations are told; JSON has them all."""


def tell_coverage(folder: Path, *, as_json: bool) -> str:
    """Coverage of one, two and three factors by the scenes of a dataset.

    Raises:
        DataError: the folder is no dataset, or one of its scenes cannot be read.
    """
    levels = {**_named(folder), **LEVELS}
    rows = _rows(folder)
    found = [factor_coverage(rows, t, levels, APART) for t in range(1, MOST_T + 1)]
    if as_json:
        plain = [{**dataclasses.asdict(f), "share": f.share} for f in found]
        return json.dumps({"rows": len(rows), "coverage": plain}, indent=1)
    return "\n".join(line for f in found for line in _words(f))


def _named(folder: Path) -> dict[str, tuple[str, ...]]:
    """The layouts and conditions that the dataset's settings choose from."""
    config = open_dataset(folder).info.get("config") or {}
    try:
        factors = config.get("factors") or {}  # they stand instead of the lists
        return {
            "layout": tuple(str(name) for name in factors.get("layout", config["layouts"])),
            "condition": tuple(
                read_condition(c).label for c in factors.get("condition", config["conditions"])
            ),
        }
    except (KeyError, TypeError, AttributeError):
        raise DataError("has no layouts and conditions", place=f"{folder}/dataset.json") from None


def _rows(folder: Path) -> list[Row]:
    rows = []
    for file in sorted((folder / "scenes").glob("*.json")):
        record = load_record(read_file(file), str(file))
        rows += [scene_row(record.scene, k, c) for k, c in record.conditions.items()]
    return rows


def _words(found: FactorCoverage) -> list[str]:
    head = f"{found.t}-way: {found.covered} of {found.possible} ({100 * found.share:.1f} %)"
    groups = [f"  {' x '.join(names)}: {met} of {all_}" for names, met, all_ in found.by_factors]
    told = [
        "  missing: " + ", ".join(f"{f} {level}" for f, level in combination)
        for combination in found.missing[:MOST_MISSING]
    ]
    more = len(found.missing) - MOST_MISSING
    return [head, *groups, *told, *([f"  and {more} more"] if more > 0 else [])]
