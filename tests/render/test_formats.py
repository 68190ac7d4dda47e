"""Exports as their readers see them: every format is read back by a reader that is not ours."""

from __future__ import annotations

import configparser
import dataclasses
import io
import itertools
import json
import shutil
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from render.config import GenerateConfig
from render.corners import corners_px
from render.export import export, open_source
from render.format import Item
from render.formats import FORMATS, kitti, mot, parquet, webdataset
from render.generate import generate
from render.json_stream import records_of
from render.label_columns import Labels, columns_of
from render.store import open_dataset, read_splits
from scenarios.config import CameraConfig
from simulator.errors import ConfigError, DataError
from tests.conftest import PROJECT
from tests.training.toy import write_toy

SIDE = 320


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    camera = CameraConfig(width_px=SIDE, height_px=SIDE, m_per_px=0.2)
    config = GenerateConfig(
        out=str(tmp_path_factory.mktemp("data") / "d"), seed=3, scenes=2, frames_per_scene=2,
        conditions=("clear", {"fog": {"visibility_m": 90.5}}), camera=camera, workers=1,
    )  # fmt: skip
    return generate(config)


@pytest.fixture(scope="module")
def native(dataset) -> dict[str, Any]:
    return json.loads((dataset / "annotations/train.json").read_text())


@pytest.fixture(scope="module")
def exported(dataset, tmp_path_factory):
    """Exports once each: name, taxonomy -> folder."""
    made: dict[tuple[str, str], Path] = {}

    def get(name: str, taxonomy: str = "driving") -> Path:
        key = (name, taxonomy)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("out") / f"{name}-{taxonomy}"
            export(dataset, name, made[key], taxonomy)
        return made[key]

    return get


