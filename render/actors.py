"""Vehicles: poses and lamps -> polygons, outlines and shadows of the whole frame in one pass."""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import njit

from render.bodies import TONES, templates
from render.canvas import HEIGHT_UNIT_M, ONE, Polygons
from render.surface import Kind, linear
from simulator.agents import AgentState, AgentTable, Lamp
from simulator.camera import Camera, ground_to_px, to_px

HEAD = np.uint8(Lamp.HEAD)
SHOWN = np.uint8(Lamp.BRAKE | Lamp.LEFT | Lamp.RIGHT)
SHOWN_DARK = np.uint8(Lamp.BRAKE)
"""Lamps that show while indicators flash on, and while they flash off."""

MARGIN_PX = 40.0
BLINK_HZ = 1.5
"""Flashing rate of indicators, 1-2 Hz (UNECE R6)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Poses:
    """Vehicles to draw: rows of the agent table i32[K], pose f64[K, 3] (x m, y m, heading rad),
    lamps u8[K] (Lamp flags), and whether each is driven, bool[K].
    """

    rows: np.ndarray
    pose: np.ndarray
    lamps: np.ndarray
    driven: np.ndarray


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
    """The driven vehicles in view at a moment."""
    rows = np.nonzero(state.active & (table.route >= 0))[0]
    pose = np.stack([state.x_m[rows], state.y_m[rows], state.heading_rad[rows]], axis=1)
    # whether headlamps are lit is the light's business; here a driven vehicle has them to light
    blink = (state.time_s * BLINK_HZ) % 1.0 < 0.5
    lamps = state.lamps[rows] & (SHOWN if blink else SHOWN_DARK) | HEAD
    return _in_view(camera, table, Poses(rows, pose, lamps, np.ones(len(rows), bool)))


def parked(camera: Camera, table: AgentTable) -> Poses:
    """The parked vehicles in view: they never move and show no light."""
    rows = np.nonzero(table.route < 0)[0]
    columns = table.parked_x_m[rows], table.parked_y_m[rows], table.parked_heading_rad[rows]
    still = Poses(
        rows, np.stack(columns, axis=1), np.zeros(len(rows), np.uint8), np.zeros(len(rows), bool)
    )
    return _in_view(camera, table, still)


def _in_view(camera: Camera, table: AgentTable, poses: Poses) -> Poses:
    """Those that may touch the image; under a pinhole the far ones first, which lean outward."""
    rows = poses.rows
    px = to_px(camera, poses.pose[:, :2], table.height_m[rows])
    reach = 0.65 * (table.length_m[rows] + table.height_m[rows]) / camera.m_per_px + MARGIN_PX
    size = np.array([camera.width_px, camera.height_px])
    keep = np.nonzero(((px > -reach[:, None]) & (px < size + reach[:, None])).all(axis=1))[0]
    if camera.kind == "pinhole":
        away = np.hypot(*(px[keep] - size / 2).T)
        keep = keep[np.argsort(-away, kind="stable")]
    return Poses(
        rows[keep].astype(np.int32), poses.pose[keep], poses.lamps[keep], poses.driven[keep]
    )


def draw_vehicles(camera: Camera, table: AgentTable, poses: Poses) -> Drawn:
    """Polygons of vehicles; instance id = row + 1."""
    rows = poses.rows
    t = templates()
    paint = np.rint(linear(table.colour[rows]) * ONE)
    vertices, starts, part, owner, z = _place(
        t.first_part, t.first_point, t.points, t.prism, _templates_of(table)[rows], poses.pose,
        _sizes(table, rows), ground_to_px(camera), *_lens(camera),
    )  # fmt: skip
    tone = t.tone[part]
    base = np.where(tone[:, None] == 0, paint[owner], TONES[tone])
    colour = np.minimum(base * t.shade[part][:, None], 65535).astype(np.uint16)
    lit = (t.lamp[part] & poses.lamps[owner]) != 0
    kind = np.where(lit, t.lit_kind[part], t.kind[part]).astype(np.uint8)
    kind[(kind == Kind.TAIL) & ~poses.driven[owner]] = Kind.LENS_DARK
    height = np.minimum(np.ceil(z / HEIGHT_UNIT_M), 254).astype(np.uint8)
    count = len(part)
    # no pixel is spent on what the next part covers, or on an indicator that is off
    unseen = (t.lit_kind[part] == Kind.INDICATOR) & ~lit
    if camera.kind == "orthographic":
        unseen |= t.under[part]
    polygons = Polygons(
        vertices, starts, colour, (~unseen).astype(np.float32), (rows[owner] + 1).astype(np.uint16),
        kind, height, np.zeros(count, np.bool_),
    )  # fmt: skip
    return Drawn(poses, polygons, *_outlines(vertices, starts, owner, t.outline[part]))


def vehicle_shadows(
    camera: Camera, table: AgentTable, poses: Poses, sun_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shadow polygons of vehicles: f32[V, 2] px and i32[P + 1] starts.

    Args:
        sun_m: f64[2], where the shadow of a point one metre high falls, m.
    """
    t = templates()
    return _place_shadows(
        t.first_part, t.first_point, t.points, t.prism, _templates_of(table)[poses.rows],
        poses.pose, _sizes(table, poses.rows), ground_to_px(camera), sun_m,
    )  # fmt: skip


