"""Labels from the same id plane and the same light as the picture.

``contrast_left`` is |L_object - L_ring| after weather, optics and exposure (no noise) divided by
the same before the weather under the same light; L is the mean linear luminance over the visible
mask and over the 3 px around it; 0..1, and 0 when nothing stood out before. ``contrast_abs`` is the
Weber contrast |L_object - L_ring| / L_ring after the weather. Both are taken in scene light: the
exposure gain is divided out again, what stays of it is saturation at the full well.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from render.actors import Drawn
from render.faces import Plates
from render.frame import ASPECT_CLASS, CLASSES, VEHICLE_CLASS, Annotations
from render.id_edges import Edges
from render.kernel import kernel
from render.oriented import vehicle_boxes
from render.poses import Poses
from render.raster import silhouette
from render.rigs import Rigs
from scenarios.furniture import rightmost_of
from simulator.agents import AgentState, AgentTable
from simulator.camera import Camera
from simulator.geometry import wrap_rad
from simulator.network import Network
from simulator.scene import Scene
from simulator.signs import SIGNS

FAINTEST = 1e-6
"""A contrast below this is none."""

_ASPECT_CATEGORY = np.array([CLASSES.index(ASPECT_CLASS[k]) for k in range(4)], np.int16)


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
    """Everything that may have a label, with what is known of it before anything hides it.

    A row of the agent table has the same row here; the plates follow, in the order of their ids.

    Attributes:
        ident: i64[K] instance ids, ascending but for plates without one, which have 0.
        category: i16[K]. full, inside: i32[K] silhouette areas, px. box: i32[K, 4] of the
            silhouette. oriented: f64[K, 5]. heading_rad: f64[K].
        sign, sign_state: of K, see ``Annotations``. plate: i64[P], which plate each is.
    """

    ident: np.ndarray
    category: np.ndarray
    full: np.ndarray
    inside: np.ndarray
    box: np.ndarray
    oriented: np.ndarray
    heading_rad: np.ndarray
    sign: tuple[str, ...]
    sign_state: tuple[dict[str, float | bool], ...]
    plate: np.ndarray

    def copy(self) -> Objects:
        """A copy to go on with, of all that may change."""
        return dataclasses.replace(
            self, category=self.category.copy(), full=self.full.copy(), inside=self.inside.copy(),
            box=self.box.copy(), oriented=self.oriented.copy(), heading_rad=self.heading_rad.copy(),
        )  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """What is visible of each id: area i32[I] px and box i32[I, 4], as in Annotations."""

    area: np.ndarray
    box: np.ndarray


def scan(edges: Edges, limit: int) -> Seen:
    """Measure every instance id of a plane with these edges; all are below the limit."""
    area, box = np.zeros(limit, np.int32), np.zeros((limit, 4), np.int32)
    height, width = edges.shape
    ident, since = np.zeros(width, np.uint16), np.zeros(width, np.uint32)
    _measure(edges.x, edges.y, edges.ident, height, ident, since, area, box)
    return Seen(area, box)


def objects_of(camera: Camera, table: AgentTable, plates: Plates) -> Objects:
    """What is known of plates; of vehicles their ids and classes."""
    vehicles, order = len(table), np.argsort(plates.ident, kind="stable")
    sizes = [len(o) for o in plates.outline_px]
    vertices = np.concatenate(plates.outline_px) if sizes else np.zeros((0, 2))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    every = np.ones(len(sizes), np.bool_)
    measured = silhouette(
        vertices.astype(np.float32), starts, np.arange(len(sizes), dtype=np.int32), every,
        camera.height_px, camera.width_px, every,
    )  # fmt: skip
    angle = wrap_rad(plates.angle_rad)[:, None]
    oriented = np.concatenate([plates.centre_px, plates.size_px, angle], axis=1)
    full, inside, box, oriented, heading = (
        np.concatenate([np.zeros((vehicles, *column.shape[1:]), column.dtype), column[order]])
        for column in (*measured, oriented, plates.heading_rad)
    )
    ident = np.concatenate([np.arange(vehicles) + 1, plates.ident[order].astype(np.int64)])
    signs = [plates.sign_type[k] for k in order.tolist()]
    category = np.concatenate([VEHICLE_CLASS[table.kind], _sign_categories(signs)])
    return Objects(
        ident, category, full, inside, box, oriented, heading,
        ("",) * vehicles + tuple(signs),
        ({},) * vehicles + tuple(plates.sign_state[k] for k in order.tolist()), order,
    )  # fmt: skip


def measure_vehicles(
    objects: Objects,
    camera: Camera,
    rigs: Rigs,
    drawn: Drawn,
    which: np.ndarray,
    unsure: np.ndarray | None = None,
) -> None:
    """Measure vehicles, in place.

    Args:
        which: i64[M], those among ``drawn.poses``.
        unsure: of ``take_seen``, those whose silhouettes are worked out; all unless it is given.
    """
    if not len(which):
        return
    poses, size = drawn.poses, (camera.height_px, camera.width_px)
    rows, unsure = poses.rows[which], which if unsure is None else unsure
    if len(unsure):
        chosen = np.zeros(len(poses.rows), np.bool_)
        chosen[unsure] = True
        p = drawn.polygons
        found = silhouette(p.vertices_px, p.starts, drawn.owner, drawn.outline, *size, chosen)
        full, inside, box = (column[unsure] for column in found)
        out = poses.rows[unsure]
        objects.full[out], objects.inside[out], objects.box[out] = full, inside, box
    pose = poses.pose[which]
    objects.oriented[rows] = vehicle_boxes(camera, rigs, rows, pose, poses.trailer_rad[which])
    objects.heading_rad[rows] = wrap_rad(pose[:, 2])


def take_seen(
    objects: Objects,
    camera: Camera,
    poses: Poses,
    which: np.ndarray,
    seen: Seen,
    met: np.ndarray,
    bounds: np.ndarray,
) -> np.ndarray:
    """Take what is seen of vehicles for their silhouettes, in place: of all that nothing hides and
    no edge cuts. Returns the others, i64.

    Args:
        which: i64[M], of ``poses``. seen: of ``scan``. met: ids of which something hides a pixel.
        bounds: within what each is drawn, see ``actors.bounds``. What is seen does not tell that an
            edge cuts: of a wheel there, no pixel may be half covered.
    """
    unsure = np.empty_like(which)
    return unsure[: _take_seen(
        which, poses.rows, seen.area, seen.box, met, bounds, camera.height_px, camera.width_px,
        objects.full, objects.inside, objects.box, unsure,
    )]  # fmt: skip


def show_aspects(objects: Objects, aspects: np.ndarray) -> None:
    """The class of a signal is what it shows, i[P], -1 for signs: in place."""
    shown = aspects[objects.plate]
    signals = (shown >= 0).nonzero()[0]
    vehicles = len(objects.ident) - len(shown)
    objects.category[vehicles + signals] = _ASPECT_CATEGORY[shown[signals]]


def measure_geometry(
    scene: Scene,
    camera: Camera,
    seen: Seen,
    objects: Objects,
    plates: Plates,
    state: AgentState,
    aspects: np.ndarray,
) -> Geometry:
    """Boxes, areas and attributes of every object that has a visible pixel.

    Args:
        seen: of ``scan``. aspects: i[P], aspect that each plate shows, -1 for signs.
    """
    o, table, most = objects, scene.agents, len(objects.ident)
    keep, instance = np.empty(most, np.int64), np.empty(most, np.uint16)
    category, aspect = np.empty((2, most), np.int16)
    boxes, full_boxes = np.empty((2, most, 4), np.int32)
    visible, full, inside = np.empty((3, most), np.int32)
    oriented, heading, speed = np.empty((most, 5)), *np.empty((2, most))
    count = _gather(
        len(table), seen.area, seen.box, o.ident, o.category, o.full, o.inside, o.box, o.oriented,
        o.heading_rad, state.speed_mps, table.route, o.plate, aspects, keep, instance, category,
        aspect, boxes, full_boxes, visible, full, inside, oriented, heading, speed,
    )  # fmt: skip
    named, n = keep[:count].tolist(), slice(count)
    rules = np.zeros(count, np.bool_)
    if named and named[-1] >= len(table):
        ego = _ego_stop_lines(scene, camera, state)
        lines, plate = plates.stop_line.tolist(), o.plate.tolist()
        rules[:] = [k >= len(table) and lines[plate[k - len(table)]] in ego for k in named]
    return Geometry(
        instance[n], category[n], boxes[n], full_boxes[n], oriented[n], visible[n],
        full[n], inside[n], heading[n], speed[n], aspect[n],
        tuple([o.sign[k] for k in named]), rules, tuple([o.sign_state[k] for k in named]),
    )  # fmt: skip


def annotate(geometry: Geometry, contrasts: np.ndarray) -> Annotations:
    """Join geometry with ``weather_pass.contrast``, f64[3, K]."""
    g = geometry
    occlusion, truncation, left, absolute = np.empty((4, len(g.instance)))
    _judge(g.visible_px, g.inside_px, g.full_px, contrasts, occlusion, truncation, left, absolute)
    return Annotations(
        g.instance, g.instance.astype(np.int32), g.category, g.box_px, g.full_box_px, g.oriented_px,
        g.visible_px, g.full_px, occlusion, truncation, left, absolute,
        g.heading_rad, g.speed_mps, g.aspect, g.sign, g.ego_lane, g.sign_state,
    )  # fmt: skip


def _sign_categories(names: list[str]) -> np.ndarray:
    """A sign is what its type says, -1 without a class; a signal, "", what a dark one is."""
    words = [SIGNS[name].category if name else ASPECT_CLASS[0] for name in names]
    return np.array([CLASSES.index(w) if w else -1 for w in words], np.int16)


def _ego_stop_lines(scene: Scene, camera: Camera, state: AgentState) -> set[int]:
    """Stop lines that rule the vehicle nearest to the image centre: those ahead on its route, and
    those beside them, at one of which the sign of the whole approach stands.
    """
    moving = (state.active & scene.agents.driven).nonzero()[0]
    if not len(moving):
        return set()
    away = np.hypot(state.x_m[moving] - camera.x_m, state.y_m[moving] - camera.y_m)
    ego = moving[np.argmin(away)]
    route = scene.routes[state.route[ego]]
    now, *ahead = route[state.leg[ego] :]
    s_m, lines = float(state.s_m[ego]), scene.network.stop_lines
    ruled = list(zip(lines, _rules(scene.network), strict=True))
    own = {rule for s, rule in ruled if s.lane_id in ahead or (s.lane_id == now and s.s_m >= s_m)}
    return {s.id for s, rule in ruled if rule in own}


@functools.lru_cache(maxsize=4)  # every frame of a scene asks for it
def _rules(network: Network) -> tuple[tuple[int, int, int], ...]:
    """What rules each stop line: equal where it is one sign, or the heads of one signal group."""
    return tuple(
        (s.control, s.group, -1 if s.group >= 0 else rightmost_of(network, s.lane_id))
        for s in network.stop_lines
    )


@kernel
def _take_seen(which, rows, area, box, met, bounds, height, width, full, inside, to_box, unsure):
    """Take what is seen of each for its silhouette; returns of how many this may be wrong."""
    count = 0
    for i in range(len(which)):
        r = rows[which[i]]
        ident = r + 1
        full[r] = inside[r] = area[ident]
        for j in range(4):
            to_box[r, j] = box[ident, j]
        x0, y0, x1, y1 = bounds[r, 0], bounds[r, 1], bounds[r, 2], bounds[r, 3]
        cut = x0 <= 0 or y0 <= 0 or x1 >= width or y1 >= height
        if cut or met[ident] or area[ident] == 0:
            unsure[count] = which[i]
            count += 1
    return count


@kernel
def _gather(
    vehicles, area, box, ident, category, full, inside, full_box, oriented, heading, speed, route,
    plate, aspects, keep, to_instance, to_category, to_aspect, to_box, to_full_box, to_visible,
    to_full, to_inside, to_oriented, to_heading, to_speed,
):  # fmt: skip
    """Write the columns of a ``Geometry``, a row for each object that is seen; returns how many."""
    n = 0
    for k in range(len(ident)):
        i = ident[k]
        if area[i] <= 0:
            continue
        keep[n], to_instance[n], to_category[n] = k, i, category[k]
        to_visible[n], to_full[n], to_inside[n] = area[i], full[k], inside[k]
        for j in range(4):
            to_box[n, j], to_full_box[n, j] = box[i, j], full_box[k, j]
        for j in range(5):
            to_oriented[n, j] = oriented[k, j]
        to_heading[n], to_speed[n], to_aspect[n] = heading[k], 0.0, -1
        if k >= vehicles:
            to_aspect[n] = aspects[plate[k - vehicles]]
        elif route[k] >= 0:
            to_speed[n] = speed[k]
        n += 1
    return n


@kernel
def _judge(visible, inside, full, contrasts, occlusion, truncation, left, absolute):
    for k in range(len(visible)):
        pre, post, ring = contrasts[0, k], contrasts[1, k], contrasts[2, k]
        occlusion[k] = 1.0 - min(visible[k] / max(inside[k], 1), 1.0)
        truncation[k] = 1.0 - min(inside[k] / max(full[k], 1), 1.0)
        left[k] = min(post / pre, 1.0) if pre > FAINTEST else 0.0
        absolute[k] = post / max(ring, FAINTEST)


@kernel
def _measure(x, y, ident, height, last, since, area, box):
    """Area i32[limit] and bounds i32[limit, 4] (exclusive right, bottom) of each id.

    Args:
        x, y, ident: see ``Edges``. height: px. last: u16[W], since: u32[W], zeros: the id of each
            column down to where we are, and since which row.
    """
    for k in range(len(x)):
        u, v, above, now = x[k], y[k], last[x[k]], ident[k]
        area[above] += v - since[u]
        box[above, 3] = v
        if box[now, 2] == 0:
            box[now, 0], box[now, 1] = u, v
        box[now, 0], box[now, 2] = min(box[now, 0], u), max(box[now, 2], u + 1)
        last[u], since[u] = now, v
    for u in range(len(last)):
        area[last[u]] += height - since[u]
        box[last[u], 3] = height
    area[0], box[0] = 0, 0
