"""What tests share: the window without hands; a small dataset and its exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import fairweather
from render.config import GenerateConfig, SimulateConfig
from render.export import export
from render.generate import generate
from render.viewer import app
from scenarios.config import CameraConfig

SIDE = 320


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Plays actions in an empty folder; returns every state that they wrote, in order."""
    monkeypatch.chdir(tmp_path)

    def run(*actions, words=(), detect=None) -> list[dict]:
        Path("script.json").write_text(json.dumps(actions), encoding="utf-8")
        if detect:
            app.run(SimulateConfig(script="script.json"), detect)
        else:
            assert fairweather.main(["simulate", "script=script.json", *words]) == 0
        files = [a["state"] for a in actions if "state" in a]
        return [json.loads(Path(f).read_text(encoding="utf-8")) for f in files]

    return run


@pytest.fixture(scope="session")
def dataset(tmp_path_factory) -> Path:
    """Two scenes of two frames in two weathers, to be read only; pictures of SIDE x SIDE px."""
    camera = CameraConfig(width_px=SIDE, height_px=SIDE, m_per_px=0.2)
    config = GenerateConfig(
        out=str(tmp_path_factory.mktemp("data") / "d"), seed=3, scenes=2, frames_per_scene=2,
        conditions=("clear", {"fog": {"visibility_m": 90.5}}), camera=camera, workers=1,
    )  # fmt: skip
    return generate(config)


@pytest.fixture(scope="session")
def native(dataset) -> dict[str, Any]:
    """The content of its annotations."""
    return json.loads((dataset / "annotations/train.json").read_text())


@pytest.fixture(scope="session")
def exported(dataset, tmp_path_factory):
    """Its exports, once each: name, taxonomy -> folder. A test that changes how they are made asks
    for those that it needs before it does.
    """
    made: dict[tuple[str, str], Path] = {}

    def get(name: str, taxonomy: str = "driving") -> Path:
        key = (name, taxonomy)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("out") / f"{name}-{taxonomy}"
            export(dataset, name, made[key], taxonomy)
        return made[key]

    return get