def _sizes(table: AgentTable, rows: np.ndarray) -> np.ndarray:
    return np.stack([table.length_m[rows], table.width_m[rows], table.height_m[rows]], axis=1)


def _templates_of(table: AgentTable) -> np.ndarray:
    first, count = templates().by_kind[table.kind].T
    return (first + table.style % count).astype(np.int32)


def _lens(camera: Camera) -> tuple[float, float, float]:
    """Altitude (0 for orthographic) and image centre."""
    altitude = camera.altitude_m if camera.kind == "pinhole" else 0.0
    return altitude, camera.width_px / 2, camera.height_px / 2


def _outlines(
    vertices: np.ndarray, starts: np.ndarray, owner: np.ndarray, outline: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chosen = np.nonzero(outline)[0]
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


@njit(cache=True, nogil=True)
def _hull(points, n, out, m):
    """Convex hull (monotone chain) of points[:n] into out from row m; returns the next free row."""
    order = np.argsort(points[:n, 0] + 1e-7 * points[:n, 1])
    first = m
    for i in order:
        while m - first >= 2 and _left(out, m, points[i]) <= 0:
            m -= 1
        out[m] = points[i]
        m += 1
    lower = m + 1
    for k in range(n - 2, -1, -1):
        i = order[k]
        while m >= lower and _left(out, m, points[i]) <= 0:
            m -= 1
        out[m] = points[i]
        m += 1
    return m - 1


@njit(cache=True, nogil=True)
def _left(out, m, p):
    ax, ay = out[m - 1, 0] - out[m - 2, 0], out[m - 1, 1] - out[m - 2, 1]
    return ax * (p[1] - out[m - 2, 1]) - ay * (p[0] - out[m - 2, 0])


@njit(cache=True, nogil=True)
def _place(first_part, first_point, points, prism, style, pose, size, m, altitude, cu, cv):
    parts = 0
    for k in range(len(style)):
        parts += first_part[style[k] + 1] - first_part[style[k]]
    out = np.empty((parts * 48 + 4, 2), np.float32)
    starts = np.zeros(parts + 1, np.int32)
    part_of = np.empty(parts, np.int32)
    owner = np.empty(parts, np.int32)
    top = np.empty(parts, np.float64)
    work = np.empty((64, 2), np.float32)
    n = p = 0
    for k in range(len(style)):
        c, s = np.cos(pose[k, 2]), np.sin(pose[k, 2])
        for part in range(first_part[style[k]], first_part[style[k] + 1]):
            count = first_point[part + 1] - first_point[part]
            z_max = 0.0
            for i in range(count):
                q = points[first_point[part] + i]
                x, y, z = q[0] * size[k, 0], q[1] * size[k, 1], q[2] * size[k, 2]
                wx, wy = pose[k, 0] + c * x - s * y, pose[k, 1] + s * x + c * y
                u = m[0, 0] * wx + m[0, 1] * wy + m[0, 2]
                v = m[1, 0] * wx + m[1, 1] * wy + m[1, 2]
                if altitude > 0:
                    f = altitude / (altitude - z)
                    u, v = cu + (u - cu) * f, cv + (v - cv) * f
                work[i, 0], work[i, 1] = u, v
                z_max = max(z_max, z)
            if prism[part]:
                n = _hull(work, count, out, n)
            else:
                out[n : n + count] = work[:count]
                n += count
            part_of[p], owner[p], top[p] = part, k, z_max
            p += 1
            starts[p] = n
    return out[:n].copy(), starts, part_of, owner, top


@njit(cache=True, nogil=True)
def _place_shadows(first_part, first_point, points, outline, style, pose, size, m, sun):
    parts = 0
    for k in range(len(style)):
        for part in range(first_part[style[k]], first_part[style[k] + 1]):
            parts += outline[part]
    out = np.empty((parts * 52 + 4, 2), np.float32)
    starts = np.zeros(parts + 1, np.int32)
    work = np.empty((64, 2), np.float32)
    n = p = 0
    for k in range(len(style)):
        c, s = np.cos(pose[k, 2]), np.sin(pose[k, 2])
        for part in range(first_part[style[k]], first_part[style[k] + 1]):
            if not outline[part]:
                continue
            count = first_point[part + 1] - first_point[part]
            for i in range(count):
                q = points[first_point[part] + i]
                x, y, z = q[0] * size[k, 0], q[1] * size[k, 1], q[2] * size[k, 2]
                wx = pose[k, 0] + c * x - s * y + sun[0] * z
                wy = pose[k, 1] + s * x + c * y + sun[1] * z
                work[i, 0] = m[0, 0] * wx + m[0, 1] * wy + m[0, 2]
                work[i, 1] = m[1, 0] * wx + m[1, 1] * wy + m[1, 2]
            n = _hull(work, count, out, n)
            p += 1
            starts[p] = n
    return out[:n].copy(), starts
