"""Datasets on disk: the same bytes whoever makes them, and nothing lost, hidden or half-written."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from pycocotools.coco import COCO

from render import scene_job
from render.config import GenerateConfig
from render.executor import run_scenes
from render.export import export
from render.exposure import light_up
from render.files import write_bytes
from render.generate import generate
from render.manifest import MANIFEST, read_manifest
from render.picture import draw, prepare
from render.provenance import PROVENANCE
from render.record import load_record, render_stored
from render.verify import verify
from scenarios.config import CameraConfig
from simulator.errors import ConfigError, DataError, OutputError

SMALL = {
    "seed": 5, "scenes": 4, "frames_per_scene": 2,
    "conditions": ("clear", {"fog": {"visibility_m": 90}}),
    "camera": CameraConfig(width_px=256, height_px=256, m_per_px=0.2), "workers": 1, "image": "png",
    "maps": ("semantic", "height"),
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    return generate(GenerateConfig(out=str(tmp_path_factory.mktemp("data") / "d"), **SMALL))


def root_hash(folder: Path) -> str:
    return verify(folder).root_hash


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_makes_the_same_bytes(dataset, tmp_path, workers):
    again = generate(GenerateConfig(out=str(tmp_path / "d"), **{**SMALL, "workers": workers}))
    assert root_hash(again) == root_hash(dataset)


def test_scenes_made_in_another_order_give_the_same_bytes(dataset, tmp_path, monkeypatch):
    def backwards(work, config, indices, workers):
        return run_scenes(work, config, list(indices)[::-1], workers)

    monkeypatch.setattr("render.generate.run_scenes", backwards)
    again = generate(GenerateConfig(out=str(tmp_path / "d"), **SMALL))
    assert root_hash(again) == root_hash(dataset)


def test_labels_put_into_words_frame_by_frame_give_the_same_bytes(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("render.part.IMAGES_AT_ONCE", 1)
    again = generate(GenerateConfig(out=str(tmp_path / "d"), **SMALL))
    assert root_hash(again) == root_hash(dataset)


def test_parts_that_are_merged_one_by_one_give_the_same_dataset(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("render.merge.BYTES_AT_ONCE", 1)
    again = generate(GenerateConfig(out=str(tmp_path / "d"), **SMALL))
    for name in ("annotations/train.json", "dataset.json"):
        assert (again / name).read_bytes() == (dataset / name).read_bytes()
    for name in ("frames.parquet", "objects.parquet"):
        assert pq.read_table(again / name).equals(pq.read_table(dataset / name))


def test_a_run_that_is_killed_and_started_again_gives_the_same_bytes(dataset, tmp_path):
    out = tmp_path / "d"
    words = [
        f"out={out}", "seed=5", "scenes=4", "frames_per_scene=2", "workers=2", "image=png",
        "maps=[semantic,height]", "conditions=[clear,{fog: {visibility_m: 90}}]",
        "camera.width_px=256", "camera.height_px=256", "camera.m_per_px=0.2",
    ]  # fmt: skip
    command = [sys.executable, "-m", "fairweather", "generate", *words]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list((out / scene_job.WORK).glob("[0-9]*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    if (out / scene_job.WORK).is_dir():
        torn = out / "images" / "train" / "000003_0001_clear.png"
        torn.parent.mkdir(parents=True, exist_ok=True)
        torn.write_bytes(b"half a picture")
        first = next(iter(sorted((out / scene_job.WORK).glob("[0-9]*.part"))), None)
        if first is not None:
            spoiled = json.loads(first.read_bytes().partition(b"\n")[0])["files"][0][0]
            (out / spoiled).write_bytes(b"spoiled after it was done")
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert verify(out).problems == ()
    assert root_hash(out) == root_hash(dataset)


@pytest.mark.parametrize("last", ["write_bytes", "rmtree"])
def test_a_run_that_is_killed_at_its_very_end_is_finished_by_the_next(
    dataset, tmp_path, monkeypatch, last
):
    config = GenerateConfig(out=str(tmp_path / "d"), **{**SMALL, "scenes": 1})

    def killed(path, *rest):
        if last == "write_bytes" and path.name != MANIFEST:
            return write_bytes(path, *rest)
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(
            "shutil.rmtree" if last == "rmtree" else "render.generate.write_bytes", killed
        )
        with pytest.raises(RuntimeError):
            generate(config)
    generate(config)
    assert verify(tmp_path / "d").problems == ()
    assert (tmp_path / "d" / PROVENANCE).is_file()
    assert not (tmp_path / "d" / scene_job.WORK).exists()


@pytest.mark.parametrize("kept", [0, 1, 3, -1])
def test_a_manifest_that_was_cut_off_is_not_taken_for_that_of_a_finished_dataset(
    dataset, tmp_path, kept
):
    copy = tmp_path / "d"
    shutil.copytree(dataset, copy)
    lines = (copy / MANIFEST).read_text().splitlines(keepends=True)
    lines = [line for line in lines if not line.partition("  ")[2].startswith("semantic")]
    (copy / MANIFEST).write_text("".join(lines[:kept]))
    with pytest.raises(DataError, match="does not name .* it was cut off"):
        generate(GenerateConfig(out=str(copy), **SMALL))


def test_the_manifest_lists_every_file_and_a_second_reader_agrees(dataset):
    files = {p.relative_to(dataset).as_posix() for p in dataset.rglob("*") if p.is_file()}
    assert files - {MANIFEST, PROVENANCE} == set(read_manifest(dataset))
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", MANIFEST], cwd=dataset, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr


def test_a_frame_rendered_alone_from_its_record_is_the_frame_of_the_batch(dataset):
    coco = json.loads((dataset / "annotations" / "train.json").read_text())
    image = next(i for i in coco["images"] if i["attributes"]["condition"].startswith("fog"))
    facts = image["attributes"]
    data = (dataset / "scenes" / f"{facts['scene']}.json").read_bytes()
    record = load_record(data, "scene")
    label, number = facts["condition"], facts["frame"]
    ground = prepare(record.scene)
    frame = render_stored(
        record, ground, draw(ground, record.track(label)[number]),
        light_up(ground, record.conditions[label]), label, number,
    )  # fmt: skip
    written = cv2.imread(str(dataset / image["file_name"]), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(frame.bgr, written)
    mask = cv2.imread(str(dataset / facts["mask"]), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(frame.ids, mask)
    boxes = sorted(a["bbox"] for a in coco["annotations"] if a["image_id"] == image["id"])
    corners = frame.annotations.box_px.tolist()
    assert boxes == sorted([x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in corners)


def test_verify_names_a_changed_a_missing_and_an_extra_file(dataset, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    names = sorted(n for n in read_manifest(copy) if n.startswith("images/"))
    data = bytearray((copy / names[0]).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / names[0]).write_bytes(bytes(data))
    (copy / names[1]).unlink()
    (copy / "images" / "train" / "stranger.png").write_bytes(b"x")
    problems = verify(copy).problems
    assert problems == (
        f"missing: {names[1]}", "extra: images/train/stranger.png", f"changed: {names[0]}",
    )  # fmt: skip


def test_verify_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / MANIFEST).write_text(f"{'0' * 64}  pipe\n")
    assert verify(tmp_path).problems == ("not a file: pipe",)


def test_a_manifest_that_points_outside_is_refused(tmp_path):
    (tmp_path / MANIFEST).write_text(f"{'0' * 64}  ../secret\n")
    with pytest.raises(DataError, match="outside"):
        verify(tmp_path)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_coco_holds_masks_attributes_and_twins_with_equal_geometry(dataset, capsys):
    coco: Any = COCO(str(dataset / "annotations" / "train.json"))  # its stubs know no attributes
    assert [c["name"] for c in coco.cats.values()][:4] == ["car", "truck", "bus", "stop_sign"]
    twins: dict[tuple[int, int], list[dict]] = {}
    for image in coco.imgs.values():
        facts = image["attributes"]
        twins.setdefault((facts["scene_index"], facts["frame"]), []).append(image)
    assert len(twins) == 8
    assert all(len(v) == 2 for v in twins.values())
    for clear, fog in twins.values():
        assert clear["attributes"]["geometry_sha256"] == fog["attributes"]["geometry_sha256"]
        assert clear["attributes"]["mor_m"] > fog["attributes"]["mor_m"]
        mask = cv2.imread(str(dataset / clear["attributes"]["mask"]), cv2.IMREAD_UNCHANGED)
        pairs = zip(coco.imgToAnns[clear["id"]], coco.imgToAnns[fog["id"]], strict=True)
        for a, b in pairs:
            assert a["bbox"] == b["bbox"]
            assert a["segmentation"] == b["segmentation"]
            assert np.array_equal(coco.annToMask(a) > 0, mask == a["attributes"]["instance_id"])
            assert a["area"] == coco.annToMask(a).sum()


def test_the_tables_hold_the_same_truth_as_the_annotations(dataset):
    coco = json.loads((dataset / "annotations" / "train.json").read_text())
    objects = pq.read_table(dataset / "objects.parquet").to_pylist()
    frames = pq.read_table(dataset / "frames.parquet").to_pylist()
    assert len(objects) == len(coco["annotations"])
    assert len(frames) == len(coco["images"])
    for row, annotation in zip(objects, coco["annotations"], strict=True):
        assert row["annotation_id"] == annotation["id"]
        assert [row["x"], row["y"], row["w"], row["h"]] == annotation["bbox"]
    assert [f["file_name"] for f in frames] == [i["file_name"] for i in coco["images"]]


def test_the_croissant_metadata_names_each_table_with_its_hash_and_columns(dataset):
    card = json.loads((dataset / "croissant.json").read_text())
    hashes = read_manifest(dataset)
    urls = {f["@id"]: f["contentUrl"] for f in card["distribution"] if "contentUrl" in f}
    for file in card["distribution"]:
        assert file["@id"] not in urls or file["sha256"] == hashes[urls[file["@id"]]]
    for records in (r for r in card["recordSet"] if r["name"] in ("objects", "frames")):
        sources = [field["source"] for field in records["field"]]
        (table,) = {source["fileObject"]["@id"] for source in sources}
        told = [source["extract"]["column"] for source in sources]
        assert told == pq.read_schema(dataset / urls[table]).names


def test_closed_loop_twins_move_apart_and_say_so(tmp_path):
    settings = {**SMALL, "scenes": 1, "twins": "closed", "conditions": ("clear", "snow")}
    folder = generate(GenerateConfig(out=str(tmp_path / "d"), **settings))
    info = json.loads((folder / "dataset.json").read_text())
    coco = json.loads((folder / "annotations" / "train.json").read_text())
    hashes = {i["attributes"]["geometry_sha256"] for i in coco["images"]}
    assert info["twins"] == "closed_loop"
    assert len(hashes) == 2


def test_a_folder_with_another_dataset_is_left_alone(dataset):
    before = root_hash(dataset)
    with pytest.raises(OutputError, match=r"other settings: seed is \d+ there, 6 here"):
        generate(GenerateConfig(out=str(dataset), **{**SMALL, "seed": 6}))
    finer = dataclasses.replace(SMALL["camera"], m_per_px=0.1)
    with pytest.raises(OutputError, match=r"camera.m_per_px is 0.2 there, 0.1 here"):
        generate(GenerateConfig(out=str(dataset), **{**SMALL, "camera": finer}))
    with pytest.raises(OutputError, match="maps is .*'height'.* there, not set here"):
        generate(GenerateConfig(out=str(dataset), **{**SMALL, "maps": ()}))
    assert generate(GenerateConfig(out=str(dataset), **SMALL)) == dataset
    assert root_hash(dataset) == before


def test_a_folder_with_strange_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        generate(GenerateConfig(out=str(tmp_path), **SMALL))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conditions": ("clear", "clear")}, "twice"),
        ({"frame_rate_hz": 30.0}, "frame_rate_hz"),
        ({"layouts": ("strait",)}, "straight"),
        ({"conditions": ("fogg",)}, "fog"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_written(tmp_path, changes, words):
    with pytest.raises(ConfigError, match=words):
        generate(GenerateConfig(out=str(tmp_path / "d"), **{**SMALL, **changes}))
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_nothing_behind(dataset, tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    shutil.copytree(dataset, broken)
    next((broken / "images" / "train").iterdir()).unlink()
    with pytest.raises(DataError, match="is missing"):
        export(broken, "yolo", tmp_path / "y")

    def full(*_: object) -> str:
        raise OutputError("the disk is full")

    monkeypatch.setattr("render.yolo_files.copy_image", full)
    with pytest.raises(OutputError, match="full"):
        export(dataset, "yolo", tmp_path / "y")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken"]


# --- what others did to the folder ---


@pytest.fixture
def unfinished(tmp_path, monkeypatch) -> Path:
    """A folder whose scenes are done and whose tables are not."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("render.generate._finish", stop)
        with pytest.raises(KeyboardInterrupt):
            generate(GenerateConfig(out=str(tmp_path / "d"), **SMALL))
    return tmp_path / "d"


