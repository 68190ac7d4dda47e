"""Training crops out of datasets: a pure function of (seed, step), prepared ahead by threads."""

from __future__ import annotations

import collections
import dataclasses
import os
import sys
import threading
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np
import torch

from render.store import Truth
from simulator.seeding import stream
from training.album import Album, picture_of
from training.augment import GREY, coloured, cut_out, loosened, sensed, turned
from training.config import AugmentConfig, TrainConfig
from training.detector import Targets
from training.group import ALONE, Group
from training.mixing import image_of
from training.taxonomy import ignored

KEPT_SHARE = 0.3
"""Share of a box that must be left in the crop for it to be learned rather than ignored."""

SMALLEST_PX = 4.0
"""Boxes with a shorter side than this in the crop are ignored."""

AHEAD = 6
"""Batches that are prepared while others are used."""

BEHIND = 15
"""Niceness of the threads that prepare them."""


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingSet:
    """A truth prepared for cropping.

    Attributes:
        truth: images and boxes. first: i64[N + 1], range of each image's boxes.
        ignored: bool[K], boxes that the label policy does not count.
        pull: f64[K], how much a crop is drawn to a box: rare classes more.
        sizes: images of each dataset that was joined, in order. album: pictures seen before.
    """

    truth: Truth
    first: np.ndarray
    ignored: np.ndarray
    pull: np.ndarray
    sizes: tuple[int, ...]
    album: Album = dataclasses.field(default_factory=Album)


def training_set(truth: Truth, sizes: tuple[int, ...] = ()) -> TrainingSet:
    """Index a truth for cropping; ``sizes``: images of each dataset in it, default one dataset."""
    first = np.searchsorted(truth.image, np.arange(len(truth) + 1))
    skip = ignored(truth)
    counts = np.bincount(truth.category[~skip], minlength=len(truth.classes))
    pull = np.where(skip, 0.0, 1.0 / np.sqrt(np.maximum(counts, 1))[truth.category])
    return TrainingSet(truth, first, skip, pull, sizes or (len(truth),))


