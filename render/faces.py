"""Signs and signals as plates: symbolic ones, or upright ones as they stand (``upright.py``).

Symbolic ones lie face-up, enlarged, beside their legal place with a leader. They cover what lies
beneath, cast no shadow, and never lie over a lane.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np

from render import rects, upright
from render.bending import bend_outline
from render.canvas import KEEP, Polygons
from render.dirt import DIRT, DIRT_ALPHA, dirt_patches
from render.obstacles import near_view
from render.oriented import oriented_boxes
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from simulator.camera import (
    Camera,
    height_scale,
    is_distorted,
    is_tilted,
    straight_px,
    to_px,
)
from simulator.convention import Convention
from simulator.geometry import to_world
from simulator.lettering import numeral
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.sign import OUTWARD_M, PLATE_M, Sign, look, plate_centre_m, state_of
from simulator.signals import Aspect, Signal
from simulator.signs import SIGNS

IDS_APART = 1000
"""Vehicles are row + 1; signs and signals are numbered from above the next full thousand."""

REACH_M = 1.5
"""No part of a plate at its real size is further than this from its legal place, m."""

HOUSING_M = (0.42, 1.16)
"""Width and height of a signal head: three 0.30 m lenses with their frame (MUTCD 4D)."""

LENS_M = 0.15
LIT: dict[int, np.ndarray] = {
    Aspect.RED: fixed((255, 36, 28)), Aspect.YELLOW: fixed((255, 176, 20)),
    Aspect.GREEN: fixed((20, 232, 130)),
}  # fmt: skip
"""What a lens shines in."""

LEADER = np.array([1500, 1500, 1500], np.uint16)
BACK = fixed((148, 150, 152))
"""Of an upright plate: bare aluminium."""

TALLEST_M = 5.0
"""No upright plate reaches higher."""

_NO_LENS = np.zeros(3, np.uint16)


@dataclasses.dataclass(frozen=True, eq=False)
class Plates:
    """All plates of a scene for one camera.

    Attributes:
        polygons: what to fill, lenses dark.
        lens_head, lens_aspect: i32[P], for a lens its row in ``ident`` and the aspect that lights
            it, else -1. lit_colour: u16[P, 3].
        ident: i32[K], instance ids. outline_px: K outlines f64[N, 2] px. centre_px: f64[K, 2].
        rects: i32[K, 4], bounds of all that is drawn of each; empty outside the image.
        size_px: f64[K, 2], width and height of the face. angle_rad: f64[K] in the image.
        signal_row: i32[K], index of the signal or -1; sign_type: K names, "" for signals.
        stop_line: i32[K]; heading_rad: f64[K], traffic faced.
        sign_state: K, what ``sign.state_of`` says of a sign; empty for signals.
    """

    polygons: Polygons
    lens_head: np.ndarray
    lens_aspect: np.ndarray
    lit_colour: np.ndarray
    ident: np.ndarray
    outline_px: tuple[np.ndarray, ...]
    rects: np.ndarray
    centre_px: np.ndarray
    size_px: np.ndarray
    angle_rad: np.ndarray
    signal_row: np.ndarray
    sign_type: tuple[str, ...]
    stop_line: np.ndarray
    heading_rad: np.ndarray
    sign_state: tuple[dict[str, float | bool], ...]


@dataclasses.dataclass
class _Plate:
    """One plate while it is being laid out."""

    ident: int
    thing: Sign | Signal
    patches: list[tuple[np.ndarray, np.ndarray, Kind, int]]
    signal_row: int
    sign_type: str = ""
    tilt_rad: float = 0.0
    overgrown: bool = False
    state: dict[str, float | bool] = dataclasses.field(default_factory=dict)


_Patch = tuple[np.ndarray, np.ndarray, int, int, int, float]
"""Outline f64[N, 2] m, colour, surface kind, aspect that lights it or -1, instance id, opacity."""


def first_ids(scene: Scene) -> tuple[int, int, int]:
    """First instance id of the signs and of the signals, and one above all ids of the scene."""
    vehicles = IDS_APART * max(1, -(-len(scene.agents) // IDS_APART))
    sign, signal = vehicles + 1, vehicles + IDS_APART + 1
    return sign, signal, signal + max((s.id for s in scene.signals), default=0) + 1


def lay_plates(scene: Scene, camera: Camera) -> Plates:
    """Every sign and signal of the scene as plates."""
    first_sign, first_signal, _ = first_ids(scene)
    everything = [_sign_plate(scene, first_sign, s) for s in scene.signs] + [
        _Plate(first_signal + s.id, s, _signal_patches(), row)
        for row, s in enumerate(scene.signals)
    ]
    places = np.array([(p.thing.x_m, p.thing.y_m) for p in everything]).reshape(-1, 2)
    stands, scale = scene.plates == "upright", scene.plate_scale
    reach_m, tall_m = (REACH_M, TALLEST_M) if stands else (REACH_M * scale, PLATE_M)
    seen = near_view(camera, places, reach_m, tall_m)
    plates = [p for p, near in zip(everything, seen, strict=True) if near]
    shapes = PolygonList(camera)
    lens: list[tuple[int, int, np.ndarray]] = []
    draw = _draw_upright if stands else _draw
    outlines = [draw(shapes, lens, k, plate, camera, scene) for k, plate in enumerate(plates)]
    oriented = _oriented_upright(outlines) if stands else _oriented(plates, scene, camera)
    polygons, head = shapes.batch(), np.array([row[0] for row in lens], dtype=np.int32)
    return Plates(
        polygons,
        head,
        np.array([row[1] for row in lens], dtype=np.int32),
        np.array([row[2] for row in lens] or [_NO_LENS], dtype=np.uint16),
        np.array([p.ident for p in plates], dtype=np.int32),
        tuple(outlines),
        _rects(polygons, head, camera),
        oriented[:, :2],
        oriented[:, 2:4],
        oriented[:, 4],
        np.array([p.signal_row for p in plates], dtype=np.int32),
        tuple(p.sign_type for p in plates),
        np.array([p.thing.stop_line_id for p in plates], dtype=np.int32),
        np.array([p.thing.heading_rad for p in plates], dtype=float),
        tuple(p.state for p in plates),
    )


def _oriented(plates: list[_Plate], scene: Scene, camera: Camera) -> np.ndarray:
    """Oriented boxes of symbolic plates, f64[K, 5] cx, cy, width, height px, rad."""
    if not plates:
        return np.zeros((0, 5))
    side, scale = scene.convention.side, scene.plate_scale
    middles = np.array([plate_centre_m(p.thing, side) for p in plates])
    size_m = scale * np.array([np.ptp(p.patches[0][0], axis=0) for p in plates])
    headings = np.array([p.thing.heading_rad + p.tilt_rad for p in plates])
    if is_tilted(camera) or is_distorted(camera):
        # along the longer side: one at an angle to it would be far from the least
        pose = np.column_stack([middles, headings])
        seen = oriented_boxes(camera, pose, size_m[:, ::-1], np.full(len(plates), PLATE_M))
        return np.column_stack([seen[:, :2], seen[:, 3:1:-1], seen[:, 4] + np.pi / 2])
    size_px = size_m / camera.m_per_px * height_scale(camera, PLATE_M)
    angle_rad = camera.heading_rad - headings + np.pi / 2
    return np.column_stack([to_px(camera, middles, PLATE_M), size_px, angle_rad])


def _oriented_upright(outlines: list[np.ndarray]) -> np.ndarray:
    """The least boxes about outlines in the image, as ``_oriented``."""
    boxes = []
    for outline in outlines:
        (x, y), (width, height), turn_deg = cv2.minAreaRect(outline.astype(np.float32))
        boxes.append((x, y, width, height, math.radians(turn_deg)))
    return np.array(boxes).reshape(-1, 5)


def _rects(polygons: Polygons, head: np.ndarray, camera: Camera) -> np.ndarray:
    begins = np.ones(len(head), np.bool_)
    begins[1:] = head[1:] != head[:-1]
    bounds = rects.bounds(polygons.vertices_px, polygons.starts[:-1][begins], 1)
    return bounds.clip(0, np.array([camera.width_px, camera.height_px] * 2, np.int32))


def lit(plates: Plates, head_aspects: np.ndarray, chosen: np.ndarray) -> Polygons:
    """The polygons of the chosen plates with lamps lit as the signals show; no others are drawn.

    Args:
        head_aspects: i[K], aspect of each plate, -1 for signs. chosen: bool[K].
    """
    p = plates.polygons
    if not len(plates.lens_head):
        return p
    on = (plates.lens_aspect >= 0) & (head_aspects[plates.lens_head] == plates.lens_aspect)
    colour = np.where(on[:, None], plates.lit_colour, p.colour).astype(np.uint16)
    kind = np.where(on, np.uint8(Kind.LENS_LIT), p.kind).astype(np.uint8)
    alpha = np.where(chosen[plates.lens_head], p.alpha, np.float32(0.0))
    return dataclasses.replace(p, colour=colour, kind=kind, alpha=alpha)


def _draw(
    shapes: PolygonList,
    lens: list[tuple[int, int, np.ndarray]],
    index: int,
    plate: _Plate,
    camera: Camera,
    scene: Scene,
) -> np.ndarray:
    """Draw one symbolic plate; returns its outline in px."""
    thing, scale = plate.thing, scene.plate_scale
    legal, centre = np.array([thing.x_m, thing.y_m]), plate_centre_m(thing, scene.convention.side)
    out = (centre - legal) / OUTWARD_M
    middle = float(centre[0]), float(centre[1])
    side, foot = np.array([-out[1], out[0]]) * 0.06, legal - out * 0.3
    leader = np.array([foot + side, centre + side, centre - side, foot - side])
    shapes.stain(leader, LEADER, 0.9)
    lens.append((index, -1, _NO_LENS))
    # a face's own "up" is the direction in which the traffic that reads it drives
    patches = _patches(plate, scene)
    corners = np.concatenate([patch[0] for patch in patches])
    heading = thing.heading_rad + plate.tilt_rad
    world = to_world(corners[:, ::-1] * [scale, -scale], *middle, heading)
    _add(shapes, lens, index, patches, world, PLATE_M, on_top=not plate.overgrown)
    outline = world[: len(plate.patches[0][0])]
    return bend_outline(camera, straight_px(camera, outline, PLATE_M))


def _draw_upright(
    shapes: PolygonList,
    lens: list[tuple[int, int, np.ndarray]],
    index: int,
    plate: _Plate,
    camera: Camera,
    scene: Scene,
) -> np.ndarray:
    """Draw one plate as it stands; returns the outline of its front in px, a point from behind."""
    thing, patches = plate.thing, _patches(plate, scene)
    front = upright.faces(thing, camera)
    if not front:
        patches = [(patches[0][0], BACK, Kind.WALL, -1, 0, 1.0)]
    px, top_m = upright.stand(
        thing, np.concatenate([p[0] for p in patches]), plate.tilt_rad, camera
    )
    post = upright.post(thing, top_m, camera)
    shapes.add(post, LEADER, Kind.WALL, top_m, in_px=True)
    lens.append((index, -1, _NO_LENS))
    _add(shapes, lens, index, patches, px, top_m, in_px=True)
    outline = px[: len(patches[0][0])]
    return bend_outline(camera, outline if front else outline[[0, 0, 0]])


def _patches(plate: _Plate, scene: Scene) -> list[_Patch]:
    """A face and the dirt on it, in drawing order."""
    patches: list[_Patch] = [(*patch, plate.ident, 1.0) for patch in plate.patches]
    thing = plate.thing
    if isinstance(thing, Sign) and thing.dirt > 0:
        dirt = _dirt(thing, scene.convention, scene.seed, scene.index)
        patches += [(p, DIRT[k % len(DIRT)], KEEP, -1, 0, DIRT_ALPHA) for k, p in enumerate(dirt)]
    return patches


def _add(
    shapes: PolygonList,
    lens: list[tuple[int, int, np.ndarray]],
    index: int,
    patches: Sequence[_Patch],
    points: np.ndarray,
    z_m: float,
    **how: bool,
) -> None:
    """Add patches whose points, all in a row, lie at ``points``."""
    end = 0
    for polygon, colour, kind, aspect, ident, alpha in patches:
        begin, end = end, end + len(polygon)
        shapes.add(points[begin:end], colour, kind, z_m, ident=ident, alpha=alpha, **how)
        lens.append((index, aspect, LIT.get(aspect, _NO_LENS)))


def _sign_plate(scene: Scene, first: int, sign: Sign) -> _Plate:
    face = sign_face(sign.type, sign.number, scene.convention)
    return _Plate(
        _sign_id(first, sign), sign, face, -1, sign.type, sign.tilt_rad, sign.overgrown,
        state_of(sign),
    )  # fmt: skip


@functools.lru_cache(maxsize=256)
def _dirt(
    sign: Sign, convention: Convention, seed: int, scene_index: int
) -> tuple[np.ndarray, ...]:
    """The dirt on a sign's face, polygons f64[N, 2] m."""
    outline = sign_face(sign.type, sign.number, convention)[0][0]
    return dirt_patches(outline, sign.dirt, stream(seed, scene_index, f"dirt/{sign.id}"))


