"""Oriented boxes of vehicles and people in the picture."""

from __future__ import annotations

import numpy as np

from render.actors import Poses
from simulator.agents import AgentTable
from simulator.articulation import about_both, behind
from simulator.camera import Camera, to_px
from simulator.geometry import wrap_rad


def vehicle_boxes(camera: Camera, table: AgentTable, poses: Poses) -> np.ndarray:
    """Oriented boxes of the bodies seen from above, f64[K, 5] cx, cy, w, h, rad.

    Of a tractor with a semitrailer: the least box about both, turned as the tractor nearest.
    """
    rows = poses.rows
    centre = to_px(camera, poses.pose[:, :2], table.height_m[rows] / 2)
    angle = camera.heading_rad - poses.pose[:, 2]
    size = np.stack([table.body_m[rows], table.width_m[rows]], axis=1) / camera.m_per_px
    boxes = np.concatenate([centre, size, wrap_rad(angle)[:, None]], axis=1)
    if table.trailer_m is None or poses.trailer_rad is None:
        return boxes
    for k in np.flatnonzero(table.trailer_m[rows] > 0).tolist():
        one, row = slice(k, k + 1), rows[k : k + 1]
        towed = table.trailer_m[row]
        pose = behind(poses.pose[one], table.body_m[row], towed, poses.trailer_rad[one])
        at = to_px(camera, pose[:, :2], table.height_m[row] / 2)[0]
        turn = wrap_rad(camera.heading_rad - float(pose[0, 2]))
        box = np.array([*at, turn, towed[0] / camera.m_per_px, boxes[k, 3]])
        x, y, turn, long, wide = about_both(boxes[k, [0, 1, 4, 2, 3]], box)
        boxes[k] = x, y, long, wide, turn
    return boxes
