"""The statistics page: its figures against counts made by hand, and the page in a browser."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from render.dataset_reader import read_any
from render.export import export
from render.statistics import GRID, Statistics, statistics
from render.statistics_page import describe_dataset, page
from render.truth import Truth
from simulator.errors import DataError, OutputError
from tests.browser import assert_fits, screenshot
from tests.training.toy import write_toy

SCENES = 24


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Path:
    return write_toy(tmp_path_factory.mktemp("toy"), SCENES, conditions=("clear", "fog"))


def figures_of(folder: Path) -> tuple[Truth, Statistics]:
    truth = read_any(folder)
    return truth, statistics(truth, lambda done, note: None)


def test_counts_are_those_of_the_annotations(toy) -> None:
    truth, figures = figures_of(toy)
    coco = json.loads((toy / "annotations/train.json").read_text())
    condition = {i["id"]: i["attributes"]["condition"] for i in coco["images"]}
    for k, name in enumerate(truth.classes):
        for q, weather in enumerate(figures.conditions):
            boxes = [a for a in coco["annotations"] if a["category_id"] == k + 1
                     and condition[a["image_id"]] == weather]  # fmt: skip
            assert figures.counts[k, q] == len(boxes), name
        shown = {a["image_id"] for a in coco["annotations"] if a["category_id"] == k + 1}
        assert figures.together[k, k] == len(shown)
    assert figures.images.tolist() == [SCENES, SCENES]
    assert figures.sides.sum() == figures.shapes.sum() == len(coco["annotations"])
    assert figures.per_image[6] == 2 * SCENES
    assert figures.contrast is not None
    assert figures.contrast[1].argmax() == 3  # what the fog of the toy leaves: 0.3
    assert 1 < figures.effective_classes() < 3


def test_a_cell_of_the_heat_map_counts_the_boxes_that_cover_it(toy) -> None:
    truth, figures = figures_of(toy)
    middle = (np.arange(GRID) + 0.5) * 256 / GRID
    x0, y0, x1, y1 = (truth.box_px[:, k, None] for k in range(4))
    inside_x = ((middle > x0) & (middle < x1)).astype(int)
    inside_y = ((middle > y0) & (middle < y1)).astype(int)
    by_middles = inside_y.T @ inside_x
    assert (figures.places[0] >= by_middles).all()  # a cell that is only touched counts too
    assert figures.places[0].sum() < 2 * by_middles.sum()
    np.testing.assert_array_equal(figures.places[1:].sum(axis=0), figures.places[0])


def test_planted_look_alikes_are_found_and_twins_are_not(toy, tmp_path) -> None:
    truth, figures = figures_of(toy)
    assert figures.alike_count == 0
    copy = tmp_path / "d"
    shutil.copytree(toy, copy)
    images = sorted((copy / "images/train").glob("*_clear.png"))
    again = cv2.imread(str(images[3]))
    assert again is not None
    cv2.imwrite(str(images[11]), np.clip(again.astype(int) + 6, 0, 255).astype(np.uint8))
    truth, figures = figures_of(copy)
    assert figures.alike_count == 1
    pair = figures.alike[0]
    names = {truth.path[i].name for i in (pair.first, pair.second)}
    assert names == {images[3].name, images[11].name}
    assert pair.difference < 0.1


def test_images_of_one_scene_belong_together_and_are_no_look_alikes(toy) -> None:
    truth = read_any(toy)
    weather = [i for i, c in enumerate(truth.condition) if c == "clear"]
    paths = list(truth.path)
    paths[weather[5]] = paths[weather[2]]
    again = dataclasses.replace(truth, path=tuple(paths))
    assert statistics(again, lambda done, note: None).alike_count == 1
    scenes = list(truth.scene)
    scenes[weather[5]] = scenes[weather[2]]
    one_scene = dataclasses.replace(again, scene=tuple(scenes))
    assert statistics(one_scene, lambda done, note: None).alike_count == 0


def test_a_dark_image_and_broken_boxes_stand_out(toy, tmp_path) -> None:
    copy = tmp_path / "d"
    shutil.copytree(toy, copy)
    image = sorted((copy / "images/train").glob("*_clear.png"))[5]
    picture = cv2.imread(str(image))
    assert picture is not None
    cv2.imwrite(str(image), picture // 8)
    file = copy / "annotations/train.json"
    coco = json.loads(file.read_text())
    coco["annotations"].append({**coco["annotations"][0], "id": 10**6})
    coco["annotations"][1]["bbox"] = [0, 10, 200, 1]
    file.write_text(json.dumps(coco))
    truth, figures = figures_of(copy)
    assert {(truth.path[i].name, look) for i, look, off in figures.odd_images if off < 0} >= {
        (image.name, "brightness")
    }
    assert {why for _, why in figures.odd_boxes} == {
        "is there twice", "is thinner than 2 px", "is more than 12 times as long as wide",
    }  # fmt: skip


def test_the_page_names_everything_runs_nothing_and_asks_for_nothing(toy, tmp_path) -> None:
    truth, figures = figures_of(toy)
    hostile = ("<script>alert(1)</script>", *truth.classes[1:])
    text = page(dataclasses.replace(truth, classes=hostile), figures)
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text
    for words in ("&lt;script&gt;", "fog", "stop_sign", "Look-alikes", "contrast left"):
        assert words in text
    assert page(truth, figures) == page(truth, figures)


@pytest.mark.parametrize("name", ["yolo", "coco"])
def test_imported_datasets_have_a_page_too(name, toy, tmp_path) -> None:
    export(toy, name, tmp_path / name)
    text = describe_dataset(tmp_path / name, tmp_path / "p.html").read_text()
    assert "data:image/jpeg" in text
    assert ("does not say what hides" in text) == (name == "yolo")


def test_a_page_needs_a_place_and_a_dataset_images_that_can_be_read(toy, tmp_path) -> None:
    with pytest.raises(OutputError, match="no place for a page"):
        describe_dataset(toy, tmp_path)
    with pytest.raises(OutputError, match="no place for a page"):
        describe_dataset(toy, tmp_path / "none/p.html")
    labels = tmp_path / "labels.json"
    labels.write_text("{}")
    with pytest.raises(OutputError, match="no place for a page"):
        describe_dataset(labels, labels)
    assert labels.read_text() == "{}"
    labels.unlink()
    copy = tmp_path / "d"
    shutil.copytree(toy, copy)
    (copy / "manifest-sha256.txt").write_text("")
    with pytest.raises(OutputError, match="lies inside the dataset"):
        describe_dataset(copy, copy / "p.html")
    next((copy / "images/train").iterdir()).write_bytes(b"GIF89a")
    with pytest.raises(DataError, match="neither JPEG nor PNG"):
        describe_dataset(copy, tmp_path / "p.html")
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


@pytest.mark.browser
@pytest.mark.parametrize("width_px", [1200, 420])
def test_the_page_is_drawn_in_a_browser_without_sideways_scrolling(width_px, toy, tmp_path) -> None:
    picture = screenshot(describe_dataset(toy, tmp_path / "p.html"), tmp_path, width_px)
    assert_fits(picture, width_px)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500  # the contact sheets are there
