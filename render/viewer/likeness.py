"""A dataset like what is shown: its settings as a file, and the command that makes it."""

from __future__ import annotations

import dataclasses
import json
import shlex
from typing import Any

import yaml

from render.config import GenerateConfig
from render.files import make_folder, write_bytes
from render.viewer.aim import framing
from render.viewer.scene_file import SAVED_IN
from render.viewer.view import SWITCHES, View, said
from scenarios.config import SceneConfig, TrafficConfig
from scenarios.presets import read_condition
from simulator.conditions import Conditions
from simulator.scene import Scene
from simulator.scene_io import dump_scene
from simulator.settings import plain, quantities

SCENES = 100
FAIR = "clear"
"""The preset that a weather changed by hand is written as a difference to."""


def written(view: View) -> View:
    """Write the settings, or the scene where no settings draw it, and show the command."""
    if view.given:
        return _of_itself(view)
    config = config_like(view)
    command = shlex.join(["fairweather", "generate", *words_of(config)])
    path = make_folder(SAVED_IN) / f"like-{view.scene.layout}-{view.scene.seed}.yaml"
    text = f"# {command}\n{yaml.safe_dump(plain(config), sort_keys=False)}"
    write_bytes(path, text.encode())
    return said(view, f"{command}  (settings: {path})")


def _of_itself(view: View) -> View:
    """Write the scene as it is shown, and show the command for a dataset of it."""
    name = f"{view.scene.layout}-{view.scene.seed}"
    path = make_folder(SAVED_IN) / f"from-{name}.json"
    write_bytes(path, dump_scene(as_shown(view)).encode())
    words = words_of(
        GenerateConfig(
            out=f"outputs/from-{name}", scene=str(path), frames_per_scene=SCENES,
            conditions=(_condition(view),),
        )
    )  # fmt: skip
    return said(view, shlex.join(["fairweather", "generate", *words]))


def as_shown(view: View) -> Scene:
    """The scene in the weather of now, by the camera that shows it."""
    camera = framing(view, view.state).camera
    return dataclasses.replace(view.scene, conditions=view.conditions, course=None, camera=camera)


def config_like(view: View) -> GenerateConfig:
    """Scenes of this layout, traffic, camera and weather; the first has the seed of this one."""
    scene, made = view.scene, {f.name: getattr(view.config, f.name) for f in _SCENE_FIELDS}
    camera = view.config.camera
    if view.look is not None or view.camera_kind != scene.camera.kind:
        camera = dataclasses.replace(  # see ``look.py``
            camera, tilt_rad=0.0, tilt_rad_high=None, k1=0.0, k2=0.0, p1=0.0, p2=0.0
        )
    if view.look is not None:
        camera = dataclasses.replace(camera, m_per_px=round(view.look.m_per_px, 4))
    camera = dataclasses.replace(camera, kind=view.camera_kind)
    traffic = view.config.traffic
    if traffic.horizon_s == view.config.__class__().traffic.horizon_s:
        traffic = dataclasses.replace(traffic, horizon_s=TrafficConfig().horizon_s)
    made |= {
        "layouts": (scene.layout,), "conditions": (_condition(view),), "camera": camera,
        "traffic": traffic,
    }  # fmt: skip
    return GenerateConfig(
        out=f"outputs/like-{scene.layout}-{scene.seed}", seed=scene.seed, scenes=SCENES, **made
    )


def words_of(config: GenerateConfig) -> list[str]:
    """The settings that are not the default ones, as words of the command line."""
    usual = plain(GenerateConfig(out=""))
    return [f"{key}={_word(value)}" for key, value in _differences(plain(config), usual, "")]


_SCENE_FIELDS = dataclasses.fields(SceneConfig)


def _condition(view: View) -> Any:
    """The preset, or what makes the clear one into the weather of now."""
    if view.preset is not None:
        return view.preset
    fair, usual, now = read_condition(FAIR), Conditions(), view.conditions
    values: dict[str, Any] = {
        name: float(f"{getattr(now, name):.6g}")
        for name in quantities(Conditions)
        if name in fair.ranges or getattr(now, name) != getattr(usual, name)
    }
    values |= {n: True for n in SWITCHES if getattr(now, n)}
    beyond = {name: float(f"{v:.6g}") for name, v in now.extra.items() if v}
    return {FAIR: values | ({"extra": beyond} if beyond else {})}


def _differences(new: Any, old: Any, place: str) -> list[tuple[str, Any]]:
    found = []
    for name, value in new.items():
        if value == old.get(name):
            continue
        key = f"{place}{name}"
        if isinstance(value, dict):
            found += _differences(value, old.get(name) or {}, f"{key}.")
        else:
            found.append((key, value))
    return found


def _word(value: Any) -> str:
    """A value in Hydra's grammar: as JSON, but bare words."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_word, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{k}:{_word(v)}' for k, v in value.items())}}}"
    return value if isinstance(value, str) else json.dumps(value)
