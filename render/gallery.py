"""Contact sheets of what there is: every layout, weather effect by severity, sign and vehicle."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from render import actors, exposure, picture, umbrellas
from render.bodies import ARTICULATED, templates
from render.canvas import ONE, blank
from render.encode import jpeg
from render.faces import sign_face
from render.files import make_folder, write_bytes
from render.frame import CLASSES, VEHICLE_CLASS, Frame
from render.lettering import letter
from render.manifest import refuse_inside
from render.oriented import vehicle_boxes
from render.people import STRIDES
from render.polygon_list import PolygonList
from render.poses import Poses
from render.raster import fill
from render.rigs import UMBRELLA_STYLES, bodies_of, rigs_of
from render.surface import fixed
from render.weather import EFFECTS
from scenarios.config import CameraConfig, SceneConfig, TrafficConfig
from scenarios.haulage import HEIGHT_M, SIZE_M, WIDTH_M
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from simulator import engine
from simulator.agents import AgentTable, Kind, Lamp
from simulator.camera import Camera
from simulator.conditions import Conditions, with_values
from simulator.convention import CONVENTIONS, SIGN_SETS, Convention
from simulator.errors import unknown_name
from simulator.geometry import box_corners
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.sign import is_known, look
from simulator.signs import SIGNS

SEED = 1
TILE_PX = 320
COLUMNS = 4
QUALITY = 88
FAR_M_PER_PX = 0.3
"""Of the layouts' tiles: nearly a hundred metres across."""

NEAR_M_PER_PX = 0.1
DAY = Conditions(sun_elevation_rad=0.9, cloud=0.1)
GREY_DAY = Conditions(cloud=1.0)

NUMBER = 40
"""What a sign with a number shows."""

PAINTS = ((236, 238, 240), (40, 44, 50), (176, 34, 36), (38, 74, 132))

BODY_M = {
    Kind.CAR: (4.6, 1.85, 1.55), Kind.TRUCK: (9.0, 2.48, 3.5), Kind.BUS: (12.0, 2.52, 3.1),
    Kind.VAN: (5.6, 2.0, 2.4), Kind.MOTORCYCLE: (2.1, 0.8, 1.5), Kind.BICYCLE: (1.8, 0.6, 1.7),
    Kind.PEDESTRIAN: (0.62, 0.52, 1.7),
}  # fmt: skip
"""Length, width and height of a typical vehicle of each kind, m (see ``scenarios/traffic.py``)."""

BEND_RAD = 0.7
"""Between a tractor and its semitrailer in a bend."""

