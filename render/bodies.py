"""Vehicle bodies as parts: outlines and prisms in the body's own frame, one template a style.

Coordinates: x forward in -0.5..0.5 of the length, y left in -0.5..0.5 of the width, z in 0..1 of
the height. Mirrors stand out beyond the width.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import cast

import numpy as np
import shapely

from render import loads, people, slabs, umbrellas
from render.parts_of_bodies import Part, Tone
from render.surface import Kind
from simulator import agents

ARTICULATED = len(agents.Kind)
UMBRELLA = ARTICULATED + 1


@dataclasses.dataclass(frozen=True, eq=False)
class Templates:
    """All templates as flat arrays for the drawing kernel.

    Attributes:
        first_part: i32[T + 1]. first_point, top_point: i32[P + 1] into points, f64[V, 3] (x, y, z
            fractions); a part's points are base then top. tone, shade, kind, lamp, lit_kind,
            outline: [P]. under: bool[P], seen from straight above the next part covers it.
        by_kind: first template and count of each vehicle kind, and in row ARTICULATED of tractors,
            each followed by its semitrailer, in row UMBRELLA of umbrellas, i32[K + 2, 2].
        most_parts, most_vertices: how many parts one has at most, and points of all its parts.
    """

    first_part: np.ndarray
    first_point: np.ndarray
    points: np.ndarray
    prism: np.ndarray
    tone: np.ndarray
    shade: np.ndarray
    kind: np.ndarray
    lamp: np.ndarray
    lit_kind: np.ndarray
    outline: np.ndarray
    under: np.ndarray
    by_kind: np.ndarray
    most_parts: int
    most_vertices: int


def _mirrored(half: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The closed outline from its left half, given from front to rear."""
    return tuple(half) + tuple((x, -y) for x, y in reversed(half))


def _rect(x0: float, x1: float, y0: float, y1: float) -> tuple[tuple[float, float], ...]:
    return ((x1, y1), (x0, y1), (x0, y0), (x1, y0))


def _body_outline(nose: float, tail: float) -> tuple[tuple[float, float], ...]:
    return _mirrored(
        [
            (0.5, 0.18), (0.485, 0.34), (0.45, 0.45), (0.5 - nose, 0.495),
            (-0.5 + tail, 0.49), (-0.47, 0.44), (-0.495, 0.32), (-0.5, 0.15),
        ]
    )  # fmt: skip


def _lamps(z: float, front: float = 0.47, rear: float = -0.5) -> list[Part]:
    parts = []
    for side in (1, -1):
        y0, y1 = sorted((0.3 * side, 0.45 * side))
        head = _rect(front - 0.035, front + 0.005, y0, y1)
        parts.append(
            Part(head, z, Tone.CLEAR_LENS, kind=Kind.LENS_DARK, lamp=agents.Lamp.HEAD,
                 lit_kind=Kind.HEADLAMP)
        )  # fmt: skip
        tail = _rect(rear + 0.01, rear + 0.04, y0, y1)
        parts.append(
            Part(
                tail, z, Tone.RED_LENS, kind=Kind.TAIL, lamp=agents.Lamp.BRAKE, lit_kind=Kind.BRAKE
            )
        )
        blink = agents.Lamp.LEFT if side > 0 else agents.Lamp.RIGHT
        ya, yb = sorted((0.45 * side, 0.485 * side))
        parts += [
            Part(_rect(x, x + 0.035, ya, yb), z, Tone.AMBER_LENS, kind=Kind.LENS_DARK,
                 lamp=blink, lit_kind=Kind.INDICATOR)
            for x in (front - 0.05, rear + 0.015)
        ]  # fmt: skip
    return parts


