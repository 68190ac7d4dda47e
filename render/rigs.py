"""What is drawn of each row of an agent table: the template and size of its body, of some of two.

Trucks may have a semitrailer, people an umbrella.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from render.bodies import ARTICULATED, UMBRELLA, templates
from render.kernel import kernel
from render.people import STRIDES
from render.surface import fixed
from render.umbrellas import OVER_HEAD_M
from simulator.agents import AgentTable
from simulator.articulation import hitch_m

if TYPE_CHECKING:
    from render.poses import Poses

UMBRELLA_STYLES = 8
"""Styles of people from one look of an umbrella to the next."""


@dataclasses.dataclass(frozen=True, eq=False)
class Rigs:
    """What is drawn of each row in whatever pose.

    Attributes:
        template: i32[N], of the body, at the first moment of a stride. moments: i32[N], templates
            that follow upon it, one a moment. size_m: f64[N, 3], length, width, height.
        second: i32[N], template of what is drawn right behind the body: a semitrailer or an
            umbrella, -1 nothing. second_m: f64[N, 3], its size. hitch_m: f64[N, 2], from the middle
            of a tractor back to the pin, and from there to its trailer's middle, 0 of all else.
        boxed_m: f64[N, 2], length and width of what a label's box is about as seen from straight
            above, an umbrella where it is wider than who carries it; middle_m: f64[N], how high the
            line lies along which that box is laid before a pinhole.
        paint: f32[N, 3], linear, ONE = 1.0.
        reach_m: f64[N], no part is further from the middle than half of it along the body.
    """

    template: np.ndarray
    moments: np.ndarray
    size_m: np.ndarray
    second: np.ndarray
    second_m: np.ndarray
    hitch_m: np.ndarray
    boxed_m: np.ndarray
    middle_m: np.ndarray
    paint: np.ndarray
    reach_m: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Bodies:
    """Bodies in drawing order: a semitrailer comes right behind its tractor, over which it is
    drawn, and an umbrella behind who carries it.

    Attributes:
        template: i32[B]. pose: f64[B, 3], x m, y m, heading rad. size_m: f64[B, 3].
        whose: i32[B], index into the poses that they are of, ascending.
    """

    template: np.ndarray
    pose: np.ndarray
    size_m: np.ndarray
    whose: np.ndarray


def rigs_of(table: AgentTable) -> Rigs:
    """Work out what is drawn of each row."""
    by_kind = templates().by_kind
    first, count = by_kind[table.kind].T
    moments = np.where(table.on_foot, STRIDES, 1)
    template = first + table.style % (count // moments) * moments
    size = np.empty((len(table), 3))
    size[:, 0], size[:, 1], size[:, 2] = table.length_m, table.width_m, table.height_m
    second, second_m, hitch = np.full(len(table), -1), np.zeros_like(size), np.zeros((len(size), 2))
    reach = table.length_m  # of a tractor's middle its trailer's rear is further off
    boxed, middle = np.stack([table.body_m, table.width_m], axis=1), table.height_m / 2
    if table.trailer_m is not None:
        tows, (first, count) = table.trailer_m > 0, by_kind[ARTICULATED]
        template[tows] = first + 2 * (table.style[tows] % (count // 2))
        size[tows, 0] = table.body_m[tows]
        second[tows] = template[tows] + 1
        second_m[tows] = size[tows]
        second_m[tows, 0] = table.trailer_m[tows]
        hitch[tows] = hitch_m(table)[tows]
        reach = reach + table.trailer_m
    if table.umbrella_m is not None:
        under, (first, count) = table.umbrella_m > 0, by_kind[UMBRELLA]
        second[under] = first + table.style[under] // UMBRELLA_STYLES % count
        second_m[under, :2] = table.umbrella_m[under, None]
        second_m[under, 2] = size[under, 2] + OVER_HEAD_M
        boxed = np.maximum(boxed, table.umbrella_m[:, None])
        middle = np.where(under, table.height_m, middle)
    return Rigs(
        template.astype(np.int32), moments.astype(np.int32), size, second.astype(np.int32),
        second_m, hitch, boxed, middle, fixed(table.colour).astype(np.float32), reach,
    )  # fmt: skip


def bodies_of(rigs: Rigs, poses: Poses) -> Bodies:
    """All bodies of some poses."""
    most = 2 * len(poses.rows)
    template, whose = np.empty(most, np.int32), np.empty(most, np.int32)
    pose, size = np.empty((most, 3)), np.empty((most, 3))
    count = _pose_all(
        poses.rows, poses.pose, poses.stride, poses.trailer_rad, rigs.template, rigs.moments,
        rigs.size_m, rigs.second, rigs.second_m, rigs.hitch_m, template, pose, size, whose,
    )  # fmt: skip
    return Bodies(template[:count], pose[:count], size[:count], whose[:count])


@kernel
def _pose_all(
    rows, pose, stride, trailer_rad, template, moments, size, second, second_m, hitch,
    to_template, to_pose, to_size, whose,
):  # fmt: skip
    """Write the bodies of all poses; returns how many."""
    n = 0
    for k in range(len(rows)):
        r = rows[k]
        to_template[n] = template[r] + np.int32(stride[k]) % moments[r]
        for i in range(3):
            to_pose[n, i], to_size[n, i] = pose[k, i], size[r, i]
        whose[n] = k
        n += 1
        if second[r] < 0:
            continue
        to_template[n], whose[n] = second[r], k
        for i in range(3):
            to_pose[n, i], to_size[n, i] = pose[k, i], second_m[r, i]
        if hitch[r, 0] != 0:
            near, far, turned = hitch[r, 0], hitch[r, 1], trailer_rad[k]
            to_pose[n, 0] = pose[k, 0] - near * np.cos(pose[k, 2]) - far * np.cos(turned)
            to_pose[n, 1] = pose[k, 1] - near * np.sin(pose[k, 2]) - far * np.sin(turned)
            to_pose[n, 2] = turned
        n += 1
    return n
