"""Cost of measuring (matching, AP, resampling by scene) and of feeding; part of ``make bench``."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from render.config import GenerateConfig
from render.generate import generate
from render.store import Truth
from simulator.seeding import stream
from training.bootstrap import scene_weights
from training.config import TrainConfig
from training.data import batch, batches, training_set
from training.detector import DETECTORS, Detections, Detector, Targets
from training.loop import joined, read_training_parts, start, torch_settings
from training.matching import Matches, match
from training.metrics import ap_samples, ap_table
from training.state import Run
from training.step import take_step

IMAGES, CONDITIONS, PER_IMAGE, REPLICATES = 1000, 20, 10, 1000
CLASSES = ("car", "truck", "bus", "stop_sign", "light_red", "light_yellow", "light_green", "off")
SHARES = (0.5, 0.12, 0.06, 0.08, 0.08, 0.04, 0.08, 0.04)
ROUNDS = 3
WARM, TURNS, STEPS = 1, 5, 8
"""Rounds that are not counted and that are, and steps of each."""

Batch = tuple[torch.Tensor, list[Targets]]


def measure_speed() -> dict[str, float]:
    """``match_ms``: matching and AP of 1,000 images; ``resample_s``: 1,000 paired replicates of
    1,000 frames in 20 conditions at a mean of 10 detections, matches given; both CPU time."""
    scenes = np.arange(IMAGES)
    sets = [_drawn(c) for c in range(CONDITIONS)]
    nothing = np.zeros(len(sets[0][0].category), dtype=bool)
    matched = [match(t, nothing, d, scenes) for t, d in sets]  # also compiles
    ap_samples(matched[0], scene_weights(IMAGES, 2, 0))
    times = []
    for truth, found in sets[:ROUNDS]:
        start = time.process_time()
        ap_table(match(truth, nothing, found, scenes))
        times.append(time.process_time() - start)
    return {"match_ms": round(1000 * min(times), 1), "resample_s": round(_resampled(matched), 2)}


def loader_share() -> float:
    """Steps a second of a training over those of the same steps on one batch that is there
    already, by the clock: 1.0 is a model that never waits for its crops.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = generate(GenerateConfig(out=f"{folder}/d", scenes=24, frames_per_scene=1, seed=3))
        config = TrainConfig(data=str(data), out=f"{folder}/m", steps=10_000)
        detector = DETECTORS[config.detector]
        truth = joined(read_training_parts(config))
        crops = training_set(truth)
        with torch_settings(config.threads):
            run = start(
                config, detector, detector.settings(), len(truth.classes), None,
                torch.device("cpu"),
            )  # fmt: skip
            ready = batch(crops, config, 0)
            alone, fed = [], []
            for _ in range(WARM + TURNS):  # in turns, for a machine's speed drifts
                alone.append(_seconds(run, config, detector, itertools.repeat(ready)))
                with contextlib.closing(batches(crops, config, 0)) as feed:
                    _seconds(run, config, detector, feed)  # until as many wait as always will
                    fed.append(_seconds(run, config, detector, feed))
    return round(statistics.median(alone[WARM:]) / statistics.median(fed[WARM:]), 3)


def _seconds(run: Run, config: TrainConfig, detector: Detector, feed: Iterator[Batch]) -> float:
    began = time.perf_counter()
    for images, targets in itertools.islice(feed, STEPS):
        take_step(run, config, detector, images, targets)
    return time.perf_counter() - began


def _resampled(matched: list[list[Matches]]) -> float:
    start = time.process_time()
    weights = scene_weights(IMAGES, REPLICATES, 0)  # the same for all: that is the pairing
    for matches in matched:
        ap_samples(matches, weights)
    return time.process_time() - start


def _drawn(condition: int) -> tuple[Truth, Detections]:
    """Ten objects and ten detections an image: most near one object, some of nothing."""
    rng = stream(0, condition, "bench/measure")
    count = IMAGES * PER_IMAGE
    image = np.repeat(np.arange(IMAGES), PER_IMAGE)
    corner, size = rng.uniform(0, 600, (count, 2)), rng.uniform(10, 40, (count, 2))
    boxes = np.concatenate([corner, corner + size], axis=1)
    label = rng.choice(len(CLASSES), count, p=SHARES)
    near = (
        boxes + rng.normal(0, 1.5, (count, 4)) + np.where(rng.random(count) < 0.3, 900, 0)[:, None]
    )
    truth = Truth(
        name="bench", classes=CLASSES, category_id=tuple(range(1, 9)), image_id=np.arange(IMAGES),
        path=(Path("x"),) * IMAGES, size_px=np.full((IMAGES, 2), 640),
        scene=tuple(str(i) for i in range(IMAGES)), frame=np.zeros(IMAGES),
        condition=(str(condition),) * IMAGES, layout=("",) * IMAGES, geometry=("",) * IMAGES,
        severity=(), optical_depth=np.zeros(IMAGES), box_px=boxes, category=label, image=image,
        crowd=np.zeros(count, dtype=bool), visible_area_px=np.full(count, 100.0),
        occlusion=np.zeros(count), truncation=np.zeros(count), contrast_left=np.ones(count),
    )  # fmt: skip
    found = Detections(
        image=image, category=label, score=rng.random(count), box_px=near, classes=CLASSES
    )
    return truth, found


if __name__ == "__main__":
    print(measure_speed(), "loader_share", loader_share())
