"""The evaluate job: a model on a dataset or on anybody's COCO file."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from render.dataset_reader import join_any, read_any
from render.files import make_folder, write_json
from render.progress import show
from render.store import Truth, select_boxes
from render.taxonomy import VEHICLES
from simulator.errors import DataError
from simulator.settings import plain
from training.bootstrap import ENOUGH_SCENES
from training.breakdown import METRICS, Cell, by_condition, confusion, drop, measure, part
from training.checkpoint import Model, load_model
from training.config import EvaluateConfig, paths
from training.detector import Detections
from training.leak import refuse_seen
from training.loop import torch_settings
from training.metrics import MIN_OBJECTS
from training.predict import predict
from training.taxonomy import POLICIES, classes_of


def evaluate(config: EvaluateConfig) -> dict[str, Any]:
    """Measure a model; leaves ``metrics.json`` and ``detections.json`` in ``config.out``.

    Returns:
        The content of metrics.json.

    Raises:
        LeakError: the model was trained on a scene of the data. ConfigError, DataError,
        OutputError: model, data or settings are not fit.
    """
    model = load_model(config.model)
    truth = in_classes_of(model, read_data(config.data, config.images), config.taxonomy)
    seen = refuse_seen(model.name, model.card, truth, config.allow_seen)
    out = make_folder(config.out)
    with torch_settings(config.threads):
        found = predict(model, truth, config.scale, config.score, config.batch)
    found = in_classes(found, truth.classes)
    result = figures(truth, found, config.replicates, config.seed)
    result |= {
        "model": model.name, "data": truth.name, "taxonomy": config.taxonomy,
        "scale": config.scale, "seen": seen, "config": plain(config),
    }  # fmt: skip
    write_json(out / "metrics.json", result)
    write_json(out / "detections.json", coco_results(truth, found))
    show(describe(result))
    return result


def read_data(data: Any, images: str | None) -> Truth:
    """What is to be measured on, as a truth: see ``render.dataset_reader``.

    Raises:
        ConfigError, DataError: nothing there, or it is broken.
    """
    return join_any([read_any(place, "test", images) for place in paths(data)])


def in_classes_of(model: Model, truth: Truth, taxonomy: str) -> Truth:
    """The truth in the classes to be counted.

    Raises:
        DataError: model and data share no class.
    """
    if taxonomy == "vehicle":
        return classes_of(truth, taxonomy, foreign=not truth.lineage)
    known = [truth.classes.index(c) if c in truth.classes else -1 for c in model.card.classes]
    if all(k < 0 for k in known):
        raise DataError(
            f"has none of the model's classes ({', '.join(model.card.classes)})",
            place=truth.name, mend="Give taxonomy=vehicle to count all vehicles as one",
        )  # fmt: skip
    new = np.full(len(truth.classes), -1)
    for position, k in enumerate(known):
        if k >= 0:
            new[k] = position
    kept = select_boxes(truth, new[truth.category] >= 0)
    ids = tuple(truth.category_id[k] if k >= 0 else -1 for k in known)
    return dataclasses.replace(
        kept, classes=model.card.classes, category_id=ids, category=new[kept.category]
    )


def in_classes(found: Detections, classes: tuple[str, ...]) -> Detections:
    """The detections in the classes of the truth, where vehicles may be one class."""
    if found.classes == classes:
        return found
    new = np.array([0 if c in (*VEHICLES, "vehicle") else -1 for c in found.classes])
    keep = new[found.category] >= 0 if len(found) else np.zeros(0, dtype=bool)
    return Detections(
        image=found.image[keep], category=new[found.category[keep]], score=found.score[keep],
        box_px=found.box_px[keep], classes=classes,
    )  # fmt: skip


def figures(truth: Truth, found: Detections, replicates: int, seed: int) -> dict[str, Any]:
    """AP and AP50 over all and per class, under both policies, and per condition where known."""
    cells = [measure(truth, [found], p, "", replicates, seed) for p in POLICIES]
    result = _table(cells)
    result["few_objects"] = [
        name for name, n in zip(truth.classes, cells[0].truth, strict=False) if 0 < n < MIN_OBJECTS
    ]
    result["interval_optimistic"] = cells[0].scenes < ENOUGH_SCENES
    table = confusion(truth, found)
    result["confusion"] = {"classes": [*truth.classes, "background"], "rows": table.tolist()}
    conditions = by_condition(truth)
    if len(conditions) > 1:
        result["per_condition"] = _per_condition(truth, found, conditions, replicates, seed)
    return result


def coco_results(truth: Truth, found: Detections) -> list[dict[str, Any]]:
    """Detections as a COCO results list with the ids of the file that was read.

    Under ``taxonomy=vehicle`` the id is that of the file's first vehicle category. Classes that the
    file does not have are left out.
    """
    ids = truth.image_id[found.image] if len(found) else np.zeros(0)
    return [
        {
            "image_id": int(i), "category_id": truth.category_id[c], "score": round(float(s), 6),
            "bbox": [round(float(v), 3) for v in (b[0], b[1], b[2] - b[0], b[3] - b[1])],
        }
        for i, c, s, b in zip(ids, found.category, found.score, found.box_px, strict=True)
        if truth.category_id[c] >= 0
    ]  # fmt: skip


def _table(cells: list[Cell]) -> dict[str, Any]:
    """The figures of one set of images under every policy, as plain data."""
    result: dict[str, Any] = {}
    names = cells[0].classes
    per_class: dict[str, dict[str, Any]] = {name: {} for name in names[:-2]}
    for cell in cells:
        for row, name in enumerate(names):
            place = per_class.get(name, result)
            suffix = "_counted" if name == "counted" else ""
            for k, metric in enumerate(METRICS):
                key = f"{metric}{suffix}{cell.policy.suffix}"
                bounds = cell.interval(row, k)
                place[key] = bounds.value
                place[f"{key}_interval"] = [bounds.low, bounds.high]
            place[f"objects{suffix}{cell.policy.suffix}"] = int(cell.truth[row])
        result[f"fingerprint{cell.policy.suffix}"] = str(cell.fingerprint)
    result["per_class"] = per_class
    result["scenes"] = cells[0].scenes
    return result


def _per_condition(
    truth: Truth,
    found: Detections,
    conditions: dict[str, np.ndarray],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    first: Cell | None = None
    for name, keep in conditions.items():
        some, theirs = part(truth, found, keep)
        cells = [measure(some, [theirs], p, name, replicates, seed) for p in POLICIES]
        result[name] = _table(cells)
        first = cells[0] if first is None else first
        if cells[0] is not first and first.fingerprint.twins == cells[0].fingerprint.twins != "":
            row = len(truth.classes)
            for k, metric in enumerate(METRICS):
                change = drop(first, cells[0], row, k)
                result[name][f"{metric}_drop"] = change.value
                result[name][f"{metric}_drop_interval"] = [change.low, change.high]
                result[name]["drop_against"] = first.condition
    return result


def describe(result: dict[str, Any]) -> str:
    """The figures of an evaluation in a few lines for the terminal."""
    lines = [f"AP {_percent(result['AP'])}, AP50 {_percent(result['AP50'])} on {result['data']}"]
    for name, row in result["per_class"].items():
        if row["objects"]:
            few = " (few objects)" if row["objects"] < MIN_OBJECTS else ""
            lines.append(
                f"  {name:12s} AP50 {_percent(row['AP50'])}  AP {_percent(row['AP'])}"
                f"  {row['objects']} objects{few}"
            )
    for name, row in result.get("per_condition", {}).items():
        lines.append(f"  in {name:10s} AP50 {_percent(row['AP50'])}  AP {_percent(row['AP'])}")
    if result["seen"]:
        lines.append(f"  NOT A RESULT: the model was trained on {result['seen']}")
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "   -" if value is None or value != value else f"{100 * value:4.1f}"
