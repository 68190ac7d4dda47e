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

UMBRELLA_STYLES = 8
"""Styles of people from one look of an umbrella to the next."""


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
    own = (
        _templates_of(table, rows, stride), pose, _sizes(table, rows),
        np.arange(len(rows), dtype=np.int32),
    )  # fmt: skip
    if table.trailer_m is not None and trailer_rad is not None:
        tows = (table.trailer_m[rows] > 0).nonzero()[0]
        if len(tows):
            own = _with_trailers(table, rows, own, tows, table.trailer_m, trailer_rad)
    if table.umbrella_m is None:
        return own
    wide = table.umbrella_m[rows[own[3]]]
    up = (wide > 0).nonzero()[0]
    if not len(up):
        return own
    first, count = templates().by_kind[UMBRELLA]
    look = first + table.style[rows[own[3][up]]] // UMBRELLA_STYLES % count
    of_cloth = np.stack([wide[up], wide[up], own[2][up, 2] + OVER_HEAD_M], axis=1)
    return _doubled(own, up, look, own[1][up], of_cloth)


def _with_trailers(
    table: AgentTable,
    rows: np.ndarray,
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    tows: np.ndarray,
    trailer_m: np.ndarray,
    trailer_rad: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    styles, pose, size, _ = own
    towing = rows[tows]
    body_m, towed_m = table.body_m[towing], trailer_m[towing]
    first, count = templates().by_kind[ARTICULATED]
    styles[tows] = first + 2 * (table.style[towing] % (count // 2))
    size[tows, 0] = body_m
    boxes = behind(pose[tows], body_m, towed_m, trailer_rad[tows])
    of_trailers = np.stack([towed_m, size[tows, 1], size[tows, 2]], axis=1)
    return _doubled(own, tows, styles[tows] + 1, boxes, of_trailers)


def _doubled(
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    of: np.ndarray,
    style: np.ndarray,
    pose: np.ndarray,
    size: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bodies with a second one right behind each of some."""
    times = np.ones(len(own[0]), np.int64)
    times[of] = 2
    source = np.repeat(np.arange(len(times)), times)
    second = np.cumsum(times)[of] - 1
    styles, poses, sizes, whose = (column[source] for column in own)
    styles[second], poses[second], sizes[second] = style, pose, size
    return styles, poses, sizes, whose


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
