"""The evaluate job: a model, or anybody's detections, on a dataset or on anybody's COCO file."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from render.dataset_reader import join_any, read_any
from render.files import make_folder, refuse_unwritable, write_json
from render.manifest import refuse_inside
from render.progress import show
from render.store import Truth, select_boxes
from render.taxonomy import VEHICLES
from simulator.errors import ConfigError, DataError
from simulator.settings import plain
from training.attributes import attribute_figures, attributes_of
from training.bootstrap import scene_weights, scenes_of
from training.checkpoint import Model, load_model
from training.config import EvaluateConfig, paths
from training.detector import Detections, select
from training.foreign import read_detections
from training.leak import refuse_seen
from training.ledger import Look, note
from training.loop import torch_settings
from training.matching import Matches, match
from training.metrics import MIN_OBJECTS
from training.predict import predict
from training.red_confusion import red_confusion
from training.standing import truth_hash
from training.summary import figures, point_figures
from training.taxonomy import classes_of, ignored
from training.working_point import at_point, choose


def evaluate(config: EvaluateConfig) -> dict[str, Any]:
    """Measure a model, or the detections of one that lives elsewhere.

    Leaves ``metrics.json`` and ``detections.json`` in ``config.out``.

    Returns:
        The content of metrics.json.

    Raises:
        LeakError: the model was trained on a scene of the data, or the working point was chosen on
        one. ConfigError, DataError, OutputError: model, data or settings are not fit.
    """
    if (config.model is None) == (config.detections is None):
        raise ConfigError("give either model=FILE or detections=FILE")
    refuse_inside(Path(config.out))
    refuse_unwritable(config.out)
    truth = dataclasses.replace(read_data(config.data, config.images), counting=config.policy)
    if config.detections is not None:
        truth, found, extra = _foreign(config, truth)
    else:
        truth, found, extra = _detected(config, truth)
    out = make_folder(config.out)
    result = figures(truth, found, config.replicates, config.seed)
    result["red_things"] = red_confusion(paths(config.data), found, config.policy)
    if told := attribute_figures(truth, found, config.replicates, config.seed):
        result["attributes"] = told
    result |= extra | {
        "data": truth.name, "taxonomy": config.taxonomy, "scale": config.scale,
        "config": plain(config),
    }  # fmt: skip
    write_json(out / "metrics.json", result)
    write_json(out / "detections.json", coco_results(truth, found))
    show(describe(result))
    return result


def _detected(config: EvaluateConfig, truth: Truth) -> tuple[Truth, Detections, dict[str, Any]]:
    model = load_model(config.model or "", config.device)
    truth = in_classes_of(model, truth, config.taxonomy)
    seen = refuse_seen(model.name, model.card, truth, config.allow_seen)
    validation = None if config.validation is None else _validation(config, model)
    _note(config, truth, Path(model.name))
    found = _found(config, model, truth)
    extra: dict[str, Any] = {"model": model.name, "seen": seen}
    if validation is not None:
        point = choose(validation, _matched(validation, _found(config, model, validation)))
        weights = scene_weights(len(set(truth.scene)), config.replicates, config.seed)
        rows = at_point(point, truth, _matched(truth, found), weights)
        extra["working_point"] = point_figures(point.score, point.chosen_on, rows)
    return truth, found, extra


def _foreign(config: EvaluateConfig, truth: Truth) -> tuple[Truth, Detections, dict[str, Any]]:
    if config.validation is not None:
        raise ConfigError("validation=DATA goes with model=FILE: it must be detected too")
    if len(paths(config.data)) > 1:
        raise ConfigError("detections=FILE goes with one dataset: its ids are those of one file")
    path = Path(config.detections or "")
    found = read_detections(path, truth)
    _note(config, truth, path)
    if config.taxonomy == "vehicle":
        kept = classes_of(truth, config.taxonomy, foreign=not truth.lineage)
        found = in_classes(found, kept.classes, every=not truth.lineage)
        truth = kept
    named = set(np.unique(found.category).tolist())
    never = [n for c, n in enumerate(truth.classes) if c not in named]
    return truth, found, {
        "detections": str(path), "seen": None, "never_detected": never,
        "leak_check": "not run: nobody knows what this detector was trained on",
    }  # fmt: skip


def _validation(config: EvaluateConfig, model: Model) -> Truth:
    """The data on which the working point is chosen; the model must not know it either."""
    truths = [read_any(p, "val", None) for p in paths(config.validation, "validation")]
    joined = dataclasses.replace(join_any(truths), counting=config.policy)
    truth = in_classes_of(model, joined, config.taxonomy)
    refuse_seen(model.name, model.card, truth, config.allow_seen)
    return truth


def _found(config: EvaluateConfig, model: Model, truth: Truth) -> Detections:
    with torch_settings(config.threads):
        found = predict(model, truth, config.scale, config.score, config.batch)
    return in_classes(found, truth.classes)


def _matched(truth: Truth, found: Detections) -> list[Matches]:
    return match(truth, ignored(truth), found, scenes_of(truth)[0])


def _note(config: EvaluateConfig, truth: Truth, file: Path) -> None:
    if config.ledger is not None:
        what = f"{len(truth)} images, {len(set(truth.condition))} conditions"
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        note(Path(config.ledger), [Look("evaluate", "", truth_hash(truth), digest, what)])


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


def in_classes(found: Detections, classes: tuple[str, ...], every: bool = False) -> Detections:
    """The detections in the classes of the truth, where vehicles or ``every`` class may be one."""
    if found.classes == classes:
        return found
    new = np.array([0 if every or c in (*VEHICLES, "vehicle") else -1 for c in found.classes])
    keep = new[found.category] >= 0 if len(found) else np.zeros(0, dtype=bool)
    kept = select(found, keep)
    return dataclasses.replace(kept, category=new[kept.category], classes=classes)


def coco_results(truth: Truth, found: Detections) -> list[dict[str, Any]]:
    """Detections as a COCO results list with the ids of the file that was read.

    Under ``taxonomy=vehicle`` the id is that of the file's first vehicle category. Classes that the
    file does not have are left out. What heads say stands under ``attributes``, as in our labels.
    """
    ids = truth.image_id[found.image] if len(found) else np.zeros(0)
    return [
        {
            "image_id": int(i), "category_id": truth.category_id[c], "score": round(float(s), 6),
            "bbox": [round(float(v), 3) for v in (b[0], b[1], b[2] - b[0], b[3] - b[1])],
            **({"attributes": told} if told else {}),
        }
        for i, c, s, b, told in zip(
            ids, found.category, found.score, found.box_px, attributes_of(found), strict=True
        )
        if truth.category_id[c] >= 0
    ]  # fmt: skip


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
    if result.get("never_detected"):
        lines.append(f"  never detected: {', '.join(result['never_detected'])}")
    if "working_point" in result:
        at = result["working_point"]["per_class"]["all"]
        lines.append(
            f"  from score {result['working_point']['score']:.2f} on: precision "
            f"{_percent(at['precision'])}, recall {_percent(at['recall'])}"
        )
    lines += [f"  {line}" for line in _heads(result.get("attributes", {}))]
    for name, line in result["red_things"].get("all", {}).items():
        told = ", ".join(f"{answer} {n}" for answer, n in line["answers"].items() if n)
        lines.append(f"  {name} ({line['things']}) answered as: {told}")
    if result["seen"]:
        lines.append(f"  NOT A RESULT: the model was trained on {result['seen']}")
    return "\n".join(lines)


def _heads(told: dict[str, Any]) -> list[str]:
    """What heads say, in a line each."""
    lines = [
        f"{name}: {_percent(told[f'{name}_accuracy'])} % right of {told[f'{name}_measured']} found"
        f" (commonest answer {_percent(told[f'{name}_accuracy_of_commonest'])})"
        for name in ("aspect", "sign") if f"{name}_accuracy" in told
    ]  # fmt: skip
    if "obb_iou" in told:
        lines.insert(
            0,
            f"oriented boxes: IoU {told['obb_iou']:.2f} (plain box "
            f"{told['obb_iou_of_plain_box']:.2f}), median angle error "
            f"{told['obb_angle_error_rad']:.3f} rad, of {told['obb_measured']} found",
        )
    return lines


def _percent(value: float | None) -> str:
    return "   -" if value is None or value != value else f"{100 * value:4.1f}"
