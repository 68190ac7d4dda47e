"""A toy model that has learned coloured rectangles, trained once for all tests of this package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.toy import write_toy
from training.config import AugmentConfig, TrainConfig
from training.loop import train


def toy_config(data: Path, out: Path, steps: int = 150) -> TrainConfig:
    """Settings under which the toy is learned in a few seconds on one core."""
    return TrainConfig(
        data=str(data), out=str(out), steps=steps, batch=8, crop_px=128, threads=1,
        warmup_steps=20, ema=0.98, save_every=5, detector_settings={"width": 0.5},
        augment=AugmentConfig(blur_px=0.3, jpeg_share=0.1),
    )  # fmt: skip


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the datasets ``train`` and ``test`` and the trained ``model/``."""
    root = tmp_path_factory.mktemp("toy")
    write_toy(root / "train", 16, seed=1)
    write_toy(root / "test", 8, seed=2, split="test", conditions=("clear", "fog"))
    train(toy_config(root / "train", root / "model"))
    return root
