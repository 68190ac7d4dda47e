"""The figures of the running scene: for the panel, and as JSON for scripts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from render.viewer.finder import Found
from render.viewer.shot import Shot
from render.viewer.view import SPEEDS, View
from simulator.conditions import mor_m
from simulator.friction import friction
from simulator.settings import plain
from simulator.sight import speed_factor

MOVING_MPS = 0.1
"""A vehicle slower than this stands."""


def figures(view: View, shot: Shot) -> list[tuple[str, str]]:
    """Names and values for the panel, read row by row in two columns."""
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
    ]


def traffic(view: View) -> dict[str, Any]:
    """How many vehicles are on the road now, how many of them move, how fast, and how many park."""
    state, parked = view.state, view.scene.agents.route < 0
    driving = state.active & ~parked
    moving = driving & (state.speed_mps > MOVING_MPS)
    return {
        "vehicles": int(driving.sum()),
        "parked": int(parked.sum()),
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
        "playing": view.playing,
        "speed": SPEEDS[view.speed],
        "conditions": plain(view.conditions),
        "preset": plain(view.preset),
        "mor_m": mor_m(view.conditions),
        "illuminance_lux": shot.frame.illuminance_lux,
        "friction": friction(view.conditions),
        "speed_factor": speed_factor(view.conditions),
        **traffic(view),
        "labels": len(shot.frame.annotations),
        "detections": None if found is None else len(found.detections.box_px),
        "overlay": view.overlay,
        "camera": view.camera_kind,
    }


def _metres(value: float) -> str:
    return f"{value / 1000:.1f} km" if value >= 1000 else f"{value:.0f} m"


def _lux(value: float) -> str:
    digits = max(0, 1 - math.floor(math.log10(max(value, 1e-3)))) if value < 100 else 0
    return f"{value:,.{digits}f} lx"
