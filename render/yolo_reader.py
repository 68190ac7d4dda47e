"""YOLO datasets of anybody as a Truth: every file is checked, and what is wrong in it is named."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from render.coco_reader import MAX_CLASSES, MAX_RECORDS, word
from render.image_reader import image_size, read_file
from render.progress import say
from render.truth import Truth
from simulator.errors import DataError, unknown_name

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
OTHER_SUFFIXES = (".bmp", ".webp", ".tif", ".tiff", ".gif", ".heic", ".avif")
"""Pictures that other tools take and this does not."""

MAX_TEXT_BYTES = 16 << 20
SLACK = 0.01
"""How far outside of 0..1 a share may lie, from rounding: as ultralytics lets pass."""


@dataclasses.dataclass
class _Findings:
    """What is wrong: all of it is looked for, the first is told with the number of the others."""

    said: list[str] = dataclasses.field(default_factory=list)
    twice: int = 0
    background: int = 0

    def add(self, place: str, what: str) -> None:
        self.said.append(f"{place}: {what}")

    def refuse(self) -> None:
        if self.said:
            more = len(self.said) - 1
            rest = f" (and {more} more finding{'s' * (more > 1)} like it or other)" if more else ""
            raise DataError(f"{self.said[0]}{rest}", mend="Mend the labels or leave them out")


def find_yolo(place: Path) -> Path | None:
    """The data.yaml that a place is or holds; None where it is no YOLO dataset."""
    if place.is_dir():
        found = [place / n for n in ("data.yaml", "data.yml", "dataset.yaml")]
        return next((f for f in found if f.is_file()), None)
    return place if place.suffix in (".yaml", ".yml") and place.is_file() else None


def yolo_splits(file: Path) -> tuple[str, ...]:
    """Names of the splits of a data.yaml, in its order."""
    content = _content(file)
    return tuple(k for k in content if k in ("train", "val", "valid", "test") and content[k])


def read_yolo(file: Path, split: str) -> Truth:
    """One split of a YOLO dataset: boxes, oriented boxes or polygons, the latter two as boxes.

    Args:
        file: its data.yaml. split: a key of it that leads to images.

    Returns:
        The truth; visible area is that of the box, nothing is occluded, all contrast is left, and
        each image is a scene of its own.

    Raises:
        DataError: what is wrong first, with its file and line, and how much more there is.
    """
    content = _content(file)
    names = _names(content, file)
    if split not in content:
        raise unknown_name("split", split, yolo_splits(file), place=str(file))
    root = _root(content, file)
    images = _images(content[split], root, file)
    findings = _Findings()
    sizes, rows, labelled = [], [], 0
    for i, image in enumerate(images):
        sizes.append(_size(image, findings))
        labels = _label_file(image, root)
        if labels.exists() or labels.is_symlink():
            labelled += 1
            rows += [(i, *row) for row in _rows(labels, len(names), findings)]
    if images and not labelled:
        findings.add(str(_label_file(images[0], root)), "no image has a label file there")
    findings.refuse()
    if findings.twice:
        say(f"{file}: {findings.twice} labels are there twice and taken once")
    return _truth(file, split, names, images, sizes, rows)


def _truth(
    file: Path,
    split: str,
    names: tuple[str, ...],
    images: list[Path],
    sizes: list[tuple[int, int]],
    rows: list[tuple[float, ...]],
) -> Truth:
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    size = np.array(sizes, dtype=np.int32).reshape(-1, 2)
    image = table[:, 0].astype(np.int32)
    boxes = np.clip(table[:, 2:], 0, 1) * np.hstack([size[image]] * 2)
    count, zeros = len(images), np.zeros(len(table))
    return Truth(
        name=f"{file.parent.name} (split {split})", classes=names,
        category_id=tuple(range(1, len(names) + 1)), image_id=np.arange(1, count + 1),
        path=tuple(images), size_px=size,
        scene=tuple(p.relative_to(file.parent.absolute()).as_posix() for p in images),
        frame=np.zeros(count), condition=("",) * count, layout=("",) * count,
        geometry=("",) * count, severity=(), optical_depth=np.full(count, -1.0), box_px=boxes,
        category=table[:, 1], image=image, crowd=zeros.astype(bool),
        visible_area_px=np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), occlusion=zeros,
        truncation=zeros, contrast_left=zeros + 1,
    )  # fmt: skip


# --- data.yaml ---


class _NoAliases(yaml.SafeLoader):
    """Without aliases: a few lines of them unfold to more than any memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(f"an alias, *{self.peek_event().anchor:.40}")
        return super().compose_node(parent, index)


def _content(file: Path) -> Mapping[str, Any]:
    text = read_file(file, MAX_TEXT_BYTES >> 4)
    try:
        content = _NoAliases(text).get_single_data()
        repr(content)  # a whole number of thousands of digits cannot be told
    except (yaml.YAMLError, RecursionError, ValueError, LookupError, AttributeError) as error:
        said = " ".join(str(error).split())[:120]
        raise DataError(f"is no YAML ({said})", place=str(file)) from None
    if not isinstance(content, dict):
        raise DataError("holds no settings", place=str(file), mend="Give a data.yaml of YOLO")
    return content


