"""Vehicles and people: poses -> polygons, outlines and shadows of the whole frame in one pass."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render import rects
from render.bodies import templates
from render.canvas import HEIGHT_UNIT_M, ONE, Polygons
from render.kernel import inner_kernel, kernel
from render.parts_of_bodies import TONES
from render.people import STRIDE_M, STRIDES
from render.rigs import bodies_of
from render.surface import Kind, linear
from simulator.agents import AgentState, AgentTable, Lamp
from simulator.camera import BEHIND, NEAR, Camera, ground_to_px, is_tilted, leaning, off_foot

HEAD = np.uint8(Lamp.HEAD)
SHOWN = np.uint8(Lamp.BRAKE | Lamp.LEFT | Lamp.RIGHT)
SHOWN_DARK = np.uint8(Lamp.BRAKE)
"""Lamps that show while indicators flash on, and while they flash off."""

MIRROR_M = 0.3
"""What may stand out beyond the sides of a body, m."""

SHADOW_M = 8.0
"""A shadow that falls into the picture comes from a body at most so far outside, m."""

MOST_POINTS = 64
"""Vertices of one part at most, base and top together."""

_SPECIAL = np.array([Kind.INDICATOR, Kind.TAIL, Kind.LENS_DARK], np.uint8)

BLINK_HZ = 1.5
"""Flashing rate of indicators, 1-2 Hz (UNECE R6)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Poses:
    """Vehicles and people to draw: rows of the agent table i32[K], pose f64[K, 3] (x m, y m,
    heading rad), lamps u8[K] (Lamp flags), whether each is driven, bool[K], the moment of the
    stride of who walks, u8[K], and the heading of each one's semitrailer, f64[K], None where the
    scene has none.
    """

    rows: np.ndarray
    pose: np.ndarray
    lamps: np.ndarray
    driven: np.ndarray
    stride: np.ndarray
    trailer_rad: np.ndarray | None = None


NOBODY = Poses(
    np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros(0, np.uint8), np.zeros(0, np.bool_),
    np.zeros(0, np.uint8),
)  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn:
    """Vehicles as drawn.

    Attributes:
        poses: the vehicles, in drawing order. polygons: what to fill.
        outline_px, outline_starts, outline_owner: the silhouettes as polygons f32[V, 2],
            i32[P + 1], with the index into ``poses.rows`` of each, i32[P].
    """

    poses: Poses
    polygons: Polygons
    outline_px: np.ndarray
    outline_starts: np.ndarray
    outline_owner: np.ndarray


def moving(camera: Camera, table: AgentTable, state: AgentState) -> Poses:
    """The driven vehicles and the people in view at a moment."""
    rows = (state.active & (table.route >= 0)).nonzero()[0].astype(np.int32)
    pose = np.stack([state.x_m[rows], state.y_m[rows], state.heading_rad[rows]], axis=1)
    # whether headlamps are lit is the light's business; here a driven vehicle has them to light
    blink = (state.time_s * BLINK_HZ) % 1.0 < 0.5
    lamps = state.lamps[rows] & (SHOWN if blink else SHOWN_DARK) | HEAD
    stride = np.where(state.speed_mps[rows] > 0, state.s_m[rows] / STRIDE_M % 1.0 * STRIDES, 0.0)
    turned = None if state.trailer_rad is None else state.trailer_rad[rows]
    poses = Poses(rows, pose, lamps, np.ones(len(rows), bool), stride.astype(np.uint8), turned)
    return _in_view(camera, table, poses)


def parked(camera: Camera, table: AgentTable) -> Poses:
    """The parked vehicles in view: they never move and show no light."""
    rows = np.flatnonzero(table.route < 0).astype(np.int32)
    columns = table.parked_x_m[rows], table.parked_y_m[rows], table.parked_heading_rad[rows]
    none = np.zeros(len(rows), np.uint8)
    still = Poses(rows, np.stack(columns, axis=1), none, np.zeros(len(rows), bool), none)
    return _in_view(camera, table, still)


