"""COCO files, ours and foreign, as a Truth: every record is checked before it is believed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.json_stream import refuse_constant, refuse_twice
from render.truth import ASPECT_NAMES, BOX_FIELDS, SIGN_NAMES, UNKNOWN, Truth
from simulator.errors import DataError

MAX_JSON_BYTES = 1 << 29
MAX_RECORDS = 20_000_000
MAX_SIDE_PX = 65_535
MAX_CLASSES = 1000
FARTHEST_PX = 1e6
"""Of an oriented box: it is about the whole object, which may reach far out of the image."""

_ASPECTS = {name: i for i, name in enumerate(ASPECT_NAMES)}
_SIGNS = {name: i for i, name in enumerate(SIGN_NAMES)}
_NO_OBB = (0.0,) * 5

ABSENT = "Put it there, or give its folder beside data= as images=DIR"
"""What to do about an image that is not where a COCO file of others leads."""

_DEFAULTS = {"occlusion": 0.0, "truncation": 0.0, "contrast_left": 1.0}


def read_json(path: Path, limit_bytes: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """A JSON object from a file that nobody vouches for.

    Raises:
        DataError: missing, too large (looked up before reading), not JSON, NaN or infinity in it,
            nested too deep, or not an object.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DataError("cannot be read", place=str(path), mend="Check the path") from error
    if not path.is_file():
        raise DataError("is no file", place=str(path), mend="Check the path")
    if size > limit_bytes:
        raise DataError(
            f"is {size} bytes, more than {limit_bytes}", place=str(path), mend="Split the file"
        )
    try:
        value = json.loads(
            path.read_bytes(), parse_constant=refuse_constant, object_pairs_hook=refuse_twice
        )
    except (OSError, ValueError, RecursionError) as error:
        said = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise DataError(
            f"is not valid JSON ({said})", place=str(path), mend="Write the file anew"
        ) from error
    if not isinstance(value, dict):
        raise DataError("holds no JSON object", place=str(path), mend="Give a COCO file")
    return value


def read_coco(json_path: str | Path, images_dir: str | Path | None = None) -> Truth:
    """Any COCO detection file as a Truth.

    Args:
        json_path: the file. images_dir: where its images lie; default the folder of the file, or
            ``images/`` beside it.

    Returns:
        The truth; without attributes, visible area is the record's area (or the box's), nothing is
        occluded and all contrast is left. The scene is the image's ``scene`` or ``source_file``,
        else the image itself.

    Raises:
        DataError: anything in the file is missing, broken or out of bounds, or an image is not
            there.
    """
    path = Path(json_path)
    folder = Path(images_dir) if images_dir else None
    if folder is not None and not folder.is_dir():
        raise DataError(
            "is no folder", place=str(folder), mend="Name that of the images: images=DIR"
        )
    content = read_json(path)
    roots = [folder] if folder else [path.parent, path.parent / "images"]
    return parse_coco(content, path, [r for r in roots if r.is_dir()], ABSENT, _foreign_image)


def parse_coco(
    content: Mapping[str, Any], place: Path, roots: list[Path], absent: str, describe: Any
) -> Truth:
    """The checked arrays of a COCO object.

    Args:
        content: the JSON object. place: its file, for messages. roots: folders that its image
            names are relative to; the first that has the image is taken. absent: the mend where
            none has it.
        describe: function (image record, place) -> dict with scene, frame, condition, layout,
            geometry, optical_depth of one image.
    """
    classes, own = category_index(content, place)
    images = _records(content, "images", place)
    annotations = _records(content, "annotations", place)
    parsed = [image_fields(record, place, i, roots, absent) for i, record in enumerate(images)]
    described = [describe(r, f"{place}: images[{i}]") for i, r in enumerate(images)]
    index = {int(p["image_id"]): i for i, p in enumerate(parsed)}
    if len(index) != len(parsed):
        raise DataError("two images have one id", place=str(place), mend="Number the images anew")
    sizes = [p["size_px"] for p in parsed]
    rows = [
        annotation_fields(record, f"{place}: annotations[{i}]", index, own, sizes)
        for i, record in enumerate(annotations)
    ]
    rows = sorted((r for r in rows if r is not None), key=lambda r: r["image"])
    columns: dict[str, Any] = {key: np.array([row[key] for row in rows]) for key in BOX_FIELDS}
    return Truth(
        name=place.name if place.parent == Path() else f"{place.parent.name}/{place.name}",
        classes=classes,
        category_id=tuple(own),
        image_id=np.array([p["image_id"] for p in parsed], dtype=np.int64),
        path=tuple(p["path"] for p in parsed),
        size_px=np.array(sizes, dtype=np.int32).reshape(-1, 2),
        severity=(),
        **{
            key: tuple(d[key] for d in described)
            for key in ("scene", "condition", "layout", "geometry")
        },
        frame=np.array([d["frame"] for d in described], dtype=np.int32),
        optical_depth=np.array([d["optical_depth"] for d in described], dtype=np.float32),
        **columns,
    )


