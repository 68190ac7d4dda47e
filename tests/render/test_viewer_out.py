"""What leaves the window: frames as in a dataset, clips, and settings for more of the same."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path

import cv2
import numpy as np
import pygame
import pytest
import yaml

from conf.composition import compose
from render import encode
from render.config import GenerateConfig, SimulateConfig
from render.exposure import light_up
from render.generate import generate
from render.picture import draw, prepare
from render.record import load_record, render_stored
from render.viewer import aim, clock, edit, exported, likeness, view
from render.viewer.arrange import arrange
from render.viewer.keys import press
from render.viewer.view import SIZE_PX
from render.viewer.window import Window, closed, tick
from scenarios.config import CameraConfig
from simulator.settings import build, plain

pytestmark = pytest.mark.window


def folder() -> Path:
    (found,) = (p for p in Path("outputs/window").iterdir() if p.is_dir())
    return found


def test_an_exported_frame_is_the_one_that_generate_writes_to_the_byte(play, tmp_path):
    export = list(arrange(SIZE_PX, "tools").buttons["export"].center)
    (state,) = play({"wait_s": 2}, {"key": "tab"}, {"click": export}, {"state": "a"})
    traffic = SimulateConfig().traffic
    generate(
        GenerateConfig(
            out=str(tmp_path / "d"), scenes=1, frames_per_scene=3, image="png", workers=1,
            conditions=("clear",), traffic=traffic,
        )
    )  # fmt: skip
    image = next((tmp_path / "d" / "images" / "train").glob("000000_0002_*.png"))
    mask = next((tmp_path / "d" / "masks" / "train").glob("000000_0002*.png"))
    assert (folder() / "image.png").read_bytes() == image.read_bytes()
    assert (folder() / "mask.png").read_bytes() == mask.read_bytes()
    labels = json.loads((folder() / "labels.json").read_bytes())
    assert len(labels["annotations"]) == state["labels"]
    whole = json.loads((tmp_path / "d" / "annotations" / "train.json").read_bytes())
    theirs = [a for a in whole["annotations"] if a["image_id"] == 3]
    for ours, other in zip(labels["annotations"], theirs, strict=True):
        for key in ("bbox", "category_id", "segmentation", "attributes"):
            assert ours[key] == other[key]


def test_an_exported_frame_of_any_camera_and_weather_is_drawn_again_from_its_record(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    now = clock.advanced(view.opened(SimulateConfig(seed=4)), 1.3)
    now = view.with_values(aim.zoomed(now, -1), {"rain_mm_h": 9, "cloud": 1})
    exported.exported(now)
    record = load_record((folder() / "scene.json").read_bytes(), "scene.json")
    backdrop = prepare(record.scene)
    (moment,) = record.tracks["all"]
    weather = light_up(backdrop, record.conditions["by_hand"])
    frame = render_stored(record, backdrop, draw(backdrop, moment), weather, "by_hand", 1)
    assert encode.png_bgr(frame.bgr) == (folder() / "image.png").read_bytes()
    assert record.scene.camera.m_per_px == now.look.m_per_px


def test_the_command_for_a_hundred_like_this_makes_the_settings_that_were_written(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    now = view.opened(SimulateConfig(seed=6, layouts=("roundabout", "straight")))
    now = view.with_values(aim.zoomed(now, 1), {"rain_mm_h": 12.5, "street_lamps": True})
    shown = likeness.written(dataclasses.replace(now, camera_kind="pinhole"))
    (file,) = Path("outputs/window").iterdir()
    text = file.read_text(encoding="utf-8")
    command = text.partition("\n")[0].removeprefix("# ")
    assert command in shown.message
    words = shlex.split(command)
    assert words[:2] == ["fairweather", "generate"]
    config = build(GenerateConfig, compose("generate", words[2:]))
    assert plain(config) == plain(build(GenerateConfig, yaml.safe_load(text)))
    assert (config.seed, config.scenes, config.layouts) == (6, 100, (now.scene.layout,))
    assert config.camera.kind == "pinhole"
    assert config.camera.m_per_px == pytest.approx(0.08)
    assert config.conditions[0]["clear"]["rain_mm_h"] == 12.5


def test_a_clip_holds_what_was_shown_at_thirty_frames_a_second(play):
    (state,) = play(
        {"key": "u"}, {"wait_s": 1}, {"key": "u"}, {"wait_s": 0.1}, {"state": "a"},
    )  # fmt: skip
    (file,) = Path("outputs/window").glob("*.webm")
    assert str(file) in state["message"]
    clip = cv2.VideoCapture(str(file))
    frames = []
    while True:
        there, bgr = clip.read()
        if not there:
            break
        frames.append(bgr.astype(int))
    assert len(frames) == pytest.approx(30, abs=1)
    assert frames[0].shape[:2] == (640, 640)
    assert frames[0].std() > 10
    assert np.abs(frames[-1] - frames[0]).max() > 60


def test_a_clip_in_a_window_that_cuts_the_picture_off_holds_what_is_seen(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    pygame.font.init()
    now = press(view.opened(SimulateConfig(layouts=("straight",))), "u")
    window = Window(pygame.Surface((640, 480)), now, None, seen=False)
    for _ in range(6):
        tick(window, 1 / 30)
    closed(window)
    (file,) = Path("outputs/window").glob("*.webm")
    clip = cv2.VideoCapture(str(file))
    assert clip.get(cv2.CAP_PROP_FRAME_WIDTH) <= 640
    assert clip.read()[0]


def test_the_command_for_more_of_an_edited_scene_makes_a_dataset_of_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    camera = CameraConfig(width_px=128, height_px=128, m_per_px=0.3)
    config = SimulateConfig(layouts=("straight",), camera=camera, warm_up_s=2.0)
    now = dataclasses.replace(view.opened(config), tool="cone")
    middle = aim.framing(now).box.center
    edited = edit.applied(view.with_values(now, {"rain_mm_h": 7}), middle)
    words = shlex.split(likeness.written(edited).message)
    assert words[:2] == ["fairweather", "generate"]
    less = [*words[2:], "frames_per_scene=1", "workers=1"]
    root = generate(build(GenerateConfig, compose("generate", less)))
    record = load_record((root / "scenes/000000.json").read_bytes(), "record")
    assert record.scene.surroundings.cones == edited.scene.surroundings.cones
    assert next(iter(record.conditions.values())).rain_mm_h == 7