Tile = tuple[str, np.ndarray]
"""A caption and a picture u8[TILE_PX, TILE_PX, 3], BGR."""


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """A thing by itself.

    Attributes:
        bgr: u8[TILE_PX, TILE_PX, 3]. ids: u16[TILE_PX, TILE_PX], not 0 where it is.
        obb: f64[5], its oriented box cx, cy, w, h px, rad; None without one.
    """

    bgr: np.ndarray
    ids: np.ndarray
    obb: np.ndarray | None = None

    def boxed(self, category: int) -> np.ndarray:
        """With its boxes, as the labels have them."""
        out, (rows, columns) = self.bgr.copy(), self.ids.nonzero()
        box = _corners(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        cv2.polylines(out, [box], True, _colour(category), 2)
        if self.obb is not None:
            cx, cy, width, height, turn_rad = self.obb.tolist()
            turned = cv2.boxPoints(((cx, cy), (width, height), math.degrees(turn_rad)))
            cv2.polylines(out, [np.rint(turned).astype(np.int32)], True, (255, 255, 255), 1)
        return out


def gallery(what: str, folder: Path) -> list[Path]:
    """Write the contact sheets of a family; frames also with their labels.

    Args:
        what: layouts, weather, signs or vehicles.

    Raises:
        ConfigError: there is no gallery of that. OutputError: the folder cannot be written.
    """
    if what not in SHEETS:
        raise unknown_name("gallery", what, list(SHEETS))
    refuse_inside(folder)
    make_folder(str(folder))
    written = []
    for name, tiles, columns in SHEETS[what]():
        path = folder / f"{name}.jpg"
        write_bytes(path, jpeg(sheet(tiles, columns), QUALITY))
        written.append(path)
    return written


def sheet(tiles: list[Tile], columns: int = COLUMNS) -> np.ndarray:
    """Tiles in rows, each with its caption: u8[H, W, 3]."""
    rows = -(-len(tiles) // columns)
    out = np.full((rows * TILE_PX, columns * TILE_PX, 3), 24, np.uint8)
    for k, (caption, tile) in enumerate(tiles):
        y, x = TILE_PX * (k // columns), TILE_PX * (k % columns)
        shown = tile.copy()
        letter(shown, caption, (10, 22))
        out[y : y + TILE_PX, x : x + TILE_PX] = shown
    return out


def _layouts() -> list[tuple[str, list[Tile], int]]:
    bare, labelled = [], []
    for name in LAYOUTS:
        frame = _frame(_scene(name, FAR_M_PER_PX), DAY)
        bare.append((name, frame.bgr))
        labelled.append((name, _boxed(frame)))
    return [("layouts", bare, COLUMNS), ("layouts_labels", labelled, COLUMNS)]


def _weather() -> list[tuple[str, list[Tile], int]]:
    bare, labelled = [], []
    scenes = {name: _scene(name, NEAR_M_PER_PX) for name in {e.shown_in for e in EFFECTS.values()}}
    for name, effect in EFFECTS.items():
        quantity, scene = effect.quantities[0], scenes[effect.shown_in]
        for value in effect.steps:
            frame = _frame(scene, with_values(GREY_DAY, {**effect.shown_with, quantity: value}))
            caption = f"{name}: {quantity} {value:g}"
            bare.append((caption, frame.bgr))
            labelled.append((caption, _boxed(frame)))
    return [("weather", bare, COLUMNS), ("weather_labels", labelled, COLUMNS)]


def _signs() -> list[tuple[str, list[Tile], int]]:
    """Every face once: those that say a side also as they are where traffic keeps left. With
    labels, those that are no object of them stay as they are.
    """
    bare, labelled = [], []
    for name, c in itertools.product(SIGNS, CONVENTIONS):
        if is_known(SIGNS[name], c) and (c.side == "right" or look(SIGNS[name], c).handed):
            plate, own = _plate(name, c), SIGNS[name].category
            bare.append((f"{name}: {c.signs}{', left' * (c.side == 'left')}", plate.bgr))
            labelled.append(
                (own or "no label", plate.boxed(CLASSES.index(own)) if own else plate.bgr)
            )
    return [("signs", bare, COLUMNS), ("signs_labels", labelled, COLUMNS)]


def _vehicles() -> list[tuple[str, list[Tile], int]]:
    """Every shape of every kind; tractors with semitrailers straight and in a bend."""
    kinds = templates().by_kind
    shown: list[tuple[str, Kind, Shown]] = [
        (f"{kind.name.lower()} {style}", kind, _vehicle(kind, style, BODY_M[kind]))
        for kind in BODY_M
        for style in range(kinds[kind][1] // (STRIDES if kind == Kind.PEDESTRIAN else 1))
    ]
    for style in range(kinds[ARTICULATED][1] // 2):
        signs = SIGN_SETS[style % len(SIGN_SETS)]
        (length, *_), trailer = SIZE_M[signs]
        size = length, WIDTH_M, HEIGHT_M
        shown += [
            (
                f"articulated {style}, {length:g} m, {word}",
                Kind.TRUCK,
                _vehicle(Kind.TRUCK, style, size, trailer_m=trailer, bend_rad=bend),
            )
            for word, bend in (("straight", 0.0), ("bent", BEND_RAD))
        ]
    shown += [
        (
            f"umbrella {look}",
            Kind.PEDESTRIAN,
            _vehicle(
                Kind.PEDESTRIAN, UMBRELLA_STYLES * look, BODY_M[Kind.PEDESTRIAN], umbrella_m=1.0
            ),
        )
        for look in map(umbrellas.TONES.index, dict.fromkeys(umbrellas.TONES))
    ]
    bare = [(caption, tile.bgr) for caption, _, tile in shown]
    category = [int(VEHICLE_CLASS[kind]) for _, kind, _ in shown]
    labelled = [
        (CLASSES[of], tile.boxed(of)) for of, (_, _, tile) in zip(category, shown, strict=True)
    ]
    return [("vehicles", bare, COLUMNS), ("vehicles_labels", labelled, COLUMNS)]


SHEETS: dict[str, Callable[[], list[tuple[str, list[Tile], int]]]] = {
    "layouts": _layouts, "weather": _weather, "signs": _signs, "vehicles": _vehicles,
}  # fmt: skip
"""Families that have a gallery: what makes their sheets (file name, tiles, columns)."""


def _scene(layout: str, m_per_px: float) -> Scene:
    camera = CameraConfig(
        m_per_px=m_per_px, width_px=TILE_PX, height_px=TILE_PX, spread_m=0.0, heading="north"
    )
    traffic = TrafficConfig(vehicles_low=30, vehicles_high=40)
    config = SceneConfig(layouts=(layout,), camera=camera, traffic=traffic)
    return sample_scene(config, SEED, 0, "gallery")


def _frame(scene: Scene, conditions: Conditions) -> Frame:
    ground = picture.prepare(scene)
    state = engine.rollout(scene, [scene.warm_up_s])[0]
    rng = stream(SEED, 0, "gallery/frame")
    return exposure.expose(
        ground, picture.draw(ground, state), exposure.light_up(ground, conditions), rng
    )


def _boxed(frame: Frame) -> np.ndarray:
    shown = frame.bgr.copy()
    a = frame.annotations
    for box, category in zip(a.box_px, a.category.tolist(), strict=True):
        cv2.polylines(shown, [_corners(*box)], True, _colour(category))
    return shown


def _colour(category: int) -> tuple[int, int, int]:
    hue = 180 * category // len(CLASSES)
    b, g, r = cv2.cvtColor(np.array([[[hue, 230, 255]]], np.uint8), cv2.COLOR_HSV2BGR)[0, 0]
    return int(b), int(g), int(r)


def _corners(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    return np.array([[left, top], [right - 1, top], [right - 1, bottom - 1], [left, bottom - 1]])


def _plate(name: str, convention: Convention) -> Shown:
    """A sign's face, upright, filling most of a tile."""
    patches = sign_face(name, NUMBER, convention)
    size = max(float(np.ptp(polygon, axis=0).max()) for polygon, _, _, _ in patches)
    scale = 0.75 * TILE_PX / size
    shapes = PolygonList()
    for polygon, colour, kind, _ in patches:
        px = TILE_PX / 2 + polygon * [scale, -scale]
        shapes.add(px, colour, kind, ident=1, in_px=True)
    canvas = blank(TILE_PX, TILE_PX, fixed((122, 126, 130)))
    fill(canvas, shapes.batch())
    return Shown(_in_white_light(canvas.albedo), canvas.ids)


def _vehicle(
    kind: Kind, style: int, size_m: tuple[float, float, float], *, trailer_m: float = 0.0,
    bend_rad: float = 0.0, umbrella_m: float = 0.0,
) -> Shown:  # fmt: skip
    """A vehicle from straight above with its brake lamps and an indicator lit.

    Args:
        size_m: length of all of it, width, height. trailer_m: length of its semitrailer, 0 none,
            which heads east, its tractor ``bend_rad`` to the left. umbrella_m: width of one.
    """
    length, width, height = size_m
    one = {
        "kind": [int(kind)], "style": [style], "length_m": [length], "width_m": [width],
        "height_m": [height], "colour": [PAINTS[style % len(PAINTS)]], "desired_speed_mps": [10.0],
        "headway_s": [1.2], "min_gap_m": [2.0], "accel_mps2": [1.5], "decel_mps2": [2.0],
        "route": [0], "start_s_m": [0.0], "enter_time_s": [0.0], "parked_x_m": [0.0],
        "parked_y_m": [0.0], "parked_heading_rad": [0.0], "temper": [0.0], "adapts": [True],
        "trailer_m": [trailer_m], "umbrella_m": [umbrella_m],
    }  # fmt: skip
    table = AgentTable(**{name: np.array(value) for name, value in one.items()})
    lamps = np.array([Lamp.BRAKE | Lamp.LEFT | Lamp.HEAD], np.uint8)
    stride = np.array([2 * style % STRIDES], np.uint8)
    pose, trailing = np.array([[0.0, 0.0, bend_rad]]), np.zeros(1)
    every = np.ones(1, bool)
    posed = Poses(np.zeros(1, np.int32), pose, lamps, every, stride, trailing, every)
    rigs = rigs_of(table)
    bodies = bodies_of(rigs, posed)
    boxes = np.column_stack([bodies.pose, bodies.size_m[:, :2]])
    corners = np.concatenate([box_corners(*box) for box in boxes])
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    camera = Camera(
        x_m=(x0 + x1) / 2, y_m=(y0 + y1) / 2, m_per_px=1.15 * max(x1 - x0, y1 - y0) / TILE_PX,
        width_px=TILE_PX, height_px=TILE_PX,
    )  # fmt: skip
    canvas = blank(TILE_PX, TILE_PX, fixed((78, 80, 82)))
    fill(canvas, actors.draw_vehicles(camera, rigs, posed, bodies).polygons)
    turned = vehicle_boxes(camera, rigs, posed.rows, pose, trailing)[0]
    return Shown(_in_white_light(canvas.albedo), canvas.ids, turned)


def _in_white_light(albedo: np.ndarray) -> np.ndarray:
    """Reflectance u16[3, H, W] under white light -> BGR, u8[H, W, 3]."""
    v = np.minimum(albedo / ONE, 1.0)
    srgb = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    return np.ascontiguousarray(np.rint(255 * srgb[::-1]).astype(np.uint8).transpose(1, 2, 0))
