"""Faults planted on purpose in a copy of a dataset, to see what finds them.

Who plants them is thorough: the tables say the same as the annotations and every hash is made anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from render.encode import decode_jpeg, jpeg
from render.files import write_bytes
from render.manifest import MANIFEST, manifest_text, read_manifest, sha256_file
from render.tables import OBJECTS

LABELS = ("class swapped", "object left out", "box moved")
PIXELS = ("patch painted", "object made brighter")
PATCH_PX, BRIGHTER, QUALITY = 12, 5, 90
MOVED = 0.35
"""How far a box is moved, of its width."""


def _moved(bgr: np.ndarray, px: int) -> np.ndarray:
    """The picture moved left and up; its last row and column fill what that leaves."""
    return cv2.copyMakeBorder(bgr[px:, px:], 0, px, 0, px, cv2.BORDER_REPLICATE)


COPIES: Mapping[str, Callable[[np.ndarray], bytes]] = {
    "copied": lambda bgr: jpeg(bgr, QUALITY),
    "compressed again": lambda bgr: jpeg(bgr, 60),
    "made darker": lambda bgr: jpeg(np.ascontiguousarray((bgr * 0.8).astype(np.uint8)), QUALITY),
    "made brighter": lambda bgr: jpeg((np.minimum(bgr * 1.25 + 10, 255)).astype(np.uint8), QUALITY),
    "moved by 4 px": lambda bgr: jpeg(_moved(bgr, 4), QUALITY),
    "moved by 16 px": lambda bgr: jpeg(_moved(bgr, 16), QUALITY),
    "mirrored": lambda bgr: jpeg(np.ascontiguousarray(bgr[:, ::-1]), QUALITY),
    "turned by a quarter": lambda bgr: jpeg(np.ascontiguousarray(np.rot90(bgr)), QUALITY),
}
"""Ways to hide that a picture is another one."""


def edited_copy(source: Path, target: Path, plants: Mapping[int, str], split: str) -> None:
    """Copy a dataset and edit some of its images, all hashes made anew.

    Args:
        plants: for an image id one of LABELS or PIXELS. Of its objects the largest is edited.
    """
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    place = target / "annotations" / f"{split}.json"
    coco = json.loads(place.read_text())
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    largest: dict[int, dict[str, Any]] = {}
    for record in coco["annotations"]:
        known = largest.get(record["image_id"])
        if known is None or record["area"] > known["area"]:
            largest[record["image_id"]] = record
    swaps = _swaps(coco["categories"])
    left_out = set()
    for image, kind in plants.items():
        record = largest[image]
        if kind == "class swapped":
            record["category_id"] = swaps[record["category_id"]]
        elif kind == "object left out":
            left_out.add(record["id"])
        elif kind == "box moved":
            record["bbox"][0] = round(record["bbox"][0] + MOVED * record["bbox"][2], 3)
        else:
            _paint(target / names[image], record["bbox"], kind)
    coco["annotations"] = [r for r in coco["annotations"] if r["id"] not in left_out]
    place.write_text(json.dumps(coco, separators=(",", ":")))
    _same_in_table(target / "objects.parquet", coco)
    _same_in_counts(target / "dataset.json", coco, split)
    hashes = {name: sha256_file(target / name) for name in read_manifest(target)}
    write_bytes(target / MANIFEST, manifest_text(hashes.items()).encode())


def _swaps(categories: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Each class and the next one: an error that a person could make."""
    ids = [c["id"] for c in categories]
    return dict(zip(ids, [*ids[1:], ids[0]], strict=True))


def _paint(path: Path, box: Sequence[float], kind: str) -> None:
    bgr = decode_jpeg(path.read_bytes()).copy()
    x, y, w, h = (round(v) for v in box)
    if kind == "patch painted":
        left, top = min(x, bgr.shape[1] - PATCH_PX), min(y, bgr.shape[0] - PATCH_PX)
        tile = np.indices((PATCH_PX, PATCH_PX)).sum(axis=0) // 3 % 2 * 255
        bgr[top : top + PATCH_PX, left : left + PATCH_PX] = tile[:, :, None]
    else:
        inside = bgr[y : y + h, x : x + w]
        bgr[y : y + h, x : x + w] = cv2.add(inside, np.full_like(inside, BRIGHTER))
    path.write_bytes(jpeg(bgr, QUALITY))


def _same_in_counts(path: Path, coco: Mapping[str, Any], split: str) -> None:
    """Let dataset.json count the annotations that there are now."""
    info = json.loads(path.read_text())
    counts = info["splits"][split]
    names = {c["id"]: c["name"] for c in coco["categories"]}
    counts["annotations"] = len(coco["annotations"])
    counts["per_class"] = dict.fromkeys(names.values(), 0)
    for record in coco["annotations"]:
        counts["per_class"][names[record["category_id"]]] += 1
    path.write_text(json.dumps(info, indent=1, ensure_ascii=False) + "\n")


def _same_in_table(path: Path, coco: Mapping[str, Any]) -> None:
    """Let the table of objects say what the annotations say."""
    names = {c["id"]: c["name"] for c in coco["categories"]}
    said = {r["id"]: r for r in coco["annotations"]}
    rows = []
    for row in pq.read_table(path).to_pylist():
        record = said.get(row["annotation_id"])
        if record is not None:
            box = {"x": record["bbox"][0], "category": names[record["category_id"]]}
            rows.append({**row, **box})
    with pq.ParquetWriter(path, OBJECTS) as out:
        out.write_batch(pa.RecordBatch.from_pylist(rows, OBJECTS))
