"""The figures of the running scene: for the panel, and as JSON for scripts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from render.viewer.finder import Found
from render.viewer.shot import Shot
from render.viewer.sky import hour_of
from render.viewer.view import SPEEDS, View
from simulator.conditions import mor_m
from simulator.friction import friction
from simulator.settings import plain
from simulator.sight import speed_factor

MOVING_MPS = 0.1
"""A vehicle slower than this stands."""


def figures(view: View, shot: Shot, rate: str) -> list[tuple[str, str]]:
    """Names and values for the panel, read row by row in two columns.

    ``rate``: pictures a second, in words.
    """
    count = traffic(view)
    mean = count["mean_speed_mps"]
    running = f"{SPEEDS[view.speed]:g}x" if view.playing else "paused"
    return [
        ("layout", view.scene.layout.replace("_", " ")),
        ("time", f"{view.state.time_s:.1f} s, {running}"),
        ("seed", str(view.scene.seed)),
        ("traffic", f"{count['vehicles']}, {count['moving']} moving"),
        ("visibility", _metres(shot.frame.mor_m)),
        ("speed", "-" if mean is None else f"{mean:.1f} m/s"),
        ("light", _lux(shot.frame.illuminance_lux)),
        ("free speed", f"x {speed_factor(view.conditions):.2f}"),
        ("friction", f"mu {friction(view.conditions):.2f}"),
        ("labels", str(len(shot.frame.annotations))),
        ("pictures", rate),
        ("camera", _camera(view, shot)),
    ]


def traffic(view: View) -> dict[str, Any]:
    """How many vehicles are on the road now, how many of them move, how fast, how many park, and
    how many people are on foot.
    """
    state, agents = view.state, view.scene.agents
    parked, driving = agents.route < 0, state.active & agents.driven
    moving = driving & (state.speed_mps > MOVING_MPS)
    return {
        "vehicles": int(driving.sum()),
        "parked": int(parked.sum()),
        "people": int((state.active & agents.on_foot).sum()),
        "moving": int(moving.sum()),
        "mean_speed_mps": float(np.mean(state.speed_mps[moving])) if moving.any() else None,
    }


def report(view: View, shot: Shot, found: Found | None) -> dict[str, Any]:
    """The state of the window as plain data.

    Args:
        view: the view. shot: the picture of the engine's own state, ``view.state``.
        found: what a detector finds in it.
    """
    return {
        "time_s": round(view.state.time_s, 6),
        "seed": view.scene.seed,
        "index": view.scene.index,
        "layout": view.scene.layout,
        "convention": plain(view.scene.convention),
        "playing": view.playing,
        "speed": SPEEDS[view.speed],
        "conditions": plain(view.conditions),
        "preset": plain(view.preset),
        "mor_m": mor_m(view.conditions),
        "illuminance_lux": shot.frame.illuminance_lux,
        "luminance_cd_m2": shot.frame.luminance_cd_m2,
        "friction": friction(view.conditions),
        "speed_factor": speed_factor(view.conditions),
        **traffic(view),
        "labels": len(shot.frame.annotations),
        "detections": None if found is None else len(found.detections.box_px),
        "overlays": sorted(view.overlays),
        "camera": view.camera_kind,
        "m_per_px": round(shot.backdrop.camera.m_per_px, 6),
        "centre_m": [round(shot.backdrop.camera.x_m, 3), round(shot.backdrop.camera.y_m, 3)],
        "own_camera": view.look is None,
        "follow": view.follow,
        "past": len(view.past),
        "positions_m": [shot.drawing.state.x_m.tolist(), shot.drawing.state.y_m.tolist()],
        "hour": round(hour_of(view.conditions), 3),
        "front": view.front is not None,
        "chosen": view.chosen,
        "tool": view.tool,
        "plate": list(view.plate),
        "signs": len(view.scene.signs),
        "given": view.given,
        "cones": len(view.scene.surroundings.cones),
        "split": view.split,
        "divider": round(view.divider, 4),
        "tab": view.tab,
        "hint": view.hint,
        "help": view.help,
        "recording": view.recording,
        "message": view.message,
    }


def _camera(view: View, shot: Shot) -> str:
    if view.look is None:
        return f"own, {shot.backdrop.camera.m_per_px:g} m/px"
    word = f"on {view.follow}" if view.follow >= 0 else "free"
    return f"{word}, {view.look.m_per_px:.3f} m/px"


def _metres(value: float) -> str:
    return f"{value / 1000:.1f} km" if value >= 1000 else f"{value:.0f} m"


def _lux(value: float) -> str:
    digits = max(0, 1 - math.floor(math.log10(max(value, 1e-3)))) if value < 100 else 0
    return f"{value:,.{digits}f} lx"