def _car(
    cabin: tuple[float, float, float, float],
    shoulder: float = 0.62,
    nose: float = 0.14,
    extra: tuple[Part, ...] = (),
) -> list[Part]:
    """A car from its cabin: x of rear glass foot, rear and front roof edge, windscreen foot."""
    foot_r, roof_r, roof_f, foot_f = cabin
    shape = _body_outline(nose, 0.1)
    glass = _mirrored([(foot_f, 0.3), (foot_f - 0.04, 0.43), (foot_r + 0.03, 0.43), (foot_r, 0.32)])
    roof = _mirrored(
        [(roof_f, 0.33), (roof_f - 0.02, 0.355), (roof_r + 0.02, 0.355), (roof_r, 0.33)]
    )
    lip = max(0.4, foot_f + 0.04)
    hood = _mirrored([(lip + 0.04, 0.2), (lip, 0.36), (foot_f + 0.03, 0.42), (foot_f + 0.01, 0.42)])
    parts = [
        Part(shape, 0.12, Tone.BODY, 0.6, shape, shoulder, outline=True),
        Part(shape, shoulder, Tone.BODY, 0.92),
        Part(hood, shoulder, Tone.BODY, 1.04),
        Part(_rect(foot_f, foot_f + 0.022, -0.4, 0.4), shoulder, Tone.DARK),
        *_lamps(shoulder),
        Part(glass, shoulder, Tone.GLASS, 1.0, roof, 1.0, Kind.GLASS, outline=True),
        Part(roof, 1.0, Tone.BODY, 1.0),
    ]
    for side in (1, -1):
        y0, y1 = sorted((0.47 * side, 0.565 * side))
        x = foot_f - 0.03
        parts.append(
            Part(_rect(x - 0.02, x + 0.02, y0, y1), shoulder, Tone.BODY, 0.7, outline=True)
        )
    return [*parts, *extra]


def _roof_patch(x0: float, x1: float, half: float, tone: Tone, kind: Kind = Kind.BODY) -> Part:
    return Part(_rect(x0, x1, -half, half), 1.0, tone, kind=kind)


def _cars() -> list[list[Part]]:
    rails = tuple(
        Part(_rect(-0.36, 0.06, y, y + 0.018), 1.0, Tone.DARK, kind=Kind.BODY)
        for y in (-0.33, 0.31)
    )
    return [
        _car((-0.37, -0.22, 0.06, 0.21)),
        _car((-0.47, -0.4, 0.1, 0.24), 0.6, extra=(_roof_patch(-0.12, 0.04, 0.24, Tone.GLASS),)),
        _car((-0.48, -0.42, 0.08, 0.22), 0.6, extra=rails),
        _car((-0.475, -0.42, 0.12, 0.25), 0.64, extra=rails),
        _pickup(),
        _van(),
    ]


def _pickup() -> list[Part]:
    shoulder = 0.58
    parts = _car((-0.12, -0.08, 0.1, 0.22), shoulder)
    bed = Part(_rect(-0.47, -0.12, -0.39, 0.39), shoulder, Tone.DARK, kind=Kind.BODY)
    return [*parts[:2], bed, loads.tool_box(shoulder), *parts[2:]]


def _van() -> list[Part]:
    parts = _car((-0.485, -0.48, 0.3, 0.4), 0.72, nose=0.1)
    return [*parts, _roof_patch(-0.35, 0.2, 0.26, Tone.BODY)]


def _panel_van() -> list[Part]:
    parts = _car((-0.485, -0.48, 0.24, 0.36), 0.7, nose=0.08)
    ribs = [Part(_rect(x, x + 0.006, -0.3, 0.3), 1.0, Tone.GREY) for x in (-0.36, -0.2, -0.04)]
    return [*parts, *ribs]


def _disc(x: float, rx: float, ry: float) -> tuple[tuple[float, float], ...]:
    """A round outline about a point of the middle line."""
    angles = np.linspace(0.0, 2 * np.pi, 12, endpoint=False)
    return tuple((x + rx * float(np.cos(a)), ry * float(np.sin(a))) for a in angles)


def _rider(x: float, torso: Tone, head: Tone) -> list[Part]:
    """Legs, trunk, arms to the handlebar and head of somebody who rides."""
    trunk = _disc(x - 0.06, 0.14, 0.3)
    arms = _mirrored([(x + 0.16, 0.4), (x - 0.02, 0.3), (x - 0.1, 0.2)])
    return [
        Part(_disc(x - 0.02, 0.15, 0.26), 0.3, Tone.DARK, 1.0, trunk, 0.6, outline=True),
        Part(arms, 0.66, torso, 0.85, outline=True),
        Part(trunk, 0.6, torso, 0.8, _disc(x - 0.04, 0.11, 0.27), 0.84, outline=True),
        Part(_disc(x - 0.04, 0.11, 0.27), 0.84, torso),
        Part(_disc(x + 0.01, 0.07, 0.16), 0.86, head, 0.85, _disc(x + 0.01, 0.06, 0.14), 1.0,
             outline=True),
        Part(_disc(x + 0.01, 0.06, 0.14), 1.0, head),
    ]  # fmt: skip


