"""What the window shows, as one value, and everything that can happen to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from render.config import SimulateConfig, scene_config
from render.extras import extras
from render.viewer.look import Look
from render.viewer.sky import HOUR
from scenarios.config import TrafficConfig
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from scenarios.sky import sample_conditions, sample_course
from simulator import engine
from simulator.agents import AgentState
from simulator.conditions import Conditions
from simulator.conditions import with_values as with_quantities
from simulator.convention import CONVENTIONS, Convention, in_words
from simulator.course import Course, conditions_at
from simulator.errors import ConfigError, unknown_name
from simulator.scene import Scene
from simulator.seeding import MAX_SEED
from simulator.settings import check, quantities

SPLIT = "train"
"""Seed S shows the scene that ``generate seed=S`` makes first, where the settings are the same."""

SIZE_PX = (1280, 720)
"""Size of the window at the beginning; scripts point into this size until they change it."""

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How much faster than the clock on the wall the scene may run."""

QUANTITIES = {**quantities(Conditions), **extras()}
"""Every quantity of the weather, by name."""

SLIDERS = {"hour": HOUR, **QUANTITIES}
"""Everything that has a slider: the hour of the day moves the sun."""

SWITCHES = tuple(f.name for f in dataclasses.fields(Conditions) if f.type in (bool, "bool"))
"""What of the weather is on or off."""

MESSAGE_S, LETTERS_PER_S = 5.0, 10.0


SPLITS = ("", "twin", "ids", "detector")
"""What may be to the left and to the right of a divider: the fair twin and the picture; the picture
and its id plane; the picture and what the detector makes of it. With "" nothing is divided."""

TABS = ("weather", "tools")
"""What the right side shows."""

Moment = tuple[AgentState, Conditions]
"""A state, and the weather in which the step to it was driven."""


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """The state of the window.

    Attributes:
        config: what scenes are made from.
        scene, world: the running scene and its compiled roads.
        state: the engine's state that is shown. previous: the one before it; equal to ``state``
            when the scene is paused.
        past: every state since the scene was opened, in order, also those after ``state`` once it
            was wound back; see ``clock``.
        conditions: the weather of drivers and pixels. preset: the condition that it was drawn
            from and is drawn from again for a new scene; None once it was changed by hand.
        ahead_s: how far the picture is past ``previous``, s of the scene's time.
        speed: index into SPEEDS.
        playing, detections, help: what is switched on. detector: whether there is one.
        overlays: what is drawn over the picture, names of ``overlay.OVERLAYS``.
        camera_kind: as in ``Camera.kind``. look: where a person pointed the camera, None for the
            dataset's own. follow: row of the vehicle that it follows, or -1.
        split: one of SPLITS. divider: where it divides the picture, 0..1.
        turned: the quantity of the weather that a person changed last, or "".
        chosen: the slider that keys move, or "". front: the weather that is changing by itself.
        lasting: whether that is the scene's own, which goes on, and none that was let in by hand.
        tool: what a click on the picture does, of ``edit.TOOLS``, "" looks only.
        sign_type: the sign that is put down. plate: row of the sign and of the signal that was
            clicked, -1 none.
        size_px: of the window. mouse: where it points, px, or None. tab: what the right side shows.
        held: the quantity whose slider the mouse holds, "time", "picture" or "divider" for those,
            or "". grip: where the mouse was last while it held the picture, px.
            dragged: whether it moved since it was pressed.
        entry: what a person is typing, (what for, text so far), or None.
        message: a line for the person, shown for another ``message_s``.
        given: whether the scene is a file's or was changed by hand, so that no seed draws it.
        hint: whether the hint for newcomers is shown.
        recording: whether a clip is being made.
        saving, closing: a picture of the window, or its end, was asked for.
    """

    config: SimulateConfig
    scene: Scene
    world: engine.World
    state: AgentState
    previous: AgentState
    past: tuple[Moment, ...]
    conditions: Conditions
    preset: Any
    ahead_s: float = 0.0
    speed: int = SPEEDS.index(1.0)
    playing: bool = True
    overlays: frozenset[str] = frozenset()
    detections: bool = False
    detector: bool = False
    help: bool = False
    camera_kind: str = "orthographic"
    look: Look | None = None
    follow: int = -1
    split: str = ""
    divider: float = 0.5
    turned: str = ""
    chosen: str = ""
    tool: str = ""
    sign_type: str = "stop"
    plate: tuple[int, int] = (-1, -1)
    front: Course | None = None
    lasting: bool = False
    size_px: tuple[int, int] = SIZE_PX
    mouse: tuple[int, int] | None = None
    tab: str = TABS[0]
    held: str = ""
    grip: tuple[int, int] = (0, 0)
    dragged: bool = False
    entry: tuple[str, str] | None = None
    message: str = ""
    message_s: float = 0.0
    given: bool = False
    hint: bool = False
    recording: bool = False
    saving: bool = False
    closing: bool = False

    @property
    def weather(self) -> Conditions | Course:
        """What drivers drive in: the conditions of now, or the course that they are a moment of."""
        return self.front or self.conditions


def opened(config: SimulateConfig, detector: bool = False, scene: Scene | None = None) -> View:
    """The view at the beginning, warmed up and running: a given scene, or the first of the seed."""
    preset = config.conditions[0]
    if scene is None:
        scene = _sampled(config, config.seed, None)
        conditions = sample_conditions(preset, config.seed, SPLIT, 0)
        course = _course(preset, scene)
    else:
        preset, conditions = None, scene.conditions
        course = scene.course
    return View(
        config=config, preset=preset, camera_kind=scene.camera.kind, detector=detector,
        detections=detector, given=preset is None, **_begun(scene, conditions, course),
    )  # fmt: skip


