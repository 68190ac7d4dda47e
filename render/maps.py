"""Semantic and height maps: what every pixel shows, and how high, from the planes of its picture.

A semantic map holds the numbers of ``frame.SEMANTIC``, a height map heights above the ground in
steps of ``canvas.HEIGHT_UNIT_M``, rounded up. The side of a tall thing is as high as its top edge,
before a tilted camera as that of the layer which is seen (``leaning.LAYERS_M``). Both are the same
in every weather, as masks are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from render import surface
from render.canvas import HEIGHT_UNIT_M, Canvas, blank
from render.faces import first_ids
from render.frame import CLASSES, SEMANTIC, VEHICLE_CLASS
from render.obstacles import Sort, sorted_obstacles
from render.picture import Backdrop
from render.raster import fill
from render.surface import KINDS, Kind
from simulator.scene import Scene

FLAT = {
    Kind.ROAD: "road", Kind.RUT: "road", Kind.PAINT: "road marking", Kind.PAVEMENT: "sidewalk",
    Kind.VERGE: "terrain", Kind.PLATE: "traffic sign",
}  # fmt: skip
"""Class of what lies on the ground, and of plates that are no object of the labels."""

TALL = {
    Sort.OBJECT: "object", Sort.BUILDING: "building", Sort.POLE: "pole", Sort.TREE: "vegetation",
}  # fmt: skip
"""Class of what stands; all that posts and gantries carry is part of them, as it has no label."""


@dataclasses.dataclass(frozen=True, eq=False)
class Classes:
    """What is known of a scene's classes before it moves.

    Attributes:
        still: u8[H, W], class of each pixel that shows no instance. of_id: u8[I], class of each.
    """

    still: np.ndarray
    of_id: np.ndarray


def classes_of(backdrop: Backdrop) -> Classes:
    """The classes of what does not move, and those of all instances."""
    kind = backdrop.canvas.kind
    # drawn once more, each by its sort: a surface alone tells no wall from a pole
    sorts = blank(*kind.shape)
    fill(sorts, sorted_obstacles(backdrop.scene, backdrop.camera))
    tall = np.isin(kind, surface.TALL)
    still = np.where(tall, _table(TALL, len(Sort) + 1)[sorts.ids], _table(FLAT, KINDS)[kind])
    return Classes(still, _of_ids(backdrop.scene))


def draw_maps(
    wanted: Sequence[str], canvas: Canvas, classes: Classes | None
) -> dict[str, np.ndarray]:
    """The maps of a drawn moment by name, u8[H, W].

    Args:
        wanted: names of ``config.MAPS``. classes: of the scene; only a semantic map needs them.
    """
    found = {"height": canvas.height} if "height" in wanted else {}
    if classes is not None:
        found["semantic"] = classes.still.copy()
        ids = canvas.ids.ravel()
        shown = np.flatnonzero(ids)  # few: most of a picture stands still
        found["semantic"].ravel()[shown] = classes.of_id[ids[shown]]
    return found


def told_of_maps(wanted: Sequence[str]) -> dict[str, Any]:
    """What a dataset says of its maps."""
    told = {"semantic": {"classes": SEMANTIC}, "height": {"unit_m": HEIGHT_UNIT_M}}
    return {which: told[which] for which in wanted}


def _of_ids(scene: Scene) -> np.ndarray:
    """Class of each instance id of a scene; that of 0 is never asked."""
    sign, signal, limit = first_ids(scene)
    found = np.zeros(limit, np.uint8)
    labels = ["person" if name == "pedestrian" else name for name in CLASSES]
    vehicles = np.array([SEMANTIC[labels[k]] for k in VEHICLE_CLASS.tolist()], np.uint8)
    found[1 : 1 + len(scene.agents)] = vehicles[scene.agents.kind]
    found[sign:signal] = SEMANTIC["traffic sign"]
    found[signal:] = SEMANTIC["traffic light"]
    return found


def _table(of: Mapping[Kind, str] | Mapping[Sort, str], size: int) -> np.ndarray:
    """Classes by number, u8[size]."""
    found = np.zeros(size, np.uint8)
    for number, name in of.items():
        found[number] = SEMANTIC[name]
    return found
