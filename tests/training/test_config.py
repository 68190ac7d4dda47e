"""The files in conf/ say what the settings classes say."""

from __future__ import annotations

import dataclasses
import importlib.resources

import pytest
import yaml

from conf.composition import compose
from simulator.settings import build, plain, quantities
from training.config import AugmentConfig, EvaluateConfig, StudyConfig, TrainConfig


@pytest.mark.parametrize(
    ("name", "cls"),
    [("train", TrainConfig), ("evaluate", EvaluateConfig), ("study", StudyConfig)],
)
def test_a_file_of_conf_equals_the_defaults_of_its_settings(name: str, cls: type) -> None:
    text = importlib.resources.files("conf").joinpath(f"{name}.yaml").read_text()
    values = yaml.safe_load(text)
    values.pop("defaults", None)
    fields = dataclasses.fields(cls)
    required = {f.name for f in fields if f.default is f.default_factory is dataclasses.MISSING}
    assert {k for k, v in values.items() if v == "???"} == required
    made = plain(cls(**dict.fromkeys(required, "x")))
    assert {k: v for k, v in values.items() if k not in required} == {
        k: v for k, v in made.items() if k not in required
    }


def test_every_number_has_help_and_bounds() -> None:
    for cls in (TrainConfig, EvaluateConfig, StudyConfig, AugmentConfig):
        for name, q in quantities(cls).items():
            assert q.help, f"{cls.__name__}.{name}"


def test_settings_of_a_detector_are_read_from_the_command_line_as_the_readme_writes_them() -> None:
    words = ["data=d", "out=o", "detector_settings={width: 0.5, heads: [obb]}"]
    config = build(TrainConfig, compose("train", words))
    assert config.detector_settings == {"width": 0.5, "heads": ["obb"]}
