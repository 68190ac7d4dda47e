"""Labels from the same id plane and the same light as the picture.

``contrast_left`` is |L_object - L_ring| after weather, optics and exposure (no noise) divided by
the same before the weather under the same light; L is the mean linear luminance over the visible
mask and over the 3 px around it; 0..1, and 0 when nothing stood out before. ``contrast_abs`` is the
Weber contrast |L_object - L_ring| / L_ring after the weather. Both are taken in scene light: the
exposure gain is divided out again, what stays of it is saturation at the full well.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numba import njit

from render.actors import Drawn
from render.faces import Plates
from render.frame import ASPECT_CLASS, CLASSES, Annotations
from render.raster import ONE, Canvas, silhouette
from simulator.agents import AgentState, AgentTable
from simulator.camera import Camera, to_px
from simulator.scene import Scene

RING_PX = 3
MAX_ID = 4096


@dataclasses.dataclass(frozen=True, eq=False)
class Geometry:
    """Everything about the objects of a frame but contrast: the same for all open-loop twins."""

    instance: np.ndarray
    category: np.ndarray
    box_px: np.ndarray
    full_box_px: np.ndarray
    oriented_px: np.ndarray
    visible_px: np.ndarray
    full_px: np.ndarray
    inside_px: np.ndarray
    heading_rad: np.ndarray
    speed_mps: np.ndarray
    aspect: np.ndarray
    sign: tuple[str, ...]
    ego_lane: np.ndarray


def measure_geometry(
    scene: Scene,
    camera: Camera,
    canvas: Canvas,
    drawn: Drawn,
    plates: Plates,
    state: AgentState,
    aspects: np.ndarray,
) -> Geometry:
    """Boxes, areas and attributes of every object that has a visible pixel.

    Args:
        aspects: i[K], aspect that each plate shows, -1 for signs.
    """
    area, bounds = _scan(canvas.ids, MAX_ID)
    rows, columns = canvas.ids.shape
    vehicles = silhouette(
        drawn.outline_px, drawn.outline_starts, drawn.outline_owner, len(drawn.rows), rows, columns
    )
    faces = _plate_silhouettes(plates, rows, columns)
    table, seen = scene.agents, drawn.rows
    ident = np.concatenate([seen + 1, plates.ident]).astype(np.int64)
    category = np.concatenate([table.kind[seen], _plate_categories(plates, aspects)])
    full, inside, box = (np.concatenate([a, b]) for a, b in zip(vehicles, faces, strict=True))
    oriented = np.concatenate([_vehicle_boxes(camera, table, state, seen), _plate_boxes(plates)])
    zeros = np.zeros(len(plates.ident))
    keep = np.nonzero(area[ident] > 0)[0]
    keep = keep[np.argsort(ident[keep], kind="stable")]
    ids = ident[keep]
    ego = _ego_stop_lines(scene, camera, state)
    rules = np.array([line in ego for line in plates.stop_line], dtype=bool)
    sign = ("",) * len(seen) + plates.sign_type
    return Geometry(
        ids.astype(np.uint16),
        category[keep].astype(np.int16),
        bounds[ids],
        box[keep],
        oriented[keep],
        area[ids],
        full[keep],
        inside[keep],
        np.concatenate([state.heading_rad[seen], plates.heading_rad])[keep],
        np.concatenate([state.speed_mps[seen], zeros])[keep],
        np.concatenate([np.full(len(seen), -1), aspects])[keep].astype(np.int16),
        tuple(sign[k] for k in keep),
        np.concatenate([np.zeros(len(seen), bool), rules])[keep],
    )


def annotate(
    geometry: Geometry, ids: np.ndarray, before: np.ndarray, after: np.ndarray, gain: float
) -> Annotations:
    """Join geometry with what the weather left of each object's contrast.

    Args:
        ids: u16[H, W]. before: f32[H, W] luminance without weather. after: u16[3, H, W] linear
            light behind the lens. gain: exposure, for saturation.
    """
    g = geometry
    full_well = np.float32(65535.0 if gain <= 0 else ONE / gain)
    pre, post, ring = _contrast(ids, g.instance, g.box_px, before, after, full_well)
    left = np.where(pre > 1e-6, np.minimum(post / np.maximum(pre, 1e-6), 1.0), 0.0)
    occlusion = 1.0 - np.minimum(g.visible_px / np.maximum(g.inside_px, 1), 1.0)
    truncation = 1.0 - np.minimum(g.inside_px / np.maximum(g.full_px, 1), 1.0)
    return Annotations(
        g.instance, g.instance.astype(np.int32), g.category, g.box_px, g.full_box_px, g.oriented_px,
        g.visible_px, g.full_px, occlusion, truncation, left, post / np.maximum(ring, 1e-6),
        g.heading_rad, g.speed_mps, g.aspect, g.sign, g.ego_lane,
    )  # fmt: skip


def _plate_categories(plates: Plates, aspects: np.ndarray) -> np.ndarray:
    stop = CLASSES.index("stop_sign")
    lights = {a: CLASSES.index(name) for a, name in ASPECT_CLASS.items()}
    return np.array([lights.get(int(a), stop) for a in aspects], dtype=np.int16)


def _plate_silhouettes(plates: Plates, rows: int, columns: int) -> tuple[np.ndarray, ...]:
    outlines = plates.outline_px
    sizes = [len(o) for o in outlines]
    vertices = np.concatenate(outlines) if sizes else np.zeros((0, 2))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    owner = np.arange(len(sizes), dtype=np.int32)
    return silhouette(vertices.astype(np.float32), starts, owner, len(sizes), rows, columns)


def _vehicle_boxes(
    camera: Camera, table: AgentTable, state: AgentState, rows: np.ndarray
) -> np.ndarray:
    """Oriented boxes of the bodies seen from above, f64[K, 5] cx, cy, w, h, rad."""
    z = table.height_m[rows] / 2
    centre = to_px(camera, np.stack([state.x_m[rows], state.y_m[rows]], axis=1), z)
    angle = camera.heading_rad - state.heading_rad[rows]
    size = np.stack([table.length_m[rows], table.width_m[rows]], axis=1) / camera.m_per_px
    return np.concatenate([centre, size, _wrap(angle)[:, None]], axis=1)


def _plate_boxes(plates: Plates) -> np.ndarray:
    return np.concatenate([plates.centre_px, plates.size_px, _wrap(plates.angle_rad)[:, None]], axis=1)


def _wrap(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _ego_stop_lines(scene: Scene, camera: Camera, state: AgentState) -> set[int]:
    """Stop lines that rule the vehicle nearest to the image centre: those still ahead on its route."""
    moving = np.nonzero(state.active & (scene.agents.route >= 0))[0]
    if not len(moving):
        return set()
    away = np.hypot(state.x_m[moving] - camera.x_m, state.y_m[moving] - camera.y_m)
    ego = moving[np.argmin(away)]
    route = scene.routes[scene.agents.route[ego]]
    lanes = set(route[state.leg[ego] :])
    passed = (route[state.leg[ego]], state.s_m[ego])
    lines = scene.network.stop_lines
    return {s.id for s in lines if s.lane_id in lanes and (s.lane_id, s.s_m) >= passed} | {
        s.id for s in lines if s.lane_id in lanes and s.lane_id != passed[0]
    }


@njit(cache=True, nogil=True)
def _scan(ids, limit):  # noqa: ANN001, ANN202
    """Area i32[limit] and bounds i32[limit, 4] (exclusive right, bottom) of each id in one pass."""
    rows, columns = ids.shape
    area = np.zeros(limit, np.int32)
    box = np.zeros((limit, 4), np.int32)
    for y in range(rows):
        x = 0
        while x < columns:
            k = ids[y, x]
            start = x
            while x < columns and ids[y, x] == k:
                x += 1
            if k == 0:
                continue
            if area[k] == 0:
                box[k, 0], box[k, 1], box[k, 2] = start, y, x
            area[k] += x - start
            box[k, 0], box[k, 2] = min(box[k, 0], start), max(box[k, 2], x)
            box[k, 3] = y + 1
    return area, box


@njit(cache=True, nogil=True)
def _contrast(ids, instances, boxes, before, after, full_well):  # noqa: ANN001, ANN202, PLR0913
    """|mean(object) - mean(ring)| before and after, and mean(ring) after: f64[K] each."""
    rows, columns = ids.shape
    count = len(instances)
    out = np.zeros((3, count))
    for k in range(count):
        want = instances[k]
        x0, y0 = max(boxes[k, 0] - RING_PX, 0), max(boxes[k, 1] - RING_PX, 0)
        x1, y1 = min(boxes[k, 2] + RING_PX, columns), min(boxes[k, 3] + RING_PX, rows)
        near = np.zeros((y1 - y0, x1 - x0), np.bool_)
        for y in range(boxes[k, 1], boxes[k, 3]):
            reach = -1
            for x in range(boxes[k, 0], x1):
                if x < boxes[k, 2] and ids[y, x] == want:
                    if reach < x - 1:
                        for b in range(max(x - RING_PX, max(x0, reach + 1)), x):
                            near[y - y0, b - x0] = True
                    reach = x + RING_PX
                if x <= reach:
                    near[y - y0, x - x0] = True
        inner_pre = inner_post = ring_pre = ring_post = 0.0
        inner = ring = 0
        for x in range(x0, x1):
            reach, ahead = -RING_PX - 1, y0
            for y in range(y0, y1):
                while ahead < y1 and ahead <= y + RING_PX:
                    if near[ahead - y0, x - x0]:
                        reach = ahead
                    ahead += 1
                mine = ids[y, x] == want
                if not mine and reach < y - RING_PX:
                    continue
                post = np.float32(0.0)
                for c in range(3):
                    w = np.float32(0.2126) if c == 0 else np.float32(0.7152)
                    if c == 2:
                        w = np.float32(0.0722)
                    post += w * min(np.float32(after[c, y, x]), full_well)
                post /= ONE
                if mine:
                    inner += 1
                    inner_pre += before[y, x]
                    inner_post += post
                else:
                    ring += 1
                    ring_pre += before[y, x]
                    ring_post += post
        if inner and ring:
            out[0, k] = abs(inner_pre / inner - ring_pre / ring)
            out[1, k] = abs(inner_post / inner - ring_post / ring)
            out[2, k] = ring_post / ring
    return out[0], out[1], out[2]
