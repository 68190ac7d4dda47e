"""Figures about any dataset: counts, sizes, places, what hides objects, look-alikes, outliers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from render.image_reader import image_size, read_file
from render.look_alikes import Pair, Prints, alike_pairs
from render.truth import Truth
from simulator.errors import DataError

GRID = 24
"""Cells of the heat map of places, along each side."""

SIDES_PX = 2.0 ** np.arange(0, 13)
"""Edges of the size classes: sides of boxes, px."""

SHARES = np.linspace(0, 1, 11)
"""Edges of the classes of occlusion and contrast."""

MOST_COMPARED = 20_000
"""Images whose look is compared with each other; of more, evenly so many."""

MOST_LISTED = 40
EXTREME = 6.0
"""How many robust deviations from the median make an outlier."""

LOOKS = ("brightness", "contrast", "sharpness", "objects")
"""What outliers among images are sought in."""


@dataclasses.dataclass(frozen=True, eq=False)
class Statistics:
    """Figures of a dataset of N images and K boxes in C classes, under Q conditions.

    Attributes:
        conditions: names, sorted ("" where there is none). images: i64[Q].
        counts: i64[C, Q], objects by class and condition.
        sides: i64[C, S], objects by class and size class (root of the box's area in SIDES_PX).
        shapes: i64[S, S], objects by height and width. places: f64[1 + C, GRID, GRID], how many
        boxes cover a cell: all, then each class. per_image: i64[M], images by number of objects.
        occlusion, contrast: i64[Q, 10], objects by share in SHARES; None where nothing is known.
        together: i64[C, C], images that show both classes (on the diagonal: the class).
        looks: f32[N, 4], see LOOKS.
        alike: pairs of images of different scenes that look the same, the most alike first.
        alike_count: how many pairs there are. compared: images.
        odd_images: (image, look, deviations). odd_boxes: (box, why).
    """

    conditions: tuple[str, ...]
    images: np.ndarray
    counts: np.ndarray
    sides: np.ndarray
    shapes: np.ndarray
    places: np.ndarray
    per_image: np.ndarray
    occlusion: np.ndarray | None
    contrast: np.ndarray | None
    together: np.ndarray
    looks: np.ndarray
    alike: tuple[Pair, ...]
    alike_count: int
    compared: int
    odd_images: tuple[tuple[int, str, float], ...]
    odd_boxes: tuple[tuple[int, str], ...]

    def effective_classes(self) -> float:
        """How many classes of equal size are as mixed as these: 1 .. C."""
        share = self.counts.sum(axis=1) / max(self.counts.sum(), 1)
        share = share[share > 0]
        return float(np.exp(-(share * np.log(share)).sum()))


def statistics(truth: Truth, advance: Callable[[int, str], None]) -> Statistics:
    """Work out all figures; every image is opened once, at an eighth of its size.

    Args:
        truth: of a dataset. advance: is told how many images are done.

    Raises:
        DataError: an image is broken.
    """
    classes, conditions = len(truth.classes), tuple(sorted(set(truth.condition)))
    weather = np.array([conditions.index(c) for c in truth.condition], dtype=np.int64)
    of_box = weather[truth.image]
    size = truth.box_px[:, 2:] - truth.box_px[:, :2]
    w, h = (_class_of(size[:, k], SIDES_PX) for k in (0, 1))
    side = _class_of(np.sqrt(np.maximum(np.prod(size, axis=1), 0)), SIDES_PX)
    objects = np.bincount(truth.image, minlength=len(truth))
    chosen = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), MOST_COMPARED)).astype(int))
    looks, prints = _looks(truth, objects, chosen, advance)
    alike = _alike(truth, prints, chosen)
    known = bool((truth.contrast_left < 1).any() or (truth.occlusion > 0).any() or truth.lineage)
    steps = len(SIDES_PX) - 1
    return Statistics(
        conditions=conditions,
        images=np.bincount(weather, minlength=len(conditions)),
        counts=_table(truth.category, of_box, classes, len(conditions)),
        sides=_table(truth.category, side, classes, steps),
        shapes=_table(h, w, steps, steps),
        places=_places(truth),
        per_image=np.bincount(objects),
        occlusion=_shares(truth.occlusion, of_box, len(conditions)) if known else None,
        contrast=_shares(truth.contrast_left, of_box, len(conditions)) if known else None,
        together=_together(truth),
        looks=looks,
        alike=tuple(alike[:MOST_LISTED]), alike_count=len(alike), compared=len(chosen),
        odd_images=_odd_images(looks, weather), odd_boxes=_odd_boxes(truth),
    )  # fmt: skip


def _class_of(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.clip(np.digitize(values, edges) - 1, 0, len(edges) - 2)


def _table(rows: np.ndarray, columns: np.ndarray, height: int, width: int) -> np.ndarray:
    flat = np.bincount(rows.astype(np.int64) * width + columns, minlength=height * width)
    return flat.reshape(height, width)


def _shares(values: np.ndarray, of_box: np.ndarray, conditions: int) -> np.ndarray:
    return _table(of_box, _class_of(values, SHARES), conditions, len(SHARES) - 1)


def _places(truth: Truth) -> np.ndarray:
    """How many boxes cover each cell of a grid over the image, by summed corners."""
    corners = np.zeros((len(truth.classes), GRID + 1, GRID + 1))
    size = np.hstack([truth.size_px[truth.image]] * 2)
    cells = np.clip(truth.box_px / size * GRID, 0, GRID)
    x0, y0 = np.floor(cells[:, :2]).astype(int).T
    x1, y1 = np.ceil(cells[:, 2:]).astype(int).T
    for x, y, sign in ((x0, y0, 1), (x1, y0, -1), (x0, y1, -1), (x1, y1, 1)):
        np.add.at(corners, (truth.category, y, x), sign)
    each = corners.cumsum(axis=1).cumsum(axis=2)[:, :GRID, :GRID]
    return np.concatenate([each.sum(axis=0)[None], each])


def _together(truth: Truth) -> np.ndarray:
    shown = np.zeros((len(truth), len(truth.classes)), dtype=np.int64)
    shown[truth.image, truth.category] = 1
    return shown.T @ shown


# --- what the pictures look like ---


def _looks(
    truth: Truth, objects: np.ndarray, chosen: np.ndarray, advance: Callable[[int, str], None]
) -> tuple[np.ndarray, Prints]:
    """Looks, f32[N, 4], and what the chosen images look like."""
    looks = np.zeros((len(truth), len(LOOKS)), dtype=np.float32)
    prints, place = Prints.none(len(chosen)), {int(i): k for k, i in enumerate(chosen)}
    for i, path in enumerate(truth.path):
        grey = _small_grey(path)
        edges = cv2.Laplacian(grey, cv2.CV_32F)
        looks[i] = grey.mean(), grey.std(), edges.std(), objects[i]
        if i in place:
            prints.put(place[i], grey)
        advance(i + 1, "")
    return looks, prints


def prints_of(paths: Sequence[object]) -> Prints:
    """What pictures look like; see ``look_alike``.

    Raises:
        DataError: an image is broken.
    """
    prints = Prints.none(len(paths))
    for i, path in enumerate(paths):
        prints.put(i, _small_grey(path))
    return prints


def _small_grey(path: object) -> np.ndarray:
    data = read_file(str(path))
    image_size(data, str(path))
    raw = np.frombuffer(data, dtype=np.uint8)
    try:
        grey = cv2.imdecode(raw, cv2.IMREAD_REDUCED_GRAYSCALE_4)
    except cv2.error:
        grey = None
    if grey is None:
        raise DataError("is broken and cannot be decoded", place=str(path), mend="Replace it")
    return grey


def _alike(truth: Truth, prints: Prints, chosen: np.ndarray) -> list[Pair]:
    """Pairs that look the same; twins and other frames of one scene are declared and left out."""
    scenes: dict[str, int] = {}
    key = np.array([scenes.setdefault(truth.scene[i], len(scenes)) for i in chosen], np.int64)
    pairs = alike_pairs(prints, key)
    return [Pair(int(chosen[p.first]), int(chosen[p.second]), p.difference) for p in pairs]


# --- what stands out ---


def _odd_images(looks: np.ndarray, weather: np.ndarray) -> tuple[tuple[int, str, float], ...]:
    """Images far from the others of their condition, the farthest first."""
    found: list[tuple[int, str, float]] = []
    for condition in np.unique(weather):
        rows = np.flatnonzero(weather == condition)
        if len(rows) < 20:
            continue  # too few to say what is usual
        middle = np.median(looks[rows], axis=0)
        spread = 1.4826 * np.median(np.abs(looks[rows] - middle), axis=0)
        spread = np.maximum(spread, 0.02 * np.abs(middle) + 1e-6)
        off = (looks[rows] - middle) / spread
        for i, k in np.argwhere(np.abs(off) > EXTREME):
            found.append((int(rows[i]), LOOKS[k], float(off[i, k])))
    return tuple(sorted(found, key=lambda f: -abs(f[2]))[:MOST_LISTED])


def _odd_boxes(truth: Truth) -> tuple[tuple[int, str], ...]:
    """Boxes that are often mistakes: tiny, very long, as large as the image, there twice."""
    size = truth.box_px[:, 2:] - truth.box_px[:, :2]
    short, long = size.min(axis=1, initial=np.inf), size.max(axis=1, initial=0)
    share = np.prod(size, axis=1) / np.prod(truth.size_px[truth.image], axis=1)
    rows = np.column_stack([truth.image, truth.category, truth.box_px])
    _, first = np.unique(rows, axis=0, return_index=True)
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    reasons: Sequence[tuple[np.ndarray, str]] = (
        (again, "is there twice"),
        (short < 2, "is thinner than 2 px"),
        (long > 12 * np.maximum(short, 1e-3), "is more than 12 times as long as wide"),
        (share > 0.9, "is as large as the image"),
    )
    found = [(int(k), why) for mask, why in reasons for k in np.flatnonzero(mask)[:MOST_LISTED]]
    return tuple(found[:MOST_LISTED])
