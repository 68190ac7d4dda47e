"""Which bodies are drawn of whom: the template, pose and size of each; of some two.

Trucks may have a semitrailer, people an umbrella.
"""

from __future__ import annotations

import numpy as np

from render.bodies import ARTICULATED, UMBRELLA, templates
from render.people import STRIDES
from render.umbrellas import OVER_HEAD_M
from simulator.agents import AgentTable
from simulator.articulation import behind


def bodies_of(
    table: AgentTable, rows: np.ndarray, pose: np.ndarray, stride: np.ndarray,
    trailer_rad: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """All bodies: template i32[B], pose f64[B, 3], size f64[B, 3] m, index into ``rows`` i32[B].

    A semitrailer comes right behind its tractor, over which it is drawn, and an umbrella behind who
    carries it.

    Args:
        table: of the scene. rows, pose, stride, trailer_rad: columns of ``actors.Poses``.
    """
    styles, size = _templates_of(table, rows, stride), _sizes(table, rows)
    whose = np.arange(len(rows), dtype=np.int32)
    if table.trailer_m is not None and trailer_rad is not None:
        styles, pose, size, whose = _with_trailers(
            table, rows, (styles, pose, size, whose), table.trailer_m, trailer_rad
        )
    if table.umbrella_m is None:
        return styles, pose, size, whose
    wide = table.umbrella_m[rows[whose]]
    up = np.flatnonzero(wide > 0)
    first, count = templates().by_kind[UMBRELLA]
    look = (first + table.style[rows[whose[up]]] // 8 % count).astype(np.int32)
    of_cloth = np.column_stack([wide[up], wide[up], size[up, 2] + OVER_HEAD_M])
    return (
        np.insert(styles, up + 1, look),
        np.insert(pose, up + 1, pose[up], axis=0),
        np.insert(size, up + 1, of_cloth, axis=0),
        np.insert(whose, up + 1, whose[up]),
    )


def _with_trailers(
    table: AgentTable,
    rows: np.ndarray,
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    trailer_m: np.ndarray,
    trailer_rad: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    styles, pose, size, whose = own
    tows = np.flatnonzero(trailer_m[rows] > 0)
    body_m, towed_m = table.body_m[rows[tows]], trailer_m[rows[tows]]
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
