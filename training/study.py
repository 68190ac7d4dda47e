"""What a study is: the contract of ``training/studies``, and the job that runs one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from render.files import make_folder
from simulator.registry import Family
from training.config import StudyConfig

MakeDataset = Callable[[Mapping[str, Any], Path], Path]
"""Generates (or completes) a dataset: (settings that differ from the default, folder) -> folder."""


@dataclasses.dataclass(frozen=True)
class Study:
    """A question with its design: the constant STUDY of a module in ``training/studies``.

    Attributes:
        title: one line for people.
        run: does everything and returns the path of the report; steps that are complete and whose
            inputs are the same are not repeated.
    """

    title: str
    run: Callable[[StudyConfig, MakeDataset], Path]


STUDIES: Family[Study] = Family("training.studies", "STUDY", Study, "study")
"""All studies by name."""


def run_study(config: StudyConfig, make_dataset: MakeDataset) -> Path:
    """Run a study; leaves ``report.html`` and ``results.json`` in ``config.out``.

    Args:
        config: which study, how large, where. make_dataset: how datasets are made.

    Raises:
        ConfigError: there is no such study. LeakError, DataError, OutputError: from its steps.
    """
    study = STUDIES[config.name]
    make_folder(config.out)
    return study.run(config, make_dataset)
