"""The quick look at images lets nothing pass that the close one would refuse."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from render.coco_reader import image_fields
from render.sound_images import PlainFiles, sound_record
from render.store import native_image
from simulator.errors import DataError
from tests.render.test_sound_labels import VALUES

NAME = "images/train/a.jpg"
IMAGE: dict[str, Any] = {
    "id": 1, "file_name": NAME, "width": 640, "height": 480,
    "attributes": {
        "scene": "000000", "scene_index": 0, "seed": 4, "split": "train", "frame": 0,
        "condition": "clear", "layout": "town", "optical_depth": 0.0048,
        "geometry_sha256": "0" * 64,
    },
}  # fmt: skip
PLACES = (*((name,) for name in IMAGE), *(("attributes", name) for name in IMAGE["attributes"]))
MORE = (*VALUES, 0, 2**31, 2**53 + 1, 65536, 2**63 + 1, -1.5, 1e6 + 1, "0" * 65, "\ud800")


def changed(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    record = copy.deepcopy(IMAGE)
    target = record
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    return record


@pytest.fixture
def root(tmp_path) -> Path:
    """A folder with one file, and ways out of it."""
    data = tmp_path / "d"
    (data / "images/train").mkdir(parents=True)
    for path in (data / NAME, data / "b.jpg", tmp_path / "out.jpg"):
        path.write_bytes(b"x")
    (data / "images/link.jpg").symlink_to(data / NAME)
    (data / "images/out.jpg").symlink_to(tmp_path / "out.jpg")
    (data / "up").symlink_to(tmp_path)
    (data / "same").symlink_to(data / "images")
    return data


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_record_that_passes_quickly_passes_closely(place, root) -> None:
    for value in MORE:
        record = changed(place, value)
        if sound_record(record):
            native_image(record, "here")
            if place != ("file_name",):
                image_fields(record, Path("here"), 0, [root], "")


def test_our_own_record_passes_quickly_and_one_that_lacks_a_field_does_not() -> None:
    assert sound_record(IMAGE)
    for place in PLACES:
        record = changed(place, None)
        (record["attributes"] if len(place) > 1 else record).pop(place[-1])
        assert sound_record(record) == (place == ("attributes", "scene"))


@pytest.mark.parametrize(
    "name",
    [
        NAME, "b.jpg", "images/link.jpg", "images/out.jpg", "up/out.jpg", "same/train/a.jpg",
        "images", "images/train", "images/train/", "images/none.jpg", "none/a.jpg", "", ".", "..",
        "../out.jpg", "images/../b.jpg", "./b.jpg", "images//train/a.jpg", "/etc/passwd",
        "images\\train\\a.jpg", "images/train/..", "images/train/.", "a" * 5000,
    ],
)  # fmt: skip
def test_a_file_is_found_quickly_where_a_close_look_finds_it_or_not_at_all(name, root) -> None:
    files = PlainFiles(root)
    assert files.find(NAME) == (str(root / NAME), (root / NAME).stat().st_size)
    found = files.find(name)
    assert (found is not None) == (name in {NAME, "b.jpg"})
    try:
        known = image_fields(changed(("file_name",), name), Path("here"), 0, [root], "")["path"]
    except DataError:
        known = None
    assert found is None or found[0] == str(known)


def test_files_of_a_root_that_is_told_from_here_have_absolute_paths(root, monkeypatch) -> None:
    monkeypatch.chdir(root.parent)
    assert PlainFiles(Path("d")).find(NAME) == (str(root / NAME), (root / NAME).stat().st_size)
