"""Do our frames look like real ones? Image statistics of both, and whether a classifier parts them.

For each source of real frames our scenes are drawn at its own scale. A logistic regression on the
statistics is tested on scenes that it did not see, ours and real alike: 0.5 is alike, 1 is apart.
Takes about five minutes.
Usage: python -m tests.benchmarks.two_sample REAL_COCO.json [SCENES, 120]
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from conf.composition import compose
from render.config import GenerateConfig
from render.generate import generate
from render.store import load_bgr
from simulator.seeding import stream
from simulator.settings import build

SOURCES = {"KIT AIS": ("like_kit", 376), "Kharuzhy and Minsk OSM community": ("like_minsk", 640)}
"""Experiment that is made to match a source, and the side of the crops that are compared, px."""

FEATURES = (
    "luma mean", "luma sd", "saturation", "red over green", "blue over green", "log laplacian",
    "noise", "spectral slope", "dark channel", "shadow share", "bright share", "road luma",
)  # fmt: skip
FOLDS, RIDGE, STEPS = 5, 1e-2, 400


def features(bgr: np.ndarray) -> np.ndarray:
    """Statistics of an image u8[N, N, 3], f64[12], as ``real-imagery-statistics`` defines them."""
    colour = bgr.astype(np.float32)
    luma = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    high, low = colour.max(axis=2), colour.min(axis=2)
    soft = cv2.blur(luma, (9, 9))
    median = float(np.median(luma))
    blue, green, red = (float(colour[..., k].mean()) for k in range(3))
    return np.array([
        luma.mean(), luma.std(), ((high - low) / np.maximum(high, 1)).mean(),
        red / green, blue / green, np.log(cv2.Laplacian(luma, cv2.CV_32F).var() + 1e-3),
        _noise(luma), _slope(luma), cv2.erode(low, np.ones((7, 7))).mean(),
        (soft < median / 2).mean(), (soft > min(2 * median, 235)).mean(), median,
    ])  # fmt: skip


def _noise(luma: np.ndarray) -> float:
    """Noise in grey levels on the flattest tenth of 8 px blocks (Immerkaer 1996)."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rough = np.abs(cv2.filter2D(luma, cv2.CV_32F, kernel)) * np.sqrt(np.pi / 2) / 6
    side = len(luma) // 8 * 8
    blocks = rough[:side, :side].reshape(side // 8, 8, side // 8, 8).mean(axis=(1, 3))
    return float(np.quantile(blocks, 0.1))


def _slope(luma: np.ndarray) -> float:
    """Slope of log power over log frequency, averaged round rings of frequency."""
    window = np.hanning(len(luma))
    power = np.abs(np.fft.fftshift(np.fft.fft2((luma - luma.mean()) * np.outer(window, window))))
    half = len(luma) // 2
    y, x = np.indices(luma.shape) - half
    ring = np.hypot(x, y).astype(int)
    mean = np.bincount(ring.ravel(), (power**2).ravel()) / np.bincount(ring.ravel())
    radius = np.arange(4, half)
    return float(np.polyfit(np.log(radius), np.log(mean[4:half] + 1e-9), 1)[0])


def crop(bgr: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random square of an image."""
    y, x = (int(rng.integers(size - side + 1)) for size in bgr.shape[:2])
    return bgr[y : y + side, x : x + side]


def accuracy(ours: np.ndarray, real: np.ndarray, scene: np.ndarray) -> float:
    """Balanced accuracy of a logistic regression on unseen scenes; f64[N, C], f64[M, C], i[M]."""
    rng = stream(0, 0, "two_sample")
    names = rng.permutation(np.unique(scene))
    fold_of = {int(name): k % FOLDS for k, name in enumerate(names)}
    folds = np.concatenate([rng.permutation(len(ours)) % FOLDS, [fold_of[int(s)] for s in scene]])
    x = np.concatenate([ours, real])
    is_real = np.arange(len(x)) >= len(ours)
    right = []
    for k in np.unique(folds[is_real]):
        test = folds == k
        found = _fit(x[~test], is_real[~test], x[test])
        right.append([(found == is_real[test])[is_real[test] == c].mean() for c in (False, True)])
    return float(np.mean(right))


def _fit(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    """What a ridge logistic regression with classes of equal weight says of ``test``, bool[N]."""
    mean, sd = x.mean(axis=0), x.std(axis=0) + 1e-9
    design = np.column_stack([(x - mean) / sd, np.ones(len(x))])
    weight = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    w = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-design @ w))
        w -= 0.5 * (design.T @ (weight * (p - y)) / len(y) + RIDGE * w)
    return np.column_stack([(test - mean) / sd, np.ones(len(test))]) @ w > 0


def ours_of(experiment: str, scenes: int, side: int) -> np.ndarray:
    """Statistics of the frames of an experiment, f64[scenes, 12]."""
    rng = stream(1, 0, "two_sample/ours")
    with tempfile.TemporaryDirectory() as folder:
        words = [f"experiment={experiment}", f"out={folder}/data", f"scenes={scenes}", "seed=9"]
        generate(build(GenerateConfig, compose("generate", words)))
        images = sorted(Path(folder, "data/images/train").iterdir())
        return np.stack([features(crop(load_bgr(p), side, rng)) for p in images])


def real_of(coco: Path, source: str, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Statistics f64[M, 12] and scenes i[M] of a source's frames."""
    rng = stream(2, 0, "two_sample/real")
    rows: list[Mapping[str, str]] = json.loads(coco.read_text())["images"]
    mine = [row for row in rows if row["source"] == source]
    names = sorted({row["scene"] for row in mine})
    found = [load_bgr(coco.parent / "images" / row["file_name"]) for row in mine]
    return (
        np.stack([features(crop(bgr, side, rng)) for bgr in found]),
        np.array([names.index(row["scene"]) for row in mine]),
    )


def main() -> None:
    """Print a table for each source."""
    coco, scenes = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 120
    for source, (experiment, side) in SOURCES.items():
        real, scene = real_of(coco, source, side)
        ours = ours_of(experiment, scenes, side)
        print(f"\n{source}: {len(real)} real frames, {len(ours)} of ours ({experiment})")
        print(f"{'':18}{'real p05':>10}{'p50':>9}{'p95':>9}{'ours p05':>12}{'p50':>9}{'p95':>9}")
        for k, name in enumerate(FEATURES):
            row = [np.quantile(v[:, k], (0.05, 0.5, 0.95)) for v in (real, ours)]
            print(f"{name:18}" + "   ".join("".join(f"{v:9.3f}" for v in q) for q in row))
        print(f"a classifier parts them with accuracy {accuracy(ours, real, scene):.3f}")


if __name__ == "__main__":
    main()
