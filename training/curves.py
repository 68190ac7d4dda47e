"""Severity findings as words and as a page: curves, thresholds, what is taken for what."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from render.store import Truth
from training.bootstrap import ENOUGH_SCENES
from training.breakdown import CONFUSION_OVERLAP, CONFUSION_SCORE
from training.checkpoint import ModelCard
from training.detector import Detections
from training.metrics import MIN_OBJECTS
from training.page import listed, rendered
from training.pictures import LEGEND, pictures
from training.report import GROUPS, origin
from training.severity import Curve, Ladder, LadderFindings
from training.standing import Standing, facts

COLOURS = ("#0072b2", "#d55e00", "#cc3f8c", "#00916e")
"""Told apart also by people who see red and green alike (after Okabe and Ito)."""

WIDTH, HEIGHT, LEFT, TOP = 900, 240, 60, 14
"""Of a chart's inner part and its place, in units of the drawing."""

LABEL_PX = 62
"""Least distance of two labels on the axis."""

PICTURED = 4
"""Levels of the first ladder that are shown as pictures."""


@dataclasses.dataclass(frozen=True, eq=False)
class SeverityFindings:
    """Everything that the report says.

    Attributes:
        title, size: what was asked. altitude_m: of the camera. ladders: the figures.
        truth, found: test data and the first model's detections, for the pictures.
        cards: of the models. seen: a scene that a model had seen. standing: of the study's plan.
    """

    title: str
    size: str
    altitude_m: float
    ladders: tuple[LadderFindings, ...]
    truth: Truth
    found: Detections
    cards: tuple[ModelCard, ...]
    seen: str | None
    standing: Standing | None = None


def headline(findings: SeverityFindings) -> str:
    """The answer in one or two sentences: where the first ladder loses half of signs and lights."""
    first = findings.ladders[0]
    parts = [
        f"half of the {curve.group} at {half_words(first.ladder, curve)}"
        for curve in first.curves
        if curve.group in ("stop signs", "red lights") and math.isfinite(curve.half.value)
    ]
    if not parts:
        return f"On the ladder of {first.ladder.name} it never loses half of signs or lights."
    return (
        f"In {first.ladder.name} it loses {listed(parts)}, seen from {findings.altitude_m:g} m up."
    )


def half_words(ladder: Ladder, curve: Curve) -> str:
    """Where half is lost, in the quantity's own unit, with its interval."""
    if math.isnan(curve.half.value):
        return "-"
    if math.isinf(curve.half.value):
        return f"beyond {ladder.levels[-1]:g} {ladder.unit}"
    value = ladder.values(curve.half)
    ends = ["beyond" if math.isnan(v) else _short(v) for v in (value.low, value.high)]
    return f"{_short(value.value)} {ladder.unit} [{ends[0]}, {ends[1]}]"


def _short(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def words(findings: SeverityFindings) -> str:
    """The thresholds in plain words for the terminal."""
    lines = ["", headline(findings), "", "Where half of what is found at the mild end is lost:"]
    for found in findings.ladders:
        lines.append(f"{found.ladder.name} ({found.ladder.quantity}, {found.ladder.unit})")
        for curve in found.curves:
            first, last = curve.recall[0].value, curve.recall[-1].value
            few = " (few)" if curve.objects < MIN_OBJECTS else ""
            lines.append(
                f"  {curve.group:12s} {half_words(found.ladder, curve):34s} recall "
                f"{100 * first:.0f} -> {100 * last:.0f} %   {curve.objects} objects{few}"
            )
    return "\n".join([*lines, "", *_limits(findings)])


def page(findings: SeverityFindings) -> str:
    """The report as one page, see ``page.rendered``."""
    fog = findings.ladders[0].ladder
    steps = np.linspace(0, len(fog.labels) - 1, PICTURED).round().astype(int)
    shown = pictures(findings.truth, findings.found, tuple(fog.labels[i] for i in steps))
    return rendered(
        "severity.html.j2",
        {
            "title": findings.title, "size": findings.size, "headline": headline(findings),
            "ladders": [_ladder(f) for f in findings.ladders], "limits": _limits(findings),
            "facts": _facts(findings), "pictures": shown, "legend": LEGEND, "columns": PICTURED,
            "captions": [f"{fog.levels[i]:g} {fog.unit}" for i in steps],
            "pictured": fog.name, "score": CONFUSION_SCORE, "overlap": CONFUSION_OVERLAP,
            "scenes": findings.ladders[0].scenes, "min_objects": MIN_OBJECTS, "seen": findings.seen,
            "chart": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP},
        },
    )  # fmt: skip


