"""Every export opened by the tools that people use, each in an environment of its own.

Makes a dataset with people in it, exports it in every format, and asks each client of
``client_calls`` how many images and objects it sees. Prints a table; a dash where a client's
environment is not there. KITTI is read line by line with the official names.
Usage: python -m tests.benchmarks.clients ENVIRONMENTS
where ENVIRONMENTS holds one virtual environment a client (coco, supervision, ultralytics ...).
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from render.config import GenerateConfig
from render.export import export
from render.formats import FORMATS
from render.generate import generate
from scenarios.config import CameraConfig
from tests.benchmarks.client_calls import BEGIN, CALLS

KITTI = {
    "Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc", "DontCare"
}  # fmt: skip
"""The classes that KITTI's development kit names."""


def main() -> None:
    """Make, export, ask, print."""
    environments = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ours = _make(root)
        print(f"ours: {json.dumps(ours)}")
        print(f"kitti, by line: {json.dumps(_kitti(root / 'kitti'))}")
        for client, (environment, distribution, text) in CALLS.items():
            python = environments / environment / "bin" / "python"
            if not python.exists():
                print(f"{client}: - (no {python})")
                continue
            print(
                f"{client} {_version(python, distribution)}: {_ask(python, text, root)}", flush=True
            )


def _make(root: Path) -> dict[str, Any]:
    native = generate(
        GenerateConfig(
            out=str(root / "native"), seed=8, scenes=12, frames_per_scene=2, workers=1,
            conditions=("clear", "fog"), layouts=("crossroads_signals", "mid_block_crosswalk"),
            camera=CameraConfig(width_px=320, height_px=320, m_per_px=0.15),
        )
    )  # fmt: skip
    for name in FORMATS:
        export(native, name, root / name)
    return json.loads((native / "dataset.json").read_text())["splits"]["train"]


def _kitti(folder: Path) -> dict[str, Any]:
    lines = [
        line.split() for f in folder.rglob("label_2/*.txt") for line in f.read_text().splitlines()
    ]
    classes = collections.Counter(line[0] for line in lines)
    return {
        "objects": len(lines), "fifteen fields": all(len(x) == 15 for x in lines),
        "classes": dict(classes), "not KITTI's": sorted(set(classes) - KITTI),
    }  # fmt: skip


def _version(python: Path, distribution: str) -> str:
    text = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    ran = subprocess.run([python, "-c", text], capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "not installed"


def _ask(python: Path, text: str, root: Path) -> str:
    ran = subprocess.run(
        [python, "-c", BEGIN + text, str(root)],
        cwd=root, capture_output=True, text=True, timeout=240, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(root), "MPLBACKEND": "Agg"},
    )  # fmt: skip
    if ran.returncode:
        return f"failed: {(ran.stderr.strip().splitlines() or ['?'])[-1][:300]}"
    return ran.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