def labels_of(native: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Stem of each image -> its annotations, with the class's name."""
    names = {c["id"]: c["name"] for c in native["categories"]}
    stems = {i["id"]: Path(i["file_name"]).stem for i in native["images"]}
    found: dict[str, list[dict[str, Any]]] = {stem: [] for stem in stems.values()}
    for a in native["annotations"]:
        found[stems[a["image_id"]]].append({**a, "name": names[a["category_id"]]})
    return found


def test_every_format_of_the_list_is_there_and_the_readme_tells_what_it_loses() -> None:
    assert set(FORMATS) == {
        "coco", "yolo", "yolo_obb", "yolo_seg", "kitti", "voc", "webdataset", "parquet", "mot",
        "dota",
    }  # fmt: skip
    readme = " ".join((PROJECT / "README.md").read_text().split())
    for name, form in FORMATS.items():
        assert f"| `{name}` | {form.loses or 'nothing'} |" in readme


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_export_has_equal_bytes_every_time_and_every_image_once(
    name, dataset, exported, tmp_path, native
) -> None:
    again = tmp_path / "again"
    export(dataset, name, again)
    files = {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}
    first = exported(name)
    assert files == {p.relative_to(first): p.read_bytes() for p in first.rglob("*") if p.is_file()}
    if name not in ("webdataset", "parquet"):
        assert sum(p.suffix == ".jpg" for p in files) == len(native["images"])


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_interrupted_export_goes_on_to_the_same_bytes(
    name, dataset, exported, tmp_path, monkeypatch
) -> None:
    def few(source, out):
        once = source.items
        cut = {s: itertools.chain(itertools.islice(once(s), 3), _stop()) for s in source.splits}
        FORMATS[name].write(_with(source, cut.__getitem__), out)

    def _stop():
        raise KeyboardInterrupt
        yield

    def _with(source, items):
        import dataclasses

        return dataclasses.replace(source, items=items)

    class Stopping:
        write = staticmethod(few)

    monkeypatch.setattr("render.item_batches.IMAGES_AT_ONCE", 2)
    with monkeypatch.context() as patch:
        patch.setattr("render.export.FORMATS", {name: Stopping})
        with pytest.raises(KeyboardInterrupt):
            export(dataset, name, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    unfinished = next(tmp_path.glob(".out.*.part"))
    (unfinished / ".torn.jpg.7.part").write_bytes(b"half")
    halves = [p for p in _files(unfinished) if p.suffix in (".jpg", ".txt", ".xml")][::2]
    assert halves or name in ("webdataset", "parquet")
    for half in halves:
        half.write_bytes(half.read_bytes()[:-1])
    export(dataset, name, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    here = {p.relative_to(tmp_path / "out"): p.read_bytes() for p in _files(tmp_path / "out")}
    first = exported(name)
    assert here == {p.relative_to(first): p.read_bytes() for p in _files(first)}


@pytest.mark.parametrize("name", list(FORMATS))
def test_labels_that_are_read_as_columns_or_written_in_another_way_give_the_same_export(
    name, dataset, exported, native, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("render.label_runs.WORTH_BYTES", 0)
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    (other / "annotations/train.json").write_text(json.dumps(native, indent=1), encoding="utf-8")
    for taxonomy in ("driving", "vehicle"):
        first = exported(name, taxonomy)
        for given in (dataset, other):
            out = tmp_path / f"{taxonomy}-{given.name}"
            export(given, name, out, taxonomy)
            here = {p.relative_to(out): p.read_bytes() for p in _files(out)}
            assert here == {p.relative_to(first): p.read_bytes() for p in _files(first)}


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


# --- each format ---


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


def test_taxonomy_coco_speaks_the_numbers_of_coco_2017(exported, native) -> None:
    coco = json.loads((exported("coco", "coco") / "annotations/instances_train.json").read_text())
    ids = {c["name"]: c["id"] for c in coco["categories"]}
    assert len(ids) == 80
    # the ids and the positions that every network trained on COCO 2017 was given
    known = {"person": 1, "car": 3, "bus": 6, "truck": 8, "traffic light": 10, "stop sign": 13,
             "toothbrush": 90, "bed": 65, "tv": 72}  # fmt: skip
    assert {name: ids[name] for name in known} == known
    table = {"stop_sign": "stop sign", "car": "car", "truck": "truck", "bus": "bus"}
    own = {c["id"]: c["name"] for c in native["categories"]}
    expected = [ids[table.get(own[a["category_id"]], "traffic light")] for a in
                native["annotations"]]  # fmt: skip
    assert [a["category_id"] for a in coco["annotations"]] == expected
    names = yaml.safe_load((exported("yolo", "coco") / "data.yaml").read_text())["names"]
    assert (names[0], names[2], names[7], names[9], names[11]) == (
        "person", "car", "truck", "traffic light", "stop sign",
    )  # fmt: skip


def test_taxonomy_vehicle_keeps_vehicles_as_one_class(exported, native) -> None:
    coco = json.loads(
        (exported("coco", "vehicle") / "annotations/instances_train.json").read_text()
    )
    assert [c["name"] for c in coco["categories"]] == ["vehicle"]
    names = {c["id"]: c["name"] for c in native["categories"]}
    kept = [a["id"] for a in native["annotations"] if names[a["category_id"]] in
            {"car", "truck", "bus", "motorcycle"}]  # fmt: skip
    assert [a["id"] for a in coco["annotations"]] == kept


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


@pytest.mark.parametrize("name", ["webdataset", "parquet"])
def test_an_image_that_becomes_shorter_while_it_is_read_is_named(
    name, dataset, tmp_path, monkeypatch
) -> None:
    module = {"webdataset": webdataset, "parquet": parquet}[name]
    read = {"webdataset": "append_file", "parquet": "read_into"}[name]
    whole = getattr(module, read)
    monkeypatch.setattr(module, read, lambda *given: whole(*given) - 1)
    with pytest.raises(DataError, match=r"images/train/.*\.jpg: has changed while it was read"):
        export(dataset, name, tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_image_that_vanishes_while_it_is_exported_is_named(
    name, dataset, tmp_path, monkeypatch
) -> None:
    gone = dataset / "images/train/gone.jpg"
    monkeypatch.setattr("render.export.PlainFiles.find", lambda *_: str(gone))
    with pytest.raises(DataError, match=r"train/gone\.jpg: cannot be read \(No such.*verify"):
        export(dataset, name, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_parquet_groups_are_cut_before_their_images_are_too_many_bytes(
    dataset, exported, tmp_path, monkeypatch
) -> None:
    sizes = [p.stat().st_size for p in sorted((dataset / "images/train").iterdir())]
    monkeypatch.setattr(parquet, "BYTES_A_GROUP", max(sizes) + min(sizes) // 2)
    export(dataset, "parquet", tmp_path / "out")
    ours, whole = (next((p / "data").iterdir()) for p in (tmp_path / "out", exported("parquet")))
    assert pq.ParquetFile(ours).num_row_groups == len(sizes)
    assert pq.read_table(ours).equals(pq.read_table(whole))


def test_a_file_has_the_same_bytes_however_small_the_pieces_are_in_which_it_is_written(
    dataset, exported, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("render.files.AT_ONCE", 1000)
    for name in ("parquet", "webdataset"):
        export(dataset, name, tmp_path / name)
        for path in _files(tmp_path / name):
            whole = exported(name) / path.relative_to(tmp_path / name)
            assert path.read_bytes() == whole.read_bytes()


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
    item = Item({}, "a.jpg", dataclasses.replace(labels, classes=[0, 2]))
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


# --- the source ---


def test_a_source_reads_what_the_store_reads(dataset) -> None:
    opened = open_dataset(dataset)
    truth = read_splits(opened)
    items = list(open_source(opened).items("train"))
    assert [i.path for i in items] == list(truth.path)
    classes = [k for i in items for k in i.labels.classes]
    assert classes == truth.category.tolist()


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_records_are_read_alike_whatever_the_size_of_the_pieces(
    tmp_path, monkeypatch, chunk
) -> None:
    path = tmp_path / "x.json"
    content = {
        "a": [{"n": 12345}], "b": {"annotations": [1]}, "c": "]}", "images": [],
        "annotations": [{"k": i, "t": 'ü"]', "l": [1.5, -2e3]} for i in range(30)], "z": 1,
    }  # fmt: skip
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    monkeypatch.setattr("render.json_stream.CHUNK", chunk)
    assert list(records_of(path, "annotations")) == content["annotations"]
    assert list(records_of(path, "images")) == []
    with pytest.raises(DataError, match="no list 'none'"):
        list(records_of(path, "none"))


def test_a_toy_without_masks_or_oriented_boxes_is_refused_only_where_masks_are_needed(
    tmp_path,
) -> None:
    data = write_toy(tmp_path / "toy", 2)
    export(data, "yolo_obb", tmp_path / "obb")
    with pytest.raises(DataError, match="no run-length mask"):
        export(data, "yolo_seg", tmp_path / "seg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["obb", "toy"]


def test_unknown_names_are_offered_the_nearest(dataset, tmp_path) -> None:
    with pytest.raises(ConfigError, match="'yolo_seg'"):
        export(dataset, "yolo_segm", tmp_path / "x")
    with pytest.raises(ConfigError, match="'vehicle'"):
        export(dataset, "yolo", tmp_path / "x", "vehicles")


def test_labels_out_of_the_order_of_their_images_are_named(tmp_path) -> None:
    data = write_toy(tmp_path / "toy", 2)
    file = data / "annotations/train.json"
    coco = json.loads(file.read_text())
    coco["annotations"].reverse()
    file.write_text(json.dumps(coco))
    with pytest.raises(DataError, match=r"annotations\[6\]: image_id 1 is not .* or out of its"):
        export(data, "coco", tmp_path / "x")


OURS = [
    {"id": i, "n": {"x": [{"a": i / 7}, {"b": "},{"}]}, "w": 'é "},{" [' * (i % 3)}
    for i in range(500)
]


@pytest.mark.parametrize("chunk", [100, 1000, 1 << 20])
def test_records_as_we_write_them_are_read_as_any_reader_does(chunk, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("render.json_stream.CHUNK", chunk)
    path = tmp_path / "c.json"
    path.write_bytes(orjson.dumps({"images": OURS, "annotations": OURS[::-1], "categories": []}))
    assert list(records_of(path, "images")) == OURS
    assert list(records_of(path, "annotations")) == OURS[::-1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{"id":301,', '{"id":301,"id":7,', "the key 'id' is there twice"),
        ('{"id":301,', '{"id":NaN,', "NaN is no number"),
        ('{"id":301,', '7,{"id":301,', r"images\[301\]"),
        ('{"id":301,', '{"id":301;', "not valid JSON"),
    ],
)
def test_what_is_wrong_among_many_records_as_we_write_them_is_still_named(
    old, new, said, tmp_path
) -> None:
    path = tmp_path / "c.json"
    path.write_text(orjson.dumps({"images": OURS}).decode().replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        list(records_of(path, "images"))
