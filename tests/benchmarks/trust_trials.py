"""What ``verify`` finds: flipped bytes, and edited labels behind forged hashes.

As on another machine: ``tests/render/test_other_processor.py``.
Usage: python -m tests.benchmarks.trust_trials [TRIALS] [SEED]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from render.config import GenerateConfig
from render.generate import generate
from render.manifest import MANIFEST, manifest_text, read_manifest, sha256_file
from render.regenerate import regenerate
from render.verify import verify
from scenarios.config import CameraConfig
from simulator.seeding import stream


def main() -> None:
    """Run and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        small = _make(root / "small", 3, 2, "crossroads_stop")
        print(_flips(small, seed), flush=True)
        print(_labels(_make(root / "large", 20, 60, "crossroads_signals"), trials, seed))


def _make(out: Path, scenes: int, frames: int, layout: str) -> Path:
    return generate(
        GenerateConfig(
            out=str(out), seed=21, scenes=scenes, frames_per_scene=frames, frame_rate_hz=5.0,
            workers=1, image="png", layouts=(layout,),
            camera=CameraConfig(width_px=192, height_px=192, m_per_px=0.2, spread_m=2.0),
        )
    )  # fmt: skip


def _flips(data: Path, seed: int) -> str:
    """One bit of one byte of every file, three times, at random places."""
    rng, found, tried = stream(seed, 0, "benchmark/flips"), 0, 0
    for name in read_manifest(data):
        whole = (data / name).read_bytes()
        for _ in range(3):
            broken = bytearray(whole)
            broken[int(rng.integers(len(broken)))] ^= 1 << int(rng.integers(8))
            (data / name).write_bytes(broken)
            tried += 1
            found += verify(data).problems == (f"changed: {name}",)
        (data / name).write_bytes(whole)
    return f"flipped bytes: {found} of {tried} found and named, in {tried // 3} files"


def _labels(data: Path, trials: int, seed: int) -> str:
    """1 % of the labels moved by a pixel, hashes made anew; a sample of 300 images each time."""
    path = data / "annotations/train.json"
    before = path.read_text(), (data / MANIFEST).read_text()
    found, stated, of = 0, 0.0, 0
    count = len(json.loads(before[0])["annotations"])
    for trial in range(trials):
        rng = stream(seed, trial, "benchmark/labels")
        coco = json.loads(before[0])
        for k in rng.permutation(count)[: max(1, count // 100)]:
            coco["annotations"][k]["bbox"][0] += 1
        path.write_text(json.dumps(coco))
        forge(data)
        said = regenerate(data, 300, int(rng.integers(2**32)))
        found += bool(said.problems)
        stated, of = said.found_with(0.01), said.of
        path.write_text(before[0])
        (data / MANIFEST).write_text(before[1])
    return (
        f"labels: 1 % of {count} edited, hashes forged: found in {found} of {trials} trials with "
        f"sample=300 of {of}; stated for 1 % of the images: {100 * stated:.1f} %"
    )


def forge(data: Path) -> None:
    """Make all hashes anew."""
    names = [(name, sha256_file(data / name)) for name in read_manifest(data)]
    (data / MANIFEST).write_text(manifest_text(names))


if __name__ == "__main__":
    main()
