"""Which of what we draw is worth something on real frames? One thing is left out at a time.

Every arm learns vehicles from equally many drawn frames for equally many steps and is measured on
real frames that it never saw, each source at its own scale. What is left out is left out of the
same scenes. Intervals of the difference to the whole are over scenes and trainings; a source has
few scenes, so little is shown. Takes about an hour of one core.
Usage: python -m tests.benchmarks.ablation REAL_COCO.json CACHE [STEPS, 1500] [SEEDS, 3]
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np

from conf.composition import compose
from render.dataset_reader import join_any
from simulator.settings import build
from tests.benchmarks.real_sources import SOURCES, drone_frames, named, source_frames, verdict_line
from training.arm_figures import ap50_by_condition
from training.arms import QUICK
from training.checkpoint import load_model
from training.compare import compare, family
from training.config import AugmentConfig, TrainConfig
from training.loop import train
from training.predict import predict

SCENES = 400
SMALLEST = 0.02
WHOLE = "everything"

DRAWN: dict[str, tuple[str, ...]] = {
    WHOLE: (),
    "no relief": ("camera.kind=orthographic",),
    "no trees": ("surroundings.tree_share=0",),
    "no buildings": ("surroundings.building_share=0",),
    "no clutter": ("surroundings.clutter_share=0", "surroundings.pole_share=0"),
    "vivid paint": ("traffic.vivid_share=1",),
    "no parked cars": ("traffic.parked_low=0", "traffic.parked_high=0"),
    "one layout": ("layouts=[straight]",),
    "no sensor": ("sensor=ideal",),
}
"""What differs in the drawn frames of an arm, as for the command line."""

SHARP = {"blur_px": 0.0, "sharpen": 0.0, "noise": 0.0, "jpeg_share": 0.0}
LEARNT = {
    "no sensor": SHARP,
    "tight boxes": {"box_loose_px": 0.0, "box_margin_px": 0.0},
    "no colour changes": {
        "brightness": 0.0, "contrast": 0.0, "gamma": 0.0, "channel_gain": 0.0, "saturation": 0.0,
    },
}  # fmt: skip
"""What differs in the augmentation of an arm, from that of ``make real-model``."""


def main(real: Path, cache: Path, steps: int, seeds: int) -> None:
    """Train what is not trained yet, measure, print a table."""
    tested = join_any([named(source_frames(real, cache, name), name) for name in SOURCES])
    whole = build(TrainConfig, compose("train", ["experiment=real_model", "data=x", "out=x"]))
    figures = {}
    for arm in (*DRAWN, *(name for name in LEARNT if name not in DRAWN)):
        data = drone_frames(
            cache / f"drawn-{arm.replace(' ', '_') if arm in DRAWN else WHOLE}",
            SCENES, 0, [], DRAWN.get(arm, ()),
        )  # fmt: skip
        augment: AugmentConfig = dataclasses.replace(whole.augment, **LEARNT.get(arm, {}))
        found = []
        for seed in range(seeds):
            out = cache / "models" / f"{arm.replace(' ', '_')}-{steps}-{seed}"
            config = TrainConfig(
                data=[str(data)], out=str(out), steps=steps, seed=seed, threads=1,
                taxonomy="vehicle", augment=augment, **QUICK,
            )  # fmt: skip
            found.append(predict(load_model(train(config)), tested))
        figures[arm] = ap50_by_condition(arm, tested, found, 2000, 0)
    rows = [
        compare(figures[WHOLE][source]["vehicle"], cells[source]["vehicle"], SMALLEST)
        for arm, cells in figures.items()
        if arm != WHOLE
        for source in SOURCES
    ]
    whole_ap = {s: 100 * np.mean(figures[WHOLE][s]["vehicle"].values) for s in SOURCES}
    print(WHOLE, {s: round(float(v), 1) for s, v in whole_ap.items()})
    for made, source in zip(family(rows), list(SOURCES) * len(rows), strict=False):
        print(f"{made.other:18} {source:6} {verdict_line(made)}")


if __name__ == "__main__":
    numbers = [int(n) for n in sys.argv[3:]] + [1500, 3][len(sys.argv) - 3 :]
    main(Path(sys.argv[1]), Path(sys.argv[2]), *numbers)
