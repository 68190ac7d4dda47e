"""How much fog, rain, snow or darkness does it take until half is lost?

Trained in clear weather; measured on other scenes, each drawn as twins that differ in one quantity
alone. Every ladder begins under an overcast sky without that quantity, so what is lost along it is
lost to the quantity and not to the light.
"""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

from render.files import write_bytes
from render.progress import say, show
from render.store import Truth, open_dataset, read_splits
from scenarios.presets import read_condition
from simulator.conditions import sun_lux
from simulator.errors import DataError
from training.bootstrap import Interval
from training.config import StudyConfig
from training.curves import SeverityFindings, page, words
from training.design import Plan, declared, detected, made, sizes_of, standing, trained
from training.plan import StudyPlan
from training.results import write_results
from training.severity import Ladder, LadderFindings, climb
from training.study import MakeDataset, Study

TRAINED_IN = ("clear",)
LAYOUTS = (*["crossroads_signals"] * 2, *["crossroads_stop"] * 2)
"""Layouts to draw from: those with signals and signs."""

ALTITUDE_M = 80.0
"""Of the camera: what turns a visibility into an optical depth."""

FOG_M = (50_000.0, 1600.0, 800.0, 500.0, 340.0, 240.0, 160.0, 120.0, 100.0, 80.0)
RAIN_MM_H = (0.0, 5.0, 15.0, 30.0, 60.0, 100.0)
SNOW_MM_H = (0.0, 0.5, 1.0, 2.0, 3.5, 6.0)
COVER = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SUN_RAD = (0.3, 0.1, 0.02, -0.03, -0.06, -0.09, -0.14)
"""Declared before the first look."""


def _spec(**quantities: float) -> dict[str, Any]:
    return {"overcast": {"cloud": 1.0, **quantities}}


def _lux(elevation_rad: float) -> float:
    return sun_lux(elevation_rad, 1.0)


def _depth(visibility_m: float) -> float:
    return 3.0 * ALTITUDE_M / visibility_m


def _same(value: float) -> float:
    return value


def specs() -> dict[str, tuple[dict[str, Any], ...]]:
    """The conditions of each ladder, mild end first."""
    return {
        "fog": tuple(_spec(visibility_m=v) for v in FOG_M),
        "rain": tuple(_spec(rain_mm_h=v) for v in RAIN_MM_H),
        "snowfall": tuple(_spec(snow_mm_h=v) for v in SNOW_MM_H),
        "snow cover": tuple(_spec(snow_cover=v) for v in COVER),
        "darkness": tuple(_spec(sun_elevation_rad=v) for v in SUN_RAD),
    }


@functools.cache
def ladders() -> tuple[Ladder, ...]:
    """All ladders."""
    names = {k: tuple(read_condition(s).label for s in v) for k, v in specs().items()}
    lux = tuple(_lux(v) for v in SUN_RAD)
    return (
        Ladder("fog", "visibility", "m", FOG_M, names["fog"], _depth, lambda x: 3 * ALTITUDE_M / x),
        Ladder("rain", "rain rate", "mm/h", RAIN_MM_H, names["rain"], _same, _same),
        Ladder(
            "snowfall", "snowfall", "mm/h of water", SNOW_MM_H, names["snowfall"], _same, _same
        ),
        Ladder("snow cover", "lying snow", "of the ground", COVER, names["snow cover"], _same,
               _same),
        Ladder("darkness", "daylight", "lx", lux, names["darkness"], lambda v: -math.log10(v),
               lambda x: 10.0**-x),
    )  # fmt: skip


PLANS = {
    "small": Plan(240, 1, 40, 1, 650, 1),
    "normal": Plan(600, 1, 120, 1, 2000, 5),
    "large": Plan(3000, 1, 300, 1, 8000, 8),
}


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan, out = PLANS[config.size], Path(config.out)
    study_plan = declared(config, _study_plan(config, plan))
    every = {read_condition(s).label: s for group in specs().values() for s in group}
    train_data = made(config, plan, make_dataset, "train", TRAINED_IN, LAYOUTS)
    test_data = made(config, plan, make_dataset, "test", list(every.values()), LAYOUTS)
    truth = read_splits(open_dataset(test_data))
    _check(truth)
    models = trained(config, plan, train_data)
    seen, runs = detected(config, models, truth, study_plan)
    say("measuring: resampling scenes along every ladder")
    found = tuple(climb(truth, runs, x, config.replicates, config.seed) for x in ladders())
    findings = SeverityFindings(
        STUDY.title, config.size, ALTITUDE_M, found, truth, runs[0], tuple(m.card for m in models),
        seen, standing(config),
    )  # fmt: skip
    write_results(out, [row for f in found for row in rows(f)])
    write_bytes(out / "report.html", page(findings).encode())
    show(words(findings))
    show(f"\nreport:  {out / 'report.html'}\nresults: {out / 'results.json'}")
    return out / "report.html"


def _study_plan(config: StudyConfig, plan: Plan) -> StudyPlan:
    return StudyPlan(
        study="severity", question="At how much fog, rain, snow or darkness is half lost?",
        endpoint="half lost of the stop signs in fog, in optical depth", smallest_effect=0.1,
        arms=("clear",), conditions=tuple(x.name for x in ladders()),
        seeds=tuple(config.seed + k for k in range(plan.seeds)),
        severities={x.name: x.levels for x in ladders()}, sizes=sizes_of(config, plan),
    )  # fmt: skip


def _check(truth: Truth) -> None:
    missing = {label for x in ladders() for label in x.labels} - set(truth.condition)
    if missing:
        raise DataError(
            f"has no images of {', '.join(sorted(missing))}", place=truth.name,
            mend="Remove the folder",
        )  # fmt: skip


def rows(found: LadderFindings) -> list[dict[str, Any]]:
    """The content of results.json for one ladder: one entry a figure."""
    ladder, out = found.ladder, []
    for curve in found.curves:
        for level, label, recall in zip(ladder.levels, ladder.labels, curve.recall, strict=True):
            severity = f"{ladder.quantity} {level:g} {ladder.unit}"
            out.append(_row(found, label, severity, curve.group, "recall", recall, curve.objects))
        half = ladder.values(curve.half)
        for metric, bounds in (
            (f"half_lost_at_{ladder.quantity.replace(' ', '_')}", half),
            ("half_lost_on_axis", curve.half), ("area", curve.area),
        ):  # fmt: skip
            out.append(
                _row(found, ladder.name, ladder.unit, curve.group, metric, bounds, curve.objects)
            )
    return out


def _row(
    found: LadderFindings, condition: str, severity: str, group: str, metric: str,
    bounds: Interval, objects: int,
) -> dict[str, Any]:  # fmt: skip
    return {
        "study": "severity", "condition": condition, "severity": severity, "class": group,
        "metric": metric, "value": bounds.value, "low": bounds.low, "high": bounds.high,
        "n_scenes": found.scenes, "n_truth": objects, "fingerprint": found.fingerprint,
    }  # fmt: skip


STUDY = Study(
    title="how much fog, rain, snow or darkness until half is lost, when trained in clear weather",
    run=run,
)
