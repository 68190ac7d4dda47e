"""Datasets of others: what is read of them, and how what is wrong in them is named."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.dataset_reader import read_any
from render.export import export
from render.store import open_dataset, read_splits
from render.yolo_reader import read_yolo
from simulator.errors import ConfigError, DataError, FairweatherError
from tests.training.toy import write_toy


@pytest.fixture
def toy(tmp_path) -> Path:
    return write_toy(tmp_path / "toy", 3)


@pytest.fixture
def yolo(toy, tmp_path) -> Path:
    export(toy, "yolo", tmp_path / "yolo")
    return tmp_path / "yolo"


@pytest.mark.parametrize("name", ["yolo", "yolo_obb", "coco"])
def test_what_was_exported_is_read_back_as_it_was(name, toy, tmp_path) -> None:
    export(toy, name, tmp_path / "out")
    own, read = read_splits(open_dataset(toy)), read_any(tmp_path / "out", "train")
    assert read.classes == own.classes
    np.testing.assert_allclose(read.box_px, own.box_px, atol=1e-3)
    np.testing.assert_array_equal(read.category, own.category)
    np.testing.assert_array_equal(read.image, own.image)
    np.testing.assert_array_equal(read.size_px, own.size_px)
    assert read.lineage == ()
    assert len(set(read.geometry)) == len(read)


def test_a_data_yaml_is_read_from_any_folder_and_by_its_own_name(yolo, monkeypatch) -> None:
    monkeypatch.chdir(yolo.parent)
    assert len(read_any(Path("yolo/data.yaml"))) == 6  # train, and val that is the same
    assert len(read_any(Path("yolo"), "train")) == 3


def test_training_takes_the_training_split_and_measuring_the_test_split(tmp_path) -> None:
    for split, count in (("train", 3), ("val", 2), ("test", 1)):
        export(write_toy(tmp_path / f"toy-{split}", count, split=split), "yolo", tmp_path / split)
    home = tmp_path / "all"
    home.mkdir()
    names = (tmp_path / "train/data.yaml").read_text().partition("names:")[2]
    lines = ""
    for split in ("train", "val", "test"):
        (tmp_path / split).rename(home / split)
        # as a much-used site writes it: one folder too high
        lines += f"{split}: ../{split}/images/{split}\n"
    (home / "data.yaml").write_text(f"{lines}names:{names}")
    assert [len(read_any(home, purpose)) for purpose in ("train", "test", "")] == [3, 1, 6]
    assert "split test" in read_any(home, "test").name


def _line(text: str):
    def change(folder: Path) -> None:
        (folder / "labels/train/000001_0000_clear.txt").write_text(f"0 .5 .5 .1 .1\n{text}\n")

    return change


def _yaml(old: str, new: str):
    def change(folder: Path) -> None:
        file = folder / "data.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return change


def _image(data: bytes):
    def change(folder: Path) -> None:
        (folder / "images/train/000001_0000_clear.png").write_bytes(data)

    return change


def _no_labels(folder: Path) -> None:
    for file in (folder / "labels/train").iterdir():
        file.unlink()


def _outside(folder: Path) -> None:
    image = folder / "images/train/000001_0000_clear.png"
    image.rename(folder.parent / "secret.png")
    image.symlink_to(folder.parent / "secret.png")


def _pipe(folder: Path) -> None:
    file = folder / "labels/train/000001_0000_clear.txt"
    file.unlink()
    os.mkfifo(file)


HERE = r"000001_0000_clear\.txt:2: "
BAD = [
    (_line("8 .5 .5 .1 .1"), HERE + "class 8 is not one of 0 to 7"),
    (_line("1.5 .5 .5 .1 .1"), HERE + r"class 1\.5"),
    (_line("-1 .5 .5 .1 .1"), HERE + "class -1"),
    (_line("nan .5 .5 .1 .1"), HERE + "class nan"),
    (_line("0 .5 .5 .1"), HERE + "4 fields are no box"),
    (_line("0 .5 .5 .1 .1 .9"), HERE + "6 fields are no box"),
    (_line("0 .5 .5 nan .1"), HERE + "nan is no share"),
    (_line("0 .5 .5 1e999 .1"), HERE + "inf is no share"),
    (_line("0 320 100 40 20"), HERE + "320 is no share"),
    (_line("0 .5 .5 0 .1"), HERE + "the box has no width"),
    (_line("car .5 .5 .1 .1"), HERE + "'car .5 .5 .1 .1' has a field that is no number"),
    (_line("0 0 .1 .2\n7 1 2"), HERE + r".*\(and 1 more finding"),
    (_line("é"), "is no text of numbers"),
    (_image(b"GIF89a"), r"000001_0000_clear\.png: is neither JPEG nor PNG"),
    (_image(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0"), "65536x65536 px"),
    (_yaml('"train": "images/train"', '"train": "none"'), "'none' is not there"),
    (_yaml('"train": "images/train"', '"train": "../../etc"'), "leads out of the folder"),
    (_yaml('"train": "images/train"', '"train": "/etc"'), "leads out of the folder"),
    (_yaml('"train": "images/train"', '"train": {"a": 1}'), "is not there"),
    (_yaml('"train": "images/train"', '"train": labels/train'), "leads to no image"),
    (_yaml('"train": "images', 'path: "/"\n"train": "images'), "Leave path out"),
    (_yaml("names:", "nc: 3\nnames:"), "says nc: 3 and has 8 names"),
    (_yaml("0: ", "9: "), "numbers its names not 0, 1, 2"),
    (_yaml('"truck"', '"car"'), "has a name twice"),
    (_yaml("names:", "names: !!python/object/apply:os.getcwd []\nnone:"), "is no YAML"),
    (_yaml("names:", 'nc: !!int ""\nnames:'), "is no YAML"),
    (_yaml("names:", "nc: !!bool x\nnames:"), "is no YAML"),
    (_yaml("names:", "nc: !!timestamp x\nnames:"), "is no YAML"),
    (_yaml("names:", f"nc: 0x{'f' * 9999}\nnames:"), "is no YAML"),
    (_yaml("names:", "a: &a [x]\nnc: [*a, *a]\nnames:"), r"is no YAML \(an alias, \*a\)"),
    (_yaml('"train": "images', 'path: "a\\0b"\n"train": "images'), "Leave path out"),
    (_no_labels, "no image has a label file there"),
    (_outside, "links out of the folder"),
    (_pipe, "is no file"),
]


@pytest.mark.parametrize(("change", "said"), BAD)
def test_what_is_wrong_in_a_yolo_dataset_is_named_in_one_line(change, said, yolo) -> None:
    change(yolo)
    with pytest.raises(DataError, match=said) as error:
        read_any(yolo, "train")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def test_a_line_that_is_there_twice_is_taken_once_and_told(yolo, capsys) -> None:
    before = len(read_any(yolo, "train").category)
    file = yolo / "labels/train/000001_0000_clear.txt"
    file.write_text(file.read_text() * 2)
    assert len(read_any(yolo, "train").category) == before
    assert "6 labels are there twice" in capsys.readouterr().err


def test_an_image_without_a_label_file_is_background(yolo) -> None:
    (yolo / "labels/train/000001_0000_clear.txt").unlink()
    truth = read_any(yolo, "train")
    assert len(truth) == 3
    assert 1 not in truth.image


def test_polygons_become_the_boxes_around_them(yolo) -> None:
    file = yolo / "labels/train/000001_0000_clear.txt"
    file.write_text("2 .25 .5 .5 .25 .375 .75\n")
    truth = read_any(yolo, "train")
    np.testing.assert_allclose(truth.box_px[truth.image == 1], [[64, 64, 128, 192]])


@given(st.text(max_size=60), st.text(alphabet="0123456789.eE+- \nnaif", max_size=120))
def test_no_text_of_labels_or_settings_breaks_the_reader(
    tmp_path_factory, settings, labels
) -> None:
    folder = tmp_path_factory.mktemp("any")
    cv2.imwrite(str(folder / "a.png"), np.zeros((8, 8, 3), np.uint8))
    (folder / "a.txt").write_text(labels)
    (folder / "data.yaml").write_text('train: "."\nnames: [a, b]\n')
    for _ in range(2):
        with contextlib.suppress(FairweatherError):
            truth = read_yolo(folder / "data.yaml", "train")
            assert np.isfinite(truth.box_px).all()
        (folder / "data.yaml").write_text(settings, encoding="utf-8", errors="replace")


def test_the_images_of_a_coco_file_are_found_where_it_is_said(toy, tmp_path) -> None:
    truth = read_any(toy / "annotations/train.json", images=toy)
    assert len(truth) == 3
    with pytest.raises(ConfigError, match="goes with a COCO file"):
        read_any(toy, images=toy)
    with pytest.raises(DataError, match=r"no dataset\.json, no data\.yaml"):
        read_any(tmp_path)


def test_equal_images_are_known_again_in_another_place_under_other_labels(toy, yolo) -> None:
    file = yolo / "labels/train/000001_0000_clear.txt"
    file.write_text("")
    first, second = read_any(toy / "annotations/train.json", images=toy), read_any(yolo, "train")
    assert set(first.geometry) == set(second.geometry)
    assert first.root_hash != second.root_hash