@pytest.mark.parametrize(
    "damage",
    [
        lambda part: b"", lambda part: part[: len(part) // 2], lambda part: b"\xff" * 99,
        lambda part: b"[" * 100_000, lambda part: part.split(b"\n")[0],
        lambda part: b'{"files":[]}',
        lambda part: part.replace(b'"category_id":1', b'"category_id":9'),
    ],
)  # fmt: skip
def test_a_scene_whose_part_file_was_changed_is_made_again(dataset, unfinished, damage):
    part = unfinished / scene_job.WORK / "000000.part"
    part.write_bytes(damage(part.read_bytes()))
    assert root_hash(generate(GenerateConfig(out=str(unfinished), **SMALL))) == root_hash(dataset)


def test_what_a_link_leads_to_and_files_of_others_outlive_an_interrupted_run(dataset, unfinished):
    precious = unfinished.with_name("precious")
    precious.write_text("mine")
    image = next(iter((unfinished / "images/train").iterdir()))
    image.unlink()
    image.symlink_to(precious)
    (unfinished / "mine.part").write_text("mine")
    (unfinished / ".dataset.json.77.part").write_text("half")
    generate(GenerateConfig(out=str(unfinished), **SMALL))
    assert precious.read_text() == "mine"
    assert verify(unfinished).problems == ("extra: mine.part",)


@pytest.mark.parametrize("text", ["[]", "[" * 100_000, "", "{"])
def test_a_finished_dataset_with_a_broken_description_is_named_in_one_line(tmp_path, text):
    (tmp_path / MANIFEST).write_text("")
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(DataError, match=r"no readable dataset\.json"):
        generate(GenerateConfig(out=str(tmp_path), **SMALL))


def test_a_frame_without_any_object_is_a_frame(tmp_path):
    camera = CameraConfig(width_px=64, height_px=64, m_per_px=0.02)
    settings = {**SMALL, "scenes": 3, "warm_up_s": 0.0, "camera": camera}
    folder = generate(GenerateConfig(out=str(tmp_path / "d"), **settings))
    coco = json.loads((folder / "annotations/train.json").read_text())
    assert {i["id"] for i in coco["images"]} > {a["image_id"] for a in coco["annotations"]}


@pytest.mark.parametrize("name", ["yolo", "coco"])
@pytest.mark.parametrize("key", ["bbox", "image_id", "category_id"])
def test_an_export_refuses_records_that_are_broken(dataset, tmp_path, name, key):
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    file = copy / "annotations/train.json"
    coco = json.loads(file.read_text())
    coco["annotations"][0][key] = ["x"]
    file.write_text(json.dumps(coco))
    with pytest.raises(DataError, match=r"annotations\[0\]"):
        export(copy, name, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"lens_drop": 0.5}, "lens_drops"),
        ({"lens_drops": 1.5}, "0 to 1"),
        ({"fog_patches": [0, 2]}, "0 to 1"),
    ],
)
def test_quantities_that_no_effect_knows_or_allows_are_refused(tmp_path, extra, words):
    config = GenerateConfig(out=str(tmp_path / "d"), conditions=({"fog": {"extra": extra}},))
    with pytest.raises(ConfigError, match=words):
        generate(config)
    assert not (tmp_path / "d").exists()
