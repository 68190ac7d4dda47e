"""The record of a scene: what is needed to render its frames again, and to replay its traffic.

States are stored to 1 mm and 0.1 mrad and frames are rendered from the stored states, so that a
frame rendered alone from its record equals the frame in the batch.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from render.exposure import Weather, expose
from render.frame import Frame
from render.picture import Backdrop, Drawing
from simulator.agents import SOMETIMES, STATE, AgentState, states_of
from simulator.conditions import Conditions
from simulator.course import Course, conditions_at
from simulator.errors import DataError
from simulator.scene import Scene
from simulator.scene_io import MAX_BYTES, compact, from_plain, told
from simulator.seeding import Numbered
from simulator.settings import plain

DIGITS = {
    "x_m": 3, "y_m": 3, "heading_rad": 4, "speed_mps": 3, "accel_mps2": 3, "s_m": 3,
    "stopped_since_s": 3, "shift_m": 3, "shift_done": 4, "trailer_rad": 4,
    "drift_m": 3, "drift_rad": 4,
}  # fmt: skip
"""Decimals that are kept of each field of a state."""

SHARED = "all"
"""Name of the track that every condition shares (open-loop twins)."""


@dataclasses.dataclass(frozen=True, eq=False)
class SceneRecord:
    """A scene with its conditions and the stored states of its frames.

    Attributes:
        scene: the scene. split: the split's name, part of its random streams.
        conditions: by label, in the order of the dataset; those that change as they begin.
        courses: how those that change go on, by label.
        tracks: states at the frame times, by condition label, or under SHARED for all.
    """

    scene: Scene
    split: str
    conditions: dict[str, Conditions]
    tracks: dict[str, tuple[AgentState, ...]]
    courses: dict[str, Course] = dataclasses.field(default_factory=dict)

    def conditions_at(self, label: str, frame: int) -> Conditions:
        """The weather of a frame: at its time, in the middle of the picture."""
        course, camera = self.courses.get(label), self.scene.camera
        if course is None:
            return self.conditions[label]
        return conditions_at(course, self.track(label)[frame].time_s, camera.x_m, camera.y_m)

    def track(self, label: str) -> tuple[AgentState, ...]:
        """The states that the frames of a condition show."""
        return self.tracks.get(label) or self.tracks[SHARED]


def stored(states: Sequence[AgentState]) -> tuple[AgentState, ...]:
    """The states of a track as the record keeps them."""
    columns = {name: [getattr(s, name) for s in states] for name in (*STATE, *SOMETIMES)}
    for name, digits in DIGITS.items():
        rounded = np.round([values for values in columns[name] if values is not None], digits)
        rounded.setflags(write=False)
        rows = iter(rounded)
        columns[name] = [None if values is None else next(rows) for values in columns[name]]
    return tuple(states_of([round(s.time_s, 6) for s in states], columns))


def dump_record(record: SceneRecord, parts: dict[str, bytes] | None = None) -> bytes:
    """The record as JSON, equal bytes for equal records; ``parts``: of ``scene_parts``."""
    parts = parts or scene_parts(record.scene)
    return compact(
        {
            "scene": {name: orjson.Fragment(text) for name, text in parts.items()},
            "split": record.split,
            "conditions": record.conditions,
            "tracks": record.tracks,
            **({"courses": record.courses} if record.courses else {}),
        }
    )


def scene_parts(scene: Scene) -> dict[str, bytes]:
    """The scene's fields that are written, each as JSON text."""
    return {name: compact(getattr(scene, name)) for name in told(scene)}


def load_record(data: bytes, place: str) -> SceneRecord:
    """Read a record that may come from anywhere.

    Raises:
        DataError: too large, not JSON, or inconsistent; names the place.
    """
    if len(data) > 10 * MAX_BYTES:
        raise DataError(f"{len(data)} bytes is too large for a scene record", place=place)
    try:
        values: Any = json.loads(data)
        scene = from_plain(Scene, values["scene"], f"{place}: scene")
        conditions = {
            str(k): from_plain(Conditions, v, f"{place}: {k}")
            for k, v in values["conditions"].items()
        }
        tracks = {
            str(k): tuple(from_plain(AgentState, s, f"{place}: {k}") for s in states)
            for k, states in values["tracks"].items()
        }
        courses = {
            str(k): from_plain(Course, c, f"{place}: {k}")
            for k, c in values.get("courses", {}).items()
        }
        split = str(values["split"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"not a scene record ({error!r})", place=place) from None
    if any(len(s.x_m) != len(scene.agents) for states in tracks.values() for s in states):
        raise DataError("a state has another number of vehicles than the scene", place=place)
    if SHARED not in tracks and set(tracks) != set(conditions):
        raise DataError("a condition has no states", place=place)
    if not set(courses) <= set(conditions):
        raise DataError("a course is of no condition", place=place)
    return SceneRecord(scene, split, conditions, tracks, courses)


def told_of(conditions: Conditions) -> dict[str, Any]:
    """The quantities of a weather as plain data, as far as they are written."""
    return {name: plain(getattr(conditions, name)) for name in told(conditions)}


def geometry_hash(parts: dict[str, bytes], states: tuple[AgentState, ...]) -> str:
    """SHA-256 of what is where, whatever the weather: equal for open-loop twins."""
    digest = hashlib.sha256()
    for name in ("network", "agents", "signs", "signals", "camera", "surroundings", "plate_scale"):
        digest.update(b"%s:%s" % (name.encode(), parts[name]))
    for name in ("convention", "plates"):  # the shape of plates
        if name in parts:
            digest.update(b"%s:%s" % (name.encode(), parts[name]))
    for state in states:
        for name in ("x_m", "y_m", "heading_rad", "active"):
            digest.update(getattr(state, name).tobytes())
        if state.trailer_rad is not None:
            digest.update(state.trailer_rad.tobytes())
    return digest.hexdigest()


def render_stored(
    record: SceneRecord,
    backdrop: Backdrop,
    drawing: Drawing,
    weather: Weather,
    label: str,
    frame: int,
) -> Frame:
    """Render one stored frame; its noise depends on nothing but the frame's own name."""
    rngs = _streams(record.scene.seed, record.scene.index, f"{record.split}/frame/{label}")
    return expose(backdrop, drawing, weather, rngs[frame])


_streams = functools.lru_cache(maxsize=64)(Numbered)
