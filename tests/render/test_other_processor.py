"""Verified as on another machine: `pytest -m slow`, minutes, for all kernels are compiled anew.

The features of the processor are turned down for the compiler of the kernels, for numpy, OpenCV and
the coder of JPEG files, as a stand-in for a machine that nobody has here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from render import encode
from render.config import GenerateConfig
from render.generate import generate
from render.manifest import MANIFEST, manifest_text, read_manifest, sha256_file
from scenarios.config import CameraConfig
from tests.conftest import PROJECT

LESS = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX2,AVX512-SKX,FMA3,AVX512-CNL,AVX512-ICL",
    "JSIMD_FORCENONE": "1",
}  # fmt: skip
WEATHERS = ("clear", "rain", "fog", "snow", "night", "worst")
LEVELS = 5


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """Runs ``verify DIR sample=300`` with less of a processor; all runs share their kernels."""
    kernels = os.environ.get("OTHER_KERNELS") or str(tmp_path_factory.mktemp("kernels"))

    def run(data: Path) -> tuple[int, str]:
        ran = subprocess.run(
            [sys.executable, "-m", "fairweather", "verify", str(data), "sample=300", "seed=1"],
            cwd=PROJECT, env={**os.environ, **LESS, "NUMBA_CACHE_DIR": kernels},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout + ran.stderr

    return run


def made(out: Path, image: str) -> Path:
    return generate(
        GenerateConfig(
            out=str(out), seed=21, scenes=3, frames_per_scene=2, frame_rate_hz=5.0, workers=1,
            image=image, layouts=("crossroads_stop", "town", "curve"), conditions=WEATHERS,
            camera=CameraConfig(width_px=256, height_px=256, m_per_px=0.2, spread_m=2.0),
        )
    )  # fmt: skip


def lighter_sign(data: Path, weather: str) -> Path:
    """Five levels on the pixels of the first sign that shows, and all hashes made anew."""
    coco = json.loads((data / "annotations/train.json").read_text())
    images = {i["id"]: i for i in coco["images"] if i["attributes"]["condition"] == weather}
    kinds = {c["id"]: c["name"] for c in coco["categories"]}
    sign = next(
        a for a in coco["annotations"]
        if a["image_id"] in images and kinds[a["category_id"]] == "stop_sign" and a["area"] > 100
    )  # fmt: skip
    image = images[sign["image_id"]]
    path = data / image["file_name"]
    ids = cv2.imread(str(data / image["attributes"]["mask"]), cv2.IMREAD_UNCHANGED)
    there = ids == sign["attributes"]["instance_id"]
    picture = cv2.imread(str(path)).astype(int)
    picture[there] += np.where(picture[there] < 128, LEVELS, -LEVELS)
    bgr = picture.astype(np.uint8)
    path.write_bytes(encode.jpeg(bgr, 95) if path.suffix == ".jpg" else encode.png_bgr(bgr))
    names = [(name, sha256_file(data / name)) for name in read_manifest(data)]
    (data / MANIFEST).write_text(manifest_text(names))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("image", ["jpg", "png"])
def test_less_of_a_processor_agrees_and_still_finds_five_levels_on_a_sign(
    image, verified, tmp_path
):
    data = made(tmp_path / "d", image)
    code, said = verified(data)
    assert code == 0, said
    assert "an edit below that could hide" in said
    edited = [lighter_sign(data, weather).name for weather in WEATHERS]
    code, said = verified(data)
    assert code == 2
    found = re.findall(r"([^/\s]+): is not the picture of its scene: is \d", said)
    assert sorted(found) == sorted(edited)
