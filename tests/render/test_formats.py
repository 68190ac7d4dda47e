"""Exports as their readers see them: every format is read back by a reader that is not ours."""

from __future__ import annotations

import configparser
import dataclasses
import io
import json
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from render.corners import corners_px
from render.export import export
from render.format import Item
from render.formats import kitti, mot, parquet, webdataset
from render.label_columns import Labels, columns_of
from tests.render.conftest import SIDE
from tests.training.toy import write_toy


def labels_of(native: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Stem of each image -> its annotations, with the class's name."""
    names = {c["id"]: c["name"] for c in native["categories"]}
    stems = {i["id"]: Path(i["file_name"]).stem for i in native["images"]}
    found: dict[str, list[dict[str, Any]]] = {stem: [] for stem in stems.values()}
    for a in native["annotations"]:
        found[stems[a["image_id"]]].append({**a, "name": names[a["category_id"]]})
    return found


def test_coco_round_trip_is_the_identity_but_for_the_images_places(exported, native) -> None:
    coco = json.loads((exported("coco") / "annotations/instances_train.json").read_text())
    for image in native["images"]:
        image = {**image, "file_name": Path(image["file_name"]).name}
        assert image in coco["images"]
    assert coco["annotations"] == native["annotations"]
    assert coco["categories"] == native["categories"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_the_truth_as_detections_has_an_average_precision_of_one(kind, exported, capsys) -> None:
    coco: Any = COCO(str(exported("coco") / "annotations/instances_train.json"))
    keys = ("image_id", "category_id", "bbox", "segmentation")
    found = coco.loadRes([{**{k: a[k] for k in keys}, "score": 1.0} for a in coco.anns.values()])
    measured = COCOeval(coco, found, kind)
    measured.evaluate()
    measured.accumulate()
    measured.summarize()
    assert measured.stats[0] == 1.0


def yolo_lines(folder: Path) -> dict[str, list[list[float]]]:
    """The label files that data.yaml leads to, found the way ultralytics does."""
    content = yaml.safe_load((folder / "data.yaml").read_text())
    assert "path" not in content
    images = sorted((folder / content["train"]).iterdir())
    texts = {i.stem: Path(str(i).replace("/images/", "/labels/")).with_suffix(".txt").read_text()
             for i in images}  # fmt: skip
    return {s: [[float(v) for v in x.split()] for x in t.splitlines()] for s, t in texts.items()}


def test_yolo_boxes_are_shares_of_the_image(exported, native) -> None:
    lines = yolo_lines(exported("yolo"))
    for stem, labels in labels_of(native).items():
        rows = np.array(lines[stem]).reshape(-1, 5)
        corner = (rows[:, 1:3] - rows[:, 3:] / 2) * SIDE
        boxes = np.hstack([corner, rows[:, 3:] * SIDE])
        assert np.allclose(boxes, np.reshape([a["bbox"] for a in labels], (-1, 4)), atol=1e-3)
        assert [int(r) + 1 for r in rows[:, 0]] == [a["category_id"] for a in labels]


def test_yolo_oriented_boxes_have_the_footprints_corners_and_stay_in_the_image(
    exported, native
) -> None:
    lines = yolo_lines(exported("yolo_obb"))
    whole = 0
    for stem, labels in labels_of(native).items():
        for row, label in zip(lines[stem], labels, strict=True):
            corners = np.reshape(row[1:], (4, 2))
            assert (corners >= 0).all()
            assert (corners <= 1).all()
            cx, cy, w, h, rad = label["attributes"]["obb"]
            expected = cv2.boxPoints(((cx, cy), (w, h), np.degrees(rad)))
            if (expected > 0).all() and (expected < SIDE).all():
                whole += 1
                gaps = np.abs(corners[:, None] * SIDE - expected[None]).max(axis=2)
                assert gaps.min(axis=1).max() < 0.01
    assert whole > 20


def test_corners_of_many_images_labels_stay_each_in_its_own() -> None:
    turned = [
        [60.0, 30.0, 80.0, 20.0, 0.5],
        [250.0, 10.0, 60.0, 30.0, -1.0],
        [99.0, 250.0, 9, 9, 2],
    ]
    labels = columns_of([
        {"bbox": [20.0, 10.0, 70.0, 50.0], "attributes": {"obb": obb}} for obb in turned
    ])  # fmt: skip
    sizes = np.array([[90, 40], [300, 200], [100, 300]])
    for k, (corners, size) in enumerate(zip(corners_px(labels, sizes), sizes, strict=True)):
        alone = corners_px(Labels(labels.numbers[k : k + 1]), sizes[k : k + 1])
        assert np.array_equal(corners, alone[0])
        assert (corners >= 0).all()
        assert (corners <= size).all()
    assert (corners_px(labels, sizes)[1].max(axis=0) > sizes[0]).any()


@pytest.mark.parametrize("name", ["yolo", "yolo_obb", "yolo_seg"])
def test_yolo_images_without_objects_have_empty_labels(name, tmp_path) -> None:
    export(write_toy(tmp_path / "toy", 3, objects=0), name, tmp_path / "out")
    labels = list((tmp_path / "out/labels/train").iterdir())
    assert len(labels) == 3
    assert {p.read_bytes() for p in labels} == {b""}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_yolo_outlines_filled_as_its_readers_do_give_the_masks_back(
    exported, native, dataset, capsys
) -> None:
    coco: Any = COCO(str(dataset / "annotations/train.json"))
    lines = yolo_lines(exported("yolo_seg"))
    for stem, labels in labels_of(native).items():
        for row, label in zip(lines[stem], labels, strict=True):
            points = np.reshape(row[1:], (-1, 2)) * SIDE
            assert len(points) >= 3
            mask = coco.annToMask(label)
            for turn in (np.round, np.trunc):  # supervision rounds, ultralytics cuts off
                filled = np.zeros((SIDE, SIDE), np.uint8)
                cv2.fillPoly(filled, [turn(points).astype(np.int32)], 1)
                whole = len(cv2.findContours(mask, 0, 2)[0]) == 1  # else a line joins the parts
                both = np.count_nonzero(filled & mask)
                assert both / np.count_nonzero(filled | mask) > (0.9 if whole else 0.5), label["id"]
                assert both == np.count_nonzero(mask)  # no pixel of the object is lost


def test_kitti_lines_have_fifteen_fields_and_the_boxes(exported, native) -> None:
    folder = exported("kitti") / "train"
    for stem, labels in labels_of(native).items():
        lines = (folder / "label_2" / f"{stem}.txt").read_text().splitlines()
        for line, label in zip(lines, labels, strict=True):
            kind, *numbers = line.split()
            values = [float(n) for n in numbers]
            x, y, w, h = label["bbox"]
            hidden = label["attributes"]["occlusion"]
            assert len(values) == 14
            assert kind == kitti.NAMES.get(label["name"], label["name"])
            assert values[0] == pytest.approx(label["attributes"]["truncation"], abs=0.006)
            assert values[1] == (0 if hidden < 0.1 else 1 if hidden < 0.5 else 2)
            assert values[3:7] == [x, y, x + w, y + h]
            assert values[7:] == [-1, -1, -1, -1000, -1000, -1000, -10]


def test_voc_boxes_begin_at_one_and_hold_their_last_pixel(exported, native) -> None:
    folder = exported("voc")
    listed = (folder / "ImageSets/Main/train.txt").read_text().split()
    expected = labels_of(native)
    assert listed == list(expected)
    for stem, labels in expected.items():
        root = ET.parse(folder / "Annotations" / f"{stem}.xml").getroot()  # noqa: S314 - our own
        assert (folder / "JPEGImages" / root.findtext("filename", "")).is_file()
        for node, label in zip(root.findall("object"), labels, strict=True):
            box = [int(node.findtext(f"bndbox/{k}", "")) for k in ("xmin", "ymin", "xmax", "ymax")]
            x, y, w, h = label["bbox"]
            assert box == [x + 1, y + 1, x + w, y + h]
            assert node.findtext("name") == label["name"]
            assert node.findtext("difficult") in {"0", "1"}


def test_webdataset_shards_hold_everything_and_name_no_time_or_owner(
    exported, native, dataset
) -> None:
    folder = exported("webdataset")
    images, annotations = [], []
    for shard in sorted(folder.glob("*.tar")):
        with tarfile.open(shard) as tar:
            members = tar.getmembers()
            assert all((m.mtime, m.uid, m.gid, m.uname) == (0, 0, 0, "") for m in members)
            samples: dict[str, dict[str, bytes]] = {}
            for m in members:  # a sample is what shares its name up to the first dot
                key, _, suffix = m.name.partition(".")
                samples.setdefault(key, {})[suffix] = tar.extractfile(m).read()
            assert all(set(s) == {"jpg", "json"} for s in samples.values())
        for sample in samples.values():
            record = json.loads(sample["json"])
            images.append(record["image"])
            annotations += record["annotations"]
            assert (dataset / record["image"]["file_name"]).read_bytes() == sample["jpg"]
    assert images == native["images"]
    kept = [{k: a[k] for k in own} for a, own in zip(annotations, native["annotations"],
                                                      strict=True)]  # fmt: skip
    assert kept == native["annotations"]


def test_webdataset_shards_are_to_the_byte_what_tarfile_writes(exported, tmp_path) -> None:
    (shard,) = exported("webdataset").glob("*.tar")
    with (
        tarfile.open(shard) as ours,
        tarfile.open(tmp_path / "x.tar", "w", format=tarfile.GNU_FORMAT) as theirs,
    ):
        for member in ours.getmembers():
            entry = tarfile.TarInfo(member.name)
            entry.size, entry.mode = member.size, 0o444
            theirs.addfile(entry, ours.extractfile(member))
    assert shard.read_bytes() == (tmp_path / "x.tar").read_bytes()


@pytest.mark.parametrize("name", ["a.jpg", "ü" * 50, "n" * 100, "n" * 101, "é" * 70, "n" * 600])
@pytest.mark.parametrize("size", [0, 1, 511, 99_999, 8**11 - 1, 8**11, 2**43])
def test_headers_are_those_of_tarfile_for_names_and_sizes_of_any_length(name, size) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o444
    told = entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    assert webdataset.header(name, size) == told


def test_parquet_groups_are_cut_before_their_images_are_too_many_bytes(
    dataset, exported, tmp_path, monkeypatch
) -> None:
    sizes = [p.stat().st_size for p in sorted((dataset / "images/train").iterdir())]
    first = exported("parquet")
    monkeypatch.setattr(parquet, "BYTES_A_GROUP", max(sizes) + min(sizes) // 2)
    export(dataset, "parquet", tmp_path / "out")
    ours, whole = (next((p / "data").iterdir()) for p in (tmp_path / "out", first))
    assert pq.ParquetFile(ours).num_row_groups == len(sizes)
    assert pq.read_table(ours).equals(pq.read_table(whole))


def test_parquet_has_the_pictures_and_tells_hugging_face_what_its_columns_are(
    exported, native, dataset
) -> None:
    (file,) = (exported("parquet") / "data").iterdir()
    assert file.name == "train-00000-of-00001.parquet"
    table = pq.read_table(file)
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    names = features["objects"]["category"]["feature"]["names"]
    # they are believed only where their order is that of the columns
    assert list(features) == table.column_names
    assert list(features["objects"]) == [f.name for f in table.schema.field("objects").type]
    expected = labels_of(native)
    for row, image in zip(table.to_pylist(), native["images"], strict=True):
        assert row["image"]["bytes"] == (dataset / image["file_name"]).read_bytes()
        labels = expected[Path(image["file_name"]).stem]
        assert row["objects"]["bbox"] == [a["bbox"] for a in labels]
        assert [names[k] for k in row["objects"]["category"]] == [a["name"] for a in labels]
        assert row["objects"]["mask"] == [a["segmentation"]["counts"] for a in labels]
        picture = cv2.imdecode(np.frombuffer(row["image"]["bytes"], np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (row["height"], row["width"], 3)


def test_mot_follows_each_object_through_a_scene_in_one_weather(exported, native) -> None:
    names = {c["id"]: c["name"] for c in native["categories"]}
    expected: dict[str, set] = {}
    for image in native["images"]:
        facts = image["attributes"]
        rows = expected.setdefault(f"{facts['scene']}_{facts['condition']}", set())
        for a in native["annotations"]:
            if a["image_id"] == image["id"]:
                x, y, *size = a["bbox"]
                track = a["attributes"]["track_id"] + 1
                name = names[a["category_id"]]
                rows.add((facts["frame"] + 1, track, x + 1, y + 1, *size, name))
    folder = exported("mot") / "train"
    assert {p.name for p in folder.iterdir()} == set(expected)
    for name, rows in expected.items():
        info = configparser.ConfigParser()
        info.read(folder / name / "seqinfo.ini")
        frames = [p.name for p in sorted((folder / name / "img1").iterdir())]
        assert frames == [f"{k + 1:06d}.jpg" for k in range(info.getint("Sequence", "seqLength"))]
        kinds = (folder / name / "gt/labels.txt").read_text().split()
        text = (folder / name / "gt/gt.txt").read_text()
        values = np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2)
        found = {(*(int(v) for v in r[:6]), kinds[int(r[7]) - 1]) for r in values}
        assert found == rows
        assert ((values[:, 8] >= 0) & (values[:, 8] <= 1)).all()


def test_mot_tells_boxes_that_are_not_whole_as_they_are() -> None:
    labels = columns_of([
        {"id": 5, "bbox": [0.25, 7, 1234567, 2]}, {"id": 6, "bbox": [-1, 0, 3, 0.0000123]},
    ])  # fmt: skip
    item = Item({}, "a.jpg", 0, dataclasses.replace(labels, classes=[0, 2]))
    (text,) = mot._texts([item])
    assert text.decode().splitlines() == [
        "6,1.25,8,1.23457e+06,2,1,1,1.0000", "7,0,1,3,1.23e-05,1,3,1.0000",
    ]  # fmt: skip


def test_dota_lines_are_four_corners_a_class_and_a_difficulty(exported, native) -> None:
    for stem, labels in labels_of(native).items():
        lines = (exported("dota") / "train/labelTxt" / f"{stem}.txt").read_text().splitlines()
        for line, label in zip(lines, labels, strict=True):
            *corners, name, difficult = line.split()
            cx, cy, w, h, _ = label["attributes"]["obb"]
            points = np.array([float(v) for v in corners]).reshape(4, 2)
            assert np.allclose(points.mean(axis=0), (cx, cy), atol=0.02)
            sides = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)
            assert np.allclose(sorted(sides), sorted([w, w, h, h]), atol=0.03)
            assert name == label["name"]
            assert difficult in {"0", "1"}