def _names(content: Mapping[str, Any], file: Path) -> tuple[str, ...]:
    names = content.get("names")
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise DataError("numbers its names not 0, 1, 2 ...", place=str(file))
        names = [names[i] for i in range(len(names))]
    if not isinstance(names, list) or not 0 < len(names) <= MAX_CLASSES:
        raise DataError(f"has no list 'names' of 1 to {MAX_CLASSES} classes", place=str(file))
    found = tuple(word(n, "names", str(file)) for n in names)
    if len(set(found)) < len(found):
        raise DataError("has a name twice", place=str(file), mend="Give each class its own name")
    count = content.get("nc", len(found))
    if count != len(found):
        raise DataError(f"says nc: {count!r:.20} and has {len(found)} names", place=str(file))
    return found


def _root(content: Mapping[str, Any], file: Path) -> Path:
    """The dataset's folder: that of the file, or one within that ``path`` names."""
    home = file.parent.absolute()
    given = content.get("path")
    if given in (None, ""):
        return home
    root = (home / str(given).replace("\0", "/..")).resolve()
    if root.is_relative_to(home.resolve()) and root.is_dir():
        return home / root.relative_to(home.resolve())
    raise DataError(
        f"has path: {str(given)!r:.80}, which is no folder in the folder of the file",
        place=str(file), mend="Leave path out of it",
    )  # fmt: skip


def _images(value: Any, root: Path, file: Path) -> list[Path]:
    """The pictures of a split: of a folder, of a list of folders, or of lists in text files."""
    found: list[Path] = []
    for entry in value if isinstance(value, list) else [value]:
        path = _inside(str(entry), root, file)
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
            other = next((p for p in path.rglob("*") if p.suffix.lower() in OTHER_SUFFIXES), None)
            if other is not None:
                raise DataError("is neither JPEG nor PNG", place=str(other), mend="Convert it")
        elif path.suffix == ".txt":
            lines = read_file(path, MAX_TEXT_BYTES).decode("utf-8", "replace").splitlines()
            found += [_inside(line.strip(), root, path) for line in lines if line.strip()]
        else:
            raise DataError(
                f"leads to {str(entry)!r:.80}, which is no folder and no list", place=str(file)
            )
        if len(found) > MAX_RECORDS:
            raise DataError(f"leads to more than {MAX_RECORDS} images", place=str(file))
    if not found:
        raise DataError(f"leads to no image ({value!r:.80})", place=str(file), mend="Check it")
    for path in found:
        if not path.resolve().is_relative_to(root.resolve()):
            raise DataError("links out of the folder", place=str(path), mend="Copy the file")
    stems = [p.with_suffix("") for p in found]
    if len(set(stems)) < len(stems):
        twice = next(p for p in stems if stems.count(p) > 1)
        raise DataError("two images share one label file", place=str(twice), mend="Rename one")
    return found


def _inside(name: str, root: Path, file: Path) -> Path:
    """The path of that name below the root; a leading ``../`` that leads nowhere is passed over,
    for a much-used site writes its exports so.
    """
    relative = Path(name)
    if relative.parts[:1] == ("..",) and (root / Path(*relative.parts[1:])).exists():
        relative = Path(*relative.parts[1:])
    if relative.is_absolute() or ".." in relative.parts or "\0" in name or "\\" in name:
        raise DataError(
            f"{name!r:.80} leads out of the folder", place=str(file), mend="Use relative names"
        )
    if not (root / relative).exists():
        raise DataError(f"{name!r:.80} is not there", place=str(file), mend="Check the path")
    return root / relative


# --- images and labels ---


def _size(image: Path, findings: _Findings) -> tuple[int, int]:
    try:
        return image_size(read_file(image), str(image))
    except DataError as error:
        findings.add(error.place, error.what)
        return 1, 1


def _label_file(image: Path, root: Path) -> Path:
    """Where YOLO looks for the labels: the last folder 'images' of the path becomes 'labels'."""
    parts = list(image.relative_to(root).parts)
    places = [i for i, part in enumerate(parts[:-1]) if part == "images"]
    if places:
        parts[places[-1]] = "labels"
    return (root / Path(*parts)).with_suffix(".txt")


def _rows(file: Path, classes: int, findings: _Findings) -> list[tuple[float, ...]]:
    """Class, x0, y0, x1, y1 (shares) of each line of a label file."""
    try:
        if file.is_symlink():
            raise DataError("is a link", place=str(file))
        text = read_file(file, MAX_TEXT_BYTES).decode("ascii")
    except (DataError, UnicodeDecodeError) as error:
        said = error.what if isinstance(error, DataError) else "is no text of numbers"
        findings.add(str(file), said)
        return []
    found: dict[tuple[float, ...], None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        row = _row(line.split(), classes)
        if isinstance(row, str):
            findings.add(f"{file}:{number}", row)
        elif row in found:
            findings.twice += 1
        else:
            found[row] = None
    return list(found)


def _row(fields: list[str], classes: int) -> tuple[float, ...] | str:
    """A label, or what is wrong with it."""
    try:
        kind, *values = (float(v) for v in fields)
    except ValueError:
        return f"'{' '.join(fields):.60}' has a field that is no number"
    if not 0 <= kind < classes or kind != int(kind):
        return f"class {fields[0]:.20} is not one of 0 to {classes - 1}"
    if len(values) != 4 and (len(values) < 6 or len(values) % 2):
        return f"{len(fields)} fields are no box, no oriented box and no polygon"
    if not all(math.isfinite(v) and -SLACK <= v <= 1 + SLACK for v in values):
        worst = next(v for v in values if not -SLACK <= v <= 1 + SLACK)
        return f"{worst:g} is no share of the image, 0 to 1"
    if len(values) == 4:
        x, y, w, h = values
        box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    else:
        box = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    if box[2] <= box[0] or box[3] <= box[1]:
        return "the box has no width or no height"
    return kind, *box
