"""Training: one loop, the same bytes for the same seed and threads, resumable to the same bytes."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from render.dataset_reader import join_any, read_any
from render.files import make_folder, write_bytes, write_json
from render.lock import alone_in
from render.manifest import refuse_inside
from render.progress import progress, say
from render.store import Truth
from simulator.errors import ConfigError, DataError, OutputError
from simulator.seeding import stream
from simulator.settings import build, plain
from simulator.stopping import asked_to_stop
from training.board import board
from training.checkpoint import ModelCard, card_settings, save_model, seen_geometry
from training.config import TrainConfig, paths
from training.data import TrainingSet, batches, training_set
from training.detector import DETECTORS, STRIDE_PX, Detector
from training.device import device_of, home_of, moved
from training.group import (
    Group,
    anyone,
    check_shared,
    launched,
    processes_here,
    together,
    told_by_first,
)
from training.initial import Initial, begin_with, read_initial
from training.mixing import check_mix, first_scenes
from training.state import STATE, Run, restore_state, save_state
from training.step import rate_at, take_step
from training.taxonomy import classes_of
from training.validation import (
    BEST,
    FIGURE,
    best_step,
    chosen_on,
    history,
    is_over,
    keep_best,
    measured,
    read_best,
    read_validation,
)  # fmt: skip

LOG_EVERY = 10


def train(config: TrainConfig) -> Path:
    """Train a detector on one or more dataset folders.

    Leaves ``model.safetensors`` (averaged weights with their lineage), ``train.json`` (settings,
    data, losses) and ``metrics.jsonl`` in ``config.out``. An interrupted run goes on from its
    state when ``config.resume``; a finished run with equal settings and data is not repeated.
    Started by torchrun, all of its processes train one net, and the first writes it.

    Returns:
        The path of the weights.

    Raises:
        ConfigError, DataError, OutputError: see the modules that read and write.
    """
    group, number = launched()
    device = device_of(config.device, number)
    check_shared(group, device)
    _check(config, group)
    refuse_inside(Path(config.out))
    parts = read_training_parts(config)
    truth = joined(parts)
    detector = DETECTORS[config.detector]
    settings = build(detector.settings, config.detector_settings or {}, "detector_settings")
    settings = detector.suited(settings, truth)
    initial = None
    if config.init is not None:
        initial = read_initial(Path(config.init), config.detector, truth.classes)
    identity = _identity(config, initial, group)
    card = _card(config, card_settings(settings), truth, initial, identity)
    validation = read_validation(config, card)
    digest = _digest(identity, truth, *([] if validation is None else [validation]))
    out = make_folder(config.out)
    model = out / "model.safetensors"
    if config.resume and _is_finished(out, digest):
        if group.first:
            say(f"{model} is already trained with these settings")
        return model
    with alone_in(out) if group.first else contextlib.nullcontext():
        with torch_settings(config.threads), together(group, device):
            run = start(config, detector, settings, len(truth.classes), initial, device)
            if config.resume and (out / STATE).is_file():
                restore_state(run, out / STATE, digest)
                if group.first:
                    say(f"going on from step {run.step}")
            data = training_set(truth, tuple(len(p) for p in parts))
            job = Job(config, detector, card, validation, out, digest, group)
            losses, measurements = _optimise(run, job, data)
        if group.first:
            _leave(run, job, truth, losses, measurements)
    return model


def _leave(
    run: Run, job: Job, truth: Truth, losses: dict[str, float],
    measurements: list[tuple[int, float]],
) -> None:  # fmt: skip
    """Write the weights and what is known of them; what only going on needed is taken away."""
    config, card, out, model = job.config, job.card, job.out, job.out / "model.safetensors"
    weights: Mapping[str, torch.Tensor] = run.averaged
    if job.validation is not None:
        card = chosen_on(card, job.validation, best_step(measurements))
        weights = read_best(out, job.digest, card.steps)
    # it would say of these weights, should we be killed now, that they are the last training's
    (out / "train.json").unlink(missing_ok=True)
    save_model(model, weights, card)
    parameters = sum(p.numel() for p in run.module.parameters())
    write_json(
        out / "train.json",
        {
            "digest": job.digest, "steps": config.steps, "parameters": parameters,
            "images": len(truth), "boxes": len(truth.category), "classes": truth.classes,
            "last_losses": losses, "stopped_at": run.step,
            **({FIGURE: dict(measurements)} if measurements else {}),
            "lineage": [dataclasses.asdict(x) for x in truth.lineage],
            "root_hash": truth.root_hash, "config": plain(config),
            "device": home_of(run.module).type, "processes": job.group.size,
        },
    )  # fmt: skip
    for name in (STATE, BEST):
        (out / name).unlink(missing_ok=True)
    say(f"model: {model} ({parameters:,} parameters, {len(truth)} images seen)")


def read_training_parts(config: TrainConfig) -> list[Truth]:
    """The datasets of a training, each under its taxonomy and with the scenes that are wanted.

    Raises:
        ConfigError: ``mix`` or ``first_scenes`` do not fit the datasets. DataError: a folder is no
            dataset.
    """
    places = paths(config.data)
    check_mix(config, len(places))
    truths = [read_any(place, "train", config.images) for place in places]
    wanted = config.first_scenes or (0,) * len(truths)
    return [
        classes_of(first_scenes(t, n), config.taxonomy, foreign=not t.lineage)
        for t, n in zip(truths, wanted, strict=True)
    ]


def joined(parts: list[Truth]) -> Truth:
    """The parts of a training as one truth.

    Raises:
        DataError: there is no image or no box, or classes differ.
    """
    truth = join_any(parts)
    if not len(truth) or not len(truth.category):
        raise DataError("there is nothing to learn", place=truth.name, mend="Generate more scenes")
    return truth


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows have no affinity to ask for


@contextlib.contextmanager
def torch_settings(threads: int) -> Iterator[None]:
    """Deterministic torch with that many threads (0: all cores given), put back afterwards.

    On a GPU an operation that has no deterministic form warns.
    """
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads or max(cores() // processes_here(), 1))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs for it
    elsewhere = torch.cuda.is_available() or torch.backends.mps.is_available()
    torch.use_deterministic_algorithms(True, warn_only=elsewhere)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


def _check(config: TrainConfig, group: Group) -> None:
    if config.batch % group.size:
        raise ConfigError(
            f"batch is {config.batch}, which {group.size} processes cannot share evenly",
            mend=f"Give a multiple of {group.size}",
        )
    if config.crop_px % STRIDE_PX:
        raise ConfigError(f"crop_px must be a multiple of {STRIDE_PX}, got {config.crop_px}")
    if config.augment.scale_low > config.augment.scale_high:
        raise ConfigError("augment.scale_low must not exceed augment.scale_high")


def _card(
    config: TrainConfig,
    settings: dict[str, Any],
    truth: Truth,
    initial: Initial | None,
    identity: dict[str, Any],
) -> ModelCard:
    """What the weights have seen, with what those had seen that they began with."""
    datasets, lineage, geometry = [(truth.name, truth.root_hash)], truth.lineage, set()
    if initial is not None:
        datasets.append((initial.name, initial.sha256))
        lineage = tuple(dict.fromkeys([*lineage, *initial.lineage]))
        geometry = set(initial.geometry)
    return ModelCard(
        detector=config.detector, settings=settings, classes=truth.classes,
        taxonomy=config.taxonomy, datasets=tuple(datasets), lineage=lineage,
        geometry=tuple(sorted(geometry | set(seen_geometry(truth)))), steps=config.steps,
        config=identity,
    )  # fmt: skip


def _identity(config: TrainConfig, initial: Initial | None, group: Group) -> dict[str, Any]:
    """The settings that decide the weights: places, resuming and prefetching do not."""
    skip = {
        "data", "images", "out", "resume", "prefetch", "save_every", "threads", "init",
        "validation", "tensorboard", "device",
    }  # fmt: skip
    if config.precision == "float32":
        skip |= {"precision"}
    if config.validation is None:
        skip |= {"validate_every", "patience"}
    kept = {k: v for k, v in plain(config).items() if k not in skip}
    if group.size > 1:  # each draws crops of its own
        kept["processes"] = group.size
    return kept if initial is None else kept | {"init": initial.sha256}


def _digest(identity: dict[str, Any], *truths: Truth) -> str:
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    for truth in truths:
        digest.update(json.dumps([truth.root_hash, truth.classes]).encode())
        for array in (truth.box_px, truth.category, truth.image, truth.size_px):
            digest.update(array.tobytes())
    return digest.hexdigest()


def _is_finished(out: Path, digest: str) -> bool:
    """Whether the folder holds the weights of this training.

    Raises:
        OutputError: it holds those of another, and nothing that replaces them has been begun.
    """
    try:
        found = json.loads((out / "train.json").read_bytes())["digest"]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    if not (out / "model.safetensors").is_file():
        return False
    if found != digest and not (out / STATE).exists():
        raise OutputError(
            "holds a finished training with other settings or data", place=str(out),
            mend="Choose another out=, or give resume=false to replace it",
        )  # fmt: skip
    return found == digest


def start(
    config: TrainConfig, detector: Detector, settings: Any, classes: int, initial: Initial | None,
    device: torch.device,
) -> Run:  # fmt: skip
    """A training before its first step, on a device."""
    # Weights are drawn by torch from its own generator, the processor's, the same for every device:
    # seed it from our stream, then put it back.
    seed = int(stream(config.seed, 0, "train/weights").integers(2**62))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = detector.build(classes, settings)
    if initial is not None:
        begin_with(module, initial)
    module.to(device).train()
    optimiser = torch.optim.AdamW(_groups(module, config.weight_decay), lr=config.lr)
    averaged = {k: v.detach().clone() for k, v in module.state_dict().items()}
    return Run(module, optimiser, averaged, 0)


def _groups(module: torch.nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels only, not for biases and norms."""
    parameters = list(module.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """What stays the same while training: settings, detector, the card of the weights to be, the
    validation set or None, the folder, what its files are known by, and who trains.
    """

    config: TrainConfig
    detector: Detector
    card: ModelCard
    validation: Truth | None
    out: Path
    digest: str
    group: Group


def _optimise(
    run: Run, job: Job, data: TrainingSet
) -> tuple[dict[str, float], list[tuple[int, float]]]:
    """Train to the end; returns the last losses and what the validation set gave, by step."""
    config, group, log = job.config, job.group, job.out / "metrics.jsonl"
    device = home_of(run.module)
    lines = _kept_lines(log, run.step)
    losses: dict[str, float] = {}
    over = is_over(history(lines), config.patience)
    feed = batches(data, config, config.steps if over else run.step, group)
    shown = progress("training", config.steps, "steps", run.step)
    try:
        with (
            board(job.out, config.tensorboard and group.first, run.step) as note,
            shown if group.first else contextlib.nullcontext(lambda _done, _note: None) as advance,
            asked_to_stop() as signals,
        ):
            for images, targets in feed:
                losses = take_step(
                    run, config, job.detector, images.to(device), moved(targets, device), group
                )
                asked = anyone(group, bool(signals), device)
                last = run.step == config.steps
                if run.step % LOG_EVERY == 0 or last:
                    lines.append(json.dumps({"step": run.step, **losses}))
                    note(run.step, {**losses, "lr": rate_at(config, run.step - 1)})
                due = run.step % config.validate_every == 0 or last
                measuring = job.validation if due else None
                if measuring is not None:
                    note(run.step, {FIGURE: _validated(run, job, measuring, lines)})
                advance(run.step, f"loss {sum(losses.values()):.3f}")
                keeping = run.step % config.save_every == 0 or asked or measuring is not None
                if keeping and not last and group.first:
                    save_state(run, job.out, job.digest, lines)
                if asked:
                    _say_stopped(run, job)
                    raise KeyboardInterrupt(*signals[:1])
                if measuring is not None and is_over(history(lines), config.patience):
                    break
    finally:
        feed.close()
    if group.first:
        write_bytes(log, "".join(f"{line}\n" for line in lines).encode())
    return losses, history(lines)


def _say_stopped(run: Run, job: Job) -> None:
    if job.group.first:
        said = f"stopped at step {run.step} of {job.config.steps}"
        say(f"{said}; the same command goes on from there")


def _validated(run: Run, job: Job, truth: Truth, lines: list[str]) -> float:
    """Measure the validation set, note it, and keep the weights if they are the best so far."""
    figure = measured(run, job.detector, job.card, truth) if job.group.first else 0.0
    figure = told_by_first(job.group, figure, home_of(run.module))
    lines.append(json.dumps({"step": run.step, FIGURE: figure}))
    if job.group.first and best_step(history(lines)) == run.step:
        keep_best(run, job.out, job.digest)
    return figure


def _kept_lines(log: Path, step: int) -> list[str]:
    """Lines of an earlier run up to the step that it is taken up from; none if they are broken."""
    if step == 0 or not log.is_file():
        return []
    try:
        lines = log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if json.loads(line)["step"] <= step]
    except (ValueError, TypeError, KeyError):
        return []
