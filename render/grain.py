"""The grain of surfaces: asphalt, stone, grass, leaves and roofs are nowhere of one tone."""

from __future__ import annotations

import numpy as np

from render import texture
from render.canvas import Canvas
from render.surface import Kind
from simulator.camera import Camera, lens_of, px_to_ground
from simulator.scene import Scene
from simulator.seeding import stream
from simulator.surroundings import Ground

COARSE_M, FINE_M = 0.16, 0.06
"""Size of a tile pixel of the two textures, m."""

COARSE_PX, FINE_PX = 24, 2
"""Size of their features, tile pixels."""

GRAINY = Kind.LEAF + 1
"""So many kinds of surface, the first, have a grain."""

PAVED_CHROMA, STONE_CHROMA = 34, 18
"""Verges with less spread between their sRGB channels than the first are not grown over but paved,
or of gravel where it is more than the second: sand and crushed stone are yellower than slabs."""


def is_paved(ground: Ground) -> bool:
    """Whether the verges of a place are of slabs or gravel: nothing grows there."""
    return max(ground.verge) - min(ground.verge) <= PAVED_CHROMA


def lay_grain(canvas: Canvas, scene: Scene, camera: Camera) -> None:
    """Give what is drawn its grain, in place; it is anchored in the world."""
    ground = scene.surroundings.ground
    # another place of the endless tiles for every scene
    shift = stream(ground.texture_seed, 0, "ground/texture").uniform(0, 80, (2, 1))
    px_to_m = px_to_ground(camera).copy()
    px_to_m[:2] += shift * px_to_m[2]
    shape, lens = canvas.kind.shape, lens_of(camera)
    texture.modulate(
        canvas.albedo, canvas.kind, *_amounts(ground),
        texture.anchored(px_to_m, shape, COARSE_PX, COARSE_M, lens=lens),
        texture.anchored(px_to_m, shape, FINE_PX, FINE_M, lens=lens),
    )  # fmt: skip


def _amounts(ground: Ground) -> tuple[tuple[np.float32, ...], tuple[np.float32, ...]]:
    """Strength of the coarse and of the fine texture by kind of surface."""
    amounts = np.zeros((GRAINY, 2), np.float32)
    chroma = max(ground.verge) - min(ground.verge)
    rough = 0.01 + 0.09 * ground.wear  # new asphalt and new slabs are all but even
    paved = (0.1, 0.16) if chroma > STONE_CHROMA else (0.07, rough)
    amounts[Kind.VERGE] = paved if is_paved(ground) else (0.15, 0.2)
    amounts[Kind.ROAD] = amounts[Kind.RUT] = 0.05 + 0.08 * ground.wear, rough
    amounts[Kind.PAINT] = 0.05 + 0.15 * ground.wear, rough
    amounts[Kind.PAVEMENT] = 0.08, rough
    amounts[Kind.ROOF] = 0.07, 0.04
    amounts[Kind.WALL] = 0.04, 0.04
    amounts[Kind.LEAF] = 0.1, 0.3
    coarse, fine = amounts.T
    return tuple(coarse), tuple(fine)
