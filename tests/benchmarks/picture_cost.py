"""What parts of the picture cost: each workload of ``make bench``, whole and with a part left out.

A ratio is CPU time to that of writing the very files, as in ``bench``; the whole and all that lacks
something are run in turn, and medians told. A part that is left out can change the files, and with
them the floor. Takes about ten minutes.
Usage: python -m tests.benchmarks.picture_cost [ROUNDS, 3] [WORKLOAD ...]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2

from conf.composition import compose
from render.config import GenerateConfig
from scenarios.config import SurroundingsConfig
from simulator.settings import build
from tests.benchmarks.bench import MEMORY, WORKLOADS, run_workload

WHOLE = "everything"
BARE = SurroundingsConfig(building_share=0, tree_share=0, pole_share=0, clutter_share=0)
IDEAL = build(GenerateConfig, compose("generate", ["out=x", "sensor=ideal"])).sensor

DAY = {"sun_elevation_rad": 0.5, "street_lamps": False}
DRY_AIR = {"rain_mm_h": 0, "snow_mm_h": 0}
BARE_GROUND = {"water_film_mm": 0, "snow_cover": 0}

SURROUNDINGS = {"surroundings": BARE}
CLEAR: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    WHOLE: ({}, {}),
    "closed cloud: shadows close to things": ({}, {"cloud": 1}),
    "no buildings, trees, poles, clutter": (SURROUNDINGS, {}),
    "no noise, no lens": ({"sensor": IDEAL}, {}),
    "none of the last two": ({**SURROUNDINGS, "sensor": IDEAL}, {}),
}
WORST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    WHOLE: ({}, {}),
    "no drops, flakes, spray": ({}, {**DRY_AIR, "water_film_mm": 0}),
    "no night: lamps, beams, glare": ({}, DAY),
    "no puddles, no lying snow": ({}, BARE_GROUND),
    "no buildings, trees, poles, clutter": (SURROUNDINGS, {}),
    "fog by day alone": ({}, {**DAY, **DRY_AIR, **BARE_GROUND}),
}
"""What is left out -> other settings, and other quantities of every condition."""


def main(rounds: int, names: list[str]) -> None:
    """Measure, print a table a workload."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(dir=MEMORY if Path(MEMORY).is_dir() else None) as folder:
        for name in names or list(WORKLOADS):
            _table(Path(folder), name, rounds)


def _table(folder: Path, name: str, rounds: int) -> None:
    parts = WORST if name.endswith("worst") else CLEAR
    arms = {}
    for what, (settings, quantities) in parts.items():
        arms[what] = {**WORKLOADS[name], **settings}
        arms[what]["conditions"] = _twins(WORKLOADS[name]["conditions"], quantities)
    for k, settings in enumerate(arms.values()):
        run_workload(folder / f"warm{k}", {**settings, "scenes": 1})
    runs = [
        {what: run_workload(folder / "run", arms[what]) for what in arms} for _ in range(rounds)
    ]
    print(f"{name:40}{'ms':>8}{'floor':>8}{'ratio':>8}")
    for what in arms:
        ms, floor_ms = ([run[what][k] for run in runs] for k in (0, 1))
        ratio = statistics.median(a / b for a, b in zip(ms, floor_ms, strict=True))
        each = statistics.median(ms), statistics.median(floor_ms), ratio
        print(f"  {what:38}" + "".join(f"{value:8.2f}" for value in each), flush=True)


def _twins(conditions: tuple[Any, ...], quantities: dict[str, float]) -> tuple[Any, ...]:
    """The same conditions with other values of some quantities, each with a breath of wind of its
    own: no two may be alike.
    """
    named = [c if isinstance(c, dict) else {c: {}} for c in conditions]
    return tuple(
        {name: {**own, **quantities, "wind_y_mps": k / 1000}}
        for k, one in enumerate(named)
        for name, own in one.items()
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:])
