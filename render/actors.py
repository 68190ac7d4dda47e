"""Vehicles and people: poses -> polygons and shadows of the whole frame in one pass."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render.bending import bend, bend_rects
from render.bodies import Templates, templates
from render.canvas import HEIGHT_UNIT_M, Polygons
from render.kernel import inner_kernel, kernel
from render.parts_of_bodies import TONES
from render.poses import Poses, view_of
from render.rigs import Bodies, Rigs, bodies_of
from render.surface import Kind
from simulator.camera import NEAR, Camera, ground_to_px, is_distorted, is_tilted, straight_view

MOST_POINTS = 64
"""Vertices of one part at most, base and top together."""

RIM_PX = 1
"""Beyond its polygons a body is said to reach so far."""

_SPECIAL = np.array([Kind.INDICATOR, Kind.TAIL, Kind.LENS_DARK], np.uint8)
_TONES = TONES.astype(np.float32)
_NO_SUN = np.zeros(2)


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn:
    """Bodies as polygons.

    Attributes:
        poses: of all, chosen or not. polygons: what to fill.
        outline: bool[P], which polygons make up the silhouettes.
        owner: i32[P], index into ``poses.rows`` of each, ascending.
    """

    poses: Poses
    polygons: Polygons
    outline: np.ndarray
    owner: np.ndarray


def bounds(
    camera: Camera, poses: Poses, bodies: Bodies, chosen: np.ndarray, to: np.ndarray,
    sun_m: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Write what is drawn of some, or what their shadows fall on, px, clipped to the image; empty
    outside.

    Args:
        chosen: bool[rows of the agent table], whom. to: i32[rows of the agent table, 4]. Who is
            chosen and not in ``poses`` is left empty.
        sun_m: of ``vehicle_shadows``, for their shadows.
    """
    t = templates(is_tilted(camera) and sun_m is None)
    flat = sun_m is not None
    left, top, right, bottom = straight_view(camera)
    frame = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    _bound(
        t.first_part, t.first_point, t.points, t.outline, bodies.template, bodies.pose,
        bodies.size_m, bodies.whose, poses.rows, poses.close, chosen, ground_to_px(camera),
        view_of(camera), _NO_SUN if sun_m is None else sun_m, flat, RIM_PX, frame,
        np.empty((MOST_POINTS, 2), np.float32), to,
    )  # fmt: skip
    if is_distorted(camera):
        to[chosen] = bend_rects(camera, to[chosen])


def draw_vehicles(
    camera: Camera, rigs: Rigs, poses: Poses, bodies: Bodies | None = None,
    chosen: np.ndarray | None = None,
) -> Drawn:  # fmt: skip
    """Polygons of those that may touch the image; instance id = row + 1.

    Args:
        bodies: of these poses, where they are known already.
        chosen: bool[rows of the agent table], only these.
    """
    bodies = bodies_of(rigs, poses) if bodies is None else bodies
    chosen = np.ones(len(rigs.template), np.bool_) if chosen is None else chosen
    t = templates(is_tilted(camera))
    vertices, starts, owner = _polygons_room(t, bodies)
    count = len(owner)
    outline, on_top = np.empty(count, np.bool_), np.zeros(count, np.bool_)
    colour, alpha = np.empty((count, 3), np.uint16), np.empty(count, np.float32)
    ident, kind, height = (
        np.empty(count, np.uint16), np.empty(count, np.uint8), np.empty(count, np.uint8)
    )  # fmt: skip
    # no pixel is spent on what the next part covers, or on an indicator that is off
    count, used = _place(
        t.first_part, t.first_point, t.points, t.prism, bodies.template, bodies.pose, bodies.size_m,
        bodies.whose, poses.rows, poses.close, chosen, ground_to_px(camera), view_of(camera),
        t.outline, t.tone, t.shade, t.lamp, t.kind, t.lit_kind, t.under,
        camera.kind == "orthographic", rigs.paint, _TONES, poses.lamps, poses.driven, _SPECIAL,
        1.0 / HEIGHT_UNIT_M, np.empty((MOST_POINTS, 2), np.float32),
        np.empty(MOST_POINTS, np.int64), vertices, starts, owner, outline, colour, alpha, ident,
        kind, height,
    )  # fmt: skip
    vertices, starts = bend(camera, vertices[:used], starts[: count + 1])
    polygons = Polygons(
        vertices, starts, colour[:count], alpha[:count], ident[:count],
        kind[:count], height[:count], on_top[:count],
    )  # fmt: skip
    return Drawn(poses, polygons, outline[:count], owner[:count])