def _motorcycle(torso: Tone, helmet: Tone) -> list[Part]:
    wheels = _rect(-0.5, 0.5, -0.09, 0.09)
    tank = _mirrored([(0.36, 0.1), (0.28, 0.22), (-0.05, 0.2), (-0.4, 0.14)])
    lens = Part(_rect(-0.48, -0.42, -0.085, 0.085), 0.36, Tone.RED_LENS, kind=Kind.TAIL,
                lamp=agents.Lamp.BRAKE, lit_kind=Kind.BRAKE)  # fmt: skip
    head = Part(_rect(0.37, 0.42, -0.08, 0.08), 0.36, Tone.CLEAR_LENS, kind=Kind.LENS_DARK,
                lamp=agents.Lamp.HEAD, lit_kind=Kind.HEADLAMP)  # fmt: skip
    return [
        Part(wheels, 0.02, Tone.DARK, 1.0, wheels, 0.36, outline=True),
        Part(tank, 0.2, Tone.BODY, 0.7, tank, 0.5, outline=True),
        Part(tank, 0.5, Tone.BODY),
        Part(_rect(0.17, 0.22, -0.48, 0.48), 0.62, Tone.DARK, outline=True),
        head,
        lens,
        *_rider(0.0, torso, helmet),
    ]


def _bicycle(head: Tone) -> list[Part]:
    wheels = _rect(-0.5, 0.5, -0.05, 0.05)
    return [
        Part(wheels, 0.02, Tone.DARK, 1.0, wheels, 0.4, outline=True),
        Part(_rect(0.18, 0.22, -0.45, 0.45), 0.58, Tone.DARK, outline=True),
        *_rider(0.02, Tone.BODY, head),
    ]


def _truck(cab_tone: Tone, box_tone: Tone, ribs: int) -> list[Part]:
    cab = _mirrored([(0.5, 0.3), (0.49, 0.45), (0.3, 0.49), (0.28, 0.49)])
    screen = _mirrored([(0.497, 0.3), (0.487, 0.42), (0.455, 0.44), (0.455, 0.3)])
    box = _rect(-0.5, 0.26, -0.5, 0.5)
    frame = _rect(-0.49, 0.3, -0.4, 0.4)
    parts = [
        Part(cab, 0.1, cab_tone, 0.6, cab, 0.78, outline=True),
        Part(cab, 0.78, cab_tone, 0.95),
        Part(screen, 0.78, Tone.GLASS, kind=Kind.GLASS),
        Part(_rect(0.33, 0.4, -0.42, 0.42), 0.78, cab_tone, 1.1),
        Part(frame, 0.2, Tone.DARK, 1.0, frame, 0.25, outline=True),
        *_lamps(0.78, front=0.49, rear=-0.51),
        Part(box, 0.25, box_tone, 0.6, box, 1.0, outline=True),
        Part(box, 1.0, box_tone, 0.95),
        *[
            Part(_rect(x, x + 0.006, -0.49, 0.49), 1.0, Tone.GREY)
            for x in np.linspace(-0.46, 0.22, ribs)
        ],
        Part(_rect(-0.507, -0.497, 0.32, 0.47), 1.0, Tone.RED_LENS, kind=Kind.TAIL,
             lamp=agents.Lamp.BRAKE, lit_kind=Kind.BRAKE, outline=True),
        Part(_rect(-0.507, -0.497, -0.47, -0.32), 1.0, Tone.RED_LENS, kind=Kind.TAIL,
             lamp=agents.Lamp.BRAKE, lit_kind=Kind.BRAKE, outline=True),
    ]  # fmt: skip
    for y0, y1 in ((0.5, 0.59), (-0.59, -0.5)):
        parts.append(Part(_rect(0.455, 0.475, y0, y1), 0.7, Tone.DARK, outline=True))
    return parts


