"""Rates of ``verify`` and ``export`` against what they cannot be faster than, and a page's cost.

``verify``: against hashing the same files, CPU time of this process.

``export``, each format: CPU time against copying what it wrote, file by file with ``copyfile``, and
against hashing it. Formats of few large files read every picture from a file of its own, which
copying theirs does not: they are held against packing the pictures into one file too. And by the
clock, which counts on a quiet machine only, against hashing again (parquet is written by one thread
while another reads), and against the disk's rate: that is one large file of as many bytes, written
and synchronized; the export is synchronized likewise, all files at once. What is written has to go
through the slower of the two, the one with the larger share. A file for every image costs more than
its bytes: of such formats the share of copying says more.
What is compared runs in turns, best of three, into folders of their own, and all is removed only at
the end: ext4 passes over the places of files that were removed a minute ago, which costs whoever
makes the next ones.

The statistics page is made for 10,000 frames of 128 px, a size at which opening files costs most.
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
from render.files import append_file
from render.formats import FORMATS
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
        every = [data / name for name in (*names, MANIFEST)]
        (plain, _), (ours, _) = _least(lambda _: _hash_all(every), lambda _: verify(data))
        print(f"{len(names)} files, {size_mb:.1f} MB")
        print(_words("verify", size_mb, plain, ours, "sha256 of the same files"))
        frames_mb = sum((data / n).stat().st_size for n in names if n.startswith("images/")) / 1e6
        print(f"{frames_mb:.0f} MB of images; export: MB/s of CPU, share of the rate of")
        print("copying, hashing, packing (- where nothing is packed); by the clock")
        print("of hashing, of the disk's, of the slower of these two")
        for form in FORMATS:
            print(_rates(data, form, root / form))
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


def _least(*what: Callable[[int], object]) -> list[tuple[float, float]]:
    """The least CPU time and the least time by the clock of each, in turns, s."""
    least = [(float("inf"), float("inf"))] * len(what)
    for k in range(3):
        for i, act in enumerate(what):
            cpu, clock = time.process_time(), time.perf_counter()
            act(k)
            taken = time.process_time() - cpu, time.perf_counter() - clock
            least[i] = min(least[i][0], taken[0]), min(least[i][1], taken[1])
    return least


def _rates(data: Path, form: str, root: Path) -> str:
    """A line about one format."""
    root.mkdir()
    first = root / "first"
    export(data, form, first)
    files = [p for p in sorted(first.rglob("*")) if p.is_file()]
    size_mb = sum(p.stat().st_size for p in files) / 1e6
    images = sorted((data / "images").rglob("*.jpg"))
    (copied, _), (hashed, hashed_clock), (packed, _), (ours, our_clock) = _least(
        lambda k: _copy_all(files, root / f"copy{k}"),
        lambda _: _hash_all(files),
        lambda k: _pack_all(images, root / f"pack{k}"),
        lambda k: export(data, form, root / f"cpu{k}"),
    )
    (_, disk), (_, mine) = _least(
        lambda k: _write_one(root / f"one{k}", size_mb),
        lambda k: _export_whole(data, form, root / f"clock{k}"),
    )
    packing = f"{100 * packed / ours:4.0f} %" if FORMATS[form].shards else "     -"
    shares = f"{100 * copied / ours:4.0f} % {100 * hashed / ours:4.0f} % {packing}"
    of_hash, of_disk = 100 * hashed_clock / our_clock, 100 * disk / mine
    shares = f"{shares}  {of_hash:4.0f} % {of_disk:4.0f} % {max(of_hash, of_disk):4.0f} %"
    plain = f"copying {size_mb / copied:.0f}, disk {size_mb / disk:.0f} MB/s"
    return f"{form:11s}{size_mb / ours:6.0f} MB/s {shares}   ({size_mb:.0f} MB; {plain})"


def _write_one(path: Path, size_mb: float) -> None:
    with path.open("wb") as file:
        for _ in range(round(size_mb)):
            file.write(NOISE)
        os.fsync(file.fileno())


def _export_whole(data: Path, form: str, out: Path) -> None:
    export(data, form, out)
    os.sync()


def _hash_all(files: list[Path]) -> None:
    for path in files:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")


def _pack_all(images: list[Path], out: Path) -> None:
    with out.open("wb") as file:
        for path in images:
            append_file(str(path), file.fileno())


def _copy_all(files: list[Path], out: Path) -> None:
    out.mkdir()
    for i, path in enumerate(files):
        shutil.copyfile(path, out / str(i))


def _words(what: str, size_mb: float, plain_s: float, ours_s: float, against: str) -> str:
    return (
        f"{what}: {size_mb / ours_s:.0f} MB/s, {100 * plain_s / ours_s:.0f} % of {against} "
        f"({size_mb / plain_s:.0f} MB/s)"
    )


if __name__ == "__main__":
    main()
