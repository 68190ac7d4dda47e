"""The engine's vehicle-steps a CPU second beside those of SUMO, in one run, where it is installed.

SUMO drives a grid of priority junctions with about as many vehicles for as much road, at the same
step of 0.1 s; position, speed and angle of every vehicle are read at each step (by subscription),
or nothing is. Needs ``pip install libsumo eclipse-sumo``.
Usage: python -m tests.benchmarks.sumo_speed
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.traffic_speed import STEPS, vehicle_steps_per_s

SIZES = {200: 6, 1000: 13, 3000: 22}
"""Junctions along a side of the grid, by number of vehicles: some six vehicles for 150 m."""

STEP_S, WARM_UP_S = 0.1, 60.0


def sumo_steps_per_s(count: int, reads: bool) -> tuple[float, float]:
    """Vehicle-steps a CPU second of SUMO, and how many vehicles there were."""
    libsumo: Any = importlib.import_module("libsumo")
    sumo: Any = importlib.import_module("sumo")
    with tempfile.TemporaryDirectory() as folder:
        net, routes = Path(folder, "grid.net.xml"), Path(folder, "trips.rou.xml")
        make = Path(sumo.SUMO_HOME, "bin", "netgenerate")
        subprocess.run(
            [str(make), "--grid", f"--grid.number={SIZES[count]}", "--grid.length=150",
             "--default-junction-type=priority", f"--output-file={net}", "--no-turnarounds"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        routes.write_text(_trips(count, SIZES[count]))
        libsumo.start(
            ["sumo", "-n", str(net), "-r", str(routes), f"--step-length={STEP_S}", "--no-warnings",
             "--no-step-log", "--time-to-teleport=-1", "--seed=1"]
        )  # fmt: skip
        try:
            return _measured(libsumo, reads)
        finally:
            libsumo.close()


def _measured(libsumo: Any, reads: bool) -> tuple[float, float]:
    for _ in range(round(WARM_UP_S / STEP_S)):
        libsumo.simulationStep()
    if reads:
        wanted = [libsumo.constants.VAR_POSITION, libsumo.constants.VAR_SPEED,
                  libsumo.constants.VAR_ANGLE]  # fmt: skip
        for name in libsumo.vehicle.getIDList():
            libsumo.vehicle.subscribe(name, wanted)
    moved, start = 0, time.process_time()
    for _ in range(STEPS):
        libsumo.simulationStep()
        if reads:
            moved += len(libsumo.vehicle.getAllSubscriptionResults())
        else:
            moved += libsumo.vehicle.getIDCount()
    return moved / (time.process_time() - start), moved / STEPS


def _trips(count: int, side: int) -> str:
    """So many trips from anywhere to the far side of the grid, all at once."""
    rng = np.random.Generator(np.random.Philox(1))
    lines = ["<routes>"]
    for k in range(count):
        column, row, far = (int(v) for v in rng.integers(0, side - 1, 3))
        start = f"{_letter(column)}{row}{_letter(column)}{row + 1}"
        end = f"{_letter(side - 2)}{far}{_letter(side - 1)}{far}"
        lines.append(
            f'<trip id="{k}" depart="0" from="{start}" to="{end}" departPos="random" '
            'departSpeed="max"/>'
        )
    return "\n".join([*lines, "</routes>"])


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def main() -> None:
    """Print the table."""
    if importlib.util.find_spec("libsumo") is None or importlib.util.find_spec("sumo") is None:
        print("SUMO is not installed: pip install libsumo eclipse-sumo", file=sys.stderr)
        raise SystemExit(2)
    for count in SIZES:
        ours = vehicle_steps_per_s((count,))[str(count)]
        read, driven = sumo_steps_per_s(count, reads=True)
        blind, _ = sumo_steps_per_s(count, reads=False)
        print(
            f"{count:>6} vehicles: ours {ours:12,.0f}; SUMO ({driven:.0f} driving) {read:10,.0f} "
            f"read, {blind:10,.0f} not read; ratio {ours / read:.1f} and {ours / blind:.1f}"
        )


if __name__ == "__main__":
    main()
