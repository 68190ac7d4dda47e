"""A tractor with its semitrailer: where the second body is, and the two together.

How it moves is in ``towing``.
"""

from __future__ import annotations

import numpy as np

from simulator.agents import KINGPIN_M, AgentState, AgentTable
from simulator.collision import overlaps as box_overlaps
from simulator.geometry import wrap_rad
from simulator.least_box import least_boxes
from simulator.towing import AXLE_SHARE, REAR_AXLE_SHARE


def tow_m(table: AgentTable) -> np.ndarray:
    """From each one's pin to its trailer's axles, 0 of what has no trailer: f64[N]."""
    return AXLE_SHARE * np.maximum(table.towed_m - KINGPIN_M, 0.0)


def trailers(table: AgentTable, state: AgentState) -> tuple[np.ndarray, np.ndarray]:
    """The semitrailers as boxes.

    Returns:
        Rows of those who have one, i64[K]; f64[K, 5], x, y of the middle, heading, length, width,
        m and rad, world frame.
    """
    if table.trailer_m is None or state.trailer_rad is None:
        return np.zeros(0, np.int64), np.zeros((0, 5))
    rows = np.flatnonzero(table.trailer_m > 0)
    if not len(rows):
        return rows, np.zeros((0, 5))
    pose = np.stack([state.x_m[rows], state.y_m[rows], state.heading_rad[rows]], axis=1)
    towed, width = table.trailer_m[rows], table.width_m[rows]
    middles = behind(pose, table.body_m[rows], towed, state.trailer_rad[rows])
    return rows, np.column_stack([middles, towed, width])


def behind(
    pose: np.ndarray, body_m: np.ndarray, trailer_m: np.ndarray, trailer_rad: np.ndarray
) -> np.ndarray:
    """Poses of semitrailers f64[K, 3], from those of their tractors and their own headings.

    Args:
        pose: f64[K, 3], x, y, m, of the tractors' middles and their headings, rad. body_m,
            trailer_m: f64[K], lengths. trailer_rad: f64[K].
    """
    back, back_too = _hitch_m(body_m, trailer_m)
    x = pose[:, 0] - back * np.cos(pose[:, 2]) - back_too * np.cos(trailer_rad)
    y = pose[:, 1] - back * np.sin(pose[:, 2]) - back_too * np.sin(trailer_rad)
    return np.stack([x, y, trailer_rad], axis=1)


def hitch_m(table: AgentTable) -> np.ndarray:
    """From the middle of each tractor back to its pin, and from there to its trailer's middle, m:
    f64[N, 2], 0 of what has no trailer.
    """
    whole = np.stack(_hitch_m(table.body_m, table.towed_m), axis=1)
    return np.where(table.towed_m[:, None] > 0, whole, 0.0)


def _hitch_m(body_m: np.ndarray, trailer_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return REAR_AXLE_SHARE * body_m, trailer_m / 2 - KINGPIN_M


def own_bodies(table: AgentTable, state: AgentState) -> np.ndarray:
    """The bodies without their trailers as boxes: f64[N, 5], see :func:`trailers`."""
    columns = state.x_m, state.y_m, state.heading_rad, table.body_m, table.width_m
    return np.stack(columns, axis=1)


def overlaps(table: AgentTable, state: AgentState) -> np.ndarray:
    """Pairs of active rows any of whose bodies overlap: i32[K, 2], i < j, in order."""
    rows, boxes = trailers(table, state)
    whole = np.concatenate([own_bodies(table, state), boxes])
    who = np.concatenate([np.arange(len(table)), rows])
    x, y, heading, length, width = whole.T
    pairs = who[box_overlaps(x, y, heading, length, width, state.active[who])]
    if not len(rows):
        return pairs.astype(np.int32)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return pairs.astype(np.int32)
    pairs = np.sort(pairs, axis=1)
    return np.unique(pairs, axis=0).astype(np.int32).reshape(-1, 2)


def around(table: AgentTable, state: AgentState) -> np.ndarray:
    """The least box about all of each row: f64[N, 5], see :func:`trailers`."""
    whole = own_bodies(table, state)
    rows, boxes = trailers(table, state)
    if len(rows):
        whole[rows] = about_both(whole[rows], boxes)
    return whole


def about_both(tractors: np.ndarray, trailers: np.ndarray) -> np.ndarray:
    """The least boxes about pairs of boxes, f64[K, 5], x, y, heading, length, width.

    Its heading is the direction of its sides that is nearest to that of the first of the two.
    """
    boxes = least_boxes(tractors, trailers)
    boxes[:, 2] = wrap_rad(boxes[:, 2])
    return boxes
