"""`make bench`: what a labelled frame costs against the floor of writing its files.

Floor: for the very frames written, JPEG q90 4:2:0 and the 16-bit mask PNG are encoded again and
written plainly, one thread, median over about 200 frames. Cost: CPU time of
``generate workers=1``, everything inside, divided by its 640 or 800 frames: what a dataset costs
once, whatever its size, about 30 ms, is then a hundredth. Both are measured in this run, the four
workloads in turn, three times over, and the medians told: a busy minute of the machine hits one run
of each at most, and those that wait for memory more than the floor. Compare ratios, not
milliseconds. Files are written to memory where the system has a folder for that: on
ext4 a new one costs up to twenty times as much (``new_file_us``) while others near it were deleted
minutes ago, by the run before perhaps, and with such a floor any ratio looks good.

``pinhole_ratio`` is the CPU time of a pinhole's frame to an orthographic one's, ``two_workers`` how
many times as fast two processes are as one, by the clock: of a quiet machine.
``vehicle_steps_per_s`` is of the engine alone, by number of vehicles; ``match_ms`` and
``resample_s`` are of measuring, ``loader_share`` of feeding a training (see ``measure_speed``).
Usage: python -m tests.benchmarks.bench [OUT.json]
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from render import encode
from render.config import GenerateConfig
from render.executor import run_scenes
from render.files import make_folder
from render.generate import generate
from render.scene_job import WORK, run_scene
from render.store import load_bgr
from scenarios.config import CameraConfig, TrafficConfig
from tests.benchmarks.general_png import general_png
from tests.benchmarks.measure_speed import loader_share, measure_speed
from tests.benchmarks.traffic_speed import vehicle_steps_per_s

CLEAR_TWINS = ("clear", *({"clear": {"cloud": c}} for c in (0.05, 0.1, 0.15)))
WORST_TWINS = tuple({"worst": {"rain_mm_h": r}} for r in (20, 22, 24, 26))
BUSY = TrafficConfig(vehicles_low=48, vehicles_high=64, parked_low=0.7, parked_high=0.95)
WORKLOADS: dict[str, dict[str, Any]] = {
    "video_clear": {"scenes": 16, "frames_per_scene": 50, "conditions": ("clear",)},
    "video_worst": {"scenes": 16, "frames_per_scene": 50, "conditions": ("worst",)},
    "diverse_clear": {"scenes": 160, "frames_per_scene": 1, "conditions": CLEAR_TWINS},
    "diverse_worst": {"scenes": 160, "frames_per_scene": 1, "conditions": WORST_TWINS},
}
LAYOUTS = ("crossroads_signals", "crossroads_stop", "straight")
"""Where this traffic shows the twenty actors a frame that the workloads ask for."""

FLOOR_FRAMES = 200
ROUNDS = 3

MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
"""A folder in memory, of Linux."""


def main() -> None:
    """Measure, print a table, write the JSON file."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/bench.json")
    cv2.setNumThreads(1)
    result: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
    }
    in_memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=in_memory) as folder:
        result["new_file_us"] = round(_new_file_us(Path(folder) / "new"), 1)
        for name, settings in WORKLOADS.items():
            _cost(Path(folder) / f"warm_{name}", {**settings, "scenes": 1})
        runs = [
            {
                name: run_workload(Path(folder) / name, settings)
                for name, settings in WORKLOADS.items()
            }
            for _ in range(ROUNDS)
        ]
        for name in WORKLOADS:
            ms, floor_ms, objects = np.array([run[name] for run in runs]).T
            ratios = ms / floor_ms
            result |= {
                f"{name}_ms": round(float(np.median(ms)), 3),
                f"{name}_floor_ms": round(float(np.median(floor_ms)), 3),
                f"{name}_ratio": round(float(np.median(ratios)), 3),
                f"{name}_ratios": ratios.round(3).tolist(),
                f"{name}_objects_per_frame": round(float(objects[0]), 1),
            }
        result["pinhole_ratio"] = round(_pinhole_ratio(Path(folder)), 3)
        gains = [_two_workers(Path(folder) / "by") for _ in range(ROUNDS)]
        result["two_workers"] = round(statistics.median(gains), 3)
        result["floor_ms"] = statistics.median(result[f"{n}_floor_ms"] for n in WORKLOADS)
    result["vehicle_steps_per_s"] = vehicle_steps_per_s()
    result |= measure_speed()
    result["loader_share"] = loader_share()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n")
    for key, value in result.items():
        print(f"{key:34} {value}")


