"""Which bodies are drawn of whom: the template, pose and size of each; of some trucks two."""

from __future__ import annotations

import numpy as np

from render.bodies import ARTICULATED, templates
from render.people import STRIDES
from simulator.agents import AgentTable
from simulator.articulation import behind


def bodies_of(
    table: AgentTable, rows: np.ndarray, pose: np.ndarray, stride: np.ndarray,
    trailer_rad: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """All bodies: template i32[B], pose f64[B, 3], size f64[B, 3] m, index into ``rows`` i32[B].

    A semitrailer comes right behind its tractor, over which it is drawn.

    Args:
        table: of the scene. rows, pose, stride, trailer_rad: columns of ``actors.Poses``.
    """
    styles, size = _templates_of(table, rows, stride), _sizes(table, rows)
    whose = np.arange(len(rows), dtype=np.int32)
    if table.trailer_m is None or trailer_rad is None:
        return styles, pose, size, whose
    tows = np.flatnonzero(table.trailer_m[rows] > 0)
    body_m, towed_m = table.body_m[rows[tows]], table.trailer_m[rows[tows]]
    first, count = templates().by_kind[ARTICULATED]
    styles[tows] = first + 2 * (table.style[rows[tows]] % (count // 2))
    size[tows, 0] = body_m
    boxes = behind(pose[tows], body_m, towed_m, trailer_rad[tows])
    of_trailers = np.column_stack([towed_m, size[tows, 1:]])
    return (
        np.insert(styles, tows + 1, styles[tows] + 1),
        np.insert(pose, tows + 1, boxes, axis=0),
        np.insert(size, tows + 1, of_trailers, axis=0),
        np.insert(whose, tows + 1, whose[tows]),
    )


def _sizes(table: AgentTable, rows: np.ndarray) -> np.ndarray:
    sizes = np.empty((len(rows), 3))
    for k, column in enumerate((table.length_m, table.width_m, table.height_m)):
        sizes[:, k] = column[rows]
    return sizes


def _templates_of(table: AgentTable, rows: np.ndarray, stride: np.ndarray) -> np.ndarray:
    first, count = templates().by_kind[table.kind[rows]].T
    moments = np.where(table.on_foot[rows], STRIDES, 1)
    look = table.style[rows] % (count // moments)
    return (first + look * moments + stride % moments).astype(np.int32)
