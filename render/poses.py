"""Where vehicles and people are and how they look at a moment: those that a camera may see."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render.kernel import inner_kernel, kernel
from render.people import STRIDE_M, STRIDES
from render.rigs import Rigs
from simulator.agents import AgentState, AgentTable, Lamp
from simulator.camera import BEHIND, NEAR, Camera, ground_to_px, leaning, more_px, off_foot

HEAD = np.uint8(Lamp.HEAD)
SHOWN = np.uint8(Lamp.BRAKE | Lamp.LEFT | Lamp.RIGHT)
SHOWN_DARK = np.uint8(Lamp.BRAKE)
"""Lamps that show while indicators flash on, and while they flash off."""

MIRROR_M = 0.3
"""What may stand out beyond the sides of a body, m."""

SHADOW_M = 8.0
"""A shadow that falls into the picture comes from a body at most so far outside, m."""

BLINK_HZ = 1.5
"""Flashing rate of indicators, 1-2 Hz (UNECE R6)."""

_NOWHERE = np.zeros(0)


@dataclasses.dataclass(frozen=True, eq=False)
class Poses:
    """Vehicles and people that may touch the image or throw a shadow into it, in drawing order.

    Attributes:
        rows: i32[K], of the agent table. pose: f64[K, 3], x m, y m, heading rad. lamps: u8[K], Lamp
            flags. driven: bool[K]. stride: u8[K], the moment of the stride of who walks.
        trailer_rad: f64[K], heading of the semitrailer of who has one.
        close: bool[K], whether it may touch the image.
    """

    rows: np.ndarray
    pose: np.ndarray
    lamps: np.ndarray
    driven: np.ndarray
    stride: np.ndarray
    trailer_rad: np.ndarray
    close: np.ndarray


NOBODY = Poses(
    np.zeros(0, np.int32), np.zeros((0, 3)), np.zeros(0, np.uint8), np.zeros(0, np.bool_),
    np.zeros(0, np.uint8), np.zeros(0), np.zeros(0, np.bool_),
)  # fmt: skip


def moving(camera: Camera, table: AgentTable, rigs: Rigs, state: AgentState) -> Poses:
    """The driven vehicles and the people in view at a moment."""
    # whether headlamps are lit is the light's business; here a driven vehicle has them to light
    blink = (state.time_s * BLINK_HZ) % 1.0 < 0.5
    trailer_rad = _NOWHERE if state.trailer_rad is None else state.trailer_rad
    poses = _room(len(table))
    count = _gather(
        state.active, table.route, state.x_m, state.y_m, state.heading_rad, state.lamps,
        state.speed_mps, state.s_m, trailer_rad, rigs.reach_m, table.width_m, table.height_m,
        ground_to_px(camera), *view_of(camera), more_px(camera), SHADOW_M, 1.0 / camera.m_per_px,
        SHOWN if blink else SHOWN_DARK, HEAD, STRIDE_M, STRIDES,
        poses.rows, poses.pose, poses.lamps, poses.driven, poses.stride, poses.trailer_rad,
        poses.close,
    )  # fmt: skip
    return _sorted(camera, table, _chosen(poses, slice(count)))


def parked(camera: Camera, table: AgentTable, rigs: Rigs) -> Poses:
    """The parked vehicles in view: they never move and show no light."""
    count, none = len(table), np.zeros(len(table), np.uint8)
    poses = _room(count)
    found = _gather(
        table.route < 0, np.zeros(count, np.int32), table.parked_x_m, table.parked_y_m,
        table.parked_heading_rad, none, np.zeros(count), np.zeros(count), table.parked_heading_rad,
        rigs.reach_m, table.width_m, table.height_m, ground_to_px(camera), *view_of(camera),
        more_px(camera), SHADOW_M, 1.0 / camera.m_per_px, np.uint8(0), np.uint8(0), STRIDE_M,
        STRIDES, poses.rows, poses.pose, poses.lamps, poses.driven, poses.stride, poses.trailer_rad,
        poses.close,
    )  # fmt: skip
    poses.driven[:] = False
    return _sorted(camera, table, _chosen(poses, slice(found)))


def _room(count: int) -> Poses:
    return Poses(
        np.empty(count, np.int32), np.empty((count, 3)), np.empty(count, np.uint8),
        np.empty(count, np.bool_), np.empty(count, np.uint8), np.empty(count),
        np.empty(count, np.bool_),
    )  # fmt: skip


def _sorted(camera: Camera, table: AgentTable, poses: Poses) -> Poses:
    """Under a pinhole the far ones come first, which lean outward."""
    if camera.kind != "pinhole":
        return poses
    away = off_foot(camera, poses.pose[:, :2], table.height_m[poses.rows])
    return _chosen(poses, np.argsort(-away, kind="stable"))


def _chosen(poses: Poses, which: np.ndarray | slice) -> Poses:
    return Poses(
        poses.rows[which], poses.pose[which], poses.lamps[which], poses.driven[which],
        poses.stride[which], poses.trailer_rad[which], poses.close[which],
    )  # fmt: skip


def stirred(before: Poses, now: Poses, agents: int) -> np.ndarray:
    """Rows that came, left, moved, stopped or switched a lamp between two moments: bool[agents].

    Args:
        agents: rows of the agent table.
    """
    out = np.zeros(agents, np.bool_)
    _compare(
        before.rows, before.pose, before.lamps, before.stride, before.trailer_rad,
        now.rows, now.pose, now.lamps, now.stride, now.trailer_rad,
        np.full(agents, -1, np.int32), out,
    )  # fmt: skip
    return out


def view_of(camera: Camera) -> tuple[float, float, float, float, float, float, float]:
    """Altitude (0 for orthographic), image centre, and ``leaning``."""
    altitude = camera.altitude_m * (camera.kind == "pinhole")
    return altitude, camera.width_px / 2, camera.height_px / 2, *leaning(camera)


@kernel
def _gather(
    active, route, x_m, y_m, heading, lamps, speed, s_m, trailer_rad, reach, width, height,
    m, altitude, cu, cv, kb, kz, kc, kv, more, margin, px_per_m, show, head, stride_m, strides,
    rows, pose, shown, driven, stride, turned, close,
):  # fmt: skip
    """Write the poses of who is active, has a route and is within a margin (m) of the image, which
    shows ``more`` px beyond its bounds.
    """
    n = 0
    for r in range(len(active)):
        if not active[r] or route[r] < 0:
            continue
        u = m[0, 0] * x_m[r] + m[0, 1] * y_m[r] + m[0, 2]
        v = m[1, 0] * x_m[r] + m[1, 1] * y_m[r] + m[1, 2]
        size = 0.55 * math.hypot(reach[r], width[r]) + MIRROR_M
        lens = (altitude, cu, cv, kb, kz, kc, kv)
        if not _is_near(u, v, (size + margin) * px_per_m + more, height[r], lens):
            continue
        close[n] = _is_near(u, v, (size + 0.0) * px_per_m + more, height[r], lens)
        rows[n], pose[n, 0], pose[n, 1], pose[n, 2] = r, x_m[r], y_m[r], heading[r]
        shown[n] = lamps[r] & show | head
        driven[n] = True
        stride[n] = np.uint8(s_m[r] / stride_m % 1.0 * strides if speed[r] > 0 else 0.0)
        turned[n] = trailer_rad[r] if len(trailer_rad) > 0 else 0.0
        n += 1
    return n


@inner_kernel
def _is_near(u, v, far, height, lens):
    """Whether the foot (u, v) or the head of a body comes within ``far`` px of the image."""
    altitude, cu, cv, kb, kz, kc, kv = lens
    scale = altitude / (altitude - min(height, 0.9 * altitude)) if altitude > 0 else 1.0
    far *= scale
    top_u, top_v = cu + (u - cu) * scale, cv + (v - cv) * scale
    if kb > 0:
        foot = max(1.0 - kb * (v - cv), NEAR)
        head = max(foot - kz * min(height, 0.9 * altitude), NEAR)
        far *= 1.0 / (scale * max(head - kb * far / scale, NEAR))
        top_u, top_v = cu + (u - cu) / head, cv + (kc * (v - cv) - kv * height) / head
        top_v = top_v if foot > BEHIND else 1e9  # behind the lower edge
        u, v = cu + (u - cu) / foot, cv + kc * (v - cv) / foot
    return (
        max(u, top_u) > -far and min(u, top_u) < 2 * cu + far
        and max(v, top_v) > -far and min(v, top_v) < 2 * cv + far
    )  # fmt: skip


@kernel
def _compare(
    rows, pose, lamps, stride, turned, now_rows, now_pose, now_lamps, now_stride, now_turned, at,
    out,
):  # fmt: skip
    """Mark the rows that are in one of two sets of poses only, or differ. ``at`` comes in as -1."""
    for k in range(len(rows)):
        at[rows[k]] = k
        out[rows[k]] = True
    for j in range(len(now_rows)):
        r = now_rows[j]
        k = at[r]
        out[r] = k < 0 or not (
            pose[k, 0] == now_pose[j, 0] and pose[k, 1] == now_pose[j, 1]
            and pose[k, 2] == now_pose[j, 2] and lamps[k] == now_lamps[j]
            and stride[k] == now_stride[j] and turned[k] == now_turned[j]
        )  # fmt: skip
