"""Labels against a slow oracle: polygons by parity on a grid sixteen times as fine.

Everything that is drawn and hides something is filled again, whole object by whole object, by
another rule (parity at sample points, no coverage, no fast paths), and boxes and visible shares are
measured on that. A third of the scenes is seen from straight above, a third by a pinhole, a third
by one that is tilted by up to 30 degrees. Takes about twenty minutes on one core.
Usage: python -m tests.benchmarks.label_oracle [SCENES, 500] [CAMERA: orthographic, pinhole, tilted]
"""

from __future__ import annotations

import dataclasses
import sys

import numpy as np

from render import actors, faces, picture
from render.canvas import DECAL, Polygons
from render.config import GenerateConfig
from render.obstacles import draw_obstacles, standing_near
from render.polygon_list import PolygonList
from render.scene_job import make_record
from simulator.camera import MOST_TILT_RAD

FINE = 4
"""Samples along each side of a pixel."""

SMALL_PX = 50
"""Of smaller objects two hundredths are less than a pixel: their shares are told apart."""

BOX_PX, SHARE = 1.0, 0.02
WORST = 3
"""Of the larger objects so many are named, to be looked at."""


@dataclasses.dataclass(frozen=True, eq=False)
class Truth:
    """What the oracle finds, by instance id.

    Attributes:
        visible, full: f64[I], areas in px. box: f64[I, 4] of the visible part, px.
    """

    visible: np.ndarray
    full: np.ndarray
    box: np.ndarray


def inside(points: np.ndarray, x0: int, y0: int, columns: int, rows: int) -> np.ndarray:
    """Which sample points lie in a polygon by the even-odd rule, bool[rows, columns].

    Args:
        points: f64[N, 2] in samples. x0, y0: the first sample's place.
    """
    toggle = np.zeros((rows, columns + 1), np.uint8)
    for (ax, ay), (bx, by) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = min(ay, by), max(ay, by)
        first, last = max(int(np.ceil(low - 0.5)), y0), min(int(np.ceil(high - 0.5)), y0 + rows)
        if first >= last:
            continue
        y = np.arange(first, last)
        x = ax + (y + 0.5 - ay) * (bx - ax) / (by - ay)
        column = np.clip(np.ceil(x - 0.5).astype(int) - x0, 0, columns)
        toggle[y - y0, column] ^= 1
    return (np.cumsum(toggle, axis=1)[:, :columns] & 1).astype(bool)


def measure(batches: list[Polygons], rows: int, columns: int, limit: int) -> Truth:
    """Fill all batches in order on the fine grid, and measure every instance."""
    ids = np.zeros((FINE * rows, FINE * columns), np.uint16)
    heights = np.zeros(ids.shape, np.uint8)
    full, pieces = np.zeros(limit), {}
    for p in batches:
        for k in range(len(p.starts) - 1):
            points = p.vertices_px[p.starts[k] : p.starts[k + 1]].astype(float) * FINE
            if len(points) < 3 or p.alpha[k] == 0 or p.kind[k] >= DECAL:
                continue
            if p.ident[k]:
                pieces.setdefault(int(p.ident[k]), []).append(points)
            _lay(ids, heights, points, int(p.ident[k]), int(p.height[k]), bool(p.on_top[k]))
    for ident, parts in pieces.items():
        full[ident] = _union(parts) / FINE**2
    visible, box = np.zeros(limit), np.zeros((limit, 4))
    for ident in np.unique(ids[ids > 0]):
        mine = ids == ident
        visible[ident] = mine.sum() / FINE**2
        share = mine.reshape(rows, FINE, columns, FINE).mean(axis=(1, 3))
        v, u = np.nonzero(share >= 0.5)  # of these pixels the object is the greater part
        if len(v):
            box[ident] = u.min(), v.min(), u.max() + 1, v.max() + 1
    return Truth(visible, full, box)


def _lay(
    ids: np.ndarray, heights: np.ndarray, points: np.ndarray, ident: int, height: int, on_top: bool
) -> None:
    low = np.clip(np.floor(points.min(axis=0)).astype(int), 0, ids.shape[::-1])
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 1, 0, ids.shape[::-1])
    if (high <= low).any():
        return
    here = inside(points, low[0], low[1], high[0] - low[0], high[1] - low[1])
    part = slice(low[1], high[1]), slice(low[0], high[0])
    here &= heights[part] <= (254 if on_top else height)
    ids[part][here], heights[part][here] = ident, height


