"""What is our weather worth on real pixels under other people's weather?

Four arms learn vehicles from drawn frames alone, equally many for equally many steps: in clear
weather; a third of them in our weather; in clear weather with colour augmentation; with both. Each
is measured on real frames, untouched and under fog, rain, snow and darkness of albumentations,
which has its own idea of all of them. Intervals are over scenes and trainings. The recipe is
``quick`` (a narrow net; an hour and a half of one core for five trainings an arm) or
``real_model``, that of `make real-model` (two hours of one core for one). Needs albumentations
2.0.8 beside the project (`pip install albumentations==2.0.8`).
Usage: python -m tests.benchmarks.other_weather REAL_COCO.json CACHE [RECIPE, quick] [SEEDS, 5]
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from conf.composition import compose
from render.dataset_reader import join_any
from render.files import make_folder
from render.store import Truth, load_bgr
from simulator.settings import build
from tests.benchmarks.real_sources import SOURCES, drone_frames, named, source_frames, verdict_line
from training.arm_figures import ap50_by_condition
from training.arms import QUICK
from training.augment_strong import STRONG
from training.checkpoint import load_model
from training.compare import Comparison, compare, family
from training.config import AugmentConfig, TrainConfig
from training.loop import train
from training.predict import predict

OURS: tuple[dict[str, Any], ...] = (
    {"rain": {"rain_mm_h": [2, 50]}},
    {"fog": {"visibility_m": [80, 600]}},
    {"snow": {"snow_mm_h": [0.2, 4], "snow_cover": [0, 0.9]}},
    {"night": {"sun_elevation_rad": [-0.3, 0.05]}},
    {"worst": {"visibility_m": [150, 800], "sun_elevation_rad": [-0.25, 0.5]}},
)
CLEAR_SHARE = 2 / 3
"""Of the frames of an arm that has weather; the rest is parted evenly among ``OURS``."""

SMALLEST = 0.02
REAL = build(TrainConfig, compose("train", ["experiment=real_model", "data=x", "out=x"]))
PLAIN_COLOURS = ("brightness", "contrast", "gamma", "channel_gain", "saturation")
MILD = dataclasses.replace(
    REAL.augment, **{name: getattr(AugmentConfig(), name) for name in PLAIN_COLOURS}
)
"""Scale, boxes and sensor as for all real frames; colours as ``train`` has them by default."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How each arm is trained: frames in all, settings of ``train``, colour augmentation."""

    frames: int
    training: dict[str, Any]
    strong: AugmentConfig


RECIPES = {
    "quick": Recipe(
        600,
        {"steps": 2500, **QUICK},
        dataclasses.replace(MILD, **{name: getattr(STRONG, name) for name in PLAIN_COLOURS}),
    ),
    "real_model": Recipe(
        900,
        {
            name: getattr(REAL, name)
            for name in ("steps", "crops_per_image", "centred_share", "ema", "warmup_steps")
        },
        REAL.augment,
    ),
}


def main(real: Path, cache: Path, recipe: str, seeds: int) -> None:
    """Train what is not trained yet, measure, print a table."""
    tested = join_any([t for name in SOURCES for t in _frames(real, cache, name)])
    figures = {
        arm: ap50_by_condition(
            arm,
            tested,
            [
                predict(load_model(trained(cache, recipe, arm, seed)), tested)
                for seed in range(seeds)
            ],
            2000,
            0,
        )
        for arm in ARMS
    }
    _print(figures)


ARMS = {
    "clear": (False, False),
    "clear + our weather": (True, False),
    "clear + augmentation": (False, True),
    "clear + our weather + augmentation": (True, True),
}
"""Whether an arm has our weather, and whether strong augmentation."""


def trained(cache: Path, recipe: str, arm: str, seed: int) -> Path:
    """The model of an arm; trained where the cache lacks it."""
    made, (weather, strong) = RECIPES[recipe], ARMS[arm]
    clear = round(made.frames * CLEAR_SHARE) if weather else made.frames
    data = [drone_frames(cache / f"drawn-clear-{clear}", clear, 0, [])]
    if weather:
        each = (made.frames - clear) // len(OURS)
        data += [
            drone_frames(cache / f"drawn-{name}-{each}", each, 1 + k, [condition])
            for k, condition in enumerate(OURS)
            for name in condition
        ]
    config = TrainConfig(
        data=[str(d) for d in data],
        out=str(cache / "models" / f"{recipe}-{arm.replace(' ', '_')}-{seed}"),
        seed=seed,
        threads=1,
        taxonomy="vehicle",
        augment=made.strong if strong else MILD,
        **made.training,
    )
    return train(config)


def _frames(real: Path, cache: Path, name: str) -> list[Truth]:
    """The frames of a source at the scale of ours, untouched and under each weather."""
    plain = source_frames(real, cache, name)
    made = [named(plain, f"{name} untouched")]
    for weather, change in _weathers().items():
        place = cache / f"{name}-{weather.replace(' ', '_')}" / plain.name
        if not place.is_file():
            make_folder(str(place.parent / "images"))
            for image in json.loads(plain.read_text())["images"]:
                seen = change(load_bgr(plain.parent / "images" / image["file_name"])[..., ::-1])
                written = np.ascontiguousarray(seen[..., ::-1])
                cv2.imwrite(str(place.parent / "images" / image["file_name"]), written)
            place.write_text(plain.read_text())
        made.append(named(place, f"{name} {weather}"))
    return made


def _weathers() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Other people's weather: u8[H, W, 3], red first, to the same; drawn anew for each frame."""
    import albumentations as a  # pyright: ignore[reportMissingImports]

    def one(*changes: Any) -> Callable[[np.ndarray], np.ndarray]:
        whole = a.Compose(list(changes), seed=0)
        return lambda rgb: whole(image=np.ascontiguousarray(rgb))["image"]

    return {
        "fog": one(a.RandomFog(fog_coef_range=(0.5, 0.5), alpha_coef=0.1, p=1)),
        "dense fog": one(a.RandomFog(fog_coef_range=(0.9, 0.9), alpha_coef=0.15, p=1)),
        "rain": one(a.RandomRain(rain_type="heavy", p=1)),
        "snow": one(a.RandomSnow(snow_point_range=(0.25, 0.25), method="texture", p=1)),
        "darkness": one(
            a.MultiplicativeNoise(multiplier=(0.2, 0.2), p=1),
            a.ISONoise(color_shift=(0.02, 0.02), intensity=(0.4, 0.4), p=1),
        ),
    }


def _print(figures: dict[str, Any]) -> None:
    clear, ours, plain, both = figures
    pairs = ((clear, ours), (plain, ours), (plain, both))
    rows: list[Comparison] = []
    for condition in figures[clear]:
        cells = {arm: f[condition]["vehicle"] for arm, f in figures.items()}
        values = "  ".join(f"{arm} {np.mean(c.values):.3f}" for arm, c in cells.items())
        print(f"{condition:18} {values}")
        rows += [compare(cells[a], cells[b], SMALLEST) for a, b in pairs]
    names = np.repeat(list(figures[clear]), len(pairs))
    for made, condition in zip(family(rows), names, strict=True):
        print(f"{condition:18} {made.other} minus {made.control}: {verdict_line(made)}")


if __name__ == "__main__":
    name, count = sys.argv[3:] + ["quick", "5"][len(sys.argv) - 3 :]
    main(Path(sys.argv[1]), Path(sys.argv[2]), name, int(count))