def with_loaded(view: View, scene: Scene) -> View:
    """A scene from a file in the place of the running one, in its own weather."""
    made = _begun(scene, scene.conditions, scene.course)
    return dataclasses.replace(
        view,
        preset=None,
        ahead_s=0.0,
        look=None,
        follow=-1,
        plate=(-1, -1),
        given=True,
        camera_kind=scene.camera.kind,
        **made,
    )


def with_scene(view: View, seed: int, layout: str | None = None) -> View:
    """Another scene, warmed up; weather that was changed by hand stays.

    Args:
        view: the view.
        seed: of the scene, brought into its bounds.
        layout: instead of one that the seed chooses among those of the config.
    """
    seed = min(max(seed, 0), MAX_SEED)
    conditions, course = view.conditions, None
    scene = _sampled(view.config, seed, layout)
    if view.preset is not None:
        conditions = sample_conditions(view.preset, seed, SPLIT, 0)
        course = _course(view.preset, scene)
    made = _begun(scene, conditions, course)
    return dataclasses.replace(
        view, ahead_s=0.0, look=None, follow=-1, plate=(-1, -1), given=False, **made
    )


def next_layout(view: View) -> View:
    """The same seed on the next layout of the family."""
    names = list(LAYOUTS)
    return with_scene(
        view, view.scene.seed, names[(names.index(view.scene.layout) + 1) % len(names)]
    )


def with_convention(view: View, convention: Convention) -> View:
    """This seed's scene, and those to come, under another convention."""
    config = dataclasses.replace(view.config, convention=convention)
    changed_view = dataclasses.replace(view, config=config)
    return with_scene(changed_view, view.scene.seed, view.scene.layout)


def next_convention(view: View) -> View:
    """The same seed under the next of CONVENTIONS."""
    kept = view.scene.convention
    now = CONVENTIONS.index(dataclasses.replace(kept, lanes=CONVENTIONS[0].lanes))
    following = CONVENTIONS[(now + 1) % len(CONVENTIONS)]
    made = with_convention(view, dataclasses.replace(following, lanes=kept.lanes))
    return said(made, in_words(made.scene.convention))


def with_traffic(view: View, factor: float) -> View:
    """The scene drawn anew with so many times as many vehicles and people."""
    now, most = view.config.traffic, quantities(TrafficConfig)
    denser = {
        name: min(max(round(getattr(now, name) * factor, 1), 1.0), most[name].high)
        for name in ("vehicles_low", "vehicles_high", "people_low", "people_high")
    }
    config = dataclasses.replace(view.config, traffic=dataclasses.replace(now, **denser))
    changed_view = dataclasses.replace(view, config=config)
    return with_scene(changed_view, view.scene.seed, view.scene.layout)


def with_preset(view: View, name: str) -> View:
    """The weather of a named condition, drawn for this scene."""
    conditions = sample_conditions(name, view.scene.seed, SPLIT, view.scene.index)
    return dataclasses.replace(view, preset=name, conditions=conditions, front=None, lasting=False)


def with_values(view: View, values: Mapping[str, Any]) -> View:
    """The weather with some quantities changed by hand."""
    conditions = changed(view.conditions, values)
    turned = next((n for n in values if n in QUANTITIES), view.turned)
    return dataclasses.replace(
        view, preset=None, conditions=conditions, turned=turned, front=None, lasting=False
    )


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
    return with_quantities(conditions, clean)


def next_split(view: View) -> View:
    """The next of SPLITS that can be shown."""
    names = SPLITS if view.detector else SPLITS[:-1]
    name = names[(names.index(view.split) + 1) % len(names)]
    return dataclasses.replace(view, split=name)


def fair_twin(view: View) -> Conditions:
    """The clear weather of the running scene."""
    return sample_conditions("clear", view.scene.seed, SPLIT, view.scene.index)


def with_divider(view: View, share: float) -> View:
    """The divider at a place of the picture, 0..1, where both sides can be seen."""
    return dataclasses.replace(view, divider=min(max(share, 0.05), 0.95))


def said(view: View, message: str) -> View:
    """The view with a line for the person."""
    return dataclasses.replace(
        view, message=message, message_s=max(MESSAGE_S, len(message) / LETTERS_PER_S)
    )


def _sampled(config: SimulateConfig, seed: int, layout: str | None) -> Scene:
    settings = scene_config(config)
    if layout is not None:
        settings = dataclasses.replace(settings, layouts=(layout,))
    return sample_scene(settings, seed, 0, SPLIT)


def weather_at(scene: Scene, course: Course, time_s: float) -> Conditions:
    """The weather at a time where the scene's own camera looks, as in a dataset."""
    return conditions_at(course, time_s, scene.camera.x_m, scene.camera.y_m)


def _course(preset: Any, scene: Scene) -> Course | None:
    return sample_course(preset, scene.seed, SPLIT, scene.index, scene.warm_up_s)


def _begun(scene: Scene, conditions: Conditions, course: Course | None) -> dict[str, Any]:
    """The fields of a view that belong to one scene, after its warm-up."""
    world = engine.compile_world(scene)
    begins_s = round(scene.warm_up_s / scene.step_s) * scene.step_s
    (state,) = engine.rollout(scene, [begins_s], course or conditions, world=world)
    if course is not None:
        conditions = weather_at(scene, course, begins_s)
    return {
        "scene": scene, "world": world, "state": state, "previous": state,
        "past": ((state, conditions),), "conditions": conditions, "front": course,
        "lasting": course is not None,
    }  # fmt: skip
