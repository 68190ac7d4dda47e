"""The static ground, drawn once a scene: verge, pavement, carriageway, ruts, markings, wear."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import shapely

from render import markings
from render.canvas import ONE
from render.line_gaps import gaps_of
from render.markings import band, bands, strip
from render.obstacles import block_corners, lanes_near
from render.polygon_list import PolygonList
from render.surface import Kind, fixed
from scenarios.outlines import pavement
from simulator.camera import Camera
from simulator.geometry import left_normals_each, pose_at
from simulator.grip import TRACK_M
from simulator.lane import Lane, LaneKind, Turn
from simulator.scene import Scene
from simulator.seeding import stream, uniform
from simulator.surroundings import Block, Ground

PAVEMENT_M = 2.2
KERB_M, KERB_TONE = 0.2, 1.3
SLAB_M, JOINT_M = 1.5, 0.05
CONCRETE, CONCRETE_SLAB_M = 0.19, (3.8, 5.5)
"""Roads that reflect more are of concrete, in slabs so long between their joints (FHWA: 4.6 m)."""

GREEN_ISLAND_M2 = 40.0
"""Islands that are larger are grown over."""

REPAINTED_SHARE = 0.3
"""Share of places whose lines have been moved: ground off or blackened, the old ones still show."""

RUT_WIDTH_M, OIL_WIDTH_M = 0.5, 0.4
TRACKS_M = tuple(
    np.array([-TRACK_M, TRACK_M, 0.0])
    + np.array([RUT_WIDTH_M, RUT_WIDTH_M, OIL_WIDTH_M]) / 2 * sign
    for sign in (1.0, -1.0)
)
"""Left and right edges of the two ruts of a lane and of the dark middle between them, f64[3] m."""

_TURN = np.linspace(0, 2 * np.pi, 12, endpoint=False)
DISC = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)
"""A round of twelve corners, f64[12, 2]."""

_SQUARE = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])

YELLOW = (236, 186, 48)
BIKE_GREEN = (58, 128, 82)


def draw_ground(shapes: PolygonList, scene: Scene, blocks: Sequence[Block], camera: Camera) -> None:
    """Add what lies on the verge, which is everywhere; ``blocks``, those near the view."""
    _patches(shapes, blocks)
    _paved(shapes, scene)
    lanes = _seen(scene.network.lanes, camera)
    _ruts(shapes, scene, lanes)
    if scene.surroundings.ground.road > CONCRETE:
        _joints(shapes, scene, lanes)
    _wear(shapes, scene)
    _markings(shapes, scene, lanes)


def _grey(reflectance: float, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> np.ndarray:
    return np.array([round(part * reflectance * ONE) for part in tint], np.uint16)


def _patches(shapes: PolygonList, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if block.height_m == 0:
            corners = block_corners(block)
            shapes.add(corners, fixed(block.colour), Kind.PAVEMENT)
            if sum(block.colour) % 3 == 0:  # a third of the plots, the same whoever draws them
                shapes.stain_all(_slabs(corners), _grey(0.05), 0.3)


def _slabs(corners: np.ndarray) -> np.ndarray:
    """Joints of a plot of slabs, f64[L, 4, 2] m; ``corners`` as of a block."""
    lines = []
    for a, b, d in ((corners[0], corners[1], corners[3]), (corners[0], corners[3], corners[1])):
        along = b - a
        count = int(np.hypot(*along) / SLAB_M)
        begin = a + along * (np.arange(1, count)[:, None] / max(count, 1))
        wide = along / np.hypot(*along) * JOINT_M
        lines.append(np.stack([begin, begin + wide, begin + wide + d - a, begin + d - a], axis=1))
    return np.concatenate(lines)


def _paved(shapes: PolygonList, scene: Scene) -> None:
    ground, network = scene.surroundings.ground, scene.network
    road, beside = _grey(ground.road, ground.road_tint), _grey(ground.pavement)
    outlines = (*network.kerbs_m, *network.junctions_m)
    kerb = _grey(min(KERB_TONE * ground.pavement, 0.6))
    for width, tone in ((PAVEMENT_M, beside), (KERB_M, kerb)):
        wide = shapely.buffer(pavement(network), width, join_style="mitre")
        for piece in shapely.get_parts(wide):
            outline = _with_holes(piece) if piece.interiors else shapely.get_coordinates(piece)
            shapes.add(outline, tone, Kind.PAVEMENT)
    for outline in outlines:
        shapes.add(outline, road, Kind.ROAD)


def _with_holes(shape: shapely.Polygon) -> np.ndarray:
    """One outline f64[N, 2] that goes round a polygon and round each of its holes.

    Filled by the even-odd rule: the ways to the holes and back cancel out.
    """
    outer = np.asarray(shape.exterior.coords)
    rings = [part for hole in shape.interiors for part in (np.asarray(hole.coords), outer[:1])]
    return np.concatenate([outer, *rings])


_Seen = tuple[Lane, np.ndarray | None]
"""A lane and the ``left_normals`` of its middle, None where the camera sees nothing of it."""


def _seen(lanes: Sequence[Lane], camera: Camera) -> list[_Seen]:
    normals = left_normals_each([lane.centre_m for lane in lanes])
    near = lanes_near(camera, lanes).tolist()
    return [
        (lane, normal if seen else None)
        for lane, normal, seen in zip(lanes, normals, near, strict=True)
    ]


def _ruts(shapes: PolygonList, scene: Scene, lanes: Sequence[_Seen]) -> None:
    ground = scene.surroundings.ground
    rng = stream(ground.texture_seed, 0, "ground/lanes")
    green = ground.texture_seed % 2 == 0  # every other town paints its bicycle lanes
    dark, oil = _grey(ground.road * 0.7, ground.road_tint), _grey(0.03)
    for lane, normal in lanes:
        if lane.kind == LaneKind.BIKE and green:
            half = lane.width_m / 2
            shapes.stain(strip(lane.centre_m, half, -half), fixed(BIKE_GREEN), 0.55)
        if lane.kind != LaneKind.DRIVE:
            continue
        shade = uniform(rng, 0.8, 1.25) if lane.turn == Turn.NONE else 0.0
        if normal is None:
            continue
        line, half = lane.centre_m, lane.width_m / 2
        if lane.turn == Turn.NONE:
            tone = _grey(ground.road * shade, ground.road_tint)
            shapes.stain(band(line, normal, half, -half), tone, 0.7)
        tracks = bands(line, normal, *TRACKS_M)
        shapes.add_all(tracks[:2], dark, Kind.RUT, alpha=0.12 + 0.2 * ground.wear)
        if lane.turn not in (Turn.LEFT, Turn.RIGHT):
            shapes.stain(tracks[2], oil, 0.25 * ground.wear)


def _joints(shapes: PolygonList, scene: Scene, lanes: Sequence[_Seen]) -> None:
    """The joints across the slabs of a road of concrete, sealed with bitumen."""
    rng = stream(scene.surroundings.ground.texture_seed, 0, "ground/joints")
    slab, tone = uniform(rng, *CONCRETE_SLAB_M), _grey(0.04)
    for lane, normal in lanes:
        if normal is None or lane.turn != Turn.NONE or lane.kind != LaneKind.DRIVE:
            continue
        s = np.arange(0.5 * slab, lane.length_m, slab)
        at, heading = pose_at(lane.centre_m, lane.s_m, s)
        along = np.stack([np.cos(heading), np.sin(heading)], axis=1) * JOINT_M / 2
        across = np.stack([-np.sin(heading), np.cos(heading)], axis=1) * lane.width_m / 2
        ends = at + along + across, at - along + across, at - along - across, at + along - across
        shapes.stain_all(np.stack(ends, axis=1), tone, 0.5)


def _wear(shapes: PolygonList, scene: Scene) -> None:
    """Cracks, patches and stains along the lanes."""
    ground = scene.surroundings.ground
    rng = stream(ground.texture_seed, 0, "ground/wear")
    drive = [lane for lane in scene.network.lanes if lane.kind == LaneKind.DRIVE]
    roads = [lane for lane in drive if lane.turn == Turn.NONE]
    for _ in range(int(rng.poisson(4 + 26 * ground.wear))):
        lane = roads[int(rng.integers(len(roads)))]
        at, headings = pose_at(lane.centre_m, lane.s_m, np.array([uniform(rng, 0, lane.length_m)]))
        centre, heading = at[0], headings[0]
        c, s = np.cos(heading), np.sin(heading)
        along, across = np.array([c, s]), np.array([-s, c])
        what = rng.random()
        if what < 0.15:  # a manhole or a gully
            shapes.stain(centre + DISC * uniform(rng, 0.25, 0.38), _grey(0.04), 0.7)
        elif what < 0.5:
            _crack(shapes, rng, centre, along if rng.random() < 0.5 else across)
        elif what < 0.75:
            size = np.array([uniform(rng, 0.8, 6.0), uniform(rng, 0.8, lane.width_m * 0.9)]) / 2
            box = _SQUARE * size
            tone = _grey(ground.road * uniform(rng, 0.5, 1.4), ground.road_tint)
            shapes.stain(centre + box @ np.array([along, across]), tone, 0.6)
        else:
            radius = uniform(rng, 0.2, 0.9) * rng.uniform(0.7, 1.3, len(DISC))
            shapes.stain(centre + DISC * radius[:, None], _grey(0.02), uniform(rng, 0.15, 0.5))


def _crack(
    shapes: PolygonList,
    rng: np.random.Generator,
    start_m: np.ndarray,
    direction: np.ndarray,
) -> None:
    steps = direction * 0.8 + rng.normal(0, 0.25, (8, 2))
    line = start_m + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    width = uniform(rng, 0.02, 0.06)
    shapes.stain(strip(line, width, -width), _grey(0.03), 0.7)


def _left_of_paint(ground: Ground, worn: np.ndarray, least: float) -> np.ndarray:
    """Opacity f64[N] of paint that traffic has worn so much at full wear."""
    return np.minimum(np.maximum(1.0 - ground.wear * worn, least), 0.97)


def _old_paint(ground: Ground) -> tuple[np.ndarray, float, float] | None:
    """Of lines that were painted elsewhere before: what is left of them, or what covers them,
    u16[3], its opacity, and how far to the left they were, m; None where the lines are the first.
    """
    rng = stream(ground.texture_seed, 0, "ground/old paint")
    if rng.random() >= REPAINTED_SHARE:
        return None
    off_m = uniform(rng, 0.15, 0.6) * (1.0 if rng.random() < 0.5 else -1.0)
    if rng.random() < 0.5:
        return _grey(ground.paint), uniform(rng, 0.08, 0.25), off_m
    return _grey(ground.road * uniform(rng, 0.4, 0.7)), uniform(rng, 0.3, 0.7), off_m


def _markings(shapes: PolygonList, scene: Scene, lanes: Sequence[_Seen]) -> None:
    """Everything painted, and the islands, which cover what is painted beneath them."""
    ground = scene.surroundings.ground
    rng = stream(ground.texture_seed, 0, "ground/paint")
    white = _grey(ground.paint)
    yellow = np.rint(fixed(YELLOW) * (ground.paint / 0.8)).astype(np.uint16)
    sides = [
        (lane, normal, side, marking)
        for lane, normal in lanes
        for side, marking in ((1.0, lane.left), (-1.0, lane.right))
    ]
    counts = [markings.line_count(lane, marking) for lane, _, _, marking in sides]
    alpha = _left_of_paint(ground, rng.uniform(0.2, 1.1, sum(counts)), 0.12)
    ends = itertools.accumulate(counts)
    old = _old_paint(ground)
    painted = [(lane, n, side) for (lane, n, side, _), c in zip(sides, counts, strict=True) if c]
    seen = [(lane, normal, side) for lane, normal, side in painted if normal is not None]
    gaps = gaps_of(scene.network, [(lane, side) for lane, _, side in seen], [n for _, n, _ in seen])
    for (lane, normal, side, marking), count, end in zip(sides, counts, ends, strict=True):
        if count and normal is not None:
            own, gap = alpha[end - count : end], gaps.get((lane.id, side), markings.NO_GAPS)
            tone = yellow if marking in markings.YELLOWS else white
            for lines, which in markings.lane_lines(lane, normal, side, marking, gap):
                if old and lane.id % 3:
                    left, opacity, off_m = old
                    shapes.stain_all(lines + off_m * normal[len(normal) // 2], left, opacity)
                shapes.add_all(lines, tone, Kind.PAINT, alpha=own[which])
    for pieces in markings.across(scene.network):
        alpha = _left_of_paint(ground, rng.uniform(0.1, 0.8, len(pieces)), 0.25)
        shapes.add_all(pieces, white, Kind.PAINT, alpha=alpha)
    for island in scene.network.islands_m:
        _island(shapes, ground, island)


def _island(shapes: PolygonList, ground: Ground, outline: np.ndarray) -> None:
    """A kerb of pale stone round pavement, or round what grows where the island is large."""
    shapes.add(outline, _grey(min(KERB_TONE * ground.pavement, 0.6)), Kind.PAVEMENT)
    inner = shapely.Polygon(outline).buffer(-KERB_M, join_style="mitre")
    large = inner.area > GREEN_ISLAND_M2
    for part in shapely.get_parts(inner):
        if part.area > 0.2:
            face = np.asarray(part.exterior.coords)[:-1]
            if large:
                shapes.add(face, fixed(ground.verge), Kind.VERGE)
            else:
                shapes.add(face, _grey(0.85 * ground.pavement), Kind.PAVEMENT)