def _ladder(found: LadderFindings) -> dict[str, Any]:
    ladder = found.ladder
    x = np.array([ladder.place(v) for v in ladder.levels])
    across = LEFT + WIDTH * (x - x[0]) / (x[-1] - x[0])
    curves = [_drawn(ladder, c, across, COLOURS[k]) for k, c in enumerate(found.curves)]
    ticks, last = [], -1e9
    for px, level in zip(across.tolist(), ladder.levels, strict=True):
        if px - last >= LABEL_PX or px == across[-1]:
            ticks.append({"x": px, "label": "none" if px == LEFT and level in (0, 50_000)
                          else _short(level)})  # fmt: skip
            last = px
    if len(ticks) > 1 and ticks[-1]["x"] - ticks[-2]["x"] < LABEL_PX:
        del ticks[-2]
    return {
        "name": ladder.name, "quantity": ladder.quantity, "unit": ladder.unit, "ticks": ticks,
        "curves": curves, "taken": _taken(found),
    }  # fmt: skip


def _drawn(ladder: Ladder, curve: Curve, across: np.ndarray, colour: str) -> dict[str, Any]:
    def height(share: float) -> float:
        return TOP + HEIGHT * (1.0 - (0.0 if math.isnan(share) else share))

    pairs = list(zip(across.tolist(), curve.recall, strict=True))
    upper = [f"{px:.1f} {height(r.high):.1f}" for px, r in pairs]
    lower = [f"{px:.1f} {height(r.low):.1f}" for px, r in reversed(pairs)]
    x = [ladder.place(v) for v in (ladder.levels[0], ladder.levels[-1])]
    half = None
    if math.isfinite(curve.half.value):
        half = LEFT + WIDTH * (curve.half.value - x[0]) / (x[1] - x[0])
    return {
        "group": curve.group, "colour": colour, "objects": curve.objects,
        "few": curve.objects < MIN_OBJECTS, "half": half, "half_words": half_words(ladder, curve),
        "half_axis": curve.half, "rise": curve.rise, "area": curve.area,
        "line": "M" + "L".join(f"{px:.1f} {height(r.value):.1f}" for px, r in pairs),
        "band": "M" + "L".join(upper + lower) + "Z",
        "dots": [(px, height(r.value)) for px, r in pairs],
        "ends": (curve.recall[0], curve.recall[-1]),
    }  # fmt: skip


def _taken(found: LadderFindings) -> list[dict[str, Any]]:
    """Of each level: what stop signs and red lights were taken for."""
    out = []
    for level, table in zip(found.ladder.levels, found.confusions, strict=True):
        out.append({"level": _short(level), "groups": _split(found, table)})
    return out


def _split(found: LadderFindings, table: np.ndarray) -> list[dict[str, int]]:
    classes = found.classes
    index = [[classes.index(n) for n in names if n in classes] for _, names in GROUPS]
    out = []
    for own, others in ((index[0], index[1]), (index[1], index[0])):
        line = table[own].sum(axis=0)
        right, other, missed = line[own].sum(), line[others].sum(), line[-1]
        out.append(
            {
                "right": int(right), "other": int(other), "missed": int(missed),
                "else": int(line.sum() - right - other - missed), "all": int(line.sum()),
            }
        )  # fmt: skip
    return out


def _limits(findings: SeverityFindings) -> list[str]:
    lines = []
    if findings.seen:
        lines.append(f"NOT A RESULT: a model was trained on {findings.seen} (allow_seen=true).")
    scenes = findings.ladders[0].scenes
    if scenes < ENOUGH_SCENES:
        lines.append(
            f"The intervals are optimistic: they come from {scenes} scenes, fewer than "
            f"{ENOUGH_SCENES}."
        )
    count = len(findings.cards)
    lines.append(
        f"{count} training{'s' * (count > 1)}: the intervals cover the choice of scenes, not the "
        "luck of training."
    )
    lines.append(
        "One quantity at a time, under an overcast sky: combinations are not measured here."
    )
    lines.append("Simulated scenes only: a figure here is no evidence about real roads.")
    return lines


def _facts(findings: SeverityFindings) -> list[tuple[str, str]]:
    card, truth = findings.cards[0], findings.truth
    first = findings.ladders[0]
    return [
        ("Detector", f"{card.detector}, {card.steps} steps, {len(findings.cards)} training(s)"),
        ("Trained on", origin(card.lineage)),
        ("Measured on", origin(truth.lineage)),
        ("Root hash of that", truth.root_hash or "none"),
        ("Images", f"{len(truth)} on {len(findings.ladders)} ladders, {first.scenes} scenes"),
        ("Fingerprint", first.fingerprint),
        *facts(findings.standing),
        ("Overlap of both", findings.seen or "none: other streams, other geometry (checked)"),
    ]
