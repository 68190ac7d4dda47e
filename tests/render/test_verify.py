"""Verify in three depths: what each finds, where it says it is, and how sure it can be."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from render.config import GenerateConfig, VerifyConfig
from render.generate import generate
from render.likeness import picture_problem
from render.manifest import MANIFEST, manifest_text, read_manifest, sha256_file
from render.provenance import PROVENANCE, same_machine
from render.regenerate import Regenerated, regenerate
from render.verify import verify, verify_deep
from scenarios.config import CameraConfig
from simulator.errors import DataError
from simulator.seeding import stream


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    config = GenerateConfig(
        out=str(tmp_path_factory.mktemp("data") / "d"), seed=7, scenes=3, frames_per_scene=1,
        conditions=("fog", "clear"), image="png", workers=1, maps=("semantic", "height"),
        camera=CameraConfig(width_px=256, height_px=256, m_per_px=0.2),
    )  # fmt: skip
    return generate(config)


@pytest.fixture
def copy(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "d")
    return tmp_path / "d"


def forge(folder: Path) -> None:
    """Make all hashes anew, as somebody would who edits a dataset and wants nobody to know."""
    names = read_manifest(folder)
    hashes = [(name, sha256_file(folder / name)) for name in names]
    (folder / MANIFEST).write_text(manifest_text(hashes))
    assert verify(folder).problems == ()


def another_machine(folder: Path) -> None:
    told = json.loads((folder / PROVENANCE).read_text())
    told["processor"]["features"] = ["+sse2"]
    (folder / PROVENANCE).write_text(json.dumps(told))


def all_of(folder: Path, **more) -> tuple[str, ...]:
    return regenerate(folder, 100, 1, **more).problems


# --- drawing again ---


def test_a_dataset_as_it_was_made_is_drawn_again_to_the_byte(made) -> None:
    assert same_machine(made)
    found = regenerate(made, 4, seed=3)
    assert (found.problems, found.frames, found.of, found.exact) == ((), 4, 6, True)
    report = verify_deep(VerifyConfig(data=str(made), sample=4, seed=3))
    assert report.problems == ()
    assert "equal to the byte" in report.said[1]
    assert "seed=3" in report.said[2]


def test_a_frame_drawn_after_another_is_the_frame_drawn_alone(tmp_path) -> None:
    # here as many vehicles have moved out of sight as stand in the shadow of one that moved
    config = GenerateConfig(
        out=str(tmp_path / "d"), seed=21, scenes=1, frames_per_scene=2, frame_rate_hz=5.0,
        layouts=("crossroads_stop",), image="png", workers=1,
        camera=CameraConfig(width_px=192, height_px=192, m_per_px=0.2, spread_m=2.0),
    )  # fmt: skip
    assert all_of(generate(config)) == ()


def test_on_another_machine_it_passes_too_and_says_what_could_hide(copy) -> None:
    another_machine(copy)
    report = verify_deep(VerifyConfig(data=str(copy), sample=100, seed=3))
    assert report.problems == ()
    assert "an edit below that could hide" in report.said[1]
    assert verify(copy).root_hash == report.root_hash  # the provenance is not in it
    (copy / PROVENANCE).unlink()
    assert all_of(copy) == ()


def _coco(change):
    def edit(folder: Path) -> None:
        file = folder / "annotations/train.json"
        coco = json.loads(file.read_text())
        change(coco)
        file.write_text(json.dumps(coco))

    return edit


def _moved(coco: dict) -> None:
    coco["annotations"][0]["bbox"][0] += 1


def _renamed(coco: dict) -> None:
    coco["annotations"][0]["category_id"] = 3


def _lost(coco: dict) -> None:
    del coco["annotations"][0]


def _invented(coco: dict) -> None:
    label = json.loads(json.dumps(coco["annotations"][0]))
    label["id"] += 500
    coco["annotations"].insert(1, label)


def _weather(coco: dict) -> None:
    coco["images"][0]["attributes"]["conditions"]["rain_mm_h"] = 4.0


def _mask(folder: Path) -> None:
    file = next(iter(sorted((folder / "masks/train").iterdir())))
    ids = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    ids[10:14, 10:14] = 1
    cv2.imwrite(str(file), ids)


def _map(which: str):
    def edit(folder: Path) -> None:
        file = next(iter(sorted((folder / which / "train").iterdir())))
        plane = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        plane[20, 30] ^= 1
        cv2.imwrite(str(file), plane)

    return edit


def _map_of_colours(folder: Path) -> None:
    file = folder / "height/train/000001_0000.png"
    cv2.imwrite(str(file), cv2.imread(str(file), cv2.IMREAD_COLOR))


def _unnamed_map(coco: dict) -> None:
    coco["images"][0]["attributes"]["maps"]["height"] = "masks/train/000000_0000.png"


def _state(folder: Path) -> None:
    file = folder / "scenes/000001.json"
    record = json.loads(file.read_text())
    state = record["tracks"]["all"][0]
    state["x_m"][0] += 2.0
    file.write_text(json.dumps(record, sort_keys=True, separators=(",", ":")))


def _row(folder: Path) -> None:
    table = pq.read_table(folder / "objects.parquet")
    values = table["occlusion"].to_pylist()
    values[0] = 0.9
    place = table.column_names.index("occlusion")
    table = table.set_column(place, table.field(place), [pa.array(values, pa.float32())])
    pq.write_table(table, folder / "objects.parquet")


EDITS = [
    (_coco(_moved), r"train\.json: image \d+: its annotations: \[0\]\.bbox\[0\] is"),
    (_coco(_renamed), r"its annotations: \[0\]\.category_id is 3"),
    (_coco(_lost), r"its annotations: it has \d+ entries"),
    (_coco(_invented), r"its annotations: it has \d+ entries"),
    (_coco(_weather), r"image 1: attributes\.conditions\.rain_mm_h is 4\.0, not 0\.0"),
    (_mask, r"masks/train/000000_0000\.png: is not the mask"),
    (_map("semantic"), r"semantic/train/000000_0000\.png: is not the semantic map"),
    (_map("height"), r"height/train/000000_0000\.png: is not the height map"),
    (_map_of_colours, r"height/train/000001_0000\.png: is n"),
    (_coco(_unnamed_map), r"image 1: attributes\.maps\.height is"),
    (_state, r"scenes/000001\.json: differs from its replay: tracks\.all\[0\]\.x_m\[0\]"),
    (_row, r"objects\.parquet: image 1: \[0\]\.occlusion is 0\.8999"),
]


@pytest.mark.parametrize("foreign", [False, True], ids=["same machine", "another machine"])
@pytest.mark.parametrize(("edit", "said"), EDITS)
def test_an_edit_is_found_and_located_although_all_hashes_were_made_anew(
    edit, said, foreign, copy
) -> None:
    edit(copy)
    forge(copy)
    if foreign:
        another_machine(copy)
    problems = all_of(copy)
    assert re.search(said, problems[0]), problems
    assert len(set(problems)) == len(problems)


@pytest.mark.parametrize("foreign", [False, True], ids=["same machine", "another machine"])
def test_five_grey_levels_on_a_small_sign_are_found(foreign, copy) -> None:
    file = copy / "images/train/000002_0000_fog.png"
    picture = cv2.imread(str(file))
    picture[100:110, 60:70] += np.uint8(5)
    cv2.imwrite(str(file), picture)
    forge(copy)
    if foreign:
        another_machine(copy)
    (problem,) = all_of(copy)
    assert problem.startswith("images/train/000002_0000_fog.png: is not the picture of its scene")
    assert "levels off around x 64, y 104" in problem


def test_rounding_of_another_processor_is_no_edit() -> None:
    rng = stream(0, 0, "test/rounding")
    picture = rng.integers(0, 256, (256, 256, 3)).astype(np.uint8)
    off = np.clip(picture + rng.integers(-1, 2, picture.shape), 0, 255).astype(np.uint8)
    some = rng.random((256, 256)) < 0.0005
    off[some] = np.where(picture[some] > 128, picture[some] - 20, picture[some] + 20)
    assert picture_problem(off, picture) == ""
    off[rng.random((256, 256)) < 0.002] ^= 16
    assert picture_problem(off, picture) != ""


def test_a_picture_of_another_scene_is_found(copy) -> None:
    images = sorted((copy / "images/train").iterdir())
    images[0].write_bytes(images[2].read_bytes())
    forge(copy)
    assert any(p.startswith(f"images/train/{images[0].name}: is not") for p in all_of(copy))


# --- how sure ---


def test_the_stated_probability_is_that_of_drawing_without_putting_back() -> None:
    def report(frames: int, of: int) -> Regenerated:
        return Regenerated((), frames, of, 1, True, 0)

    missed = math.comb(990, 300) / math.comb(1000, 300)
    assert report(300, 1000).found_with(0.01) == pytest.approx(1 - missed)
    assert report(300, 10**7).found_with(0.01) == pytest.approx(1 - 0.99**300, abs=1e-4)
    assert report(300, 10**7).found_with(0.01) > 0.95
    assert report(5, 10).found_with(0) == pytest.approx(0.5)
    assert report(10, 10).found_with(0.01) == 1


def test_three_hundred_of_many_meet_one_percent_of_edits_as_often_as_is_said() -> None:
    edited = 40  # of 4000
    met = sum(
        stream(trial, 0, "verify/sample").permutation(4000)[:300].min() < edited
        for trial in range(400)
    )
    said = Regenerated((), 300, 4000, 1, True, 0).found_with(0.01)
    assert said > 0.95
    assert met / 400 == pytest.approx(said, abs=0.03)


# --- structure ---


def _missing_mask(folder: Path) -> None:
    next((folder / "masks/train").iterdir()).unlink()


def _other_size(folder: Path) -> None:
    file = next(iter(sorted((folder / "images/train").iterdir())))
    cv2.imwrite(str(file), np.zeros((8, 9, 3), np.uint8))


def _short_table(folder: Path) -> None:
    table = pq.read_table(folder / "objects.parquet")
    pq.write_table(table.slice(1), folder / "objects.parquet")


def _missing_map(folder: Path) -> None:
    next((folder / "height/train").iterdir()).unlink()


def _small_map(folder: Path) -> None:
    cv2.imwrite(str(folder / "semantic/train/000000_0000.png"), np.zeros((8, 9), np.uint8))


def _no_maps(coco: dict) -> None:
    del coco["images"][2]["attributes"]["maps"]


STRUCTURE = [
    (_missing_mask, "missing: masks/train/"),
    (_missing_map, "missing: height/train/"),
    (_small_map, "semantic/train/000000_0000.png: is 9x8 px"),
    (_coco(_no_maps), "in no manifest: "),
    (_other_size, "is 9x8 px"),
    (_short_table, "objects.parquet: has"),
    (_coco(_lost), "annotations in split train, there are"),
    (_coco(lambda c: c["annotations"][3].update(bbox="x")), r"annotations[3]: bbox must be"),
    (_coco(lambda c: c["images"][0].update(file_name="README.md")), "is neither JPEG nor PNG"),
    (lambda f: (f / "new.txt").write_text("x"), "extra: new.txt"),
    (lambda f: (f / "frames.parquet").write_text("x"), "frames.parquet: cannot be read"),
]


@pytest.mark.parametrize(("damage", "said"), STRUCTURE)
def test_the_structure_is_checked_without_hashing(damage, said, copy) -> None:
    def problems() -> tuple[str, ...]:
        return verify_deep(VerifyConfig(data=str(copy), depth="structure")).problems

    assert problems() == ()
    damage(copy)
    assert any(said in p for p in problems()), problems()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("generator", "fairweather 0.0.1", "was made by 'fairweather 0.0.1'"),
        ("config", None, "has no config"),
        ("config", {"scenes": -1}, "scenes must be"),
        ("config", {"camera": {"width_px": 10**9}}, "width_px must be"),
    ],
)
def test_a_dataset_that_cannot_be_drawn_again_is_refused_in_one_line(
    key, value, said, copy
) -> None:
    file = copy / "dataset.json"
    info = json.loads(file.read_text())
    info[key] = {**info["config"], **value} if isinstance(value, dict) else value
    file.write_text(json.dumps(info))
    with pytest.raises(DataError, match=said) as error:
        regenerate(copy, 3, 1)
    assert "\n" not in str(error.value)