def number(value: Any, low: float, high: float, what: str, place: str) -> float:
    """A finite number within bounds, or a DataError that names the record."""
    if type(value) in _NUMBERS and low <= value <= high:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{what} must be a number, got {_short(value)}", place=place, mend=_MEND)
    if not low <= value <= high:  # also false for NaN and infinity
        raise DataError(
            f"{what} must be {low:g} to {high:g}, got {_short(value)}", place=place, mend=_MEND
        )
    return float(value)


def whole(value: Any, low: int, high: int, what: str, place: str) -> int:
    """A whole number within bounds, or a DataError that names the record."""
    number(value, low, high, what, place)
    if value != int(value):
        raise DataError(f"{what} must be whole, got {_short(value)}", place=place, mend=_MEND)
    return int(value)


def word(value: Any, what: str, place: str, limit: int = 500) -> str:
    """A short text without control characters, or a DataError that names the record."""
    if not isinstance(value, str) or len(value) > limit or not value.isprintable():
        raise DataError(f"{what} must be a word, got {_short(value)}", place=place, mend=_MEND)
    return value


_NUMBERS = frozenset((int, float))
"""Types of most numbers: looked up first, for files have millions of them."""

_MEND = "Mend the record or leave it out"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _records(content: Mapping[str, Any], key: str, place: Path) -> list[Mapping[str, Any]]:
    records = content.get(key)
    if not isinstance(records, list):
        raise DataError(f"has no list '{key}'", place=str(place), mend="Give a COCO detection file")
    if len(records) > MAX_RECORDS:
        raise DataError(f"has {len(records)} {key}", place=str(place), mend="Split the file")
    for i, record in enumerate(records):
        if not isinstance(record, dict):
            raise DataError("is no object", place=f"{place}: {key}[{i}]", mend=_MEND)
    return records


def category_index(
    content: Mapping[str, Any], place: Path
) -> tuple[tuple[str, ...], dict[int, int]]:
    """The category names of a COCO object, and id -> index into them; ``place``: for messages."""
    names: list[str] = []
    index: dict[int, int] = {}
    records = _records(content, "categories", place)
    if len(records) > MAX_CLASSES:
        raise DataError(f"has {len(records)} categories", place=str(place), mend=_MEND)
    for i, record in enumerate(records):
        where = f"{place}: categories[{i}]"
        key = whole(record.get("id"), 0, 2**53, "id", where)
        name = word(record.get("name"), "name", where)
        if key in index or name in names:
            raise DataError(f"'{name}' is there twice", place=where, mend=_MEND)
        index[key] = len(names)
        names.append(name)
    return tuple(names), index


def image_fields(
    record: Mapping[str, Any], place: Path, i: int, roots: list[Path], absent: str
) -> dict[str, Any]:
    """Id, size and file of the ``i``-th image record, or a DataError that names it.

    Args:
        place: the file of the record. roots, absent: as of ``parse_coco``.
    """
    where = f"{place}: images[{i}]"
    name = word(record.get("file_name"), "file_name", where)
    return {
        "image_id": whole(record.get("id"), 0, 2**53, "id", where),
        "size_px": [
            whole(record.get(side), 1, MAX_SIDE_PX, side, where) for side in ("width", "height")
        ],
        "path": _inside(name, where, roots, absent),
    }


def _inside(name: str, where: str, roots: list[Path], absent: str) -> Path:
    """The file of that name below a root; names that lead out of it are refused."""
    parts = [part for part in name.split("/") if part]
    if os.path.isabs(name) or ".." in parts or "\\" in name:  # noqa: PTH117 - of each image
        raise DataError(
            f"file_name '{name}' leads out of the folder", place=where, mend="Use relative names"
        )
    for root in roots:
        path = f"{root}{os.sep}{name}"
        if os.path.isfile(path):  # noqa: PTH113 - a Path for each of the looks costs more than it
            if _leads_out(root, parts):
                raise DataError(
                    f"file_name '{name}' links out of the folder", place=where, mend="Copy the file"
                )
            return Path(path).absolute()
    looked = " and ".join(str(root) for root in roots) or "no folder"
    raise DataError(f"the image '{name}' is missing (looked in {looked})", place=where, mend=absent)


def _leads_out(root: Path, parts: list[str]) -> bool:
    """Whether links on the way lead out of the root; most ways have none, which is quickly seen."""
    way = str(root)
    for part in parts:
        way = f"{way}{os.sep}{part}"
        if os.path.islink(way):  # noqa: PTH114 - a Path for each step costs more than the look
            return not root.joinpath(*parts).resolve().is_relative_to(root.resolve())
    return False