def _tractor() -> list[Part]:
    """The cab, and the frame behind it over which the semitrailer lies."""
    cab = _mirrored([(0.5, 0.32), (0.488, 0.45), (0.46, 0.49), (0.13, 0.49)])
    slope = _mirrored([(0.45, 0.4), (0.43, 0.47), (0.13, 0.49)])
    roof = _mirrored([(0.42, 0.36), (0.4, 0.44), (0.14, 0.46)])
    screen = _mirrored([(0.497, 0.3), (0.483, 0.43), (0.45, 0.45), (0.45, 0.3)])
    frame, tanks = _rect(-0.5, 0.13, -0.2, 0.2), _rect(-0.1, 0.14, -0.46, 0.46)
    wheels = _rect(-0.42, -0.2, -0.49, 0.49)
    parts = [
        Part(frame, 0.18, Tone.DARK, 1.0, frame, 0.26, outline=True),
        Part(tanks, 0.12, Tone.GREY, 0.8, tanks, 0.26, outline=True),
        Part(wheels, 0.02, Tone.DARK, 0.8, wheels, 0.25, outline=True),
        Part(cab, 0.1, Tone.BODY, 0.6, cab, 0.7, outline=True),
        Part(cab, 0.7, Tone.BODY, 0.92),
        Part(screen, 0.7, Tone.GLASS, kind=Kind.GLASS),
        *[p for p in _lamps(0.7, front=0.49) if p.shape[0][0] > 0],
        Part(slope, 0.7, Tone.BODY, 0.7, roof, 0.92, outline=True),
        Part(roof, 0.92, Tone.BODY, 1.05),
    ]
    for y0, y1 in ((0.5, 0.59), (-0.59, -0.5)):
        parts.append(Part(_rect(0.44, 0.465, y0, y1), 0.7, Tone.DARK, outline=True))
    return parts


def _semitrailer(tone: Tone, ribs: int) -> list[Part]:
    """A box on its frame; its rear lamps are those of the whole."""
    box, frame = _rect(-0.5, 0.5, -0.5, 0.5), _rect(-0.49, 0.2, -0.42, 0.42)
    return [
        Part(frame, 0.05, Tone.DARK, 1.0, frame, 0.28, outline=True),
        Part(box, 0.28, tone, 0.6, box, 1.0, outline=True),
        Part(box, 1.0, tone, 0.95),
        *[
            Part(_rect(x, x + 0.004, -0.49, 0.49), 1.0, Tone.GREY)
            for x in np.linspace(-0.47, 0.46, ribs)
        ],
        *[p for p in _lamps(1.0, rear=-0.505) if p.shape[0][0] < 0],
        *[
            Part(_rect(-0.505, -0.497, *sorted((0.3 * side, 0.47 * side))), 1.0, Tone.RED_LENS,
                 kind=Kind.TAIL, lamp=agents.Lamp.BRAKE, lit_kind=Kind.BRAKE, outline=True)
            for side in (1, -1)
        ],
    ]  # fmt: skip


def _bus(hatches: int, tanks: int = 0) -> list[Part]:
    shape = _mirrored(
        [(0.5, 0.38), (0.492, 0.47), (0.47, 0.5), (-0.48, 0.5), (-0.498, 0.46), (-0.5, 0.38)]
    )
    roof = _mirrored([(0.45, 0.38), (0.44, 0.45), (-0.44, 0.46), (-0.45, 0.4)])
    screen = _mirrored([(0.5, 0.36), (0.493, 0.45), (0.483, 0.45), (0.483, 0.36)])
    steps, aside = np.linspace(-0.35, 0.3, hatches), np.linspace(-0.3, 0.2, tanks)
    parts = [
        Part(shape, 0.1, Tone.GLASS, 0.8, shape, 0.95, outline=True),
        Part(shape, 0.95, Tone.BODY, 0.75),
        Part(screen, 0.95, Tone.GLASS, kind=Kind.GLASS),
        *_lamps(0.95, front=0.494, rear=-0.505),
        Part(roof, 0.95, Tone.BODY, 0.9, roof, 1.0, outline=True),
        Part(roof, 1.0, Tone.BODY, 1.05),
        *[Part(_rect(x, x + 0.045, -0.2, 0.2), 1.0, Tone.LIGHT_GREY) for x in steps],
        Part(_rect(-0.43, -0.35, -0.36, 0.36), 1.0, Tone.GREY),
        *[Part(_rect(-0.3, 0.4, y, y + 0.1), 1.0, Tone.GREY) for y in aside],
    ]
    for y0, y1 in ((0.5, 0.58), (-0.58, -0.5)):
        parts.append(Part(_rect(0.478, 0.49, y0, y1), 0.85, Tone.DARK, outline=True))
    return parts


INSET = 1e-4
"""Of a body's size, by which details end within it: an edge that lies along a longer one would be
rounded in another way.
"""


