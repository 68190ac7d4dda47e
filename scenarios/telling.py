"""A scene in words: what roads, who drives, what the weather does, and who waits for what."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from scenarios.layouts import LAYOUTS
from simulator import engine
from simulator.agents import AgentState, Kind
from simulator.camera import is_distorted
from simulator.conditions import Conditions, headlamps_on, mor_m, sun_lux
from simulator.convention import in_words
from simulator.course import Course, conditions_at, slowness
from simulator.friction import friction
from simulator.network import Control
from simulator.scene import Scene
from simulator.settings import quantities
from simulator.sight import headway_factor, speed_factor
from simulator.signs import SIGNS

MOST_WAITING = 8
"""So many of those who stand are told of one by one."""

ALWAYS = ("sun_elevation_rad", "sun_azimuth_rad", "wind_x_mps", "wind_y_mps", "air_c")
"""Quantities that every scene has; told of in sentences of their own, or not at all."""


def tell(scene: Scene, state: AgentState | None = None) -> list[str]:
    """Sentences about a scene, the most important first.

    Args:
        state: a moment of it; the end of its warm-up unless given.
    """
    state = state or engine.rollout(scene, [scene.warm_up_s])[0]
    conditions = scene.conditions
    if scene.course is not None:
        camera = scene.camera
        conditions = conditions_at(scene.course, state.time_s, camera.x_m, camera.y_m)
    return [
        _roads(scene), _convention(scene), *_furniture(scene), _vehicles(scene),
        *_moment(scene, state), *_weather(conditions), *_course(scene.course), _light(conditions),
        _camera(scene),
    ]  # fmt: skip


def _roads(scene: Scene) -> str:
    layout = LAYOUTS[scene.layout].title if scene.layout in LAYOUTS else scene.layout
    lanes = scene.network.lanes
    limits = sorted({round(3.6 * lane.speed_limit_mps) for lane in lanes})
    length = sum(lane.length_m for lane in lanes)
    x0, y0, x1, y1 = scene.network.bounds_m
    return (
        f"A {layout} ({scene.layout}), seed {scene.seed}, scene {scene.index}: {len(lanes)} lanes "
        f"of {length:.0f} m in all on {x1 - x0:.0f} x {y1 - y0:.0f} m, limit "
        f"{_either(limits)} km/h."
    )


def _convention(scene: Scene) -> str:
    words = in_words(scene.convention)
    return f"{words[0].upper()}{words[1:]}."


def _furniture(scene: Scene) -> list[str]:
    lines = Counter(line.control for line in scene.network.stop_lines if line.painted)
    words = [
        f"{lines[control]} {noun}"
        for control, noun in (
            (Control.STOP, "stop lines"), (Control.YIELD, "yield lines"),
            (Control.SIGNAL, "lines at signals"),
        )
        if lines[control]
    ]  # fmt: skip
    if scene.network.crosswalks:
        words.append(f"{len(scene.network.crosswalks)} crosswalks")
    signs = Counter(SIGNS[s.type].title if s.type in SIGNS else s.type for s in scene.signs)
    words += [f"{n} x {title}" for title, n in sorted(signs.items())]
    if scene.signals:
        cycle = sum(p.duration_s for p in scene.plan.phases)
        heads = f"{len(scene.signals)} signal heads"
        words.append(f"{heads}, a cycle of {cycle:.0f} s" if cycle else f"{heads}, dark")
    over = sum(support.length_m > 0 for support in scene.surroundings.supports)
    if over:
        words.append(f"{over} x mast arm or sign gantry over the road")
    return [f"There are {_and(words)}.", *_worn(scene)] if words else []


def _worn(scene: Scene) -> list[str]:
    """What is amiss with signs, one by one."""
    words = []
    for sign in scene.signs:
        state = [f"{100 * sign.dirt:.0f} % under dirt"] if sign.dirt else []
        if sign.tilt_rad:
            state.append(f"askew by {math.degrees(abs(sign.tilt_rad)):.0f} degrees")
        state += ["under the crown of a tree"] if sign.overgrown else []
        title = SIGNS[sign.type].title if sign.type in SIGNS else sign.type
        words += [f"sign {sign.id} ({title}) is {_and(state)}"] if state else []
    return [f"Not all signs are in order: {_and(words)}."] if words else []


def _vehicles(scene: Scene) -> str:
    agents = scene.agents
    moving = Counter(Kind(k).name.lower() for k in agents.kind[agents.driven].tolist())
    parked = int((agents.route < 0).sum())
    words = [f"{n} {name}{_plural(name, n)}" for name, n in moving.most_common()]
    drives = f"{_and(words)} drive through it in time" if words else "Nobody drives"
    people = int(agents.on_foot.sum())
    walk = f"; {people} people walk there in time" if people else ""
    return f"{drives[0].upper() + drives[1:]}; {parked} vehicles are parked{walk}."


def _moment(scene: Scene, state: AgentState) -> list[str]:
    rows = np.flatnonzero(state.active & scene.agents.driven)
    if not len(rows):
        return [f"At {state.time_s:.1f} s nobody is on the road."]
    speed = state.speed_mps[rows]
    standing = rows[speed < 0.1]
    moving = rows[speed >= 0.1]
    mean = f", {3.6 * speed[speed >= 0.1].mean():.0f} km/h on average" if len(moving) else ""
    first = f"At {state.time_s:.1f} s {len(rows)} are on the road: {len(moving)} move{mean}, "
    out = [first + f"{len(standing)} stand."]
    for row in standing[:MOST_WAITING].tolist():
        kind = Kind(int(scene.agents.kind[row])).name.lower()
        out.append(f"  The {kind} {row + 1} {engine.why(scene, state, row)}.")
    if len(standing) > MOST_WAITING:
        out.append(f"  {len(standing) - MOST_WAITING} others stand.")
    return out


def _weather(conditions: Conditions) -> list[str]:
    neutral, known = Conditions(), quantities(Conditions)
    words = [
        f"{known[name].help.partition(':')[0]} {getattr(conditions, name):.3g} {known[name].unit}"
        for name in known
        if name not in (*ALWAYS, "cloud") and getattr(conditions, name) != getattr(neutral, name)
    ]
    words += [f"{name} {value:g}" for name, value in sorted(conditions.extra.items())]
    if not words:
        return ["The air is clear and the road is dry."]
    sight = f"one sees {mor_m(conditions):.0f} m far"
    speed, headway = 100 * speed_factor(conditions), 100 * headway_factor(conditions)
    drivers = f"drivers go at {speed:.0f} % of their free speed and keep {headway:.0f} %"
    return [
        f"The weather: {_and([w.strip() for w in words])}; {sight}.",
        f"Tyres have a friction of {friction(conditions):.2f}; {drivers} of their headway.",
    ]


def _course(course: Course | None) -> list[str]:
    words = []
    if course is not None and len(course.knots) > 1:
        begins, ends = course.times_s[0], course.times_s[-1]
        words.append(f"The weather changes from {begins:.0f} to {ends:.0f} s.")
    if course is not None and any(slowness(course)):
        speed = math.hypot(course.front_x_mps, course.front_y_mps)
        words.append(
            f"It moves over the map at {speed:.0f} m/s; those are its times at the origin."
        )
    if course is not None and course.uneven:
        words.append("Water, snow and ice lie in patches and wheel tracks.")
    return words


def _light(conditions: Conditions) -> str:
    lux = sun_lux(conditions.sun_elevation_rad, conditions.cloud)
    height = math.degrees(conditions.sun_elevation_rad)
    bright = f"{lux:,.0f}" if lux >= 10 else f"{lux:.2g}"
    where = f"{height:.0f} degrees high" if height >= 0 else f"{-height:.0f} degrees below"
    lamps = " Headlamps are on." if headlamps_on(conditions) else ""
    street = " Street lamps are on." if conditions.street_lamps else ""
    return f"The sun is {where}, cloud {100 * conditions.cloud:.0f} %: {bright} lx.{street}{lamps}"


def _camera(scene: Scene) -> str:
    camera = scene.camera
    across, down = camera.width_px * camera.m_per_px, camera.height_px * camera.m_per_px
    lens = " Its lens bends straight lines." if is_distorted(camera) else ""
    return (
        f"A camera of the kind {camera.kind} looks down from {camera.altitude_m:g} m on "
        f"{across:.0f} x {down:.0f} m, {camera.m_per_px:.3g} m a pixel.{lens}"
    )


def _plural(name: str, count: int) -> str:
    return "" if count == 1 else "es" if name.endswith("s") else "s"


def _either(values: list[int]) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