def vehicle_shadows(
    camera: Camera, poses: Poses, bodies: Bodies, sun_m: np.ndarray,
    chosen: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Shadow polygons of vehicles: f32[V, 2] px, i32[P + 1] starts.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
        chosen: bool[rows of the agent table], only of these.
    """
    t = templates()
    if chosen is None:
        chosen = np.ones(poses.rows.max(initial=0) + 1, np.bool_)
    vertices, starts, _ = _polygons_room(t, bodies)
    count, used = _place_shadows(
        t.first_part, t.first_point, t.points, t.outline, bodies.template, bodies.pose,
        bodies.size_m, bodies.whose, poses.rows, chosen, ground_to_px(camera), view_of(camera),
        sun_m, np.empty((MOST_POINTS, 2), np.float32), np.empty(MOST_POINTS, np.int64), vertices,
        starts,
    )  # fmt: skip
    return bend(camera, vertices[:used], starts[: count + 1])


def _polygons_room(t: Templates, bodies: Bodies) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Room for the polygons of any such bodies: vertices, starts, owner."""
    parts = t.most_parts * len(bodies.template)
    # a hull is noted with one point more while it closes
    points = t.most_vertices * len(bodies.template) + 2
    return (
        np.empty((points, 2), np.float32), np.zeros(parts + 1, np.int32), np.empty(parts, np.int32)
    )  # fmt: skip


@inner_kernel
def _hull(points, n, order, out, m):
    """Convex hull (monotone chain) of points[:n] into out from row m; returns the next free row."""
    for k in range(n):
        i = k
        while i > 0 and _before(points, k, order[i - 1]):
            order[i] = order[i - 1]
            i -= 1
        order[i] = k
    first = m
    for k in range(n):
        i = order[k]
        while m - first >= 2 and _left(out, m, points, i) <= 0:
            m -= 1
        out[m, 0], out[m, 1] = points[i, 0], points[i, 1]
        m += 1
    lower = m + 1
    for k in range(n - 2, -1, -1):
        i = order[k]
        while m >= lower and _left(out, m, points, i) <= 0:
            m -= 1
        out[m, 0], out[m, 1] = points[i, 0], points[i, 1]
        m += 1
    return m - 1


@inner_kernel
def _before(points, a, b):
    if points[a, 0] != points[b, 0]:
        return points[a, 0] < points[b, 0]
    return points[a, 1] < points[b, 1]


@inner_kernel
def _left(out, m, points, i):
    ax, ay = out[m - 1, 0] - out[m - 2, 0], out[m - 1, 1] - out[m - 2, 1]
    return ax * (points[i, 1] - out[m - 2, 1]) - ay * (points[i, 0] - out[m - 2, 0])


@inner_kernel
def _project(points, first, last, k, c, s, pose, size, m, lens, sun, flat, out):
    """Project the points of a part of a body into ``out``; returns its greatest height, m.

    ``flat``: where the sun ``sun`` throws them on the ground.
    """
    altitude, cu, cv, kb, kz, kc, kv = lens
    z_max = 0.0
    for q in range(first, last):
        x, y, z = points[q, 0] * size[k, 0], points[q, 1] * size[k, 1], points[q, 2] * size[k, 2]
        wx, wy = pose[k, 0] + c * x - s * y, pose[k, 1] + s * x + c * y
        if flat:
            wx, wy, z = wx + sun[0] * z, wy + sun[1] * z, 0.0
        u = m[0, 0] * wx + m[0, 1] * wy + m[0, 2]
        v = m[1, 0] * wx + m[1, 1] * wy + m[1, 2]
        if kb > 0:
            f = 1.0 / max(1.0 - kb * (v - cv) - kz * z, NEAR)
            u, v = cu + (u - cu) * f, cv + (kc * (v - cv) - kv * z) * f
        elif altitude > 0 and not flat:
            f = altitude / (altitude - z)
            u, v = cu + (u - cu) * f, cv + (v - cv) * f
        out[q - first, 0], out[q - first, 1] = u, v
        z_max = max(z_max, z)
    return z_max


@kernel
def _bound(
    first_part, first_point, points, outline, template, pose, size, whose, rows, close, chosen, m,
    lens, sun, flat, margin, frame, work, out,
):  # fmt: skip
    """Bounds of the polygons of all bodies of the chosen."""
    for r in range(len(chosen)):
        if chosen[r]:
            out[r, 0] = out[r, 1] = out[r, 2] = out[r, 3] = 0
    b, far = 0, np.float32(np.inf)
    while b < len(template):
        k = whose[b]
        wanted = chosen[rows[k]] and (flat or close[k])
        x0, y0, x1, y1 = far, far, -far, -far
        while b < len(template) and whose[b] == k:
            c, s = np.cos(pose[b, 2]), np.sin(pose[b, 2])
            for part in range(first_part[template[b]], first_part[template[b] + 1]):
                if not wanted or (flat and not outline[part]):
                    continue
                first, last = first_point[part], first_point[part + 1]
                _project(points, first, last, b, c, s, pose, size, m, lens, sun, flat, work)
                for i in range(last - first):
                    x0, y0 = min(x0, work[i, 0]), min(y0, work[i, 1])
                    x1, y1 = max(x1, work[i, 0]), max(y1, work[i, 1])
            b += 1
        if wanted:
            r = rows[k]
            left, top, right, bottom = frame
            out[r, 0] = min(max(math.floor(x0) - margin, left), right)
            out[r, 1] = min(max(math.floor(y0) - margin, top), bottom)
            out[r, 2] = min(max(math.ceil(x1) + margin, left), right)
            out[r, 3] = min(max(math.ceil(y1) + margin, top), bottom)


@kernel
def _place(
    first_part, first_point, points, prism, template, pose, size, whose, rows, close, chosen, m,
    lens, outline, tone, shade, lamp, plain_kind, lit_kind, under, straight, paint, tones, lamps,
    driven, special, per_height, work, order, out, starts, owner, to_outline, colour, alpha, ident,
    kind, height,
):  # fmt: skip
    """Project and paint the parts of all bodies; returns the numbers of polygons and vertices."""
    n = p = np.int64(0)
    indicator, tail, dark = special[0], special[1], special[2]
    sun = (0.0, 0.0)
    for b in range(len(template)):
        k = whose[b]
        r = rows[k]
        if not close[k] or not chosen[r]:
            continue
        c, s = np.cos(pose[b, 2]), np.sin(pose[b, 2])
        for part in range(first_part[template[b]], first_part[template[b] + 1]):
            lit = (lamp[part] & lamps[k]) != 0
            unseen = (straight and under[part]) or (lit_kind[part] == indicator and not lit)
            if unseen and not outline[part]:
                continue
            first, last = first_point[part], first_point[part + 1]
            z = _project(points, first, last, b, c, s, pose, size, m, lens, sun, False, work)
            if prism[part]:
                n = _hull(work, last - first, order, out, n)
            else:
                for i in range(last - first):
                    out[n + i, 0], out[n + i, 1] = work[i, 0], work[i, 1]
                n += last - first
            kind[p] = lit_kind[part] if lit else plain_kind[part]
            if kind[p] == tail and not driven[k]:
                kind[p] = dark
            alpha[p] = 0.0 if unseen else 1.0
            for i in range(3):
                own = paint[r, i] if tone[part] == 0 else tones[tone[part], i]
                colour[p, i] = np.uint16(min(own * np.float32(shade[part]), np.float32(65535.0)))
            owner[p], ident[p], to_outline[p] = k, r + 1, outline[part]
            height[p] = np.uint8(min(math.ceil(z * per_height), 254))
            p += 1
            starts[p] = n
    return p, n


@kernel
def _place_shadows(
    first_part, first_point, points, outline, template, pose, size, whose, rows, chosen, m, lens,
    sun, work, order, out, starts,
):  # fmt: skip
    """Project the shadows of all bodies on the ground; returns how many polygons and vertices."""
    n = p = np.int64(0)
    for b in range(len(template)):
        if not chosen[rows[whose[b]]]:
            continue
        c, s = np.cos(pose[b, 2]), np.sin(pose[b, 2])
        for part in range(first_part[template[b]], first_part[template[b] + 1]):
            if not outline[part]:
                continue
            first, last = first_point[part], first_point[part + 1]
            _project(points, first, last, b, c, s, pose, size, m, lens, sun, True, work)
            n = _hull(work, last - first, order, out, n)
            p += 1
            starts[p] = n
    return p, n
