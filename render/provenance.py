"""Where a dataset came from: versions, settings and processor, beside the hashed part of it.

It may differ between two makings of the same dataset, so it stands in no manifest.
"""

from __future__ import annotations

import functools
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.coco_reader import read_json
from render.files import write_json
from simulator.errors import DataError
from simulator.version import VERSION

PROVENANCE = "provenance.json"
DRAWING = ("numpy", "numba", "llvmlite", "opencv-python-headless", "simplejpeg", "isal", "shapely")
"""Libraries that decide what bytes a picture has."""


def provenance(config: Mapping[str, Any]) -> dict[str, Any]:
    """What there is to say of this machine and this run; ``config``: all settings."""
    return {
        "generator": f"fairweather {VERSION}",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "libraries": {name: _version(name) for name in DRAWING},
        "processor": processor(),
        "config": dict(config),
    }


@functools.cache
def processor() -> dict[str, Any]:
    """Name and features of the processor, as the compiler of the kernels sees it."""
    import cv2
    from numba.core import config
    from numba.core.codegen import get_host_cpu_features

    features = get_host_cpu_features()
    return {
        # what a user sets for the compiler counts, not what the processor could do
        "name": getattr(config, "CPU_NAME", None) or "as its features",
        "features": sorted((getattr(config, "CPU_FEATURES", None) or features).split(",")),
        "opencv": cv2.getCPUFeaturesLine(),
    }


def write_provenance(root: Path, config: Mapping[str, Any]) -> None:
    """Write provenance.json into a dataset's folder."""
    write_json(root / PROVENANCE, provenance(config))


def same_machine(root: Path) -> bool:
    """Whether a dataset was made by equal libraries on a processor with equal features.

    Then its bytes can be made again; without provenance nobody knows, and it counts as another.
    """
    try:
        told = read_json(root / PROVENANCE)
    except DataError:
        return False
    here = provenance({})
    return all(told.get(k) == here[k] for k in ("libraries", "processor", "system"))


@functools.cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
