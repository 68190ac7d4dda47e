"""Do the settings of ``generate`` go together? For the run itself and for a dry one."""

from __future__ import annotations

import itertools
from pathlib import Path

from render.balance import targets_of
from render.composition import check_levels, conditions_of
from render.config import GenerateConfig, is_part
from render.extras import check_extras
from render.parts import told_of_part
from render.scene_job import frame_times_s
from scenarios.layouts import LAYOUTS
from scenarios.presets import read_condition
from simulator.errors import ConfigError


def check_settings(config: GenerateConfig) -> None:
    """Look at what no setting shows by itself, before anything is written or tried.

    Raises:
        ConfigError: unknown names, or settings that contradict each other.
        DataError: a part to join is broken.
    """
    for settings in (config, *check_levels(config)):
        for name in settings.layouts:
            LAYOUTS[name]
    targets_of(config)
    specs = [read_condition(spec) for spec in conditions_of(config)]
    for spec in specs:
        check_extras(spec)
    labels = [spec.label for spec in specs]
    if len(set(labels)) < len(labels):
        raise ConfigError(f"conditions names one condition twice: {', '.join(labels)}")
    if any(len(label) > 120 or "/" in label for label in labels):
        raise ConfigError("a condition with its changes is too long for a file name")
    if config.join and is_part(config):
        raise ConfigError("join goes with scenes=N, not with a range")
    for folder in config.join:
        told_of_part(Path(folder))
    if config.executor == "ray":
        from render.ray_executor import check_cluster

        check_cluster(config.ray_address)
    times = frame_times_s(config, config.warm_up_s)
    if any(b <= a for a, b in itertools.pairwise(times)):
        raise ConfigError(
            f"frame_rate_hz must be at most 1 / step_s = {1 / config.step_s:g} 1/s, "
            f"got {config.frame_rate_hz:g}"
        )
