"""20,000 frames in one process: cost of a frame and memory, first thousand against last.

Scenes differ, so the first thousand is also made once more at the end: the same work, by a process
that is 20,000 frames old. CPU time, not the clock's. Frames are small (128 px), for what grows with
the number of frames does not grow with their size.
Usage: python -m tests.benchmarks.long_run [FRAMES]
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import render.generate
from render.config import GenerateConfig
from render.executor import run_scenes
from render.files import make_folder
from render.scene_job import WORK, run_scene
from scenarios.config import CameraConfig

FRAMES_A_SCENE = 20


def main() -> None:
    """Generate, watch, print."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    spent_s: list[float] = []
    resident_mb: list[float] = []

    def watched(*given: Any) -> Iterator[tuple[int, int]]:
        last = time.process_time()
        for done in run_scenes(*given):
            spent_s.append(time.process_time() - last)
            resident_mb.append(_resident_mb())
            yield done
            last = time.process_time()

    render.generate.run_scenes = watched
    with tempfile.TemporaryDirectory() as folder:
        config = GenerateConfig(
            out=f"{folder}/d", workers=1, scenes=frames // FRAMES_A_SCENE, seed=2,
            frames_per_scene=FRAMES_A_SCENE, frame_rate_hz=5.0,
            camera=CameraConfig(width_px=128, height_px=128, m_per_px=0.3),
        )  # fmt: skip
        start = time.process_time()
        render.generate.generate(config)
        whole_s = time.process_time() - start
        thousand = 1000 // FRAMES_A_SCENE
        again_s = _again(dataclasses.replace(config, out=f"{folder}/again"), thousand)
    cost = 1000 * np.array(spent_s) / FRAMES_A_SCENE
    rest_ms = 1000 * (whole_s - sum(spent_s)) / frames
    # the first scene compiles and fills caches
    first, last = cost[1 : thousand + 1], cost[-thousand:]
    print(
        f"frames {frames}, CPU {whole_s:.0f} s; merge, card and manifest {rest_ms:.3f} ms a frame"
    )
    print(f"ms a frame, mean: first thousand {first.mean():.3f}, last {last.mean():.3f}")
    print(f"the first thousand once more at the end: {1000 * again_s / 1000:.3f} (less compiling)")
    print(
        f"resident MB, mean: first thousand {np.mean(resident_mb[1 : thousand + 1]):.1f}, "
        f"last {np.mean(resident_mb[-thousand:]):.1f}, after the merge {_resident_mb():.1f}"
    )


def _again(config: GenerateConfig, scenes: int) -> float:
    for name in (WORK, f"images/{config.split}", f"masks/{config.split}", "scenes"):
        make_folder(Path(config.out) / name)
    start = time.process_time()
    for index in range(1, scenes + 1):
        run_scene(config, index)
    return time.process_time() - start


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    main()
