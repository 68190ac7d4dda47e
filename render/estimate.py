"""Before a long run: how long it takes, how large it gets, whether the disk has room."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import time
from pathlib import Path

from render.balance import balanced
from render.composition import conditions_a_scene
from render.config import GenerateConfig, scene_range
from render.files import make_folder
from render.given_scene import settled
from render.progress import say
from render.scene_job import run_scene, scene_folders
from render.settings_check import check_settings
from render.warm import compile_once
from simulator.errors import OutputError

BYTES_A_PX = {"jpg": 0.35, "png": 1.6}
"""What a pixel of an image takes with its share of mask and records, at most as we have seen."""

MAP_BYTES_A_PX = 0.1
"""The same of a semantic or height map."""

LEAST_FREE = 64 << 20
TRIED = 3
"""Scenes that a dry run makes; the first is not timed, for it compiles and fills caches."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a run takes: its scenes and images, seconds on so many processes, bytes on disk."""

    scenes: int
    images: int
    seconds: float
    workers: int
    size_bytes: float
    free_bytes: int

    def words(self) -> str:
        """In a line."""
        many = "processes" if self.workers > 1 else "process"
        return (
            f"{self.scenes} scenes, {self.images} images: about {_time(self.seconds)} on "
            f"{self.workers} {many}, {_size(self.size_bytes)}; the disk has "
            f"{_size(self.free_bytes)} left"
        )


def estimate(config: GenerateConfig) -> Estimate:
    """Make a few scenes in a folder that is thrown away, and multiply.

    Raises:
        ConfigError, DataError: what a run would refuse.
    """
    config = settled(config)
    check_settings(config)
    config, _ = balanced(config)
    indices = scene_range(config)
    compile_once()
    chosen = [indices[0], *(indices[len(indices) * k // TRIED] for k in range(1, TRIED))]
    with tempfile.TemporaryDirectory() as folder:
        for name in scene_folders(config):
            make_folder(Path(folder) / name)
        trial = dataclasses.replace(config, out=folder)
        seconds = []
        for index in chosen:
            before = time.perf_counter()
            run_scene(trial, index)
            seconds.append(time.perf_counter() - before)
        files = [p for p in Path(folder).rglob("*") if p.is_file()]
        made = sum(p.stat().st_size for p in files) / len(set(chosen))
    workers = min(config.workers or os.cpu_count() or 1, len(indices))
    return Estimate(
        scenes=len(indices), images=len(indices) * _images(config), workers=workers,
        seconds=min(seconds[1:]) * len(indices) / workers, size_bytes=made * len(indices),
        free_bytes=_free(Path(config.out)),
    )  # fmt: skip


def refuse_full_disk(config: GenerateConfig, scenes: int) -> None:
    """Say that the disk is nearly full, before a run that may not fit.

    Raises:
        OutputError: there is hardly any room at all.
    """
    pixels = config.camera.width_px * config.camera.height_px
    a_pixel = BYTES_A_PX[config.image] + MAP_BYTES_A_PX * len(config.maps)
    needed = scenes * _images(config) * pixels * a_pixel
    free = _free(Path(config.out))
    if needed > free and free < LEAST_FREE:
        raise OutputError(
            f"the disk has {_size(free)} left", place=config.out, mend="Make room or choose out="
        )
    if needed > free:
        say(f"the disk has {_size(free)} left, this may take {_size(needed)}")


def _images(config: GenerateConfig) -> int:
    return config.frames_per_scene * conditions_a_scene(config)


def _free(path: Path) -> int:
    there = next(p for p in (path.absolute(), *path.absolute().parents) if p.is_dir())
    return shutil.disk_usage(there).free


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2g} s"
    if seconds < 6000:
        return f"{seconds / 60:.2g} minutes"
    return f"{seconds / 3600:.3g} hours"
