"""How much fog, rain, snow or darkness does it take until half is lost?

Trained in clear weather; measured on other scenes, each drawn as twins that differ in one quantity
alone. Every ladder begins under an overcast sky without that quantity, so what is lost along it is
lost to the quantity and not to the light. Fog and darkness are crossed as well, as a surface.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from pathlib import Path
from typing import Any

from render.progress import say
from render.store import Truth
from scenarios.presets import read_condition
from simulator.conditions import sun_lux
from simulator.errors import ConfigError, DataError
from simulator.settings import plain
from training.arms import QUICK, Arm, Budget, Source, dataset, detections, train_arm
from training.config import StudyConfig
from training.design import declared, test_truth
from training.finish import finish
from training.plan import StudyPlan
from training.results import row
from training.severity import Ladder, LadderFindings, climb
from training.severity_sheet import Severity, sheet, words
from training.study import MakeDataset, Study, draws_its_own
from training.surface import Grid, survey

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


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend."""

    train_scenes: int
    test_scenes: int
    budget: Budget


PLANS = {
    "small": Plan(240, 40, Budget(650, 1)),
    "normal": Plan(600, 120, Budget(1500, 5, QUICK)),
    "large": Plan(3000, 300, Budget(8000, 8)),
}


def check(config: StudyConfig) -> None:
    """Refuse what does not fit; see :class:`training.study.Study`."""
    draws_its_own(config)
    for name in ("surface_fog_m", "surface_sun_rad"):
        levels = getattr(config, name)
        if len(levels) < 2 or any(a <= b for a, b in itertools.pairwise(levels)):
            raise ConfigError(
                f"{name} must name at least two levels, the mildest (highest) first, got "
                f"{list(levels)}"
            )


def crossed(config: StudyConfig) -> tuple[tuple[dict[str, Any], ...], ...]:
    """The conditions of the surface: a row each height of the sun, a column each visibility."""
    return tuple(
        tuple(_spec(visibility_m=v, sun_elevation_rad=e) for v in config.surface_fog_m)
        for e in config.surface_sun_rad
    )


def grid(config: StudyConfig) -> Grid:
    """The surface of fog and darkness."""
    labels = tuple(tuple(read_condition(s).label for s in row) for row in crossed(config))
    lux = tuple(_lux(e) for e in config.surface_sun_rad)
    return Grid(
        Ladder("fog", "visibility", "m", tuple(config.surface_fog_m), labels[0], _depth,
               lambda x: 3 * ALTITUDE_M / x),
        Ladder("darkness", "daylight", "lx", lux, tuple(row[0] for row in labels),
               lambda v: -math.log10(v), lambda x: 10.0**-x),
        labels,
    )  # fmt: skip


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, train, measure, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    declaration = declared(config, _study_plan(config, plan))
    every = {read_condition(s).label: s for group in specs().values() for s in group}
    every |= {read_condition(s).label: s for row in crossed(config) for s in row}
    source = Source(_scenes(config, plan.train_scenes, "train", list(TRAINED_IN)))
    arm = Arm(TRAINED_IN[0], f"trained in {TRAINED_IN[0]}", (source,))
    models = train_arm(config, make_dataset, arm, plan.budget)
    spec = _scenes(config, plan.test_scenes, "test", list(every.values()))
    truth = test_truth(config, dataset(config, make_dataset, spec))
    _complete(truth, set(every))
    seen, runs = detections(config, models, truth, declaration, "test")
    say("measuring: resampling scenes along every ladder")
    found = tuple(climb(truth, runs, x, config.replicates, config.seed) for x in ladders())
    crossing = grid(config)
    findings = Severity(
        title=STUDY.title, size=config.size, altitude_m=ALTITUDE_M, ladders=found, grid=crossing,
        surfaces=survey(truth, runs, crossing, config.replicates, config.seed), truth=truth,
        found=runs[0], cards=tuple(m.card for m in models), seen=seen,
    )  # fmt: skip
    return finish(config, sheet(findings), rows(findings), words(findings))


def _scenes(config: StudyConfig, scenes: int, split: str, conditions: list[Any]) -> dict[str, Any]:
    return {
        "seed": config.seed, "split": split, "scenes": scenes, "frames_per_scene": 1,
        "conditions": conditions, "layouts": list(LAYOUTS),
    }  # fmt: skip


def _study_plan(config: StudyConfig, plan: Plan) -> StudyPlan:
    crossed_levels = {
        "surface: visibility, m": config.surface_fog_m,
        "surface: height of the sun, rad": config.surface_sun_rad,
    }
    return StudyPlan(
        study="severity", question="At how much fog, rain, snow or darkness is half lost?",
        endpoint="half lost of the stop signs in fog, in optical depth", smallest_effect=0.1,
        arms=TRAINED_IN, conditions=(*(x.name for x in ladders()), "fog x darkness"),
        seeds=tuple(config.seed + k for k in range(plan.budget.seeds)),
        severities={x.name: x.levels for x in ladders()} | crossed_levels,
        sizes={"size": config.size, "seed": config.seed, **plain(plan)},
    )  # fmt: skip


def _complete(truth: Truth, labels: set[str]) -> None:
    missing = labels - set(truth.condition)
    if missing:
        raise DataError(
            f"has no images of {', '.join(sorted(missing))}", place=truth.name,
            mend="Remove the folder",
        )  # fmt: skip


def rows(findings: Severity) -> list[dict[str, Any]]:
    """The content of results.json: every ladder, then the surface."""
    out = [line for found in findings.ladders for line in ladder_rows(found)]
    first, crossing = findings.ladders[0], findings.grid
    for surface in findings.surfaces:
        known = (first.scenes, surface.objects, first.fingerprint)
        for k, row_of in enumerate(crossing.labels):
            lux = f"{crossing.down.quantity} {crossing.down.levels[k]:.3g} {crossing.down.unit}"
            for i, label in enumerate(row_of):
                level = f"{crossing.across.quantity} {crossing.across.levels[i]:g} m, {lux}"
                where = ("severity", label, level, surface.group)
                out.append(row(*where, "recall", surface.recall[k][i], *known))
                out.append(row(*where, "recall_beyond_product", surface.beyond[k][i], *known))
            half = crossing.across.values(surface.contour[k])
            where = ("severity", "fog x darkness", lux, surface.group)
            out.append(row(*where, "half_lost_at_visibility", half, *known))
    return out


def ladder_rows(found: LadderFindings) -> list[dict[str, Any]]:
    """The rows of one ladder: one entry a figure."""
    ladder, out = found.ladder, []
    for curve in found.curves:
        known = (found.scenes, curve.objects, found.fingerprint)
        for level, label, recall in zip(ladder.levels, ladder.labels, curve.recall, strict=True):
            severity = f"{ladder.quantity} {level:g} {ladder.unit}"
            out.append(row("severity", label, severity, curve.group, "recall", recall, *known))
        half = ladder.values(curve.half)
        for metric, bounds in (
            (f"half_lost_at_{ladder.quantity.replace(' ', '_')}", half),
            ("half_lost_on_axis", curve.half), ("area", curve.area),
        ):  # fmt: skip
            where = ("severity", ladder.name, ladder.unit, curve.group)
            out.append(row(*where, metric, bounds, *known))
    return out


STUDY = Study(
    title="how much fog, rain, snow or darkness until half is lost, when trained in clear weather",
    run=run,
    check=check,
)
