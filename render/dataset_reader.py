"""Whatever a user has as ``data=``: a dataset of ours, a COCO file or folder, a YOLO dataset."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np

from render.coco_reader import read_coco
from render.manifest import sha256_file
from render.store import open_dataset, read_splits
from render.truth import Truth, join, known_of
from render.yolo_reader import find_yolo, read_yolo, yolo_splits
from simulator.errors import ConfigError, DataError

USUAL = {"train": ("train",), "val": ("val", "valid"), "test": ("test", "val", "valid")}
"""Splits of a foreign dataset that a purpose takes, the first that is there; else it takes what is
there."""


def read_any(place: Path, purpose: str = "", images: str | Path | None = None) -> Truth:
    """Read a dataset in any of the layouts that are known.

    Args:
        place: a folder of ours; a COCO file, or a folder with annotations/instances_<split>.json; a
            YOLO data.yaml, or a folder with one.
        purpose: "train", "val", "test", or "" for all splits. Datasets of ours are always taken
            whole.
        images: where the images of a COCO file lie.

    Returns:
        The truth. Images of others have the hash of their file as ``geometry``, by which a model
        knows again what it was trained on.

    Raises:
        ConfigError: ``images`` beside a dataset that knows its images. DataError: nothing there, or
            it is broken, with what and where.
    """
    if (place / "dataset.json").is_file():
        _no_images(images)
        return read_splits(open_dataset(place))
    if (file := find_yolo(place)) is not None:
        _no_images(images)
        return _known_again([read_yolo(file, s) for s in _chosen(yolo_splits(file), purpose)])
    if place.is_dir():
        found = {
            f.stem.removeprefix("instances_"): f
            for f in sorted((place / "annotations").glob("instances_*.json"))
        }
        if not found:
            raise DataError(
                "is no dataset (no dataset.json, no data.yaml, no annotations/instances_*.json)",
                place=str(place), mend="Check data=DIR",
            )  # fmt: skip
        return _known_again([
            read_coco(found[s], images or place / "images" / s)
            for s in _chosen(tuple(found), purpose)
        ])  # fmt: skip
    return _known_again([read_coco(place, images)])


def join_any(truths: list[Truth]) -> Truth:
    """Several truths as one.

    Raises:
        DataError: they have different classes.
    """
    if len({t.classes for t in truths}) != 1:
        raise DataError("the datasets have different classes", mend="Take them one by one")
    return join(truths)


def _chosen(splits: tuple[str, ...], purpose: str) -> tuple[str, ...]:
    usual = [s for s in USUAL.get(purpose, ()) if s in splits]
    return tuple(usual[:1]) or splits


def _no_images(images: str | Path | None) -> None:
    if images is not None:
        raise ConfigError("images=DIR goes with a COCO file, not with a dataset")


def _known_again(truths: list[Truth]) -> Truth:
    """The truths as one, with hashes of their images and of all that they say."""
    truth = join_any(truths)
    hashes = tuple(sha256_file(p) for p in truth.path)
    digest = hashlib.sha256(repr((truth.classes, hashes)).encode())
    columns = [truth.box_px, truth.category, truth.image, truth.crowd]
    columns += [getattr(truth, name) for name, known in known_of(truth).items() if known.any()]
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    return dataclasses.replace(truth, geometry=hashes, root_hash=digest.hexdigest())
