"""Collecting polygons, in drawing order, into one batch for the raster."""

from __future__ import annotations

import numpy as np

from render.canvas import HEIGHT_UNIT_M, KEEP, Polygons
from simulator.camera import Camera, to_px


class PolygonList:
    """A growing list of polygons; ``batch`` gives it to the raster as arrays.

    Vertices are given in the world (m, at the polygon's height) and projected all at once, or, with
    ``in_px``, in the image.
    """

    def __init__(self, camera: Camera | None = None) -> None:
        self._camera = camera
        self._vertices: list[np.ndarray] = []
        self._rows: list[tuple[np.ndarray, float, int, int, float, bool, bool]] = []

    def add(
        self,
        vertices: np.ndarray,
        colour: np.ndarray,
        kind: int,
        z_m: float = 0.0,
        *,
        ident: int = 0,
        alpha: float = 1.0,
        on_top: bool = False,
        in_px: bool = False,
    ) -> None:
        """One polygon: f[N, 2] vertices, u16[3] linear colour, surface kind, height in m."""
        self._vertices.append(vertices)
        self._rows.append((colour, alpha, ident, int(kind), z_m, on_top, in_px))

    def add_all(
        self, vertices: np.ndarray, colours: np.ndarray, kind: int, z_m: np.ndarray
    ) -> None:
        """Polygons of one kind: f64[P, N, 2], u16[P, 3], f64[P] heights in m."""
        self._vertices += list(vertices)
        self._rows += [
            (colour, 1.0, 0, int(kind), z, False, False)
            for colour, z in zip(colours, z_m.tolist(), strict=True)
        ]

    def stain(
        self, vertices: np.ndarray, colour: np.ndarray, alpha: float, z_m: float = 0.0
    ) -> None:
        """A decal: colour only, the surface beneath keeps its kind, id and height."""
        self.add(vertices, colour, KEEP, z_m, alpha=alpha)

    def stain_all(
        self, vertices: np.ndarray, colour: np.ndarray, alpha: float, z_m: float = 0.0
    ) -> None:
        """Decals f64[P, N, 2] of one colour."""
        self._vertices += list(vertices)
        self._rows += [(colour, alpha, 0, KEEP, z_m, False, False)] * len(vertices)

    def batch(self) -> Polygons:
        """All polygons so far."""
        sizes = np.array([len(v) for v in self._vertices], dtype=np.int64)
        if not len(sizes):
            return _empty()
        colours, alpha, ident, kind, z_m, on_top, in_px = zip(*self._rows, strict=True)
        heights = np.array(z_m, dtype=float)
        vertices = np.concatenate(self._vertices)
        if self._camera is not None:
            world = ~np.repeat(np.array(in_px), sizes)
            z = np.repeat(heights, sizes)[world]
            vertices[world] = to_px(self._camera, vertices[world], z)
        return Polygons(
            vertices.astype(np.float32),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
            np.array(colours, dtype=np.uint16),
            np.array(alpha, dtype=np.float32),
            np.array(ident, dtype=np.uint16),
            np.array(kind, dtype=np.uint8),
            np.minimum(np.ceil(heights / HEIGHT_UNIT_M), 254).astype(np.uint8),
            np.array(on_top, dtype=np.bool_),
        )


def _empty() -> Polygons:
    none = np.zeros(0)
    return Polygons(
        np.zeros((0, 2), np.float32), np.zeros(1, np.int32), np.zeros((0, 3), np.uint16),
        none.astype(np.float32), none.astype(np.uint16), none.astype(np.uint8),
        none.astype(np.uint8), none.astype(np.bool_),
    )  # fmt: skip