def _union(parts: list[np.ndarray]) -> int:
    points = np.concatenate(parts)
    low = np.floor(points.min(axis=0)).astype(int)
    size = np.ceil(points.max(axis=0)).astype(int) + 1 - low
    mask = np.zeros((size[1], size[0]), bool)
    for part in parts:
        mask |= inside(part, low[0], low[1], size[0], size[1])
    return int(mask.sum())


def scene_faults(config: GenerateConfig, index: int) -> tuple[list[str], np.ndarray]:
    """What is wrong in a scene, and (px of visible area, box error px, share error, scene, instance
    id) by object.
    """
    record = make_record(config, index)
    scene, camera = record.scene, record.scene.camera
    state = record.track(next(iter(record.conditions)))[0]
    backdrop = picture.prepare(scene)
    drawing = picture.draw(backdrop, state)
    plates = backdrop.plates
    moving = actors.draw_vehicles(camera, backdrop.rigs, drawing.moving).polygons
    still = actors.draw_vehicles(camera, backdrop.rigs, backdrop.parked).polygons
    everything = np.ones(len(plates.signal_row), bool)
    lit = faces.lit(plates, drawing.kept.aspects, everything)
    obstacles = PolygonList(camera)
    draw_obstacles(obstacles, standing_near(scene, camera), camera)
    batches = [obstacles.batch(), still, plates.polygons, moving, lit]
    limit = faces.first_ids(scene)[2]
    truth = measure(batches, camera.height_px, camera.width_px, limit)
    geometry, faults, rows = drawing.geometry, [], []
    told = set(geometry.instance.tolist())
    for k, ident in enumerate(geometry.instance.tolist()):
        if geometry.visible_px[k] <= 0:
            faults.append(f"{index}: {ident} has a box without a pixel")
        apart = np.abs(geometry.box_px[k] - truth.box[ident]).max() if truth.visible[ident] else 99
        ours = geometry.visible_px[k] / geometry.full_px[k]
        share = truth.visible[ident] / max(truth.full[ident], 1e-9)
        rows.append((truth.visible[ident], apart, ours - share, index, ident))
    seen = np.unique(drawing.canvas.ids[drawing.canvas.ids > 0]).tolist()
    faults += [f"{index}: {ident} is seen and has no label" for ident in seen if ident not in told]
    return faults, np.array(rows).reshape(-1, 5)


def main() -> None:
    """Print what is wrong, and how far labels are from the oracle."""
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    config = GenerateConfig(out="unused", scenes=scenes, frames_per_scene=1)
    pinhole = dataclasses.replace(config.camera, kind="pinhole")
    cameras = {
        "orthographic": config.camera, "pinhole": pinhole,
        "tilted": dataclasses.replace(pinhole, tilt_rad_high=MOST_TILT_RAD),
    }  # fmt: skip
    names = sys.argv[2:] or list(cameras)
    faults, found = [], []
    for index in range(scenes):
        own = dataclasses.replace(config, camera=cameras[names[index % len(names)]])
        wrong, rows = scene_faults(own, index)
        faults += wrong
        found.append(rows)
    print("\n".join(faults) or "no box without pixels, no pixel of an unlabelled target")
    area, box, share, scene, ident = np.concatenate(found).T
    for name, some in (("smaller", area < SMALL_PX), ("larger", area >= SMALL_PX)):
        off, apart = np.abs(share[some]), box[some]
        print(
            f"{name} than {SMALL_PX} px: {some.sum()} objects; box off by more than {BOX_PX:g} px: "
            f"{(apart > BOX_PX).mean():.4f}; share off by more than {SHARE:g}: "
            f"{(off > SHARE).mean():.4f}; medians {np.median(apart):.2f} px, "
            f"{np.median(off):.4f}; p99 {np.quantile(apart, 0.99):.2f} px, "
            f"{np.quantile(off, 0.99):.4f}"
        )
    for k in np.argsort(-box * (area >= SMALL_PX), kind="stable")[:WORST]:
        print(
            f"scene {scene[k]:.0f}, id {ident[k]:.0f}: {area[k]:.1f} px, box off by {box[k]:.0f} px"
        )


if __name__ == "__main__":
    main()
