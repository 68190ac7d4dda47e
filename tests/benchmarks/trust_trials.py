"""What ``verify`` finds: flipped bytes, edited labels behind forged hashes, edits under other CPUs.

The last part runs the command with the features of the processor turned down for numba, numpy and
OpenCV, as a stand-in for another machine; it compiles all kernels for that, which takes minutes.
Usage: python -m tests.benchmarks.trust_trials [TRIALS] [SEED]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from render.config import GenerateConfig
from render.generate import generate
from render.manifest import MANIFEST, manifest_text, read_manifest, sha256_file
from render.regenerate import regenerate
from render.verify import verify
from scenarios.config import CameraConfig
from simulator.seeding import stream
from tests.conftest import PROJECT

LESS = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX2,AVX512-SKX,FMA3,AVX512-CNL,AVX512-ICL",
}  # fmt: skip
LEVELS = 5


def main() -> None:
    """Run and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        small = _make(root / "small", 3, 2, "crossroads_stop")
        print(_flips(small, seed), flush=True)
        print(
            _labels(_make(root / "large", 20, 60, "crossroads_signals"), trials, seed), flush=True
        )
        print(_other_processor(small))


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


def _other_processor(data: Path) -> str:
    clean = _verify(data)
    coco = json.loads((data / "annotations/train.json").read_text())
    kinds = {c["id"]: c["name"] for c in coco["categories"]}
    signs = [a for a in coco["annotations"] if kinds[a["category_id"]] == "stop_sign"]
    if not signs:
        return f"other processor: {clean}; no sign in the pictures"
    sign = signs[0]
    image = next(i for i in coco["images"] if i["id"] == sign["image_id"])
    path = data / image["file_name"]
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    ids = cv2.imread(str(data / image["attributes"]["mask"]), cv2.IMREAD_UNCHANGED)
    there = ids == sign["attributes"]["instance_id"]
    changed = picture.astype(int)
    changed[there] += np.where(changed[there] < 128, LEVELS, -LEVELS)
    cv2.imwrite(str(path), changed.astype(np.uint8))
    forge(data)
    return (
        f"features turned down: {clean}\n"
        f"{LEVELS} levels on a sign of {int(there.sum())} px, hashes forged: {_verify(data)}"
    )


def _verify(data: Path) -> str:
    with tempfile.TemporaryDirectory() as cache:
        cache = os.environ.get("TRUST_CACHE", cache)
        ran = subprocess.run(
            [sys.executable, "-m", "fairweather", "verify", str(data), "sample=300"],
            cwd=PROJECT, env={**os.environ, **LESS, "NUMBA_CACHE_DIR": cache},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    lines = [x for x in (*ran.stdout.splitlines(), *ran.stderr.splitlines()) if x[:1] != "{"]
    return f"code {ran.returncode}: " + " | ".join(lines)[:600]


if __name__ == "__main__":
    main()