def _sign_id(first: int, sign: Sign) -> int:
    """Its instance id; a sign without a label class is part of the background."""
    return first + sign.id if SIGNS[sign.type].category else 0


@functools.lru_cache(maxsize=256)
def sign_face(
    name: str, number: int, convention: Convention
) -> list[tuple[np.ndarray, np.ndarray, Kind, int]]:
    """The patches of a sign's face in drawing order: f64[N, 2] m, x right and y up, linear colour
    u16[3], surface kind, and -1 (no lamp).
    """
    shown = look(SIGNS[name], convention)
    digits = numeral(number, shown.number) if shown.number and number else ()
    turned = [-1.0, 1.0] if shown.handed and convention.side == "left" else [1.0, 1.0]
    return [
        (polygon, fixed(srgb), Kind.PLATE, -1)
        for polygon, srgb in (
            *((p.polygon_m * turned, p.srgb) for p in shown.patches),
            *((p.polygon_m, p.srgb) for p in digits),
        )
    ]


@functools.cache
def _signal_patches() -> list[tuple[np.ndarray, np.ndarray, Kind, int]]:
    w, h = HOUSING_M
    box = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 2
    frame = (box * [w + 0.1, h + 0.1], fixed((225, 190, 40)), Kind.PLATE, -1)
    patches = [frame, (box * [w, h], fixed((26, 28, 28)), Kind.PLATE, -1)]
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    disc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * LENS_M
    dark = {Aspect.RED: (58, 16, 16), Aspect.YELLOW: (58, 46, 14), Aspect.GREEN: (12, 46, 30)}
    for aspect, y in ((Aspect.RED, 0.36), (Aspect.YELLOW, 0.0), (Aspect.GREEN, -0.36)):
        lens_m = disc + np.array([0.0, y])
        patches.append((lens_m, fixed(dark[aspect]), Kind.LENS_DARK, int(aspect)))
    return patches
