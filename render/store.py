"""Datasets on disk, read back: the native layout, its splits as arrays, its images as pixels."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.coco_reader import number, parse_coco, read_json, whole, word
from render.files import PUT_BACK
from render.image_reader import image_size, load_bgr
from render.truth import Truth, join, select_boxes, select_images
from scenarios.holdout import Lineage, overlap
from simulator.errors import DataError

__all__ = [
    "Dataset", "Lineage", "Truth", "image_size", "join", "load_bgr", "open_dataset", "overlap",
    "read_split", "read_splits", "select_boxes", "select_images",
]  # fmt: skip

FORMAT_VERSION = 1


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """A dataset folder in the native layout, opened but not read.

    Attributes:
        root: the folder. info: the content of dataset.json.
        classes: class names in the order of the categories. splits: names of its splits.
        lineage: where its scenes come from. root_hash: SHA-256 of its manifest, "" if none.
    """

    root: Path
    info: Mapping[str, Any]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    lineage: tuple[Lineage, ...]
    root_hash: str


def open_dataset(folder: str | Path) -> Dataset:
    """Open a dataset folder.

    Raises:
        DataError: no dataset there, or its dataset.json is broken or of another version.
    """
    root = Path(folder)
    path = root / "dataset.json"
    if not path.is_file():
        raise DataError("is no dataset (no dataset.json)", place=str(root), mend="Check data=DIR")
    info = read_json(path)
    if info.get("format_version") != FORMAT_VERSION or info["format_version"] is True:
        raise DataError(
            f"has format_version {info.get('format_version')!r}, this reads {FORMAT_VERSION}",
            place=str(path), mend="Generate the dataset anew",
        )  # fmt: skip
    splits = info.get("splits")
    if not isinstance(splits, dict) or not splits:
        raise DataError("names no splits", place=str(path), mend="Generate the dataset anew")
    names = tuple(_plain_name(word(s, "split", str(path)), str(path)) for s in splits)
    classes = info.get("classes")
    if not isinstance(classes, list) or not classes:
        raise DataError("names no classes", place=str(path), mend="Generate the dataset anew")
    manifest = root / "manifest-sha256.txt"
    root_hash = hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else ""
    return Dataset(
        root=root, info=info, splits=names, root_hash=root_hash,
        classes=tuple(word(c, "classes", str(path)) for c in classes),
        lineage=_lineage(info.get("lineage"), str(path)),
    )  # fmt: skip


def read_split(dataset: Dataset, split: str) -> Truth:
    """The truth of one split; see :class:`render.truth.Truth`.

    Raises:
        DataError: unknown split, broken record, or an image that is not there.
    """
    if split not in dataset.splits:
        raise DataError(
            f"has no split '{split}'", place=str(dataset.root),
            mend=f"There are: {', '.join(dataset.splits)}",
        )  # fmt: skip
    place = dataset.root / "annotations" / f"{split}.json"
    truth = parse_coco(read_json(place), place, [dataset.root], PUT_BACK, native_image)
    if truth.classes != dataset.classes:
        raise DataError(
            "has other categories than dataset.json", place=str(place), mend="Generate it anew"
        )
    conditions = dataset.info.get("conditions")
    severity = conditions if isinstance(conditions, dict) else {}
    return dataclasses.replace(
        truth,
        name=str(dataset.root),
        severity=tuple((str(k), _in_words(v)) for k, v in severity.items()),
        lineage=dataset.lineage,
        root_hash=dataset.root_hash,
    )


def read_splits(dataset: Dataset) -> Truth:
    """All splits of a dataset as one truth."""
    truths = [read_split(dataset, split) for split in dataset.splits]
    whole = join(truths)
    return dataclasses.replace(
        whole, name=str(dataset.root), lineage=dataset.lineage, root_hash=dataset.root_hash
    )


def native_image(record: Mapping[str, Any], where: str) -> dict[str, Any]:
    known = record.get("attributes")
    if not isinstance(known, dict):
        raise DataError("has no attributes", place=where, mend="Generate the dataset anew")
    seed = whole(known.get("seed"), 0, 2**63, "seed", where)
    index = whole(known.get("scene_index"), 0, 2**53, "scene_index", where)
    split = word(known.get("split"), "split", where)
    return {
        "scene": f"{seed}/{split}/{index}",
        "frame": whole(known.get("frame", 0), 0, 2**31 - 1, "frame", where),
        "condition": word(known.get("condition", ""), "condition", where),
        "layout": word(known.get("layout", ""), "layout", where),
        "geometry": word(known.get("geometry_sha256", ""), "geometry_sha256", where, 64),
        "optical_depth": number(known.get("optical_depth", -1), -1, 1e6, "optical_depth", where),
    }


def _lineage(value: Any, place: str) -> tuple[Lineage, ...]:
    if not isinstance(value, list):
        raise DataError("has no lineage", place=place, mend="Generate the dataset anew")
    lines = []
    for i, entry in enumerate(value):
        where = f"{place}: lineage[{i}]"
        if not isinstance(entry, dict):
            raise DataError("is no object", place=where, mend="Generate the dataset anew")
        seed, first, last = (
            whole(entry.get(k), 0, 2**63, k, where) for k in ("seed", "first", "last")
        )
        lines.append(Lineage(seed, word(entry.get("split"), "split", where), first, last))
    return tuple(lines)


def _plain_name(name: str, place: str) -> str:
    if name in {"", ".", ".."} or "/" in name or "\\" in name:
        raise DataError(f"the split '{name}' is no name", place=place, mend="Rename the split")
    return name


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        parts = ((k, v) for k, v in value.items() if v not in (None, "", {}, []))
        return ", ".join(f"{k} {_in_words(v)}" for k, v in parts)
    if isinstance(value, list):
        return " to ".join(_in_words(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