def _clipped(body: list[Part]) -> list[Part]:
    """The body with every detail cut to the silhouette, so that no pixel of it lies outside.

    It is cut as seen from above. Details have to be at a height at which an outline is around them,
    or they lean out of it before a pinhole.
    """
    outlines = [shape for p in body if p.outline for shape in (p.shape, p.top) if shape]
    whole = shapely.union_all([shapely.Polygon(shape) for shape in outlines])
    within = whole.buffer(-INSET, join_style="mitre")
    parts = []
    for part in body:
        if not part.outline and part.shape not in outlines:
            # Details and silhouettes are such that they meet in one piece.
            inside = cast("shapely.Polygon", shapely.Polygon(part.shape).intersection(within))
            corners = tuple((float(x), float(y)) for x, y in inside.exterior.coords[:-1])
            part = dataclasses.replace(part, shape=corners)
        parts.append(part)
    return parts


def _under(part: Part, following: Part) -> bool:
    """Whether the next part covers this prism when it is seen from straight above."""
    if part.top != part.shape or following.top:
        return False
    own, over = shapely.Polygon(part.shape), shapely.Polygon(following.shape)
    return own.symmetric_difference(over).area < 1e-6


HEIGHTS_M = (1.6, 3.6, 3.1, 2.4, 1.5, 1.7, 1.7, 4.0, 2.0)
"""About how high the kinds are, m, then articulated trucks and umbrellas."""


def _articulated() -> list[list[Part]]:
    """Tractors, each followed by its semitrailer."""
    trailers = ((Tone.LIGHT_GREY, 2), (Tone.BODY, 9), (Tone.GREY, 14))
    return [body for tone, ribs in trailers for body in (_tractor(), _semitrailer(tone, ribs))]


@functools.cache
def templates(layered: bool = False) -> Templates:
    """Every body template, flat; ``layered`` for a tilted camera, see ``slabs.py``."""
    groups = [
        _cars(),
        [_truck(Tone.BODY, Tone.LIGHT_GREY, 2), _truck(Tone.BODY, Tone.BODY, 12),
         [*_truck(Tone.LIGHT_GREY, Tone.GREY, 0), *loads.open_bed()]],
        [_bus(2), _bus(4), _bus(0, tanks=4)],  # the last one runs on gas
        [_van(), _panel_van()],
        [_motorcycle(Tone.DARK, Tone.LIGHT_GREY), _motorcycle(Tone.GREY, Tone.DARK)],
        [_bicycle(Tone.DARK), _bicycle(Tone.LIGHT_GREY)],
    ]  # fmt: skip
    bodies = [_clipped(body) for group in groups for body in group]
    groups.append(people.bodies())  # all of their parts are silhouettes
    bodies += groups[-1]
    groups.append(_articulated())
    bodies += [_clipped(body) for body in groups[-1]]
    groups.append(umbrellas.bodies())
    bodies += groups[-1]
    if layered:
        tall = [h for h, group in zip(HEIGHTS_M, groups, strict=True) for _ in group]
        bodies = [slabs.sliced(body, h) for body, h in zip(bodies, tall, strict=True)]
    parts = [part for body in bodies for part in body]
    points = [
        [(*p, part.z) for p in part.shape] + [(*p, part.top_z) for p in part.top] for part in parts
    ]
    counts = [len(group) for group in groups]
    sizes = [len(body) for body in bodies]
    of_each = np.add.reduceat([len(p) for p in points], np.cumsum([0, *sizes[:-1]]))
    return Templates(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        np.concatenate([[0], np.cumsum([len(p) for p in points])]).astype(np.int32),
        np.array([p for group in points for p in group], dtype=np.float64),
        np.array([bool(p.top) for p in parts]),
        np.array([p.tone for p in parts], dtype=np.uint8),
        np.array([p.shade for p in parts], dtype=np.float64),
        np.array([p.kind for p in parts], dtype=np.uint8),
        np.array([p.lamp for p in parts], dtype=np.uint8),
        np.array([p.lit_kind for p in parts], dtype=np.uint8),
        np.array([p.outline for p in parts]),
        np.array([_under(p, q) for p, q in itertools.pairwise([*parts, parts[-1]])]),
        np.stack([np.concatenate([[0], np.cumsum(counts)[:-1]]), counts], axis=1).astype(np.int32),
        max(sizes),
        int(of_each.max()),
    )
