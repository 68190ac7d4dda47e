"""What is our weather worth on real pixels under other people's weather?

Three arms learn vehicles from drawn frames alone, equally many for equally many steps: in clear
weather; half of them in our weather; in clear weather with strong colour augmentation. Each is
measured on real frames, untouched and under fog, rain, snow and darkness of albumentations, which
has its own idea of all of them. Intervals are over scenes and trainings. Takes about an hour; needs
albumentations 2.0.8 beside the project (`pip install albumentations==2.0.8`).
Usage: python -m tests.benchmarks.other_weather REAL_COCO.json CACHE [STEPS, 2500] [SEEDS, 5]
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

from render.dataset_reader import join_any
from render.files import make_folder
from render.store import Truth, load_bgr
from tests.benchmarks.real_sources import SOURCES, drone_frames, named, source_frames, verdict_line
from training.arm_figures import ap50_by_condition
from training.arms import QUICK
from training.augment_strong import STRONG
from training.checkpoint import load_model
from training.compare import Comparison, compare, family
from training.config import AugmentConfig, TrainConfig
from training.loop import train
from training.predict import predict

OURS = ("rain", "fog", "snow", "night", "worst")
SCENES = 300
"""Of each arm in clear weather, and as many again in clear or in our weather."""

SMALLEST = 0.02
MILD = AugmentConfig(scale_low=0.6, scale_high=1.4, box_loose_px=2.0, box_margin_px=0.5)
"""Scale and boxes as for all real frames; colours as ``train`` has them by default."""

PLAIN = dataclasses.replace(
    STRONG, scale_low=0.6, scale_high=1.4, box_loose_px=2.0, box_margin_px=0.5
)


def main(real: Path, cache: Path, steps: int, seeds: int) -> None:
    """Train what is not trained yet, measure, print a table."""
    tested = join_any([t for name in SOURCES for t in _frames(real, cache, name)])
    clear, more = _drawn(cache, "clear", SCENES, 0), _drawn(cache, "clear", SCENES, 1)
    weather = [_drawn(cache, name, SCENES // len(OURS), 2 + k) for k, name in enumerate(OURS)]
    arms = {
        "clear": ([clear, more], MILD),
        "clear + our weather": ([clear, *weather], MILD),
        "clear + augmentation": ([clear, more], PLAIN),
    }
    figures = {}
    for arm, (data, augment) in arms.items():
        found = []
        for seed in range(seeds):
            out = cache / "models" / f"{arm.replace(' ', '_')}-{steps}-{seed}"
            config = TrainConfig(
                data=[str(d) for d in data], out=str(out), steps=steps, seed=seed, threads=1,
                taxonomy="vehicle", augment=augment, **QUICK,
            )  # fmt: skip
            found.append(predict(load_model(train(config)), tested))
        figures[arm] = ap50_by_condition(arm, tested, found, 2000, 0)
    _print(figures)


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


def _drawn(cache: Path, condition: str, scenes: int, seed: int) -> Path:
    folder = cache / f"drawn-{condition}-{seed}"
    return drone_frames(folder, scenes, seed, [] if condition == "clear" else [condition])


def _print(figures: dict[str, Any]) -> None:
    first, ours, plain = figures
    rows: list[Comparison] = []
    for condition in figures[first]:
        cells = {arm: f[condition]["vehicle"] for arm, f in figures.items()}
        values = "  ".join(f"{arm} {np.mean(c.values):.3f}" for arm, c in cells.items())
        print(f"{condition:18} {values}")
        rows += [compare(cells[a], cells[b], SMALLEST) for a, b in ((first, ours), (plain, ours))]
    for made, condition in zip(family(rows), np.repeat(list(figures[first]), 2), strict=True):
        print(f"{condition:18} {made.other} minus {made.control}: {verdict_line(made)}")


if __name__ == "__main__":
    numbers = [int(n) for n in sys.argv[3:]] + [2500, 5][len(sys.argv) - 3 :]
    main(Path(sys.argv[1]), Path(sys.argv[2]), *numbers)
