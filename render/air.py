"""What conditions make of the light: every effect that acts, what it prepared, what it adds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from render.effect import Effect, Film, Specks, View
from render.veil import Veil, joined_films, veil
from render.weather import EFFECTS
from simulator.conditions import Conditions


@dataclasses.dataclass(frozen=True, eq=False)
class Air:
    """What conditions make of the light of one picture, whatever moves in it.

    Attributes:
        effects: the active effects with what they prepared, in the order of the path of light.
        layer: what lies between scene and lens, None for clean air. film: what lies on the lens.
        lamps: f32[h, w], light of standing lamps, 1.0 = white; f32[1, 1] where there are none.
        specks: what falls near the lens, one over the other.
        beams: whether headlamps light the road. plumes: whether vehicles throw something up.
    """

    effects: tuple[tuple[Effect, Any], ...]
    layer: Veil | None
    film: Film | None
    lamps: np.ndarray
    specks: tuple[Specks, ...]
    beams: bool
    plumes: bool


def active(conditions: Conditions) -> list[Effect]:
    """The effects that do anything under these conditions, in the order of the path of light."""
    found = [e for e in EFFECTS.values() if e.strength(conditions) > 0]
    return sorted(found, key=lambda e: e.order)


def prepare(
    conditions: Conditions, view: View, acting: Sequence[Effect], *, still: bool = False
) -> Air:
    """Everything about the weather of a picture that is the same for all of its frames.

    Args:
        acting: of ``active``. still: only what is between the lens and things that stand, whatever
            moves.
    """
    if still:
        acting = [e for e in acting if e.surface or e.still_lamps or e.extinction]
    effects = tuple((e, e.prepare(conditions, view)) for e in acting)
    films = [] if still else [e.film(conditions, view, p) for e, p in effects if e.film is not None]
    falling = () if still else [(e.specks, p) for e, p in effects if e.specks is not None]
    specks = tuple(of(conditions, view, p) for of, p in falling)
    fields = [e.still_lamps(conditions, view, p) for e, p in effects if e.still_lamps is not None]
    lamps = _total(fields, view)
    beams = view.light.headlamps and any(e.beams is not None for e, _ in effects)
    plumes = any(e.plumes is not None for e, _ in effects)
    layer = _layer(effects, conditions, view)
    return Air(effects, layer, joined_films(films), lamps, specks, beams, plumes)


def _layer(
    effects: tuple[tuple[Effect, Any], ...], conditions: Conditions, view: View
) -> Veil | None:
    """All that floats in the air as one layer, each with its colour and its unevenness."""
    own = [(e, p, e.extinction(conditions)) for e, p in effects if e.extinction is not None]
    beta = sum(b for _, _, b in own)
    if beta <= 0:
        return None
    path, colour = view.slant, np.zeros(3)
    uneven: np.ndarray | None = None
    for effect, prepared, b in own:
        colour += np.array(effect.airlight) * (b / beta)
        denser = effect.thickness(conditions, view, prepared) if effect.thickness else None
        if denser is not None:
            more = (denser - np.float32(1.0)) * np.float32(b / beta)
            uneven = more if uneven is None else uneven + more
    if uneven is not None:
        path = np.ascontiguousarray(path * (np.float32(1.0) + uneven), dtype=np.float32)
    return veil(beta, view, view.light.air * colour, path)


def beam_field(air: Air, conditions: Conditions, view: View, poses: np.ndarray) -> np.ndarray:
    """Light of headlamps, 1.0 = white: f32[h, w] at a quarter of the resolution, see effect.py.

    Args:
        poses: f64[N, 4], x m, y m, heading rad, length m of the driven vehicles.
    """
    lit = [(e.beams, p) for e, p in air.effects if e.beams is not None] if air.beams else []
    return _total([beams(conditions, view, poses, p) for beams, p in lit], view)


def plume_field(air: Air, conditions: Conditions, view: View, bodies: np.ndarray) -> np.ndarray:
    """Opacity of what vehicles throw up, f32[h, w] as for beams, or f32[0, 0] without any.

    Args:
        bodies: f64[N, 7], see ``Effect.plumes``.
    """
    own = [(e.plumes, p) for e, p in air.effects if e.plumes is not None]
    if not own or not len(bodies):
        return np.zeros((0, 0), np.float32)
    fields = [plumes(conditions, view, bodies, p) for plumes, p in own]
    return functools.reduce(lambda near, far: near + far - near * far, fields)


def _total(fields: list[np.ndarray], view: View) -> np.ndarray:
    """The sum of fields in lx, as light: 1.0 = white; f32[1, 1] without any."""
    if not fields:
        return np.zeros((1, 1), np.float32)
    return functools.reduce(np.add, fields) / np.float32(view.light.white_lux)
