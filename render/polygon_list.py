"""Collecting polygons, in drawing order, into one batch for the raster."""

from __future__ import annotations

import numpy as np

from render.bending import bend
from render.canvas import HEIGHT_UNIT_M, KEEP, Polygons
from render.cut import cut_near
from simulator.camera import Camera, is_tilted, straight_px


class PolygonList:
    """A growing list of polygons; ``batch`` gives it to the raster as arrays.

    Vertices are given in the world (m, at the polygon's height) and projected all at once, or, with
    ``in_px``, in the straight image (``camera.straight_px``); a lens bends them all. Many of one
    kind are best given at once.
    """

    def __init__(self, camera: Camera | None = None) -> None:
        self._camera = camera
        self._vertices: list[np.ndarray] = []
        self._colours: list[np.ndarray] = []
        self._runs: list[int] = []
        self._scalars: list[float] = []
        self._each: list[tuple[int, int, np.ndarray]] = []
        self._kinds: list[tuple[int, np.ndarray]] = []
        self._count = 0

    def __len__(self) -> int:
        """How many polygons there are."""
        return self._count

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
        self._colours.append(colour[None])
        self._runs += (1, len(vertices), ident, kind, on_top, in_px)
        self._scalars += (alpha, z_m)
        self._count += 1

    def add_all(
        self,
        vertices: np.ndarray,
        colours: np.ndarray,
        kind: np.ndarray | int,
        z_m: np.ndarray | float = 0.0,
        alpha: np.ndarray | float = 1.0,
        *,
        in_px: bool = False,
    ) -> None:
        """Polygons f64[P, N, 2], colours u16[P, 3] or u16[3]; kinds, heights in m and opacities of
        each, [P], or of all.
        """
        count, corners = vertices.shape[:2]
        if isinstance(kind, np.ndarray):
            self._kinds.append((self._count, kind))
            kind = 0
        self._vertices.append(vertices.reshape(-1, 2))
        self._colours.append(colours if colours.ndim == 2 else colours[None].repeat(count, axis=0))
        self._runs += (count, corners, 0, kind, False, in_px)
        for which, value in enumerate((alpha, z_m)):
            if isinstance(value, np.ndarray):
                self._each.append((which, self._count, value))
                self._scalars.append(0.0)
            else:
                self._scalars.append(value)
        self._count += count

    def stain(
        self, vertices: np.ndarray, colour: np.ndarray, alpha: float, z_m: float = 0.0
    ) -> None:
        """A decal: colour only, the surface beneath keeps its kind, id and height."""
        self.add(vertices, colour, KEEP, z_m, alpha=alpha)

    def stain_all(
        self, vertices: np.ndarray, colour: np.ndarray, alpha: float, z_m: float = 0.0
    ) -> None:
        """Decals f64[P, N, 2] of one colour."""
        self.add_all(vertices, colour, KEEP, z_m, alpha)

    def batch(self) -> Polygons:
        """All polygons so far."""
        if not self._count:
            return _empty()
        runs = np.fromiter(self._runs, np.int64, len(self._runs)).reshape(-1, 6)
        count = runs[:, 0]
        sizes, ident, kind, on_top, in_px = runs[:, 1:].repeat(count, axis=0).T
        for first, values in self._kinds:
            kind[first : first + len(values)] = values
        scalars = np.array(self._scalars, dtype=float).reshape(-1, 2).repeat(count, axis=0)
        alpha, heights = scalars.T
        for which, first, values in self._each:
            scalars[first : first + len(values), which] = values
        vertices = np.concatenate(self._vertices)
        if self._camera is not None:
            vertices, sizes = _projected(self._camera, vertices, sizes, heights, in_px == 0)
        starts = np.zeros(len(sizes) + 1, np.int32)
        sizes.cumsum(out=starts[1:])
        if self._camera is not None:
            vertices, starts = bend(self._camera, vertices, starts)
        return Polygons(
            vertices.astype(np.float32),
            starts,
            np.concatenate(self._colours).astype(np.uint16, copy=False),
            alpha.astype(np.float32),
            ident.astype(np.uint16),
            kind.astype(np.uint8),
            np.minimum(np.ceil(heights / HEIGHT_UNIT_M), 254).astype(np.uint8),
            on_top.astype(np.bool_),
        )


def _projected(
    camera: Camera, vertices: np.ndarray, sizes: np.ndarray, z_m: np.ndarray, world: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices f64[V, 2] px and sizes i64[P] of polygons at heights f64[P] m; ``world``, bool[P],
    are in m and the others in px already.
    """
    if is_tilted(camera):
        vertices, sizes = cut_near(camera, vertices, sizes, z_m, world)
    z = z_m.repeat(sizes)
    if world.all():
        return straight_px(camera, vertices, z), sizes
    own = world.repeat(sizes)
    vertices[own] = straight_px(camera, vertices[own], z[own])
    return vertices, sizes


def _empty() -> Polygons:
    none = np.zeros(0)
    return Polygons(
        np.zeros((0, 2), np.float32), np.zeros(1, np.int32), np.zeros((0, 3), np.uint16),
        none.astype(np.float32), none.astype(np.uint16), none.astype(np.uint8),
        none.astype(np.uint8), none.astype(np.bool_),
    )  # fmt: skip