def run_workload(root: Path, settings: dict[str, Any]) -> tuple[float, float, float]:
    """CPU time of a frame and its floor, ms, and objects a frame; leaves nothing behind."""
    frames, cpu_s = _cost(root, settings)
    counts = json.loads((root / "dataset.json").read_text())["splits"]["train"]
    floor_ms = _floor_ms(root)
    shutil.rmtree(root)
    return 1000 * cpu_s / frames, floor_ms, counts["annotations"] / frames


def _cost(root: Path, settings: dict[str, Any]) -> tuple[int, float]:
    """Frames written, and CPU time of this process and its threads, s."""
    config = dataclasses.replace(
        GenerateConfig(out=str(root), workers=1, frame_rate_hz=10.0, traffic=BUSY, layouts=LAYOUTS),
        **settings,
    )
    start = time.process_time()
    generate(config)
    return config.scenes * config.frames_per_scene * len(
        config.conditions
    ), time.process_time() - start


def _pinhole_ratio(folder: Path) -> float:
    """CPU time of a frame of ``video`` in clear weather through a pinhole to one from straight
    above, run in turn.
    """
    kinds = [
        {**WORKLOADS["video_clear"], "camera": CameraConfig(kind=kind)}
        for kind in ("orthographic", "pinhole")
    ]
    _cost(folder / "warm_pinhole", {**kinds[1], "scenes": 1})
    ratios = []
    for _ in range(ROUNDS):
        above, pinhole = (run_workload(folder / "camera", settings)[0] for settings in kinds)
        ratios.append(pinhole / above)
    return statistics.median(ratios)


def _two_workers(folder: Path) -> float:
    """Time by the clock of one worker over that of two, without their start and the merge."""
    taken = []
    for workers in (1, 2):
        config = GenerateConfig(
            out=str(folder), workers=workers, scenes=48, frames_per_scene=20, traffic=BUSY,
            layouts=LAYOUTS,
        )  # fmt: skip
        for name in (WORK, f"images/{config.split}", f"masks/{config.split}", "scenes"):
            make_folder(Path(config.out) / name)
        done = run_scenes(run_scene, config, range(config.scenes), workers)
        for _ in range(2 * workers):
            next(done)
        start = time.perf_counter()
        rest = sum(1 for _ in done)
        taken.append((time.perf_counter() - start) / rest)
        shutil.rmtree(folder)
    return taken[0] / taken[1]


def _new_file_us(folder: Path) -> float:
    """CPU time that a new, empty file takes here, microseconds."""
    make_folder(folder)
    start = time.process_time()
    for k in range(FLOOR_FRAMES):
        (folder / f"{k:06d}").touch()
    return 1e6 * (time.process_time() - start) / FLOOR_FRAMES


def _floor_ms(root: Path) -> float:
    images = sorted((root / "images" / "train").iterdir())
    images = images[:: max(len(images) // FLOOR_FRAMES, 1)]
    masks = root / "masks" / "train"
    folder, times = make_folder(root / "floor"), []
    for path in images:
        bgr = load_bgr(path)
        ids = cv2.imread(str(masks / f"{path.stem[:11]}.png"), cv2.IMREAD_UNCHANGED)
        # new files, as a dataset's are
        target, mask_target = folder / path.name, folder / f"{path.stem}.png"
        start = time.process_time()
        target.write_bytes(encode.jpeg(bgr, 90))
        mask_target.write_bytes(general_png(np.asarray(ids, np.uint16)))
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
