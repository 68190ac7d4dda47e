"""Which detections are right: greedy matching of boxes as COCO defines it.

Written after the definition in pycocotools' ``COCOeval`` and equal to it (a test compares).
"""

from __future__ import annotations

import dataclasses

import numba
import numpy as np

from render.store import Truth
from training.detector import Detections

OVERLAPS = tuple(float(t) for t in np.linspace(0.5, 0.95, 10))
"""IoU at which a detection counts as right."""

MAX_DETECTIONS = 100
"""Detections of one class in one image that count, best first."""


@dataclasses.dataclass(frozen=True, eq=False)
class Matches:
    """The fate of all detections of one class, best first over all images.

    Attributes:
        score: f64[D]. scene: i32[D], index of the scene. image: i32[D].
        row: i64[D], place of each among the detections.
        hit: bool[T, D], right at each overlap. void: bool[T, D], neither right nor wrong.
        counted: f64[S], objects that count in each scene.
    """

    score: np.ndarray
    scene: np.ndarray
    image: np.ndarray
    row: np.ndarray
    hit: np.ndarray
    void: np.ndarray
    counted: np.ndarray


def match(
    truth: Truth,
    ignored: np.ndarray,
    detections: Detections,
    scenes: np.ndarray,
    crowd: np.ndarray | None = None,
    area: tuple[float, float] | None = None,
) -> list[Matches]:
    """Match all detections with the truth, class by class.

    Args:
        truth: its classes must be those of the detections. ignored: bool[K], boxes that do not
            count. scenes: i32[N], index of each image's scene. crowd: bool[K], boxes that are
            regions: the overlap is the detection's share inside, and many may match; default the
            ignored ones. area: px; detections of nothing with an area outside are void.

    Returns:
        One Matches a class, in the order of the classes.
    """
    crowd = ignored if crowd is None else crowd
    rank = np.empty(len(truth), dtype=np.int64)
    rank[np.argsort(truth.image_id, kind="stable")] = np.arange(len(truth))
    count = int(scenes.max()) + 1 if len(scenes) else 0
    matched = [
        _match_class(truth, ignored, crowd, detections, scenes, rank, count, c)
        for c in range(len(truth.classes))
    ]
    return matched if area is None else [_within(m, detections, *area) for m in matched]


def _within(matches: Matches, detections: Detections, low: float, high: float) -> Matches:
    box = detections.box_px[matches.row].astype(np.float64)
    size = (box[:, 2:] - box[:, :2]).prod(axis=1)
    void = matches.void | (~matches.hit & ((size < low) | (size > high)))
    return dataclasses.replace(matches, void=void)


def _match_class(
    truth: Truth,
    ignored: np.ndarray,
    crowd: np.ndarray,
    detections: Detections,
    scenes: np.ndarray,
    rank: np.ndarray,
    scene_count: int,
    category: int,
) -> Matches:
    boxes = np.flatnonzero(truth.category == category)
    # Within an image those that count come first: a detection takes them before an ignored one.
    boxes = boxes[np.lexsort((ignored[boxes], rank[truth.image[boxes]]))]
    found = np.flatnonzero(detections.category == category)
    score = detections.score[found].astype(np.float64)
    image = detections.image[found]
    order = np.lexsort((-score, rank[image]))
    found, score, image = found[order], score[order], image[order]
    kept = _place_in_image(rank[image]) < MAX_DETECTIONS
    found, score, image = found[kept], score[kept], image[kept]
    hit, void = _match_kernel(
        detections.box_px[found].astype(np.float64), rank[image],
        truth.box_px[boxes].astype(np.float64), rank[truth.image[boxes]],
        ignored[boxes], crowd[boxes], np.array(OVERLAPS),
    )  # fmt: skip
    best = np.argsort(-score, kind="stable")
    valid = boxes[~ignored[boxes]]
    counted = np.bincount(scenes[truth.image[valid]], minlength=scene_count).astype(np.float64)
    return Matches(
        score=score[best], scene=scenes[image[best]].astype(np.int32), image=image[best],
        row=found[best], hit=hit[:, best], void=void[:, best], counted=counted,
    )  # fmt: skip


def _place_in_image(image: np.ndarray) -> np.ndarray:
    """Position of each entry among those of its image, for images in ascending order."""
    return np.arange(len(image)) - np.searchsorted(image, image)


@numba.njit(cache=True)
def _overlap(d: np.ndarray, g: np.ndarray, crowd: bool) -> float:
    dw, dh, gw, gh = d[2] - d[0], d[3] - d[1], g[2] - g[0], g[3] - g[1]
    w = min(d[0] + dw, g[0] + gw) - max(d[0], g[0])
    h = min(d[1] + dh, g[1] + gh) - max(d[1], g[1])
    if w <= 0 or h <= 0:
        return 0.0
    shared = w * h
    union = dw * dh if crowd else dw * dh + gw * gh - shared
    return shared / union


@numba.njit(cache=True)
def _match_kernel(
    d_box: np.ndarray,
    d_image: np.ndarray,
    g_box: np.ndarray,
    g_image: np.ndarray,
    ignored: np.ndarray,
    crowd: np.ndarray,
    overlaps: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    hit = np.zeros((len(overlaps), len(d_box)), dtype=np.bool_)
    void = np.zeros((len(overlaps), len(d_box)), dtype=np.bool_)
    for t in range(len(overlaps)):
        taken = np.zeros(len(g_box), dtype=np.bool_)
        first = 0
        for d in range(len(d_box)):
            while first < len(g_box) and g_image[first] < d_image[d]:
                first += 1
            least, chosen = min(overlaps[t], 1 - 1e-10), -1
            g = first
            while g < len(g_box) and g_image[g] == d_image[d]:
                if not taken[g] or crowd[g]:
                    if chosen >= 0 and not ignored[chosen] and ignored[g]:
                        break
                    overlap = _overlap(d_box[d], g_box[g], crowd[g])
                    if overlap >= least:
                        least, chosen = overlap, g
                g += 1
            if chosen >= 0:
                taken[chosen] = True
                hit[t, d] = not ignored[chosen]
                void[t, d] = ignored[chosen]
    return hit, void
