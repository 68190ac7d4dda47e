"""Kills ``generate`` (-9) at random moments, goes on, and compares with the undisturbed run.

After every kill each file that can be seen is compared with the same file of the undisturbed run:
one in part would differ. Then once with a disk that somebody else fills meanwhile (a tmpfs in a
mount namespace of its own, so this part needs Linux and the right to mount).
Usage: python -m tests.benchmarks.kill_table [KILLS] [SEED]
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from render.manifest import MANIFEST
from render.scene_job import WORK
from simulator.seeding import stream
from tests.conftest import PROJECT

WORDS = (
    "seed=3", "scenes=24", "frames_per_scene=2", "image=png", "conditions=[clear,rain]",
    "camera.width_px=192", "camera.height_px=192", "camera.m_per_px=0.2",
)  # fmt: skip

FULL = """
mount -t tmpfs -o size=90m tmpfs "$1" || exit 90
shift
out=$1/d; fill=$1/fill; shift
"$@" out=$out 2>$out.first & running=$!
while ! ls $out/.work/000003.part >/dev/null 2>&1; do
  kill -0 $running 2>/dev/null || exit 91
  sleep 0.02
done
dd if=/dev/zero of=$fill bs=16k 2>/dev/null
wait $running; echo "code $?"
tail -n 1 $out.first
rm $fill
"$@" out=$out >/dev/null 2>&1; echo "code $?"
sha256sum <$out/manifest-sha256.txt
"""


def main() -> None:
    """Run it and print the table."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole1"
        lasts_s = {w: _undisturbed_s(Path(folder) / f"whole{w}", w) for w in (1, 2)}
        wanted = _root(whole)
        print(f"undisturbed: {lasts_s} s, root hash {wanted}")
        print("workers  kills  runs  before a scene  among scenes  in the end  torn files  equal")
        for workers in (1, 2):
            print(_row(Path(folder), whole, workers, kills, lasts_s[workers], seed), flush=True)
        print(_full_disk(Path(folder), wanted))


def _undisturbed_s(out: Path, workers: int) -> float:
    start = time.perf_counter()
    subprocess.run(_words(out, workers), check=True, cwd=PROJECT, **_silent())
    return round(time.perf_counter() - start, 1)


def _row(folder: Path, whole: Path, workers: int, kills: int, lasts_s: float, seed: int) -> str:
    rng = stream(seed, workers, "benchmark/kills")
    out = folder / f"killed{workers}"
    stages, torn, runs, equal, done = np.zeros(3, int), 0, 0, 0, 0
    while done < kills or out.exists():
        killed = done < kills and _kill_once(out, workers, float(rng.uniform(0, lasts_s)), done)
        if killed:
            done += 1
            parts = len([p for p in (out / WORK).glob("*.part") if p.stem.isdigit()])
            stages[0 if parts == 0 else 1 if parts < 24 else 2] += 1
            torn += _torn(out, whole)
            continue
        if done >= kills:
            subprocess.run(_words(out, workers), check=True, cwd=PROJECT, **_silent())
        runs += 1
        equal += _root(out) == _root(whole)
        shutil.rmtree(out)
    return (
        f"{workers:7} {done:6} {runs:5} {stages[0]:15} {stages[1]:13} {stages[2]:11} {torn:11} "
        f"{equal:3} of {runs}"
    )


def _kill_once(out: Path, workers: int, after_s: float, number: int) -> bool:
    """Start and kill; every other time the parent alone. False where it was done before."""
    running = subprocess.Popen(
        _words(out, workers), cwd=PROJECT, start_new_session=True, **_silent()
    )
    try:
        running.wait(after_s)
    except subprocess.TimeoutExpired:
        end = os.kill if number % 2 else os.killpg
        end(running.pid, signal.SIGKILL)
        running.wait()
        return True
    if running.returncode:
        raise SystemExit(f"generate ended with {running.returncode}")
    return False


def _torn(out: Path, whole: Path) -> int:
    """Visible files that are not those of the undisturbed run."""
    found = 0
    for path in out.rglob("*"):
        name = path.relative_to(out)
        if path.is_dir() or any(part.startswith(".") for part in name.parts):
            continue
        if name.as_posix() == "provenance.json":
            continue  # tells of the folder
        found += not (whole / name).is_file() or path.read_bytes() != (whole / name).read_bytes()
    return found


def _full_disk(folder: Path, wanted: str) -> str:
    room = folder / "room"
    room.mkdir()
    words = [str(room), str(room), *_words(None, 2)]
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", FULL, "full", *words],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    lines = ran.stdout.splitlines()
    if ran.returncode or len(lines) < 4:
        return f"full disk: not tried ({ran.returncode}: {ran.stderr.strip()[-200:]})"
    same = lines[3].split()[0] == wanted
    return f"full disk: {lines[0]}, {lines[1]!r}; gone on: {lines[2]}, equal: {same}"


def _words(out: Path | None, workers: int) -> list[str]:
    where = [] if out is None else [f"out={out}"]
    return [sys.executable, "-m", "fairweather", "generate", *WORDS, f"workers={workers}", *where]


def _silent() -> dict[str, int]:
    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _root(folder: Path) -> str:
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
