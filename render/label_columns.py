"""The labels of one image as columns, for those who write them in another form."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

NUMBERS = (
    "id", "image_id", "category_id", "x", "y", "w", "h", "area", "mask_height", "mask_width",
    "instance_id", "track_id", "full_x", "full_y", "full_w", "full_h", "cx", "cy", "cw", "ch",
    "rad", "visible_area", "full_area", "occlusion", "truncation", "contrast_left", "contrast_abs",
    "heading_rad", "speed_mps",
)  # fmt: skip
"""What is kept of a record, in the order in which our own records have it."""

PLACE = {name: i for i, name in enumerate(NUMBERS)}
"""Name of a number -> its column."""

CATEGORY = PLACE["category_id"]
BOX = slice(PLACE["x"], PLACE["h"] + 1)
MASK_SIZE = slice(PLACE["mask_height"], PLACE["mask_width"] + 1)
ORIENTED = slice(PLACE["cx"], PLACE["rad"] + 1)


@dataclasses.dataclass(frozen=True, eq=False)
class Labels:
    """K labels of an image, or of some that follow on one another.

    Attributes:
        numbers: f64[K, len(NUMBERS)]; NaN where a foreign record does not say.
        text: what the spans are in. spans: i64[K, len(SPANS)], see ``label_scan``.
        told: instead of text and spans, the records of a file that is not of our own form.
        classes: index of each into the classes of the taxonomy, once it is applied.
    """

    numbers: np.ndarray
    text: bytes = b""
    spans: np.ndarray | None = None
    told: tuple[Mapping[str, Any], ...] = ()
    classes: list[int] = dataclasses.field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def box_px(self) -> np.ndarray:
        """Left, top, width and height, f64[K, 4]."""
        return self.numbers[:, BOX]

    @property
    def edges_px(self) -> np.ndarray:
        """Left, top, right and bottom, f64[K, 4]."""
        box = self.box_px
        return np.concatenate([box[:, :2], box[:, :2] + box[:, 2:]], axis=1)

    @property
    def oriented_px(self) -> np.ndarray:
        """cx, cy, w, h in px and rad, f64[K, 5]; NaN where there is none."""
        return self.numbers[:, ORIENTED]

    def column(self, name: str) -> np.ndarray:
        """One of ``NUMBERS``, f64[K]."""
        return self.numbers[:, PLACE[name]]

    def mapped(self, found: list[int]) -> Labels:
        """Those that have a class under a taxonomy, with it.

        Args:
            found: index of the class of each, below zero for none.
        """
        if not found or min(found) >= 0:
            return Labels(self.numbers, self.text, self.spans, self.told, found)
        keep = [place >= 0 for place in found]
        return Labels(
            self.numbers[keep], self.text, None if self.spans is None else self.spans[keep],
            tuple(itertools.compress(self.told, keep)), [k for k in found if k >= 0],
        )  # fmt: skip

    def parsed(self) -> list[dict[str, Any]]:
        """The records of our own form, as they are."""
        spans = [] if self.spans is None else self.spans[:, [0, -1]].tolist()
        return [orjson.loads(self.text[a:b]) for a, b in spans]

    def mask_text(self) -> tuple[bytes, np.ndarray]:
        """What the texts of the run-length masks are in, each backslash twice, and the ends of
        each, i64[K, 2], equal where there is none.
        """
        if self.spans is not None:
            return self.text, self.spans[:, 3:5]
        told = [str(_runs(record).get("counts", "")) for record in self.told]
        texts = [m.replace("\\", "\\\\").encode("ascii", "replace") for m in told]
        ends = np.cumsum([0, *map(len, texts)])
        return b"".join(texts), np.stack([ends[:-1], ends[1:]], axis=1)

    def joined(self, ids: tuple[int, ...], names: tuple[str, ...] = ()) -> bytes:
        """The COCO records, a comma between two, with the ids that the taxonomy gives to classes.

        With ``names`` of the classes they say ``class_index`` and ``category`` as well.
        """
        if self.spans is None:
            both = zip(self.told, self.classes, strict=True)
            told = [{**record, "category_id": ids[k], **_more(k, names)} for record, k in both]
            return b",".join([orjson.dumps(record) for record in told])
        text, (numbers, ends) = self.text, _words(ids, names)
        pieces: list[bytes] = []
        if [ids[k] for k in self.classes] == self.numbers[:, CATEGORY].tolist():
            for (a, d), k in zip(self.spans[:, [0, -1]].tolist(), self.classes, strict=True):
                pieces += (text[a : d - 1], ends[k])
        else:
            places = self.spans[:, [0, 1, 2, -1]].tolist()
            for (a, b, c, d), k in zip(places, self.classes, strict=True):
                pieces += (text[a:b], numbers[k], text[c : d - 1], ends[k])
        return b"".join(pieces)[:-1]


def _more(k: int, names: tuple[str, ...]) -> dict[str, Any]:
    return {"class_index": k, "category": names[k]} if names else {}


@functools.lru_cache(maxsize=1)
def _words(ids: tuple[int, ...], names: tuple[str, ...]) -> tuple[list[bytes], list[bytes]]:
    """For each class what its records have as its number, and from their last brace on."""
    ends = [orjson.dumps(_more(k, names))[1:] for k in range(len(ids))]
    return [b"%d" % i for i in ids], [b"," * (len(e) > 1) + e + b"," for e in ends]


def joined_masks(every: Iterable[Labels]) -> tuple[bytes, np.ndarray]:
    """The texts of all run-length masks one behind the other, and where each begins, with the end
    of the last: i64[K + 1].
    """
    pieces: list[bytes] = []
    for labels in every:
        text, places = labels.mask_text()
        pieces += [text[a:b] for a, b in places.tolist()]
    twice = b"".join(pieces)
    edges = np.cumsum([0, *map(len, pieces)])
    slashes = np.cumsum(np.frombuffer(twice, np.uint8) == ord("\\"), dtype=np.int64)
    before = np.concatenate([np.zeros(1, np.int64), slashes])[edges]
    return twice.replace(b"\\\\", b"\\"), edges - before // 2


NO_LABELS = Labels(np.empty((0, len(NUMBERS))))


def columns_of(records: Sequence[Mapping[str, Any]]) -> Labels:
    """Records that were looked at one by one and have a box, as columns.

    What a record does not say, or not as a number, is NaN or as ``coco_reader`` has it: nothing
    hidden, all contrast left; the visible area is its area, and that the area of its box. Numbers
    by which it is known are then -1.
    """
    rows = [_numbers(record) for record in records]
    return Labels(np.array(rows, np.float64).reshape(-1, len(NUMBERS)), told=tuple(records))


_DEFAULTS = {
    "id": -1.0, "track_id": -1.0, "instance_id": -1.0,
    "occlusion": 0.0, "truncation": 0.0, "contrast_left": 1.0,
}  # fmt: skip
_EACH = [_DEFAULTS.get(name, np.nan) for name in NUMBERS]
_PLAIN = frozenset((int, float))
_AREA, _VISIBLE = PLACE["area"], PLACE["visible_area"]


def _numbers(record: Mapping[str, Any]) -> list[float]:
    told, box = record.get("attributes"), record["bbox"]
    known = told if isinstance(told, dict) else {}
    values: tuple[Any, ...] = (
        record.get("id"), record.get("image_id"), record.get("category_id"), *box,
        record.get("area"), *_parts(_runs(record).get("size"), 2), known.get("instance_id"),
        known.get("track_id"), *_parts(known.get("full_bbox"), 4), *_parts(known.get("obb"), 5),
        *[known.get(name) for name in NUMBERS[_VISIBLE:]],
    )  # fmt: skip
    numbers = [
        float(value) if type(value) in _PLAIN and abs(value) <= 2**53 else default
        for value, default in zip(values, _EACH, strict=True)
    ]
    if math.isnan(numbers[_AREA]):
        numbers[_AREA] = box[2] * box[3]
    if math.isnan(numbers[_VISIBLE]):
        numbers[_VISIBLE] = numbers[_AREA]
    return numbers


def _parts(values: Any, count: int) -> list[Any]:
    """The numbers of a list that has so many, or as many times None."""
    return values if isinstance(values, list) and len(values) == count else [None] * count


def _runs(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run-length mask of a record, {} where it has none."""
    runs = record.get("segmentation")
    return runs if isinstance(runs, dict) else {}
