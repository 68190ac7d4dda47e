"""Motion blur: while the shutter is open, what moves is smeared along its way.

The picture shows the middle of the exposure, and so do the labels. How bright it is does not depend
on the time: the gain is metered.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render import rects
from render.kernel import kernel
from render.picture import Drawing
from simulator.camera import Camera, ground_to_px, is_distorted, is_tilted, to_px

LEAST_PX = 0.5
"""Shorter ways are not seen."""


@dataclasses.dataclass(frozen=True, eq=False)
class Streaks:
    """What is smeared in a frame, M bodies.

    Attributes:
        ident: u16[M], instance ids. way_px: f64[M, 2], how far each goes meanwhile.
        places: i32[M, 4], rectangles that hold body and smear.
    """

    ident: np.ndarray
    way_px: np.ndarray
    places: np.ndarray


NO_STREAKS = Streaks(np.zeros(0, np.uint16), np.zeros((0, 2)), rects.NONE)


def streaks(drawing: Drawing, camera: Camera, exposure_s: float) -> Streaks:
    """The bodies of a drawing that go far enough in the time, s."""
    if exposure_s <= 0:
        return NO_STREAKS
    rows = np.flatnonzero(drawing.kept.bounds[:, 2] > drawing.kept.bounds[:, 0])
    state = drawing.state
    way_m = exposure_s * state.speed_mps[rows]
    seen = way_m > LEAST_PX * camera.m_per_px
    rows, way_m, heading = rows[seen], way_m[seen], state.heading_rad[rows[seen]]
    if not len(rows):
        return NO_STREAKS
    way_px = (way_m[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)) @ (
        ground_to_px(camera)[:, :2].T
    )
    if is_tilted(camera) or is_distorted(camera):
        ahead = way_m[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1) / 2
        place = np.stack([state.x_m[rows], state.y_m[rows]], axis=1)
        way_px = to_px(camera, place + ahead) - to_px(camera, place - ahead)
    reach = np.ceil(np.abs(way_px) / 2 + 1).astype(np.int32)
    bounds = drawing.kept.bounds[rows]
    low, high = bounds[:, :2] - reach, bounds[:, 2:] + reach
    size = np.array([camera.width_px, camera.height_px], np.int32)
    places = np.concatenate([np.maximum(low, 0), np.minimum(high, size)], axis=1)
    return Streaks((rows + 1).astype(np.uint16), way_px, places.astype(np.int32))


def smear(light: np.ndarray, ids: np.ndarray, found: Streaks) -> None:
    """Smear bodies in linear light u16[3, H, W], in place; ids u16[H, W] says where they are."""
    for k in range(len(found.ident)):
        x0, y0, x1, y1 = found.places[k].tolist()
        sharp = light[:, y0:y1, x0:x1].copy()
        taps = 2 * int(np.ceil(np.abs(found.way_px[k]).max())) + 1
        steps = np.rint(np.linspace(-0.5, 0.5, taps)[:, None] * found.way_px[k]).astype(np.int64)
        _smear(sharp, ids[y0:y1, x0:x1], found.ident[k], steps, light[:, y0:y1, x0:x1])


@kernel
def _smear(sharp, ids, ident, steps, out):
    """Each pixel that the body comes by takes the mean of what comes by there."""
    _, rows, columns = sharp.shape
    count = len(steps)
    for y in range(rows):
        for x in range(columns):
            met = False
            red = green = blue = 0
            for k in range(count):
                u = min(max(x - steps[k, 0], 0), columns - 1)
                v = min(max(y - steps[k, 1], 0), rows - 1)
                met |= ids[v, u] == ident
                red += sharp[0, v, u]
                green += sharp[1, v, u]
                blue += sharp[2, v, u]
            if met:
                out[0, y, x] = np.uint16(red // count)
                out[1, y, x] = np.uint16(green // count)
                out[2, y, x] = np.uint16(blue // count)
