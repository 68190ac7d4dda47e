"""The first depth of ``verify``: is everything there, readable, and of one mind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from render.export import open_source
from render.format import Item
from render.image_reader import image_size, read_file
from render.manifest import read_manifest
from render.store import Dataset, open_dataset
from simulator.errors import DataError

MAX_PROBLEMS = 1000
"""Problems after which nothing more is looked for."""


def structure_problems(root: Path) -> list[str]:
    """What is wrong in a dataset besides the content of its pictures.

    Every record is read and checked, every image is opened as far as its header, every file that a
    record names must be in the manifest, and all counts must agree.

    Raises:
        DataError: it is no dataset at all.
    """
    dataset = open_dataset(root)
    maps = dataset.info.get("maps")
    kept = tuple(map(str, maps)) if isinstance(maps, dict) else ()
    named = read_manifest(root).keys()
    problems: list[str] = []
    images = labels = 0
    for split in dataset.splits:
        counts = [0, 0]
        try:
            for item in open_source(dataset).items(split):
                counts[0] += 1
                counts[1] += len(item.labels)
                problems += _of_item(item, root, named, kept)
                if len(problems) >= MAX_PROBLEMS:
                    return [*problems, "and more"]
        except DataError as error:
            problems.append(str(error))
        problems += _of_counts(dataset, split, counts)
        images, labels = images + counts[0], labels + counts[1]
    return problems + _of_tables(root, images, labels)


def _of_item(item: Item, root: Path, named: Any, maps: tuple[str, ...]) -> list[str]:
    problems = []
    files = [str(item.image["file_name"]), str(item.fact("mask", ""))]
    told = item.fact("maps", {})
    files += [str(told.get(which, "")) if isinstance(told, dict) else "" for which in maps]
    scene = f"scenes/{item.fact('scene')}.json"
    problems += [f"in no manifest: {name}" for name in (*files, scene) if name not in named]
    for name in files:
        try:
            size = image_size(read_file(root / name), name)
            if size != item.size_px:
                problems.append(f"{name}: is {size[0]}x{size[1]} px, its record says otherwise")
        except DataError as error:
            problems.append(str(error))
    return problems


def _of_counts(dataset: Dataset, split: str, counts: list[int]) -> list[str]:
    said = dataset.info["splits"][split]
    told = [said.get("images"), said.get("annotations")] if isinstance(said, dict) else [None] * 2
    return [
        f"dataset.json: counts {claim} {what} in split {split}, there are {count}"
        for claim, count, what in zip(told, counts, ("images", "annotations"), strict=True)
        if claim != count
    ]


def _of_tables(root: Path, images: int, labels: int) -> list[str]:
    problems = []
    for name, rows in (("frames.parquet", images), ("objects.parquet", labels)):
        try:
            count = pq.read_metadata(root / name).num_rows
        except (OSError, pa.ArrowException) as error:
            problems.append(f"{name}: cannot be read ({str(error).splitlines()[0][:100]})")
            continue
        if count != rows:
            problems.append(f"{name}: has {count} rows, the annotations say {rows}")
    return problems
