"""What the window shows, as one value, and everything that can happen to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from render.config import SimulateConfig, scene_config
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from scenarios.sky import sample_conditions
from simulator import engine
from simulator.agents import AgentState
from simulator.conditions import Conditions
from simulator.errors import ConfigError, unknown_name
from simulator.scene import Scene
from simulator.seeding import MAX_SEED
from simulator.settings import check, quantities

SPLIT = "train"
"""Seed S shows the scene that ``generate seed=S`` makes first, where the settings are the same."""

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How much faster than the clock on the wall the scene may run."""

QUANTITIES = quantities(Conditions)
"""Every quantity of the weather that has a slider, by name."""

SWITCHES = tuple(f.name for f in dataclasses.fields(Conditions) if f.type in (bool, "bool"))
"""What of the weather is on or off."""

MESSAGE_S = 5.0


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """The state of the window.

    Attributes:
        config: what scenes are made from.
        scene, world: the running scene and its compiled roads.
        state: the latest state of the engine. previous: the one before it; equal to ``state``
            when the scene is paused.
        conditions: the weather of drivers and pixels. preset: the condition that it was drawn
            from and is drawn from again for a new scene; None once it was changed by hand.
        ahead_s: how far the picture is past ``previous``, s of the scene's time.
        speed: index into SPEEDS.
        playing, overlay, detections, help: what is switched on. detector: whether there is one.
        camera_kind: as in ``Camera.kind``.
        held: the quantity whose slider the mouse holds, or "".
        message: a line for the person, shown for another ``message_s``.
        saving, closing: a picture of the window, or its end, was asked for.
    """

    config: SimulateConfig
    scene: Scene
    world: engine.World
    state: AgentState
    previous: AgentState
    conditions: Conditions
    preset: Any
    ahead_s: float = 0.0
    speed: int = SPEEDS.index(1.0)
    playing: bool = True
    overlay: bool = False
    detections: bool = False
    detector: bool = False
    help: bool = False
    camera_kind: str = "orthographic"
    held: str = ""
    message: str = ""
    message_s: float = 0.0
    saving: bool = False
    closing: bool = False


def opened(config: SimulateConfig, detector: bool = False) -> View:
    """The view at the beginning: the first scene, warmed up and running."""
    preset = config.conditions[0]
    made = _made(config, config.seed, None, sample_conditions(preset, config.seed, SPLIT, 0))
    return View(
        config=config, preset=preset, camera_kind=config.camera.kind, detector=detector,
        detections=detector, **made,
    )  # fmt: skip


def with_scene(view: View, seed: int, layout: str | None = None) -> View:
    """Another scene, warmed up; weather that was changed by hand stays.

    Args:
        view: the view.
        seed: of the scene, brought into its bounds.
        layout: instead of one that the seed chooses among those of the config.
    """
    seed = min(max(seed, 0), MAX_SEED)
    conditions = view.conditions
    if view.preset is not None:
        conditions = sample_conditions(view.preset, seed, SPLIT, 0)
    return dataclasses.replace(view, ahead_s=0.0, **_made(view.config, seed, layout, conditions))


def next_layout(view: View) -> View:
    """The same seed on the next layout of the family."""
    names = list(LAYOUTS)
    return with_scene(
        view, view.scene.seed, names[(names.index(view.scene.layout) + 1) % len(names)]
    )


def advanced(view: View, seconds: float) -> View:
    """The view after some seconds on the clock: a running scene moves in the engine's own steps."""
    left = max(view.message_s - seconds, 0.0)
    view = dataclasses.replace(view, message_s=left, message=view.message if left else "")
    if not view.playing:
        return view
    previous, state, step_s = view.previous, view.state, view.scene.step_s
    ahead = view.ahead_s + seconds * SPEEDS[view.speed]
    while ahead > step_s - 1e-9:
        previous, state, ahead = state, _next(view, state), max(ahead - step_s, 0.0)
    return dataclasses.replace(view, previous=previous, state=state, ahead_s=ahead)


def stepped(view: View) -> View:
    """Paused, one step of the engine later."""
    state = _next(view, view.state)
    return dataclasses.replace(view, playing=False, state=state, previous=state, ahead_s=0.0)


def paused(view: View) -> View:
    """Standing still on the latest state of the engine."""
    return dataclasses.replace(view, playing=False, previous=view.state, ahead_s=0.0)


def paused_or_playing(view: View) -> View:
    """Pause, or play on from the state that is shown."""
    return paused(view) if view.playing else dataclasses.replace(view, playing=True)


def with_speed(view: View, change: int) -> View:
    """Slower or faster by some places of SPEEDS."""
    return dataclasses.replace(view, speed=min(max(view.speed + change, 0), len(SPEEDS) - 1))


def with_preset(view: View, name: str) -> View:
    """The weather of a named condition, drawn for this scene."""
    conditions = sample_conditions(name, view.scene.seed, SPLIT, view.scene.index)
    return dataclasses.replace(view, preset=name, conditions=conditions)


def with_values(view: View, values: Mapping[str, Any]) -> View:
    """The weather with some quantities changed by hand."""
    conditions = changed(view.conditions, values)
    return dataclasses.replace(view, preset=None, conditions=conditions)


def changed(conditions: Conditions, values: Mapping[str, Any]) -> Conditions:
    """Conditions with some quantities changed.

    Raises:
        ConfigError: an unknown quantity (nearest offered), a wrong type or a value out of bounds.
    """
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name in SWITCHES:
            if not isinstance(value, bool):
                raise ConfigError(f"{name} must be true or false, got {value!r}")
        elif name not in QUANTITIES:
            raise unknown_name("quantity", name, [*QUANTITIES, *SWITCHES])
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{name} must be a number, got {value!r}")
        else:
            check(value, QUANTITIES[name], name)
        clean[name] = value if name in SWITCHES else float(value)
    return dataclasses.replace(conditions, **clean)


def said(view: View, message: str) -> View:
    """The view with a line for the person."""
    return dataclasses.replace(view, message=message, message_s=MESSAGE_S)


def _next(view: View, state: AgentState) -> AgentState:
    return engine.step(view.scene, state, world=view.world, conditions=view.conditions)


def _made(
    config: SimulateConfig, seed: int, layout: str | None, conditions: Conditions
) -> dict[str, Any]:
    """The fields of a view that belong to one scene."""
    settings = scene_config(config)
    if layout is not None:
        settings = dataclasses.replace(settings, layouts=(layout,))
    scene = sample_scene(settings, seed, 0, SPLIT)
    world = engine.compile_world(scene)
    begins_s = round(scene.warm_up_s / scene.step_s) * scene.step_s
    (state,) = engine.rollout(scene, [begins_s], conditions, world=world)
    return {
        "scene": scene, "world": world, "state": state, "previous": state, "conditions": conditions,
    }  # fmt: skip