def _in_view(camera: Camera, table: AgentTable, poses: Poses) -> Poses:
    """Those that may touch the image or throw a shadow into it.

    Under a pinhole the far ones come first, which lean outward.
    """
    chosen = _near(camera, table, poses, SHADOW_M)
    if camera.kind == "pinhole":
        away = off_foot(camera, poses.pose[chosen, :2], table.height_m[poses.rows[chosen]])
        chosen = chosen[np.argsort(-away, kind="stable")]
    return _chosen(poses, chosen)


def _near(camera: Camera, table: AgentTable, poses: Poses, margin_m: float) -> np.ndarray:
    """Indices of the bodies within a margin of the image, in order."""
    near = np.empty(len(poses.rows), np.bool_)
    reach = table.length_m  # of a tractor's middle its trailer's rear is further off
    reach = reach if table.trailer_m is None else reach + table.trailer_m
    _find_near(
        poses.rows, poses.pose, reach, table.width_m, table.height_m,
        ground_to_px(camera), *_lens(camera), margin_m, 1.0 / camera.m_per_px, near,
    )  # fmt: skip
    return near.nonzero()[0]


def _chosen(poses: Poses, index: np.ndarray) -> Poses:
    return Poses(
        poses.rows[index], poses.pose[index], poses.lamps[index],
        poses.driven[index], poses.stride[index],
        None if poses.trailer_rad is None else poses.trailer_rad[index],
    )  # fmt: skip


def of_rows(poses: Poses, rows: np.ndarray) -> Poses:
    """Those of some rows of the agent table, in the order that they had."""
    wanted = np.zeros(max(poses.rows.max(initial=-1), rows.max(initial=-1)) + 1, np.bool_)
    wanted[rows] = True
    return _chosen(poses, wanted[poses.rows].nonzero()[0])


def stirred(before: Poses, now: Poses, agents: int) -> np.ndarray:
    """Rows i64[M] of the vehicles that came, left, moved, stopped or switched a lamp between two
    moments.

    Args:
        agents: rows of the agent table.
    """
    looks = np.full((2, agents, 5), np.nan)
    for look, poses in zip(looks, (before, now), strict=True):
        look[poses.rows, :3] = poses.pose
        look[poses.rows, 3] = poses.lamps + 256.0 * poses.stride
        look[poses.rows, 4] = 0.0 if poses.trailer_rad is None else poses.trailer_rad
    known = ~np.isnan(looks[:, :, 3])
    same = (looks[0] == looks[1]).all(axis=1)
    return ((known[0] | known[1]) & ~same).nonzero()[0]


def bounds(drawn: Drawn, shape: tuple[int, int]) -> np.ndarray:
    """What is drawn of each vehicle, i32[K, 4] px, clipped to an image (H, W)."""
    p = drawn.polygons
    return rects.of_groups(p.vertices_px, p.starts, p.ident, 1, shape)


def draw_vehicles(camera: Camera, table: AgentTable, poses: Poses) -> Drawn:
    """Polygons of the vehicles that may touch the image; instance id = row + 1."""
    poses = _chosen(poses, _near(camera, table, poses, 0.0))
    rows = poses.rows
    t = templates(is_tilted(camera))
    paint = np.rint(linear(table.colour[rows]) * ONE).astype(np.float32)
    styles, pose, size, whose = bodies_of(
        table, poses.rows, poses.pose, poses.stride, poses.trailer_rad
    )
    count = int((t.first_part[styles + 1] - t.first_part[styles]).sum())
    vertices = np.empty((count * MOST_POINTS + 4, 2), np.float32)
    starts, part = np.zeros(count + 1, np.int32), np.empty(count, np.int32)
    owner, z = np.empty(count, np.int32), np.empty(count, np.float64)
    used = _place(
        t.first_part, t.first_point, t.points, t.prism, styles, pose, size,
        ground_to_px(camera), *_lens(camera),
        np.empty((MOST_POINTS, 2), np.float32), np.empty(MOST_POINTS, np.int64),
        vertices, starts, part, owner, z,
    )  # fmt: skip
    owner = whose[owner]
    vertices = vertices[:used].copy()
    polygons = Polygons(
        vertices, starts, np.empty((count, 3), np.uint16), np.empty(count, np.float32),
        (rows[owner] + 1).astype(np.uint16), np.empty(count, np.uint8),
        np.minimum(np.ceil(z / HEIGHT_UNIT_M), 254).astype(np.uint8), np.zeros(count, np.bool_),
    )  # fmt: skip
    # no pixel is spent on what the next part covers, or on an indicator that is off
    under = t.under if camera.kind == "orthographic" else np.zeros(len(t.under), np.bool_)
    _paint(
        part, owner, t.tone, t.shade, t.lamp, t.kind, t.lit_kind, under, paint,
        TONES.astype(np.float32), poses.lamps, poses.driven, _SPECIAL,
        polygons.colour, polygons.alpha, polygons.kind,
    )  # fmt: skip
    return Drawn(poses, polygons, *_outlines(vertices, starts, owner, t.outline[part]))


