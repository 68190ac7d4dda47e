"""Can the data be trusted? Faults are planted on purpose; which check finds them, at what size?

Edited labels and pictures, with all hashes made anew, against drawing a dataset again from its
records; copied pictures against the look-alike check; leaked scenes against the leak check; wrong
labels in data without records against the doubts of a detector that was trained on other data
that was poisoned as much.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from render.coco_reader import read_json
from render.files import make_folder
from render.look_alikes import look_alike
from render.progress import say
from render.regenerate import Regenerated, regenerate
from render.statistics import prints_of
from render.store import Truth, load_bgr, open_dataset, read_splits
from simulator.seeding import stream
from training.arms import QUICK, Budget, cache_of, dataset, detections, digest_of, plan_of
from training.bootstrap import Interval
from training.checkpoint import Model, load_model
from training.config import StudyConfig, TrainConfig
from training.design import test_truth
from training.detector import Detections
from training.finish import finish
from training.leak import seen_scene
from training.loop import train
from training.plants import COPIES, LABELS, PIXELS, edited_copy
from training.results import row
from training.study import MakeDataset, Study
from training.suspects import found_among_first, separation, suspicions
from training.trust_sheet import Doubts, Found, Sample, Trust, sheet, words

LAYOUTS = (*["crossroads_signals"] * 2, "crossroads_stop", "straight")
SAMPLES = (50, 300, 1000)
SIZES = (1_000, 10_000, 1_000_000)
EDITED = 0.01
CHECKS = ("drawing again", "look-alikes", "leak check", "a detector's doubts")
SMALLEST = 0.05
"""Least share of the faults of a kind that matters when it goes by; declared before any look."""

LEAKS = ("same scenes", "same scenes under another seed", "pictures alone, compressed again")


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to spend: scenes of each of two datasets, faults of each kind, shares of wrong
    labels, and the training of the detector that doubts them.
    """

    scenes: int
    planted: int
    shares: tuple[float, ...]
    budget: Budget


PLANS = {
    "small": Plan(80, 10, (0.05, 0.2), Budget(300, 1, QUICK)),
    "normal": Plan(400, 50, (0.01, 0.02, 0.05, 0.1, 0.2), Budget(1500, 1, QUICK)),
    "large": Plan(2000, 200, (0.005, 0.01, 0.02, 0.05, 0.1, 0.2), Budget(8000, 1)),
}


