"""What a study is: the contract of ``training/studies``, and the job that runs one."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from render.files import make_folder
from render.lock import alone_in
from render.manifest import refuse_inside
from simulator.errors import ConfigError, FairweatherError
from simulator.registry import Family
from training.config import StudyConfig
from training.detector import DETECTORS

MakeDataset = Callable[[Mapping[str, Any], Path], Path]
"""Generates (or completes) a dataset: (settings that differ from the default, folder) -> folder."""


def draws_its_own(config: StudyConfig) -> None:
    """Refuse frames of the user in a study that draws all of its scenes.

    Raises:
        ConfigError: there are some.
    """
    for name in ("data", "images", "scales"):
        if getattr(config, name):
            raise ConfigError(
                f"the study {config.name} draws its own scenes and takes no {name}=",
                mend="Give your own frames to real (train and test) or held_out (test)",
            )


@dataclasses.dataclass(frozen=True)
class Study:
    """A question with its design: the constant STUDY of a module in ``training/studies``.

    Attributes:
        title: one line for people.
        check: raises ConfigError for settings that do not fit, before anything is written.
        run: does everything and returns the path of the report; steps that are complete and whose
            inputs are the same are not repeated.
    """

    title: str
    run: Callable[[StudyConfig, MakeDataset], Path]
    check: Callable[[StudyConfig], None] = draws_its_own


STUDIES: Family[Study] = Family("training.studies", "STUDY", Study, "study")
"""All studies by name."""


def run_study(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Run a study; leaves ``report.html`` and ``results.json`` in ``config.out``.

    Args:
        config: which study, how large, where. make_dataset: how datasets are made.

    Raises:
        ConfigError: there is no such study or detector, or the settings do not fit it. LeakError,
        DataError, OutputError: from its steps.
    """
    study, _ = STUDIES[config.name], DETECTORS[config.detector]
    study.check(config)
    refuse_inside(Path(config.out))
    fresh = not Path(config.out).exists()
    folder = make_folder(config.out)
    try:
        with alone_in(folder):
            return study.run(config, make_dataset)
    except FairweatherError:
        if fresh:  # refused before anything was written: nothing is left of it
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