def vehicle_shadows(
    camera: Camera, table: AgentTable, poses: Poses, sun_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shadow polygons of vehicles: f32[V, 2] px, i32[P + 1] starts, i32[P] index of the vehicle.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
    """
    t = templates()
    styles, pose, size, whose = bodies_of(
        table, poses.rows, poses.pose, poses.stride, poses.trailer_rad
    )
    parts = int((t.first_part[styles + 1] - t.first_part[styles]).sum())
    vertices = np.empty((parts * MOST_POINTS + 4, 2), np.float32)
    starts, owner = np.zeros(parts + 1, np.int32), np.empty(parts, np.int32)
    count, used = _place_shadows(
        t.first_part, t.first_point, t.points, t.outline, styles, pose, size,
        ground_to_px(camera), _lens(camera), sun_m,
        np.empty((MOST_POINTS, 2), np.float32), np.empty(MOST_POINTS, np.int64), vertices, starts,
        owner,
    )  # fmt: skip
    return vertices[:used].copy(), starts[: count + 1], whose[owner[:count]]


def _lens(camera: Camera) -> tuple[float, float, float, float, float, float, float]:
    """Altitude (0 for orthographic), image centre, and ``leaning``."""
    altitude = camera.altitude_m * (camera.kind == "pinhole")
    return altitude, camera.width_px / 2, camera.height_px / 2, *leaning(camera)


def _outlines(
    vertices: np.ndarray, starts: np.ndarray, owner: np.ndarray, outline: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chosen = outline.nonzero()[0]
    sizes = np.diff(starts)[chosen]
    index = (
        np.repeat(starts[chosen], sizes)
        + np.arange(sizes.sum())
        - np.repeat(np.cumsum(sizes) - sizes, sizes)
    )
    return (
        vertices[index],
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        owner[chosen].astype(np.int32),
    )


@kernel
def _find_near(
    rows, pose, length, width, height, m, altitude, cu, cv, kb, kz, kc, kv, margin, px_per_m, near
):  # fmt: skip
    """Whether the foot or the head of each body comes within a margin (m) of the image."""
    for k in range(len(rows)):
        r = rows[k]
        u = m[0, 0] * pose[k, 0] + m[0, 1] * pose[k, 1] + m[0, 2]
        v = m[1, 0] * pose[k, 0] + m[1, 1] * pose[k, 1] + m[1, 2]
        scale = altitude / (altitude - min(height[r], 0.9 * altitude)) if altitude > 0 else 1.0
        far = (0.55 * math.hypot(length[r], width[r]) + MIRROR_M + margin) * scale * px_per_m
        top_u, top_v = cu + (u - cu) * scale, cv + (v - cv) * scale
        if kb > 0:
            foot = max(1.0 - kb * (v - cv), NEAR)
            head = max(foot - kz * min(height[r], 0.9 * altitude), NEAR)
            far *= 1.0 / (scale * max(head - kb * far / scale, NEAR))
            top_u, top_v = cu + (u - cu) / head, cv + (kc * (v - cv) - kv * height[r]) / head
            top_v = top_v if foot > BEHIND else 1e9  # behind the lower edge
            u, v = cu + (u - cu) / foot, cv + kc * (v - cv) / foot
        near[k] = (
            max(u, top_u) > -far and min(u, top_u) < 2 * cu + far
            and max(v, top_v) > -far and min(v, top_v) < 2 * cv + far
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


@kernel
def _place(
    first_part, first_point, points, prism, style, pose, size, m, altitude, cu, cv, kb, kz, kc, kv,
    work, order, out, starts, part_of, owner, top,
):  # fmt: skip
    """Project the parts of all bodies; returns the number of vertices."""
    n = p = np.int64(0)
    for k in range(len(style)):
        c, s = np.cos(pose[k, 2]), np.sin(pose[k, 2])
        for part in range(first_part[style[k]], first_part[style[k] + 1]):
            count = first_point[part + 1] - first_point[part]
            z_max = 0.0
            for i in range(count):
                q = first_point[part] + i
                x, y = points[q, 0] * size[k, 0], points[q, 1] * size[k, 1]
                z = points[q, 2] * size[k, 2]
                wx, wy = pose[k, 0] + c * x - s * y, pose[k, 1] + s * x + c * y
                u = m[0, 0] * wx + m[0, 1] * wy + m[0, 2]
                v = m[1, 0] * wx + m[1, 1] * wy + m[1, 2]
                if kb > 0:
                    f = 1.0 / max(1.0 - kb * (v - cv) - kz * z, NEAR)
                    u, v = cu + (u - cu) * f, cv + (kc * (v - cv) - kv * z) * f
                elif altitude > 0:
                    f = altitude / (altitude - z)
                    u, v = cu + (u - cu) * f, cv + (v - cv) * f
                work[i, 0], work[i, 1] = u, v
                z_max = max(z_max, z)
            if prism[part]:
                n = _hull(work, count, order, out, n)
            else:
                for i in range(count):
                    out[n + i, 0], out[n + i, 1] = work[i, 0], work[i, 1]
                n += count
            part_of[p], owner[p], top[p] = part, k, z_max
            p += 1
            starts[p] = n
    return n


@kernel
def _paint(
    part_of, owner, tone, shade, lamp, plain_kind, lit_kind, under, paint, tones, lamps, driven,
    special, colour, alpha, kind,
):  # fmt: skip
    """Colours, kinds and visibility of all parts."""
    indicator, tail, dark = special[0], special[1], special[2]
    for p in range(len(part_of)):
        part, k = part_of[p], owner[p]
        lit = (lamp[part] & lamps[k]) != 0
        kind[p] = lit_kind[part] if lit else plain_kind[part]
        if kind[p] == tail and not driven[k]:
            kind[p] = dark
        unseen = under[part] or (lit_kind[part] == indicator and not lit)
        alpha[p] = 0.0 if unseen else 1.0
        for c in range(3):
            own = paint[k, c] if tone[part] == 0 else tones[tone[part], c]
            colour[p, c] = np.uint16(min(own * np.float32(shade[part]), np.float32(65535.0)))


@kernel
def _place_shadows(
    first_part, first_point, points, outline, style, pose, size, m, lens, sun, work, order, out,
    starts, owner,
):  # fmt: skip
    """Project the shadows of all bodies on the ground; returns how many polygons and vertices."""
    _, cu, cv, kb, _, kc, _ = lens
    n = p = np.int64(0)
    for k in range(len(style)):
        c, s = np.cos(pose[k, 2]), np.sin(pose[k, 2])
        for part in range(first_part[style[k]], first_part[style[k] + 1]):
            if not outline[part]:
                continue
            count = first_point[part + 1] - first_point[part]
            for i in range(count):
                q = first_point[part] + i
                x, y = points[q, 0] * size[k, 0], points[q, 1] * size[k, 1]
                z = points[q, 2] * size[k, 2]
                wx = pose[k, 0] + c * x - s * y + sun[0] * z
                wy = pose[k, 1] + s * x + c * y + sun[1] * z
                u = m[0, 0] * wx + m[0, 1] * wy + m[0, 2]
                v = m[1, 0] * wx + m[1, 1] * wy + m[1, 2]
                if kb > 0:
                    f = 1.0 / max(1.0 - kb * (v - cv), NEAR)
                    u, v = cu + (u - cu) * f, cv + kc * (v - cv) * f
                work[i, 0], work[i, 1] = u, v
            n = _hull(work, count, order, out, n)
            owner[p] = k
            p += 1
            starts[p] = n
    return p, n
