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

from render.actors import Drawn
from render.canvas import ONE
from render.faces import Plates
from render.frame import ASPECT_CLASS, CLASSES, VEHICLE_CLASS, Annotations
from render.kernel import allocating_kernel, inner_kernel, kernel
from render.oriented import vehicle_boxes
from render.raster import silhouette
from render.weather_pass import LUMINANCE_STEPS
from simulator.agents import AgentState, AgentTable
from simulator.camera import Camera
from simulator.geometry import wrap_rad
from simulator.scene import Scene
from simulator.signs import SIGNS

RING_PX = 3
WEIGHTS = (1742, 5859, 591)
"""Luminance of linear sRGB (IEC 61966-2-1: 0.2126, 0.7152, 0.0722) in 8192ths."""

PRE_ONE, POST_ONE = float(ONE * LUMINANCE_STEPS), float(ONE * sum(WEIGHTS))
"""What 1.0 is in ``bare_luminance`` and in the weighted sum of light."""


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
    sign_state: tuple[dict[str, float | bool], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Objects:
    """Objects with what is known of each before anything hides it; K rows.

    Attributes:
        ident: i64[K] instance ids. category: i16[K]. full, inside: i32[K] silhouette areas, px.
        box: i32[K, 4] of the silhouette. oriented: f64[K, 5]. heading_rad: f64[K].
    """

    ident: np.ndarray
    category: np.ndarray
    full: np.ndarray
    inside: np.ndarray
    box: np.ndarray
    oriented: np.ndarray
    heading_rad: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """What is visible of each id: area i32[I] px and box i32[I, 4], as in Annotations."""

    area: np.ndarray
    box: np.ndarray


def scan(ids: np.ndarray, limit: int) -> Seen:
    """Measure every instance id of a plane u16[H, W] in one pass; all are below the limit."""
    return Seen(*_scan(ids, limit))


def vehicle_objects(
    camera: Camera,
    table: AgentTable,
    drawn: Drawn,
    seen: Seen | None = None,
    met: np.ndarray | None = None,
) -> Objects:
    """The silhouettes of vehicles.

    Args:
        seen, met: of ``scan``, and the ids of which something hides a pixel. A vehicle that nothing
            hides and no edge cuts is its own silhouette: only the others are worked out.
    """
    poses = drawn.poses
    ident = poses.rows.astype(np.int64) + 1
    size = camera.height_px, camera.width_px
    if seen is None or met is None:
        full, inside, box = _silhouettes(drawn, np.ones(len(ident), bool), size)
    else:
        full, inside, box = seen.area[ident], seen.area[ident], seen.box[ident]
        edge = np.array([size[1], size[0]])
        cut = (box[:, :2] == 0).any(axis=1) | (box[:, 2:] == edge).any(axis=1)
        unsure = (cut | met[ident] | (full == 0)).nonzero()[0]
        chosen = np.zeros(len(ident), bool)
        chosen[unsure] = True
        whole = _silhouettes(drawn, chosen, size)
        full[unsure], inside[unsure], box[unsure] = (part[unsure] for part in whole)
    return Objects(
        ident, VEHICLE_CLASS[table.kind[poses.rows]], full, inside, box,
        vehicle_boxes(camera, table, poses), poses.pose[:, 2],
    )  # fmt: skip


def no_objects(count: int) -> Objects:
    """Room for so many."""
    return Objects(
        np.zeros(count, np.int64), np.zeros(count, np.int16), np.zeros(count, np.int32),
        np.zeros(count, np.int32), np.zeros((count, 4), np.int32), np.zeros((count, 5)),
        np.zeros(count),
    )  # fmt: skip


def put(table: Objects, vehicles: Objects) -> None:
    """Write vehicles into a table by row of the agent table, in place."""
    rows = vehicles.ident - 1
    for kept, new in zip(_columns(table), _columns(vehicles), strict=True):
        kept[rows] = new


def taken(table: Objects, rows: np.ndarray) -> Objects:
    """Some rows of a table."""
    return Objects(*(column[rows] for column in _columns(table)))


def _silhouettes(
    drawn: Drawn, chosen: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Silhouettes of the chosen vehicles; zeros for the others."""
    return silhouette(
        drawn.outline_px, drawn.outline_starts, drawn.outline_owner, len(chosen), *size, chosen
    )


def plate_objects(camera: Camera, plates: Plates) -> Objects:
    """The silhouettes of plates; their category changes with what a signal shows."""
    sizes = [len(o) for o in plates.outline_px]
    vertices = np.concatenate(plates.outline_px) if sizes else np.zeros((0, 2))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    owner = np.arange(len(sizes), dtype=np.int32)
    full, inside, box = silhouette(
        vertices.astype(np.float32), starts, owner, len(sizes), camera.height_px, camera.width_px,
        np.ones(len(sizes), bool),
    )  # fmt: skip
    angle = wrap_rad(plates.angle_rad)[:, None]
    oriented = np.concatenate([plates.centre_px, plates.size_px, angle], axis=1)
    none = np.zeros(len(sizes), np.int16)
    return Objects(
        plates.ident.astype(np.int64), none, full, inside, box, oriented, plates.heading_rad
    )


def measure_geometry(
    scene: Scene,
    camera: Camera,
    seen: Seen,
    groups: tuple[Objects, Objects, Objects],
    plates: Plates,
    state: AgentState,
    aspects: np.ndarray,
) -> Geometry:
    """Boxes, areas and attributes of every object that has a visible pixel.

    Args:
        seen: of ``scan``.
        groups: driven vehicles, parked vehicles, plates.
        aspects: i[P], aspect that each plate shows, -1 for signs.
    """
    area, bounds = seen.area, seen.box
    driven, still, _faces = groups
    known = Objects(*(np.concatenate(c) for c in zip(*map(_columns, groups), strict=True)))
    before = len(driven.ident) + len(still.ident)
    known.category[before:] = _plate_categories(plates, aspects)
    speed = np.zeros(len(known.ident))
    speed[: len(driven.ident)] = state.speed_mps[driven.ident - 1]
    aspect = np.full(len(known.ident), -1, np.int16)
    aspect[before:] = aspects
    rules = np.zeros(len(known.ident), bool)
    ego = _ego_stop_lines(scene, camera, state)
    rules[before:] = [line in ego for line in plates.stop_line.tolist()]
    keep = (area[known.ident] > 0).nonzero()[0]
    keep = keep[np.argsort(known.ident[keep], kind="stable")]
    ident = known.ident[keep]
    return Geometry(
        ident.astype(np.uint16),
        known.category[keep],
        bounds[ident],
        known.box[keep],
        known.oriented[keep],
        area[ident],
        known.full[keep],
        known.inside[keep],
        known.heading_rad[keep],
        speed[keep],
        aspect[keep],
        tuple(plates.sign_type[k - before] if k >= before else "" for k in keep.tolist()),
        rules[keep],
        tuple(plates.sign_state[k - before] if k >= before else {} for k in keep.tolist()),
    )


def _columns(group: Objects) -> tuple[np.ndarray, ...]:
    return (
        group.ident, group.category, group.full, group.inside, group.box, group.oriented,
        group.heading_rad,
    )  # fmt: skip


def contrast(
    geometry: Geometry,
    chosen: np.ndarray,
    ids: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    gain: float,
) -> np.ndarray:
    """What the weather left of the contrast of some objects.

    Args:
        chosen: bool[K], which. ids: u16[H, W]. before: i32[H, W], ``bare_luminance``.
        after: u16[3, H, W] linear light behind the lens. gain: exposure, for saturation.

    Returns:
        f64[3, number chosen]: contrast before, contrast after, luminance of the ring after.
    """
    full_well = np.int32(65535 if gain <= 0 else min(ONE / gain, 65535))
    g, (rows, columns) = geometry, ids.shape
    near = np.empty((rows + 2 * RING_PX) * columns, np.uint8)
    out = np.zeros((3, int(chosen.sum())))
    _contrast(
        ids, g.instance[chosen], g.box_px[chosen], before, after, full_well, near,
        np.empty(rows * columns, np.uint8), out,
    )  # fmt: skip
    return out / np.array([[PRE_ONE], [POST_ONE], [POST_ONE]])


def annotate(geometry: Geometry, contrasts: np.ndarray) -> Annotations:
    """Join geometry with ``contrast``, f64[3, K]."""
    g = geometry
    pre, post, ring = contrasts
    left = np.where(pre > 1e-6, np.minimum(post / np.maximum(pre, 1e-6), 1.0), 0.0)
    occlusion = 1.0 - np.minimum(g.visible_px / np.maximum(g.inside_px, 1), 1.0)
    truncation = 1.0 - np.minimum(g.inside_px / np.maximum(g.full_px, 1), 1.0)
    return Annotations(
        g.instance, g.instance.astype(np.int32), g.category, g.box_px, g.full_box_px, g.oriented_px,
        g.visible_px, g.full_px, occlusion, truncation, left, post / np.maximum(ring, 1e-6),
        g.heading_rad, g.speed_mps, g.aspect, g.sign, g.ego_lane, g.sign_state,
    )  # fmt: skip


def _plate_categories(plates: Plates, aspects: np.ndarray) -> list[int]:
    """A sign is what its type says, a signal what it shows; -1 for signs without a class."""
    found = []
    for name, aspect in zip(plates.sign_type, aspects, strict=True):
        word = SIGNS[name].category if name else ASPECT_CLASS[int(aspect)]
        found.append(CLASSES.index(word) if word else -1)
    return found


def _ego_stop_lines(scene: Scene, camera: Camera, state: AgentState) -> set[int]:
    """Stop lines that rule the vehicle nearest to the image centre: those ahead on its route."""
    moving = (state.active & scene.agents.driven).nonzero()[0]
    if not len(moving):
        return set()
    away = np.hypot(state.x_m[moving] - camera.x_m, state.y_m[moving] - camera.y_m)
    ego = moving[np.argmin(away)]
    route = scene.routes[state.route[ego]]
    lanes = set(route[state.leg[ego] :])
    passed = (route[state.leg[ego]], float(state.s_m[ego]))
    lines = scene.network.stop_lines
    return {s.id for s in lines if s.lane_id in lanes and (s.lane_id, s.s_m) >= passed} | {
        s.id for s in lines if s.lane_id in lanes and s.lane_id != passed[0]
    }


@allocating_kernel
def _scan(ids, limit):
    """Area i32[limit] and bounds i32[limit, 4] (exclusive right, bottom) of each id in one pass."""
    rows, columns = ids.shape
    area = np.zeros(limit, np.int32)
    box = np.zeros((limit, 4), np.int32)
    for y in range(rows):
        x = 0
        row = ids[y]
        while x < columns:
            # most of a picture is background: eight pixels at a time
            if x + 8 <= columns and not (
                row[x] | row[x + 1] | row[x + 2] | row[x + 3]
                | row[x + 4] | row[x + 5] | row[x + 6] | row[x + 7]
            ):  # fmt: skip
                x += 8
                continue
            k = row[x]
            start = x
            while x < columns and row[x] == k:
                x += 1
            if k == 0:
                continue
            if area[k] == 0:
                box[k, 0], box[k, 1], box[k, 2] = start, y, x
            area[k] += x - start
            box[k, 0], box[k, 2] = min(box[k, 0], start), max(box[k, 2], x)
            box[k, 3] = y + 1
    return area, box


@kernel
def _contrast(ids, instances, boxes, before, after, full_well, near, ring, out):
    """|mean(object) - mean(ring)| before and after, and mean(ring) after, to f64[3, K].

    ``near`` is room u8[(H + 2 * RING_PX) * W], ``ring`` u8[H * W]. Luminances are summed as
    integers, in their own units, which no order of summing changes.
    """
    rows, columns = ids.shape
    red_w, green_w, blue_w = np.int32(WEIGHTS[0]), np.int32(WEIGHTS[1]), np.int32(WEIGHTS[2])
    for k in range(len(instances)):
        want = instances[k]
        x0, y0 = max(boxes[k, 0] - RING_PX, 0), max(boxes[k, 1] - RING_PX, 0)
        x1, y1 = min(boxes[k, 2] + RING_PX, columns), min(boxes[k, 3] + RING_PX, rows)
        width = x1 - x0
        _reach(ids, want, boxes[k], x0, x1, y0, y1, near, ring)
        n_in, n_ring = np.int64(0), np.int64(0)
        in_pre, in_post = np.int64(0), np.int64(0)
        ring_pre, ring_post = np.int64(0), np.int64(0)
        for y in range(y0, y1):
            around = ring[(y - y0) * width : (y - y0 + 1) * width]
            mine, pre = ids[y, x0:x1], before[y, x0:x1]
            red, green, blue = after[0, y, x0:x1], after[1, y, x0:x1], after[2, y, x0:x1]
            for x in range(width):
                inside = np.int32(mine[x] == want)
                outside = np.int32(np.int32(around[x]) - inside)
                r = np.int32(red_w * min(np.int32(red[x]), full_well))
                g = np.int32(green_w * min(np.int32(green[x]), full_well))
                b = np.int32(blue_w * min(np.int32(blue[x]), full_well))
                post = np.int32(np.int32(r + g) + b)
                n_in += inside
                n_ring += outside
                in_pre += np.int32(inside * pre[x])
                in_post += np.int32(inside * post)
                ring_pre += np.int32(outside * pre[x])
                ring_post += np.int32(outside * post)
        if n_in and n_ring:
            out[0, k] = abs(in_pre / n_in - ring_pre / n_ring)
            out[1, k] = abs(in_post / n_in - ring_post / n_ring)
            out[2, k] = ring_post / n_ring


@inner_kernel
def _reach(ids, want, box, x0, x1, y0, y1, near, ring):
    """Mark in ``ring`` what of a block lies within RING_PX of an object, itself included.

    ``near`` is the same along rows only; its first row is row y0 - RING_PX.
    """
    width = x1 - x0
    size = width * (y1 - y0)
    for i in range(size + 2 * RING_PX * width):
        near[i] = 0
    for y in range(box[1], box[3]):
        mine = ids[y]
        start, x = (y - y0 + RING_PX) * width - x0, box[0]
        while x < box[2]:
            if mine[x] != want:
                x += 1
                continue
            first = x
            while x < box[2] and mine[x] == want:
                x += 1
            run = near[start + max(first - RING_PX, x0) : start + min(x + RING_PX, x1)]
            for i in range(len(run)):
                run[i] = 1
    for i in range(size):
        ring[i] = near[i]
    for j in range(1, 2 * RING_PX + 1):
        below = near[j * width :]
        for i in range(size):
            ring[i] |= below[i]
