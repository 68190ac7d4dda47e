"""What no frame shares with the next, against the plain formula at every pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from render import lens
from render.canvas import HEIGHT_UNIT_M, ONE
from render.effect import FIELD_STEP, PLUME_M, Specks, field_shape
from render.fleeting import PLUME_GLOW, Plumes, add_fleeting, lay_plumes
from render.light import LAMP_RGB
from render.veil import speck_tile
from render.weather.night import BEAM_LUX_AT_10M, BEAM_REACH_M, EDGE, NEAREST_M, _beam_field
from simulator.seeding import stream

SHAPES = pytest.mark.parametrize("shape", [(61, 83), (96, 640), (40, 1030)])
AIR = np.array([0.2, 0.3, 0.4], np.float32)


def patches(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A field of an image that is zero but for a few patches, some of one cell, some at edges."""
    field = np.zeros(field_shape(shape), np.float32)
    for _ in range(4):
        y, x = rng.integers(0, field.shape[0]), rng.integers(0, field.shape[1])
        part = field[y : y + rng.integers(1, 4), x : x + rng.integers(1, 4)]
        part[...] = rng.uniform(0.1, 0.9, part.shape)
    return field


def everywhere(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A field at every pixel, f64[H, W]: linear between its nodes."""
    (j, y), (i, x) = (divmod(np.arange(size), FIELD_STEP) for size in shape)
    y, x = y[:, None] / FIELD_STEP, x / FIELD_STEP
    rows = [field[j + k].astype(float) for k in (0, 1)]
    near, far = (row[:, i] + x * (row[:, i + 1] - row[:, i]) for row in rows)
    return near + y * (far - near)


@SHAPES
def test_light_of_a_moment_is_what_its_parts_make_of_every_pixel(shape):
    rng = stream(1, 0, "test/fleeting")
    light = rng.integers(0, 3000, (3, *shape)).astype(np.uint16)
    beam = rng.integers(0, 3000, (3, *shape)).astype(np.uint16)
    field, glare = patches(rng, shape), np.stack([patches(rng, shape) for _ in range(3)])
    height = rng.integers(0, 40, shape).astype(np.uint8)
    plumes = Plumes(patches(rng, shape), height, AIR)
    plane = rng.uniform(0.1, 1.0, (512, 512)) * (rng.random((512, 512)) < 0.1)
    drops = Specks(speck_tile(plane.astype(np.float32)), 1.5, AIR)
    shift = np.array([[300, 500]])
    out, metered = add_fleeting(light, beam, field, glare, (drops,), shift, plumes, 8)

    lamp = everywhere(field, shape)
    above = np.exp(height * -HEIGHT_UNIT_M / PLUME_M)
    veil = everywhere(plumes.field, shape) * above
    rows, columns = ((np.arange(n) + at) % 512 for n, at in zip(shape, shift[0], strict=True))
    share = np.minimum(plane[rows][:, columns] * drops.gain, 0.95)
    for c in range(3):
        want = light[c] / 4096 + lamp * beam[c] / 4096
        want += veil * (AIR[c] + PLUME_GLOW * LAMP_RGB[c] * lamp - want)
        want += everywhere(glare[c], shape)
        want += share * (AIR[c] - want)
        assert np.abs(out[c] - want * 4096).max() < 0.6
        assert metered[c] == pytest.approx(out[c, 4::8, 4::8].mean())


@SHAPES
def test_plumes_alone_make_of_light_what_they_make_of_it_among_the_rest(shape):
    rng = stream(2, 0, "test/fleeting")
    light = rng.integers(0, 3000, (3, *shape)).astype(np.uint16)
    plumes = Plumes(patches(rng, shape), np.zeros(shape, np.uint8), AIR)
    dark = np.zeros((3, 0, 0), np.uint16)
    field, nowhere = np.zeros((1, 1), np.float32), np.zeros((0, 2), np.int64)
    among, _ = add_fleeting(light, dark, field, None, (), nowhere, plumes, 8)
    lay_plumes(light, plumes)
    assert np.array_equal(light, among)


@SHAPES
def test_glare_of_lamps_is_a_blur_mirrored_at_the_edges(shape):
    rng, bright = stream(4, 0, "test/fleeting"), int(lens.BRIGHT * ONE)
    excess = np.zeros((3, *field_shape(shape)), np.float32)
    nodes = excess[:, : shape[0] // FIELD_STEP, : shape[1] // FIELD_STEP]
    for c in range(3):
        for _ in range(3):
            y, x = (rng.integers(0, size) for size in nodes.shape[1:])
            nodes[c, y, x] = rng.integers(1, 9000)
    nodes[0, 0, 0] = nodes[2, -1, -1] = 5000
    light = np.full((3, *shape), bright, np.uint16)
    spots = light[:, ::FIELD_STEP, ::FIELD_STEP][:, : nodes.shape[1], : nodes.shape[2]]
    spots += nodes.astype(np.uint16)
    reach = min(lens.GLARE_REACH, *(size - 1 for size in excess.shape[1:]))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * FIELD_STEP / lens.GLARE_SIGMA_PX) ** 2)
    weights /= weights.sum()
    made = lens.glare(light, np.array([[0, 0, shape[1], shape[0]]], np.int32))
    assert made is not None
    for c in range(3):
        want = cv2.sepFilter2D(
            excess[c], cv2.CV_64F, weights, weights, borderType=cv2.BORDER_REFLECT_101
        )
        np.testing.assert_allclose(
            made[c], want * lens.GLARE_SHARE / (ONE * FIELD_STEP**2), rtol=1e-4, atol=1e-9
        )


def test_every_cell_of_a_low_beam_has_its_light_and_no_other_any():
    rng, shape = stream(3, 0, "test/fleeting"), (120, 162)
    m = np.array([[0.3, 0.27, -21.0], [0.27, -0.3, 0.4], [0.0, 0.0, 1.0]])
    poses = rng.uniform([-80, -80, -4, 3], [120, 80, 4, 12], (90, 4))  # some too far away
    i, j = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    x, y, _ = np.tensordot(m, [i, j, np.ones(shape)], axes=1)
    want = np.zeros(shape)
    for px, py, heading, length in poses:
        c, s = np.cos(heading), np.sin(heading)
        ahead, left = c * (x - px) + s * (y - py) - length / 2, c * (y - py) - s * (x - px)
        across = np.maximum(1 - (left / (EDGE * (1.1 + 0.24 * ahead))) ** 2, 0)
        fade = np.minimum(ahead / 4, 1) * (1 - ahead / BEAM_REACH_M)
        lit = (ahead >= NEAREST_M) & (ahead <= BEAM_REACH_M)
        want += np.where(lit, BEAM_LUX_AT_10M * 10 / (ahead + 4) * fade * across**3, 0)
    assert (want > 1).mean() > 0.2
    np.testing.assert_allclose(
        _beam_field(shape, m.tobytes(), poses.tobytes()), want, rtol=1e-4, atol=1e-3
    )
