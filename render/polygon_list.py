"""Collecting polygons, in drawing order, into one batch for the raster."""

from __future__ import annotations

import numpy as np

from render.raster import HEIGHT_UNIT_M, KEEP, Polygons


class PolygonList:
    """A growing list of polygons; ``batch`` gives it to the raster as arrays."""

    def __init__(self) -> None:
        self._vertices: list[np.ndarray] = []
        self._rows: list[tuple[np.ndarray, float, int, int, int, bool]] = []

    def add(
        self,
        vertices_px: np.ndarray,
        colour: np.ndarray,
        kind: int,
        z_m: float = 0.0,
        *,
        ident: int = 0,
        alpha: float = 1.0,
        on_top: bool = False,
    ) -> None:
        """One polygon: f[N, 2] px, u16[3] linear colour, surface kind, height in m."""
        self._vertices.append(np.asarray(vertices_px, dtype=np.float32))
        height = int(min(np.ceil(z_m / HEIGHT_UNIT_M), 254))
        self._rows.append((np.asarray(colour), alpha, ident, int(kind), height, on_top))

    def add_many(
        self, vertices_px: np.ndarray, colours: np.ndarray, kind: int, z_m: np.ndarray
    ) -> None:
        """Polygons of equal size: f[P, N, 2] px, u16[P, 3] colours, f[P] heights in m."""
        for vertices, colour, z in zip(vertices_px, colours, z_m, strict=True):
            self.add(vertices, colour, kind, float(z))

    def stain(self, vertices_px: np.ndarray, colour: np.ndarray, alpha: float, z_m: float = 0.0) -> None:
        """A decal: colour only, the surface beneath keeps its kind, id and height."""
        self.add(vertices_px, colour, KEEP, z_m, alpha=alpha)

    def batch(self) -> Polygons:
        """All polygons so far."""
        sizes = [len(v) for v in self._vertices]
        rows = self._rows
        return Polygons(
            np.concatenate(self._vertices) if sizes else np.zeros((0, 2), np.float32),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
            np.array([r[0] for r in rows], dtype=np.uint16).reshape(-1, 3),
            np.array([r[1] for r in rows], dtype=np.float32),
            np.array([r[2] for r in rows], dtype=np.uint16),
            np.array([r[3] for r in rows], dtype=np.uint8),
            np.array([r[4] for r in rows], dtype=np.uint8),
            np.array([r[5] for r in rows], dtype=np.bool_),
        )
