"""Datasets of weather that changes: frames, labels and replays have the weather of their time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import fairweather
from render.config import GenerateConfig
from render.generate import generate
from render.image_reader import load_bgr
from render.record import load_record
from render.regenerate import regenerate
from scenarios.config import CameraConfig
from simulator.conditions import mor_m

FRONT = {"clear": {"to": "heavy_rain", "starts_s": 1, "lasts_s": 4, "uneven": True}}
LABEL = "clear-to-heavy_rain-starts_s-1-lasts_s-4-uneven-true"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    config = GenerateConfig(
        out=str(tmp_path_factory.mktemp("data") / "d"), seed=7, scenes=2, frames_per_scene=4,
        frame_rate_hz=0.5, conditions=("clear", FRONT), image="png", workers=1,
        layouts=("straight",), camera=CameraConfig(width_px=256, height_px=256, m_per_px=0.2),
    )  # fmt: skip
    return generate(config)


def of(made: Path, scene: int, label: str) -> list[dict]:
    images = json.loads((made / "annotations/train.json").read_text())["images"]
    facts = [{**i["attributes"], "file": i["file_name"]} for i in images]
    return [f for f in facts if f["scene_index"] == scene and f["condition"] == label]


def test_pictures_and_labels_go_from_clear_air_into_rain_while_their_twins_stay_clear(made):
    for scene in (0, 1):
        still, changing = of(made, scene, "clear"), of(made, scene, LABEL)
        assert changing[0]["conditions"] == still[0]["conditions"]
        rates = [f["conditions"]["rain_mm_h"] for f in changing]
        assert rates[0] == 0 < rates[1] < rates[2] < rates[3]
        assert [f["conditions"]["rain_mm_h"] for f in still] == [0] * 4
        films = [f["conditions"]["water_film_mm"] for f in changing]
        assert 0 == films[0] < films[1] < films[2] < films[3]
        for name in ("mor_m", "illuminance_lux"):
            assert changing[0][name] > changing[1][name] > changing[2][name]
        first, last = (load_bgr(made / changing[k]["file"]) for k in (0, -1))
        twins = [load_bgr(made / still[k]["file"]) for k in (0, -1)]
        assert np.abs(first.astype(float) - twins[0]).mean() < 3  # the noise of the sensor
        assert np.abs(last.astype(float) - twins[1]).mean() > 10


def test_a_dataset_with_a_front_is_the_same_when_it_is_drawn_again_frame_by_frame(made):
    assert regenerate(made, 100, 1).problems == ()


def test_the_record_keeps_the_course_and_gives_the_weather_of_every_frame(made):
    record = load_record((made / "scenes/000001.json").read_bytes(), "it")
    told = of(made, 1, LABEL)
    for k in range(4):
        assert mor_m(record.conditions_at(LABEL, k)) == pytest.approx(told[k]["mor_m"], abs=0.01)
    assert record.courses[LABEL].uneven
    assert set(record.courses) == {LABEL}
    assert record.scene.course is None  # its drivers drive in the first condition, which stays


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("{clear: {to: fgo}}", "conditions.clear.to: no condition 'fgo'. Did you mean 'fog'?"),
        ("{clear: {starts_s: 4}}", "starts_s is of no use without conditions.clear.to"),
        ("{clear: {to: fog, starts_s: -4}}", "conditions.clear.starts_s must be 0 to 600 s"),
        ("{clear: {to: fog, front_mps: 100}}", "front_mps must be 0 to 60 m/s, got 100"),
        ("{clear: {to: {fog: {to: rain}}}}", "conditions.clear.to changes again"),
        ("{clear: {uneven: 3}}", "conditions.clear.uneven must be true or false, got 3"),
        ("{clear: {to: {fog: {extra: {haze: 1}}}}}", "no extra quantity 'haze'"),
    ],
)
def test_a_front_that_cannot_be_is_refused_in_one_line(condition, said, capsys, tmp_path):
    assert fairweather.main(["generate", f"out={tmp_path}/d", f"conditions=[{condition}]"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said in lines[0]