def run(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Generate, plant, look, write; see :class:`training.study.Study`."""
    plan = PLANS[config.size]
    declaration = plan_of(
        config, "Which planted faults are found by which check?",
        "share of planted faults of each kind that is found", SMALLEST,
        tuple(f"{100 * share:g} % of the labels wrong" for share in plan.shares), CHECKS, plan,
        plan.budget,
    )  # fmt: skip
    common = {
        "split": "train", "scenes": plan.scenes, "frames_per_scene": 1, "conditions": ["clear"],
        "layouts": list(LAYOUTS),
    }  # fmt: skip
    first, second = (
        dataset(config, make_dataset, {**common, "seed": config.seed + k}) for k in (0, 1)
    )
    sound = test_truth(config, second)
    work = make_folder(str(Path(config.out) / "planted"))
    say("planting edits and drawing the dataset again")
    edits, regenerated = edited(config, plan, second, sound, work)
    say("planting copies and leaks")
    copies = copied(config, plan, sound, work)
    doubts: list[Doubts] = []
    models = []
    for share in plan.shares:
        model = _doubter(config, plan, first, share, work)
        models.append(model)
        _, (seen,) = detections(config, [model], sound, declaration, "trust")
        doubts.append(doubted(config, share, second, sound, seen, work))
    leaks = leaked(models[0], read_splits(open_dataset(first)), sound, copies)
    findings = Trust(
        title=STUDY.title, size=config.size, edits=edits, copies=copies, leaks=leaks,
        doubts=tuple(doubts), samples=samples(regenerated), edited=EDITED, images=len(sound),
        root_hash=sound.root_hash, card=models[0].card,
    )  # fmt: skip
    return finish(config, sheet(findings), rows(findings), words(findings))


def edited(
    config: StudyConfig, plan: Plan, root: Path, sound: Truth, work: Path
) -> tuple[tuple[Found, ...], Regenerated]:
    """Edit some images in each way, draw all of them again, and count which are named."""
    rng = stream(config.seed, 0, "trust/edits")
    ids = _image_ids(root, sound)
    full = np.unique(sound.image)
    kinds = (*LABELS, *PIXELS)
    count = min(plan.planted, len(full) // (len(kinds) + 1))
    chosen = rng.permutation(full)[: count * len(kinds)].reshape(len(kinds), count)
    plants = {ids[i]: kind for kind, row in zip(kinds, chosen, strict=True) for i in row.tolist()}
    copy = work / "edited"
    edited_copy(root, copy, plants, "train")
    # always as on another machine: an edit below what rounding may do is what could hide
    found = regenerate(copy, len(sound), config.seed, exact=False)
    said = "\n".join(found.problems)
    named = {
        i for i in range(len(sound))
        if f"image {ids[i]}:" in said or sound.path[i].relative_to(root).as_posix() in said
    }  # fmt: skip
    alarms = len(named - set(chosen.ravel().tolist()))
    others = len(sound) - chosen.size
    results = [
        Found(kind, len(named & set(row.tolist())), count)
        for kind, row in zip(kinds, chosen, strict=True)
    ]
    return (*results, Found("nothing", alarms, others)), found


def _image_ids(root: Path, truth: Truth) -> list[int]:
    """The ids of a dataset's images in the order of its truth."""
    images = read_json(root / "annotations" / "train.json")["images"]
    by_name = {record["file_name"]: record["id"] for record in images}
    return [by_name[path.relative_to(root).as_posix()] for path in truth.path]


def copied(config: StudyConfig, plan: Plan, sound: Truth, work: Path) -> tuple[Found, ...]:
    """Hide copies of some pictures in each way among the others, and look for look-alikes."""
    rng = stream(config.seed, 0, "trust/copies")
    chosen = rng.permutation(len(sound))[: plan.planted].tolist()
    own = prints_of(sound.path)
    results = []
    for way, encoded in COPIES.items():
        folder = make_folder(str(work / "copies" / way.replace(" ", "_")))
        paths = [folder / sound.path[i].name for i in chosen]
        for i, path in zip(chosen, paths, strict=True):
            path.write_bytes(encoded(load_bgr(sound.path[i])))
        alike = look_alike(prints_of(paths), own)
        hits = sum(bool(alike[k, i]) for k, i in enumerate(chosen))
        results.append(Found(way, hits, len(chosen)))
    same = look_alike(own, own)
    pairs = len(sound) * (len(sound) - 1) // 2
    return (*results, Found("nothing", int(np.triu(same, 1).sum()), pairs))


def leaked(
    model: Model, trained_on: Truth, other: Truth, copies: Sequence[Found]
) -> tuple[Found, ...]:
    """Offer a model its own training scenes as a test, each time better disguised."""
    renamed = dataclasses.replace(
        trained_on, lineage=(), scene=tuple(f"x/{s}" for s in trained_on.scene)
    )
    tests = (trained_on, renamed)
    results = [
        Found(name, int(seen_scene(model.card, truth) is not None), 1)
        for name, truth in zip(LEAKS, tests, strict=False)
    ]
    again = next(f for f in copies if f.kind == "compressed again")
    alarm = int(seen_scene(model.card, other) is not None)
    return (*results, dataclasses.replace(again, kind=LEAKS[2]), Found("nothing", alarm, 1))


def _doubter(config: StudyConfig, plan: Plan, root: Path, share: float, work: Path) -> Model:
    """A detector trained on data in which a share of the images has a wrong label."""
    truth = read_splits(open_dataset(root))
    kinds = itertools.cycle(LABELS)
    chosen = _some(config, truth, share, "trust/poison")
    ids = _image_ids(root, truth)
    copy = work / f"poisoned-{share:g}"
    edited_copy(root, copy, {ids[i]: next(kinds) for i in chosen}, "train")
    content = digest_of(
        [truth.root_hash, share, plan.budget.steps, dict(plan.budget.training), config.detector]
    )
    out = cache_of(config) / "models" / f"trust-{content}-{config.seed}"
    return load_model(
        train(
            TrainConfig(
                data=str(copy), out=str(out), steps=plan.budget.steps, seed=config.seed,
                threads=config.threads, detector=config.detector, **plan.budget.training,
            )
        )
    )  # fmt: skip


def _some(config: StudyConfig, truth: Truth, share: float, purpose: str) -> list[int]:
    full = np.unique(truth.image)
    count = max(round(share * len(full)), 1)
    return stream(config.seed, 0, purpose).permutation(full)[:count].tolist()


def doubted(
    config: StudyConfig, share: float, root: Path, sound: Truth, seen: Detections, work: Path
) -> Doubts:
    """Plant wrong labels in data that a model has not seen, and rank all by its doubts.

    Args:
        seen: what the model finds in the sound data; labels are planted, pictures stay.
    """
    ids = _image_ids(root, sound)
    chosen = _some(config, sound, share, "trust/doubted")
    found = []
    for kind in LABELS:
        copy = work / f"doubted-{kind.replace(' ', '_')}"
        edited_copy(root, copy, {ids[i]: kind for i in chosen}, "train")
        truth = read_splits(open_dataset(copy))
        doubts = suspicions(truth, seen)
        if kind == "object left out":
            planted, ranked = np.isin(np.arange(len(truth)), chosen), doubts.image
        else:
            changed = (truth.category != sound.category) | (truth.box_px != sound.box_px).any(
                axis=1
            )
            planted, ranked = changed, doubts.label
        hits = found_among_first(ranked, planted)
        found.append((Found(kind, hits, int(planted.sum())), separation(ranked, planted)))
    return Doubts(share, tuple(found))


def samples(regenerated: Regenerated) -> tuple[Sample, ...]:
    """With which probability a sample meets one of the edited images, for sets of other sizes."""
    return tuple(
        Sample(size, n, dataclasses.replace(regenerated, of=size, frames=n).found_with(EDITED))
        for size in SIZES
        for n in SAMPLES
    )


def rows(findings: Trust) -> list[dict[str, Any]]:
    """The content of results.json: what was found of what was planted, a row a fault."""
    found_by = (findings.edits, findings.copies, findings.leaks)
    checks: Mapping[str, Sequence[Found]] = dict(zip(CHECKS, found_by, strict=False))
    mark, count = findings.root_hash[:12] or "none", findings.images
    out = [
        row("trust", f.kind, "", check, "found", f.share(), count, f.of, mark)
        for check, found in checks.items()
        for f in found
    ]
    for doubts in findings.doubts:
        level = f"{100 * doubts.share:g} % of the images"
        for f, area in doubts.found:
            where, given = ("trust", f.kind, level, CHECKS[-1]), (count, f.of, mark)
            bounds = Interval(area, float("nan"), float("nan"))
            out.append(row(*where, "found", f.share(), *given))
            out.append(row(*where, "AUC", bounds, *given))
    return out


STUDY = Study(
    title="which faults in the data are found by which check: edits, copies, leaks, wrong labels",
    run=run,
)
