"""Rates of ``verify`` and ``export`` against hashing and copying the same files, and a page's cost.

CPU time of this process; what is compared runs in turns, best of three. Rates by the clock, which
count on a quiet machine only, stand beside the disk's own: one large file, written and
synchronized, and the export's files likewise. The statistics page is made for 10,000 frames of
128 px, a size at which opening files costs most.
Usage: python -m tests.benchmarks.data_speed [FRAMES_OF_THE_PAGE]
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from render.config import GenerateConfig
from render.export import export
from render.generate import generate
from render.manifest import MANIFEST, read_manifest
from render.showing import show
from render.verify import verify
from scenarios.config import CameraConfig
from simulator.seeding import stream

NOISE = stream(0, 0, "benchmark/noise").bytes(1_000_000)


def main() -> None:
    """Measure and print."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = _make(root / "d", 10, 40, 640)
        names = list(read_manifest(data))
        size_mb = sum((data / n).stat().st_size for n in names) / 1e6
        plain, ours = _best(lambda k: _hash_all(data, names), lambda k: verify(data))
        print(f"{len(names)} files, {size_mb:.1f} MB")
        print(_words("verify", size_mb, plain, ours, "sha256 of the same files"))
        images = [n for n in names if n.startswith("images/")]
        images_mb = sum((data / n).stat().st_size for n in images) / 1e6
        for form in ("coco", "yolo", "webdataset", "parquet"):
            plain, ours = _best(
                lambda k: _copy_all(data, images, root / f"copy{k}"),
                lambda k, f=form: export(data, f, root / f"{f}{k}"),
            )
            print(_words(f"export {form}", images_mb, plain, ours, "copying the images"))
            for copy in root.glob("*[0-2]"):
                shutil.rmtree(copy)
            disk, mine = _least(
                time.perf_counter,
                lambda k: _write_one(root / "one", round(images_mb)),
                lambda k, f=form: _export_whole(data, f, root / f"{f}{k}"),
            )
            print(_words("  by the clock", images_mb, disk, mine, "the disk's own rate"))
            for copy in root.glob("*[0-2]"):
                shutil.rmtree(copy)
        page = _make(root / "p", frames // 20, 20, 128)
        start = time.process_time()
        show(None, str(page), str(root / "page.html"), None, None, None)
        spent_s = time.process_time() - start
        most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"statistics page of {frames} frames: {spent_s:.1f} s, {most_mb:.0f} MB at most")


def _make(out: Path, scenes: int, frames: int, side: int) -> Path:
    return generate(
        GenerateConfig(
            out=str(out), seed=4, scenes=scenes, frames_per_scene=frames, frame_rate_hz=5.0,
            workers=1, camera=CameraConfig(width_px=side, height_px=side, m_per_px=64 / side),
        )
    )  # fmt: skip


def _best(*what: Callable[[int], object]) -> list[float]:
    """The least CPU time of each, in turns, s."""
    return _least(time.process_time, *what)


def _least(clock: Callable[[], float], *what: Callable[[int], object]) -> list[float]:
    least = [float("inf")] * len(what)
    for k in range(3):
        for i, act in enumerate(what):
            start = clock()
            act(k)
            least[i] = min(least[i], clock() - start)
    return least


def _write_one(path: Path, size_mb: int) -> None:
    with path.open("wb") as file:
        for _ in range(size_mb):
            file.write(NOISE)
        os.fsync(file.fileno())


def _export_whole(data: Path, form: str, out: Path) -> None:
    export(data, form, out)
    for path in out.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _hash_all(data: Path, names: list[str]) -> None:
    for name in (*names, MANIFEST):
        with (data / name).open("rb") as file:
            hashlib.file_digest(file, "sha256")


def _copy_all(data: Path, names: list[str], out: Path) -> None:
    out.mkdir()
    for name in names:
        shutil.copyfile(data / name, out / Path(name).name)


def _words(what: str, size_mb: float, plain_s: float, ours_s: float, against: str) -> str:
    return (
        f"{what}: {size_mb / ours_s:.0f} MB/s, {100 * plain_s / ours_s:.0f} % of {against} "
        f"({size_mb / plain_s:.0f} MB/s)"
    )


if __name__ == "__main__":
    main()
