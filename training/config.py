"""Settings of the three jobs of this package: train, evaluate, study."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.truth import Counting
from simulator.errors import ConfigError
from simulator.settings import quantity

TAXONOMIES = ("driving", "vehicle")
SIZES = ("small", "normal", "large")
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("float32", "bfloat16")

SURFACE_FOG_M = (50_000.0, 500.0, 240.0, 160.0, 100.0)
SURFACE_SUN_RAD = (0.3, -0.05, -0.14)
"""Levels of fog and of darkness that the study ``severity`` crosses; declared before any look."""


@dataclasses.dataclass(frozen=True)
class AugmentConfig:
    """Changes made to each training crop. Every draw is uniform within the stated range."""

    enabled: bool = quantity(True, help="false trains on plain crops at the images' own scale")
    scale_low: float = quantity(0.8, "", 0.1, 4, "smallest enlargement of a crop")
    scale_high: float = quantity(1.25, "", 0.1, 4, "largest enlargement of a crop")
    turn: bool = quantity(True, help="mirror images and quarter turns")
    brightness: float = quantity(0.2, "", 0, 0.9, "largest relative change of the brightness")
    contrast: float = quantity(0.2, "", 0, 0.9, "largest relative change of the contrast")
    gamma: float = quantity(0.2, "", 0, 0.9, "largest change of the tone curve's exponent")
    channel_gain: float = quantity(0.05, "", 0, 0.5, "largest relative change of one colour")
    saturation: float = quantity(0.3, "", 0, 1, "largest relative change of the saturation")
    blur_px: float = quantity(0.6, "px", 0, 5, "largest sigma of the blur")
    sharpen: float = quantity(0.0, "", 0, 3, "largest strength of the unsharp mask")
    noise: float = quantity(4.0, "levels of 255", 0, 50, "largest deviation of the noise")
    jpeg_share: float = quantity(0.2, "", 0, 1, "share of crops that are compressed again")
    jpeg_low: int = quantity(40, "", 5, 95, "lowest quality of that compression")
    cutout_share: float = quantity(0.0, "", 0, 1, "share of crops with pieces cut out")
    cutouts: int = quantity(3, "pieces", 1, 64, "most pieces that are cut out of a crop")
    cutout_side: float = quantity(0.25, "", 0.01, 0.9, "longest side of a piece, of the crop's")
    box_loose_px: float = quantity(0.0, "px", 0, 10, "largest outward slack of each box side")
    box_margin_px: float = quantity(0.0, "px", -5, 10, "fixed outward margin of each box side")


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """``fairweather train``: dataset folders in, ``model.safetensors`` and ``train.json`` out."""

    data: Any = quantity(help="dataset, COCO file, YOLO data.yaml or folder; or a list of them")
    out: str = quantity(help="folder of the result; an interrupted training goes on there")
    images: str | None = quantity(
        None, help="folder of a COCO file's images; default its own, or images/ beside it"
    )
    detector: str = quantity("compact", help="see: fairweather describe detectors")
    detector_settings: Mapping[str, Any] | None = quantity(
        None, help="settings of that detector that differ from its own"
    )
    init: str | None = quantity(
        None, help="weights (safetensors) of the same detector to begin with; default drawn ones"
    )
    taxonomy: str = quantity("driving", choices=TAXONOMIES, help="classes to learn")
    seed: int = quantity(0, "", 0, 2**63 - 1, "seed of weights, order, crops and augmentation")
    steps: int = quantity(800, "steps", 1, 10_000_000, "optimiser steps")
    batch: int = quantity(16, "crops", 1, 1024, "crops a step")
    crops_per_image: int = quantity(2, "crops", 1, 64, "crops cut from one decoded image")
    crop_px: int = quantity(256, "px", 64, 2048, "side of a crop, a multiple of 32")
    centred_share: float = quantity(0.7, "", 0, 1, "share of crops placed on an object")
    lr: float = quantity(2e-3, "", 1e-7, 1, "highest learning rate")
    weight_decay: float = quantity(0.02, "", 0, 1, "of AdamW")
    warmup_steps: int = quantity(60, "steps", 0, 100_000, "steps of rising learning rate")
    ema: float = quantity(0.995, "", 0, 0.99999, "decay of the averaged weights that are kept")
    clip_norm: float = quantity(10.0, "", 0.01, 1e6, "largest norm of the gradient")
    save_every: int = quantity(100, "steps", 1, 1_000_000, "steps between resumable states")
    threads: int = quantity(0, "threads", 0, 1024, "threads of torch; 0 takes all cores given")
    prefetch: int = quantity(2, "threads", 1, 64, "threads that prepare crops")
    device: str = quantity("auto", choices=DEVICES, help="auto: a CUDA GPU where there is one")
    precision: str = quantity(
        "float32", choices=PRECISIONS, help="of products; bfloat16 is mixed precision"
    )
    mix: tuple[float, ...] = quantity(
        (), "", 0, 1, "share of the pictures that each dataset of data gives; empty: by its size"
    )
    first_scenes: tuple[int, ...] = quantity(
        (), "scenes", 0, 10_000_000, "of each dataset of data only the first so many; 0: all"
    )
    validation: Any = quantity(
        None, help="like data: measured meanwhile, the weights that are best on it are kept"
    )
    validate_every: int = quantity(200, "steps", 1, 1_000_000, "steps between its measurements")
    patience: int = quantity(
        5, "measurements", 0, 10_000, "it stops after so many without a better one; 0 never"
    )
    tensorboard: bool = quantity(False, help="write the curves for TensorBoard too")
    resume: bool = quantity(True, help="go on from what is in out; false replaces it")
    augment: AugmentConfig = quantity(
        factory=AugmentConfig, help="changes made to each training crop"
    )


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
    """``fairweather evaluate``: model and data in, ``metrics.json`` and ``detections.json`` out."""

    data: Any = quantity(help="dataset, COCO file, YOLO data.yaml or folder; or a list of them")
    out: str = quantity(help="folder of the result")
    model: str | None = quantity(None, help="model.safetensors of a training")
    detections: str | None = quantity(
        None, help="COCO results file of any other detector, instead of model"
    )
    validation: Any = quantity(
        None, help="like data: where the score of the working point is chosen; default none"
    )
    ledger: str | None = quantity(None, help="file that notes this look at test data")
    images: str | None = quantity(
        None, help="folder of a COCO file's images; default its own, or images/ beside it"
    )
    taxonomy: str = quantity("driving", choices=TAXONOMIES, help="classes to count")
    scale: float = quantity(1.0, "", 0.05, 8, "enlargement of each image before detection")
    score: float = quantity(0.02, "", 0, 1, "lowest score that is kept")
    batch: int = quantity(4, "images", 1, 256, "images at a time")
    device: str = quantity("auto", choices=DEVICES, help="auto: a CUDA GPU where there is one")
    threads: int = quantity(0, "threads", 0, 1024, "threads of torch; 0 takes all cores given")
    replicates: int = quantity(1000, "", 0, 100_000, "bootstrap replicates; 0 leaves intervals out")
    seed: int = quantity(0, "", 0, 2**63 - 1, "seed of the bootstrap")
    allow_seen: bool = quantity(
        False, help="measure even on scenes that the model was trained on; the result says so"
    )
    policy: Counting = quantity(
        factory=Counting, help="which objects count; the others are neither right nor wrong"
    )


@dataclasses.dataclass(frozen=True)
class StudyConfig:
    """``fairweather study``: a question in, ``report.html`` and ``results.json`` out."""

    out: str = quantity(help="folder of the result; an interrupted study goes on there")
    name: str = quantity("held_out", help="see: fairweather describe studies")
    size: str = quantity("small", choices=SIZES, help="how much to spend")
    detector: str = quantity(
        "compact", help="what all of its trainings train; see: fairweather describe detectors"
    )
    seed: int = quantity(0, "", 0, 2**62, "seed of everything in the study")
    workers: int = quantity(0, "processes", 0, 1024, "of the generator; 0 takes all cores given")
    threads: int = quantity(0, "threads", 0, 1024, "threads of torch; 0 takes all cores given")
    replicates: int = quantity(2000, "", 100, 100_000, "bootstrap replicates")
    allow_seen: bool = quantity(False, help="measure even on scenes that a model has seen")
    cache: str | None = quantity(
        None, help="folder that studies share for datasets and trainings; default in out"
    )
    ledger: str | None = quantity(
        None, help="file that notes every look at test data; default ledger.sqlite in out"
    )
    data: Any = quantity(
        None,
        help="your own frames: of real a list, one a source; of held_out what is measured on",
    )
    images: str | None = quantity(None, help="folder of a COCO file's images, as in train")
    scales: tuple[float, ...] = quantity(
        (), "", 0.05, 8, "study real: enlargement of each source's frames to the scale of ours"
    )
    controls: bool | None = quantity(
        None, help="study held_out: train in each condition too; default at normal and large"
    )
    elsewhere: bool | None = quantity(
        None,
        help="study held_out: other cameras, layouts, traffic too; default at normal and large",
    )
    surface_fog_m: tuple[float, ...] = quantity(
        SURFACE_FOG_M, "m", 20, 100_000, "study severity: visibilities of the surface, mild first"
    )
    surface_sun_rad: tuple[float, ...] = quantity(
        SURFACE_SUN_RAD, "rad", -0.6, 1.5, "study severity: heights of the sun, mild first"
    )
    policy: Counting = quantity(
        factory=Counting, help="which objects count; the others are neither right nor wrong"
    )


def paths(data: Any, key: str = "data") -> list[Path]:
    """The setting ``data`` (one path or a list of them) as a list.

    Raises:
        ConfigError: neither, or an empty list.
    """
    values = [data] if isinstance(data, str | Path) else data
    if not isinstance(values, list | tuple) or not values:
        raise ConfigError(f"{key} must be a folder or a list of folders, got {data!r}")
    if not all(isinstance(v, str | Path) for v in values):
        raise ConfigError(f"{key} must hold paths only, got {data!r}")
    return [Path(v) for v in values]
