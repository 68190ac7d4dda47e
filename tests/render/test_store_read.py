"""Reading datasets and COCO files: what is read, and how hostile input is refused."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from render.coco_reader import read_coco
from render.dataset_reader import read_any
from render.export import export
from render.store import join, load_bgr, open_dataset, read_splits, select_images
from render.truth import ASPECT_NAMES, SIGN_NAMES, UNKNOWN
from simulator.errors import DataError
from tests.training.toy import write_toy


def test_a_dataset_is_read_as_arrays(tmp_path: Path) -> None:
    write_toy(tmp_path, 3, seed=5, conditions=("clear", "fog"))
    truth = read_splits(open_dataset(tmp_path))
    assert len(truth) == 6
    assert truth.scene[:3] == ("5/train/0", "5/train/0", "5/train/1")
    assert truth.condition[:2] == ("clear", "fog")
    assert truth.geometry[0] == truth.geometry[1] != truth.geometry[2]
    assert (truth.box_px[:, 2:] > truth.box_px[:, :2]).all()
    assert set(truth.contrast_left[truth.image == 1]) == {np.float32(0.3)}
    picture = load_bgr(truth.path[0])
    x0, y0, x1, y1 = truth.box_px[0].astype(int)
    assert (picture[y0:y1, x0:x1] == picture[y0, x0]).all()


def test_selecting_and_joining_images_keeps_boxes_with_them(tmp_path: Path) -> None:
    write_toy(tmp_path, 4, seed=5)
    truth = read_splits(open_dataset(tmp_path))
    half = select_images(truth, np.array([False, True, False, True]))
    both = join([half, truth])
    assert both.path[:2] == (truth.path[1], truth.path[3])
    np.testing.assert_array_equal(both.box_px[both.image == 1], truth.box_px[truth.image == 3])
    np.testing.assert_array_equal(both.box_px[both.image == 5], truth.box_px[truth.image == 3])
    assert len(set(both.image_id)) == 6


def test_oriented_boxes_lamps_and_signs_are_read_where_they_are_told(tmp_path: Path) -> None:
    write_toy(tmp_path, 4, seed=5, turned=True)
    records = json.loads((tmp_path / "annotations/train.json").read_text())["annotations"]
    truth = join([read_splits(open_dataset(tmp_path)), read_coco(
        tmp_path / "annotations/train.json", tmp_path
    )])  # fmt: skip
    for row, record in enumerate(records * 2):
        told = record["attributes"]
        if told["obb"] is None:
            assert truth.oriented_px[row, 2] == 0
        else:
            np.testing.assert_allclose(truth.oriented_px[row], told["obb"], rtol=1e-5)
        for column, names in (("aspect", ASPECT_NAMES), ("sign", SIGN_NAMES)):
            value = int(getattr(truth, column)[row])
            assert (None if value == UNKNOWN else names[value]) == told[column]
    assert {r["attributes"]["sign"] for r in records} == {None, "stop", "yield"}
    (tmp_path / "annotations/train.json").write_text(
        (tmp_path / "annotations/train.json").read_text().replace('"yield"', '"wild boars"')
    )
    assert set(read_splits(open_dataset(tmp_path)).sign) == {UNKNOWN, SIGN_NAMES.index("stop")}


def test_a_foreign_file_has_another_hash_once_its_oriented_boxes_change(tmp_path: Path) -> None:
    file = write_toy(tmp_path, 2, seed=5, turned=True) / "annotations/train.json"
    first = read_any(file, images=tmp_path).root_hash
    assert read_any(file, images=tmp_path).root_hash == first
    coco = json.loads(file.read_text())
    told = [a["attributes"] for a in coco["annotations"] if a["attributes"]["obb"]]
    told[0]["obb"][4] += 0.1
    file.write_text(json.dumps(coco))
    assert read_any(file, images=tmp_path).root_hash != first


def _set(key: str, value: Any) -> Callable[[dict], None]:
    def change(coco: dict) -> None:
        coco["annotations"][2][key] = value

    return change


def _told(key: str, value: Any) -> Callable[[dict], None]:
    def change(coco: dict) -> None:
        coco["annotations"][2]["attributes"][key] = value

    return change


def _image(key: str, value: Any) -> Callable[[dict], None]:
    def change(coco: dict) -> None:
        coco["images"][1][key] = value

    return change


BAD: list[tuple[Callable[[dict], None], str]] = [
    (_set("bbox", [1, 2, -3, 4]), r"annotations\[2\]: bbox width"),
    (_set("bbox", [1, 2, float("nan"), 4]), "not valid JSON"),
    (_set("bbox", [1, 2, 1e9, 4]), r"annotations\[2\]: bbox width"),
    (_set("bbox", [900, 2, 10, 4]), r"annotations\[2\]: .*outside"),
    (_set("bbox", [1, 2, "3", 4]), r"annotations\[2\]"),
    (_set("bbox", [1, 2, 10**400, 4]), r"annotations\[2\]: bbox width"),
    (_set("category_id", 10**400), r"annotations\[2\]: category_id"),
    (_set("bbox", 5), r"annotations\[2\]: bbox must be"),
    (_set("category_id", 99), r"annotations\[2\]: category_id 99"),
    (_set("image_id", 99), r"annotations\[2\]: image_id 99"),
    (_image("file_name", "../../etc/passwd"), r"images\[1\]: .*leads out"),
    (_image("file_name", "/etc/passwd"), r"images\[1\]: .*leads out"),
    (
        _image("file_name", "images/none.png"),
        r"images\[1\]: the image 'images/none.png' is missing",
    ),
    (_image("width", -1), r"images\[1\]: width"),
    (_image("width", 10**9), r"images\[1\]: width"),
    (_image("id", 1), "two images have one id"),
    (_told("obb", [1, 2, 3]), r"annotations\[2\]: obb must be \[cx, cy, w, h, rad\]"),
    (_told("obb", "box"), r"annotations\[2\]: obb must be"),
    (_told("obb", [1, 2, -3, 4, 0]), r"annotations\[2\]: obb width and height"),
    (_told("obb", [1, 2, 3, 4, "x"]), r"annotations\[2\]: obb angle must be a number"),
    (_told("obb", [10**400, 2, 3, 4, 0]), r"annotations\[2\]: obb must be"),
    (_told("aspect", 2), r"annotations\[2\]: aspect must be a word"),
    (_told("sign", ["stop"]), r"annotations\[2\]: sign must be a word"),
    (lambda coco: coco.pop("annotations"), "no list 'annotations'"),
    (lambda coco: coco["images"].append(5), r"images\[3\]: is no object"),
]


@pytest.mark.parametrize(("change", "said"), BAD)
def test_a_broken_record_is_named_in_one_line(
    change: Callable[[dict], None], said: str, tmp_path: Path
) -> None:
    write_toy(tmp_path, 3, seed=5)
    path = tmp_path / "annotations/train.json"
    coco = json.loads(path.read_text())
    change(coco)
    path.write_text(json.dumps(coco))
    for read in (
        lambda: read_splits(open_dataset(tmp_path)),
        lambda: read_coco(path, tmp_path),
    ):
        with pytest.raises(DataError, match=said) as error:
            read()
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


def test_what_to_do_about_a_missing_image_is_something_that_the_reader_takes(tmp_path) -> None:
    data = write_toy(tmp_path / "d", 1, seed=5)
    next((data / "images/train").iterdir()).unlink()
    ours = [
        lambda: read_any(data),
        lambda: export(data, "yolo", tmp_path / "out"),
    ]
    foreign = [
        lambda: read_any(data / "annotations/train.json"),
        lambda: read_any(data / "annotations/train.json", images=data),
    ]
    nowhere = [lambda: read_any(data / "annotations/train.json", images=data / "none")]
    for reads, mend in (
        (ours, "Put it back; fairweather verify"),
        (foreign, "or give its folder"),
        (nowhere, "Name that of the images"),
    ):
        for read in reads:
            with pytest.raises(DataError) as error:
                read()
            assert mend in str(error.value)
            assert ("images=DIR" in str(error.value)) == (reads is not ours)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"images": NaN}', "\x00\xff"])
def test_text_that_is_no_coco_file_gives_one_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError) as error:
        read_coco(path)
    assert "\n" not in str(error.value)


def test_a_device_or_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(DataError, match="is no file"):
            read_coco(path)


def test_an_image_that_links_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    data = write_toy(tmp_path / "data", 1, seed=5)
    image = next((data / "images/train").iterdir())
    outside = tmp_path / "secret.png"
    image.rename(outside)
    image.symlink_to(outside)
    with pytest.raises(DataError, match="links out"):
        read_splits(open_dataset(data))


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    ok, data = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))
    assert ok
    bomb = bytearray(data.tobytes())
    bomb[16:24] = struct.pack(">II", 60_000, 60_000)
    path = tmp_path / "bomb.png"
    path.write_bytes(bytes(bomb))
    with pytest.raises(DataError, match="60000x60000"):
        load_bgr(path)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8broken", b"\x89PNG\r\n\x1a\nshort"])
def test_a_broken_image_gives_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"image\.jpg: "):
        load_bgr(path)


def test_an_image_of_another_size_than_its_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    cv2.imwrite(str(path), np.zeros((20, 10, 3), np.uint8))
    assert load_bgr(path, (10, 20)).shape == (20, 10, 3)
    with pytest.raises(DataError, match="is 10x20 px, its record says 20x10"):
        load_bgr(path, (20, 10))


def test_a_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no dataset\.json"):
        open_dataset(tmp_path)


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    write_toy(tmp_path, 1)
    info = json.loads((tmp_path / "dataset.json").read_text())
    (tmp_path / "dataset.json").write_text(json.dumps(info | {"format_version": 9}))
    with pytest.raises(DataError, match="format_version 9"):
        open_dataset(tmp_path)
