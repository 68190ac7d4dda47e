"""Two Ray nodes on loopback, as Ray's manual starts them, to be killed one process after another.

Run by ``test_ray`` inside a network of its own (``unshare --net``), for Ray listens on all
interfaces. Every process of a node carries that node's mark in its environment, so that exactly
those are killed. Usage: python -m tests.render.ray_cluster survive|throughput OUT SCENES
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from render.config import GenerateConfig
from render.scene_job import WORK
from render.verify import verify
from scenarios.config import CameraConfig

PORT = "6399"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1",
}  # fmt: skip


class Node:
    """One node: ``ray start`` with a mark, and its processes by that mark."""

    def __init__(self, *words: str) -> None:
        self.mark = f"FAIRWEATHER_NODE={secrets.token_hex(8)}"
        name, _, value = self.mark.partition("=")
        subprocess.run(
            [Path(sys.executable).with_name("ray"), "start", *words, "--num-cpus=1",
             "--object-store-memory=100000000", "--disable-usage-stats"],
            env={**os.environ, name: value}, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def processes(self, title: str = "") -> list[int]:
        """Ids of the node's processes, of those only whose title begins so."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                marked = self.mark.encode() in (folder / "environ").read_bytes().split(b"\0")
                if marked and (folder / "cmdline").read_bytes().startswith(title.encode()):
                    found.append(int(folder.name))
        return found

    def spent_s(self) -> np.ndarray:
        """CPU time of the workers, and of Ray's own processes, f64[2], s."""
        workers = {*self.processes("ray::_some_scenes"), *self.processes("ray::IDLE")}
        spent = np.zeros(2)
        for process in self.processes():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                ticks = int(fields[11]) + int(fields[12])
                spent[int(process not in workers)] += ticks / os.sysconf("SC_CLK_TCK")
        return spent

    def kill(self, title: str = "") -> int:
        """Kill them with -9; returns how many there were."""
        found = self.processes(title)
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        return len(found)


def settings(out: Path, scenes: int, **more: object) -> GenerateConfig:
    return GenerateConfig(
        out=str(out), seed=11, scenes=scenes, frames_per_scene=2, conditions=("clear", "rain"),
        image="png", workers=1, camera=CameraConfig(width_px=192, height_px=192, m_per_px=0.2),
        executor="ray", ray_address=f"127.0.0.1:{PORT}", **more,
    )  # fmt: skip


def done(out: Path) -> int:
    return len([p for p in (out / WORK).glob("*.part") if p.stem.isdigit()])


def start_generate(out: Path, scenes: int) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path; from render.generate import generate;"
        "from tests.render.ray_cluster import settings;"
        "generate(settings(Path(sys.argv[1]), int(sys.argv[2])))"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(out), str(scenes)])


def wait_for(
    out: Path, count: int, running: subprocess.Popen[bytes], every_s: float = 0.02
) -> None:
    limit = time.monotonic() + 240
    while done(out) < count and running.poll() is None and time.monotonic() < limit:
        time.sleep(every_s)


LOOK_S = 0.2
"""How often is looked how far it is where rates are measured: each look takes CPU time away."""

HEAD = ("--head", f"--port={PORT}", "--node-ip-address=127.0.0.1", "--include-dashboard=false")
OTHER = (f"--address=127.0.0.1:{PORT}", "--node-ip-address=127.0.0.1")


def survive(out: Path, scenes: int) -> dict[str, object]:
    """Generate; kill a worker of the second node at a quarter, all of that node at a half."""
    nodes = [Node(*HEAD)]
    try:
        nodes.append(Node(*OTHER))
        running = start_generate(out, scenes)
        wait_for(out, scenes // 4, running)
        workers = 0
        while not workers and running.poll() is None:  # between two tasks it has another title
            workers = nodes[1].kill("ray::_some_scenes")
        wait_for(out, scenes // 2, running)
        at, processes = done(out), nodes[1].kill()
        code = running.wait(timeout=300)
        return {
            "code": code, "workers": workers, "processes": processes, "done_at_node_kill": at,
            "root_hash": verify(out).root_hash if code == 0 else "",
        }  # fmt: skip
    finally:
        for node in nodes:
            node.kill()


def throughput(out: Path, scenes: int) -> dict[str, object]:
    """Scenes a second of one node and of two, three times in turns, without the start.

    They count where nothing else runs. The CPU time a scene of the workers and of Ray's own
    processes tells what Ray takes for itself, also where something does.
    """
    rates: dict[int, list[float]] = {1: [], 2: []}
    spent_ms: dict[int, list[list[float]]] = {1: [], 2: []}
    for turn in range(6):
        count = 1 + turn % 2
        nodes = [Node(*HEAD)]
        try:
            nodes += [Node(*OTHER) for _ in range(count - 1)]
            rate, spent_s = _rate(out / str(turn), scenes, nodes)
            rates[count].append(rate)
            spent_ms[count].append((1000 * spent_s).round(2).tolist())
        finally:
            for node in nodes:
                node.kill()
    return {
        "one": rates[1], "two": rates[2], "ratio": max(rates[2]) / max(rates[1]),
        "workers_and_ray_ms_a_scene": spent_ms,
    }  # fmt: skip


def _rate(out: Path, scenes: int, nodes: list[Node]) -> tuple[float, np.ndarray]:
    """Between the first quarter of the scenes, by when all workers should be warm, and the last;
    and the CPU time a scene.
    """
    running = start_generate(out, scenes)
    wait_for(out, scenes // 4, running, LOOK_S)
    first, start, spent = done(out), time.perf_counter(), _spent_s(nodes)
    wait_for(out, scenes - 2, running, LOOK_S)
    count, took_s = done(out) - first, time.perf_counter() - start
    spent = _spent_s(nodes) - spent
    if running.wait(timeout=300):
        raise SystemExit("generate failed")
    return count / took_s, spent / count


def _spent_s(nodes: list[Node]) -> np.ndarray:
    return np.sum([node.spent_s() for node in nodes], axis=0)


def main() -> None:
    os.environ.update(QUIET)
    what, out, scenes = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(json.dumps({"survive": survive, "throughput": throughput}[what](out, scenes)))


if __name__ == "__main__":
    main()