def annotation_fields(
    record: Mapping[str, Any],
    where: str,
    images: dict[int, int],
    categories: dict[int, int],
    sizes: list[list[int]],
) -> dict[str, Any] | None:
    """The checked fields of an annotation record; None for one without a box.

    Args:
        images, categories: id -> index. sizes: width and height by image index, px.
    """
    image = images.get(_whole(record.get("image_id")))
    category = categories.get(_whole(record.get("category_id")))
    if image is None or category is None:
        missing = "image_id" if image is None else "category_id"
        raise DataError(
            f"{missing} {_short(record.get(missing))} is not in the file", place=where, mend=_MEND
        )
    width, height = sizes[image]
    if sound := _sound(record, width, height):
        return {
            "image": image,
            "category": category,
            **sound,
            **told_fields(record["attributes"], where),
        }
    if "bbox" not in record:
        return None  # a keypoint or caption record: COCO allows annotations without a box
    x0, y0, x1, y1 = _box(record["bbox"], where)
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise DataError(
            f"bbox {_short(record['bbox'])} lies outside the {width}x{height} image",
            place=where, mend=_MEND,
        )  # fmt: skip
    attributes = record.get("attributes")
    known = attributes if isinstance(attributes, dict) else {}
    area = known.get("visible_area", record.get("area"))
    area = (x1 - x0) * (y1 - y0) if area is None else area
    shares = {
        key: number(known.get(key, default), 0, 1 + 1e-6, key, where)
        for key, default in _DEFAULTS.items()
    }
    return {
        "image": image,
        "category": category,
        "box_px": [x0, y0, x1, y1],
        "crowd": bool(whole(record.get("iscrowd", 0), 0, 1, "iscrowd", where)),
        "visible_area_px": number(area, 0, MAX_SIDE_PX**2, "area", where),
        **shares,
        **told_fields(known, where),
    }


def told_fields(known: Mapping[str, Any], where: str) -> dict[str, Any]:
    """What attributes say of an oriented box, a lamp and a sign, by column of a Truth."""
    obb, aspect, sign = known.get("obb"), known.get("aspect"), known.get("sign")
    return {
        "oriented_px": _NO_OBB if obb is None else _oriented(obb, where),
        "aspect": UNKNOWN if aspect is None else _index(aspect, _ASPECTS, "aspect", where),
        "sign": UNKNOWN if sign is None else _index(sign, _SIGNS, "sign", where),
    }


def _oriented(value: Any, where: str) -> list[float]:
    if not isinstance(value, list) or len(value) != 5:
        raise DataError(
            f"obb must be [cx, cy, w, h, rad], got {_short(value)}", place=where, mend=_MEND
        )
    middle = [number(v, -FARTHEST_PX, FARTHEST_PX, "obb", where) for v in value[:2]]
    size = [number(v, 0, FARTHEST_PX, "obb width and height", where) for v in value[2:4]]
    return [*middle, *size, number(value[4], -100, 100, "obb angle", where)]


def _index(value: Any, names: Mapping[str, int], what: str, where: str) -> int:
    """Index of a word; a word that is not known here (signs of others) tells nothing."""
    return names.get(word(value, what, where), UNKNOWN)


def _sound(record: Mapping[str, Any], width: int, height: int) -> dict[str, Any] | None:
    """The fields of a record that has them all, in bounds, with a box inside the image, as those
    of our own files: a quick look for the many. None where a closer one must say what is amiss.
    """
    try:
        x, y, w, h = record["bbox"]
        known, crowd = record["attributes"], record["iscrowd"]
        area, occlusion = known["visible_area"], known["occlusion"]
        truncation, left = known["truncation"], known["contrast_left"]
    except (KeyError, TypeError, ValueError):
        return None
    if not (
        _NUMBERS.issuperset(map(type, (x, y, w, h, area, occlusion, truncation, left)))
        and type(crowd) is int and 0 <= crowd <= 1
        and 0 <= x < x + w <= width and 0 <= y < y + h <= height and 0 <= area <= width * height
        and 0 <= occlusion <= 1 and 0 <= truncation <= 1 and 0 <= left <= 1
    ):  # fmt: skip
        return None
    return {
        "box_px": [float(x), float(y), float(x + w), float(y + h)], "crowd": bool(crowd),
        "visible_area_px": float(area), "occlusion": float(occlusion),
        "truncation": float(truncation), "contrast_left": float(left),
    }  # fmt: skip


def _whole(value: Any) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole else -1


def _box(value: Any, where: str) -> tuple[float, float, float, float]:
    if not isinstance(value, list) or len(value) != 4:
        raise DataError(f"bbox must be [x, y, w, h], got {_short(value)}", place=where, mend=_MEND)
    x, y = (number(v, -MAX_SIDE_PX, MAX_SIDE_PX, "bbox", where) for v in value[:2])
    w, h = (number(v, 0, MAX_SIDE_PX, "bbox width and height", where) for v in value[2:])
    return x, y, x + w, y + h


def _foreign_image(record: Mapping[str, Any], where: str) -> dict[str, Any]:
    scene = record.get("scene") or record.get("source_file") or f"image {record.get('id')}"
    told = {n: record.get(n) for n in ("condition", "layout")}
    return {
        "scene": word(str(scene), "scene", where), "frame": 0, "geometry": "",
        "optical_depth": -1.0,
        **{n: word(v, n, where) if isinstance(v, str) else "" for n, v in told.items()},
    }  # fmt: skip