def batches(
    data: TrainingSet, config: TrainConfig, start: int, group: Group = ALONE
) -> Generator[tuple[torch.Tensor, list[Targets]], None, None]:
    """Batches of the steps ``start`` .. ``config.steps - 1``, each prepared ahead by a thread.

    Yields:
        Images u8[B, 3, S, S] RGB (channels last in memory) and the targets of each: the part of
        this process of the group.
    """
    cv2.setNumThreads(1)  # the threads here are the parallelism
    waiting: collections.deque[Future] = collections.deque()
    with ThreadPoolExecutor(config.prefetch, "crops", _stand_back) as pool:
        try:
            for step in range(start, config.steps):
                while len(waiting) < AHEAD and step + len(waiting) < config.steps:
                    waiting.append(pool.submit(batch, data, config, step + len(waiting), group))
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _stand_back() -> None:
    """Let the threads of the model go first: they wait for each other, so that what takes the core
    of one holds up all. Batches are ahead by enough to bear it. Linux alone ranks single threads.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


def batch(
    data: TrainingSet, config: TrainConfig, step: int, group: Group = ALONE
) -> tuple[torch.Tensor, list[Targets]]:
    """A process's part of the batch of one step; the same (seed, step, part) always gives the same.

    The parts share no picture within a pass over the data.
    """
    part = f"/{group.rank}of{group.size}" if group.size > 1 else ""
    rng = stream(config.seed, step, f"train/crops{part}")
    count = config.batch // group.size
    images = -(-count // config.crops_per_image)
    crops = np.empty((count, config.crop_px, config.crop_px, 3), dtype=np.uint8)
    targets: list[Targets] = []
    first = (step * group.size + group.rank) * images
    for place in range(first, first + images):
        index = image_of(data.sizes, tuple(config.mix), config.seed, place)
        picture = picture_of(data.album, data.truth, index)
        for _ in range(min(config.crops_per_image, count - len(targets))):
            crop, target = _crop(data, picture, index, config, rng)
            cv2.cvtColor(crop, cv2.COLOR_BGR2RGB, dst=crops[len(targets)])
            targets.append(target)
    return torch.from_numpy(crops).permute(0, 3, 1, 2), targets


def _crop(
    data: TrainingSet,
    picture: np.ndarray,
    index: int,
    config: TrainConfig,
    rng: np.random.Generator,
) -> tuple[np.ndarray, Targets]:
    augment = config.augment
    scale = 1.0
    if augment.enabled:
        low, high = np.log(augment.scale_low), np.log(max(augment.scale_high, augment.scale_low))
        scale = float(np.exp(rng.uniform(low, high)))
    window = max(round(config.crop_px / scale), 8)
    rows = slice(int(data.first[index]), int(data.first[index + 1]))
    boxes = data.truth.box_px[rows].astype(np.float64)
    x0, y0 = _corner(picture, boxes, data.pull[rows], window, config.centred_share, rng)
    crop = _cut(picture, x0, y0, window, config.crop_px)
    if augment.enabled:
        boxes = loosened(boxes, augment, rng)
    grown = config.crop_px / window
    boxes, skip = (boxes - [x0, y0, x0, y0]) * grown, data.ignored[rows]
    oriented = (data.truth.oriented_px[rows] - [x0, y0, 0, 0, 0]) * [*[grown] * 4, 1.0]
    if augment.enabled:
        crop, boxes, oriented = _changed(crop, boxes, oriented, augment, rng)
        crop, hidden = cut_out(crop, boxes, augment, rng)
        skip = skip | (hidden > 1.0 - KEPT_SHARE)
    more = {
        "oriented_px": oriented.astype(np.float32), "aspect": data.truth.aspect[rows],
        "sign": data.truth.sign[rows],
    }  # fmt: skip
    return crop, _targets(boxes, data.truth.category[rows], skip, more, config.crop_px)


def _changed(
    crop: np.ndarray,
    boxes: np.ndarray,
    oriented: np.ndarray,
    config: AugmentConfig,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mirror, quarters = bool(rng.integers(2)), int(rng.integers(4))
    if config.turn:
        oriented = oriented_turned(oriented, len(crop), mirror, quarters)
        crop, boxes = turned(crop, boxes, mirror, quarters)
    return sensed(coloured(crop, config, rng), config, rng), boxes, oriented


def oriented_turned(oriented: np.ndarray, side: float, mirror: bool, quarters: int) -> np.ndarray:
    """Oriented boxes f[n, 5] px of a square crop, mirrored and turned as ``augment.turned``."""
    cx, cy, w, h, angle = oriented.T
    if mirror:
        cx, angle = side - cx, -angle  # a box is the same after half a turn
    for _ in range(quarters):
        cx, cy, angle = cy, side - cx, angle - np.pi / 2
    return np.stack([cx, cy, w, h, angle], axis=1)


def _corner(
    picture: np.ndarray,
    boxes: np.ndarray,
    pull: np.ndarray,
    window: int,
    centred_share: float,
    rng: np.random.Generator,
) -> tuple[int, int]:
    """Upper left corner of a crop, px: on an object, or anywhere."""
    height, width = picture.shape[:2]
    room = np.array([width - window, height - window])
    anywhere = rng.uniform(np.minimum(room, 0), np.maximum(room, 0) + 1)
    centred, pick, shift = rng.random() < centred_share, rng.random(), rng.uniform(-0.4, 0.4, 2)
    corner = anywhere
    if centred and pull.sum() > 0:
        chosen = min(int(np.searchsorted(np.cumsum(pull) / pull.sum(), pick)), len(pull) - 1)
        middle = (boxes[chosen, :2] + boxes[chosen, 2:]) / 2
        corner = middle - window / 2 + shift * window
    x0, y0 = np.floor(np.clip(corner, np.minimum(room, 0), np.maximum(room, 0))).astype(int)
    return int(x0), int(y0)


def _cut(picture: np.ndarray, x0: int, y0: int, window: int, side: int) -> np.ndarray:
    """The window of a picture (grey where it leaves it), resized to ``side``: u8[side, side, 3]."""
    height, width = picture.shape[:2]
    if x0 >= 0 and y0 >= 0 and x0 + window <= width and y0 + window <= height:
        crop = picture[y0 : y0 + window, x0 : x0 + window]
    else:
        crop = np.full((window, window, 3), GREY, dtype=np.uint8)
        u0, v0, u1, v1 = max(x0, 0), max(y0, 0), min(x0 + window, width), min(y0 + window, height)
        crop[v0 - y0 : v1 - y0, u0 - x0 : u1 - x0] = picture[v0:v1, u0:u1]
    if window == side:
        return np.ascontiguousarray(crop)
    way = cv2.INTER_AREA if window > side else cv2.INTER_LINEAR
    return cv2.resize(crop, (side, side), interpolation=way)


def _targets(
    boxes: np.ndarray,
    labels: np.ndarray,
    skip: np.ndarray,
    more: dict[str, np.ndarray],
    side: int,
) -> Targets:
    clipped = np.clip(boxes, 0, side)
    size = np.maximum(clipped[:, 2:] - clipped[:, :2], 0)
    whole = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    touching = (size > 0).all(axis=1)
    learned = (size.prod(axis=1) >= KEPT_SHARE * whole) & (size.min(axis=1) >= SMALLEST_PX) & ~skip
    keep, leave = touching & learned, touching & ~learned
    return Targets(
        torch.from_numpy(clipped[keep].astype(np.float32)),
        torch.from_numpy(labels[keep].astype(np.int64)),
        torch.from_numpy(clipped[leave].astype(np.float32)),
        {name: torch.from_numpy(column[keep]) for name, column in more.items()},
    )
