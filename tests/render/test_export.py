"""What is true of an export in any format: equal bytes, going on, taxonomies, what is refused."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from pathlib import Path

import pytest
import yaml

from render.export import export, open_source
from render.formats import FORMATS
from render.store import open_dataset, read_splits
from simulator.errors import ConfigError, DataError, OutputError
from tests.conftest import PROJECT
from tests.training.toy import write_toy


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
        FORMATS[name].write(dataclasses.replace(source, items=cut.__getitem__), out)

    def _stop():
        raise KeyboardInterrupt
        yield

    class Stopping:
        write = staticmethod(few)

    first = exported(name)
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
    assert here == {p.relative_to(first): p.read_bytes() for p in _files(first)}


@pytest.mark.parametrize("name", list(FORMATS))
def test_labels_that_are_read_as_columns_or_written_in_another_way_give_the_same_export(
    name, dataset, exported, native, tmp_path, monkeypatch
) -> None:
    whole = {taxonomy: exported(name, taxonomy) for taxonomy in ("driving", "vehicle")}
    monkeypatch.setattr("render.label_runs.WORTH_BYTES", 0)
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    (other / "annotations/train.json").write_text(json.dumps(native, indent=1), encoding="utf-8")
    for taxonomy, first in whole.items():
        for given in (dataset, other):
            out = tmp_path / f"{taxonomy}-{given.name}"
            export(given, name, out, taxonomy)
            here = {p.relative_to(out): p.read_bytes() for p in _files(out)}
            assert here == {p.relative_to(first): p.read_bytes() for p in _files(first)}


def test_a_file_has_the_same_bytes_however_small_the_pieces_are_in_which_it_is_written(
    dataset, exported, tmp_path, monkeypatch
) -> None:
    whole = {name: exported(name) for name in ("parquet", "webdataset")}
    monkeypatch.setattr("render.files.AT_ONCE", 1000)
    for name, first in whole.items():
        export(dataset, name, tmp_path / name)
        for path in _files(tmp_path / name):
            assert path.read_bytes() == (first / path.relative_to(tmp_path / name)).read_bytes()


# --- taxonomies ---


def test_classes_that_coco_knows_have_its_supercategories(native) -> None:
    parents = {c["name"]: c["supercategory"] for c in native["categories"]}
    vehicles = ("car", "truck", "bus", "motorcycle", "bicycle")
    assert {name: parents.pop(name) for name in vehicles} == dict.fromkeys(vehicles, "vehicle")
    assert (parents.pop("pedestrian"), parents.pop("stop_sign")) == ("person", "sign")
    assert set(parents.values()) == {"signal"}


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


# --- what is read, and what is refused ---


def test_a_source_reads_what_the_store_reads(dataset) -> None:
    opened = open_dataset(dataset)
    truth = read_splits(opened)
    items = list(open_source(opened).items("train"))
    assert [i.path for i in items] == list(truth.path)
    classes = [k for i in items for k in i.labels.classes]
    assert classes == truth.category.tolist()


@pytest.mark.parametrize(
    ("name", "reader"),
    [("webdataset", "render.formats.webdataset.add_file"), ("parquet", "render.files.os.readv")],
)
def test_an_image_that_becomes_shorter_while_it_is_read_is_named(
    name, reader, dataset, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(reader, lambda *_: 0)
    with pytest.raises(DataError, match=r"images/train/.*\.jpg: has changed while it was read"):
        export(dataset, name, tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_image_that_vanishes_while_it_is_exported_is_named(
    name, dataset, tmp_path, monkeypatch
) -> None:
    gone = dataset / "images/train/gone.jpg"
    monkeypatch.setattr("render.export.PlainFiles.find", lambda *_: (str(gone), 1))
    with pytest.raises(DataError, match=r"train/gone\.jpg: cannot be read \(No such.*verify"):
        export(dataset, name, tmp_path / "x")
    assert not list(tmp_path.iterdir())


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


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


@pytest.mark.parametrize("word", [".", "", "mount"])
def test_a_folder_whose_place_cannot_be_taken_is_refused_before_anything_is_made(
    dataset, tmp_path, monkeypatch, word
):
    monkeypatch.chdir(tmp_path)
    if word == "mount":
        Path(word).mkdir()
        monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path / word)
    with pytest.raises(OutputError, match="Give a folder in it"):
        export(dataset, "yolo", word)
    assert [p for p in tmp_path.rglob("*") if p.name != "mount"] == []
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


@pytest.mark.parametrize("there", [True, False])
def test_an_export_goes_where_a_link_leads(dataset, tmp_path, there):
    target, link = tmp_path / "disk" / "target", tmp_path / "link"
    (target if there else target.parent).mkdir(parents=True)
    link.symlink_to(target)
    export(dataset, "yolo", link)
    assert link.is_symlink()
    assert (target / "data.yaml").is_file()
    assert {p.name for p in target.parent.iterdir()} == {"target"}
