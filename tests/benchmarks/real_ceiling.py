"""What would real frames alone teach the net of `make real-model`? The ceiling for drawn ones.

The scenes of both sources, each at its own scale, are cut into folds; every frame is measured by a
net that learned from the frames of all other folds, with the augmentation of `make real-model` but
for the boxes, which are loose as they are. Labels that lack vehicles lower both figures alike.
Fewer steps than there may do: there are a hundred times fewer frames. About 40 minutes of one core.
Usage: python -m tests.benchmarks.real_ceiling REAL_COCO.json CACHE [STEPS, 1000] [FOLDS, 3]
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from conf.composition import compose
from render.store import Truth, join
from simulator.settings import build
from tests.benchmarks.real_sources import SOURCES, named, source_frames
from training.checkpoint import load_model
from training.config import TrainConfig
from training.detector import Detections, joined_detections
from training.evaluate import figures
from training.loop import train
from training.predict import predict
from training.real_frames import folds, part_of


def main(real: Path, cache: Path, steps: int, count: int) -> None:
    """Train what is not trained yet, measure, print both figures of each source."""
    places = {name: source_frames(real, cache, name) for name in SOURCES}
    scenes = {name: named(place, name).scene for name, place in places.items()}
    whole = build(TrainConfig, compose("train", ["experiment=real_model", "data=x", "out=x"]))
    loose = dataclasses.replace(whole.augment, box_loose_px=0.0, box_margin_px=0.0)
    cut = {name: folds(of, count, 0) for name, of in scenes.items()}
    found: dict[str, list[tuple[Truth, Detections]]] = {name: [] for name in SOURCES}
    for k in range(count):
        data = [
            str(part_of(place, f"train-{k}-of-{count}", set(scenes[name]) - cut[name][k], 0, 0))
            for name, place in places.items()
        ]
        config = dataclasses.replace(
            whole, data=data, out=str(cache / "models" / f"fold-{k}-of-{count}-{steps}"),
            steps=steps, threads=1, augment=loose, mix=(0.5, 0.5),
        )  # fmt: skip
        model = load_model(train(config))
        for name, place in places.items():
            test = named(part_of(place, f"test-{k}-of-{count}", cut[name][k], 0, 0), name)
            found[name].append((test, predict(model, test)))
    for name, parts in found.items():
        truths, each = zip(*parts, strict=True)
        all_found = joined_detections(each, [len(t) for t in truths])
        made = figures(join(list(truths)), all_found, 1000, 0)
        print(f"{name}: AP50 {made['AP50']:.3f}, AP {made['AP']:.3f}")


if __name__ == "__main__":
    numbers = [int(n) for n in sys.argv[3:]] + [1000, 3][len(sys.argv) - 3 :]
    main(Path(sys.argv[1]), Path(sys.argv[2]), *numbers)
