"""Whatever bytes a reader is given, it reads them or refuses them in one line."""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.coco_reader import read_coco
from render.composition import factors_of, scene_settings
from render.config import GenerateConfig, scene_range
from render.image_reader import image_size
from render.json_stream import records_of
from render.manifest import MANIFEST, read_manifest
from render.part import files_of_part
from render.partition import check_splits
from render.record import load_record
from render.store import open_dataset
from scenarios.presets import read_condition
from simulator.errors import FairweatherError

KEYS = st.sampled_from([
    "images", "annotations", "categories", "id", "image_id", "category_id", "file_name", "width",
    "height", "bbox", "name", "attributes", "scene", "split", "seed", "format_version", "classes",
    "splits", "lineage", "conditions", "tracks", "layout", "condition", "camera.kind", "clear",
])  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
    st.sampled_from(["a.png", "../a.png", "/etc/passwd", "fog", "town", 10**400, -1, 1, 1e300]),
)  # fmt: skip
PLAIN = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)
RECORD = st.dictionaries(KEYS, LEAVES | st.lists(LEAVES, max_size=4), max_size=7)
COCO = st.fixed_dictionaries(
    {k: st.lists(RECORD, max_size=3) for k in ("images", "annotations", "categories")}
)

SEVERAL = settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextlib.contextmanager
def read_or_refused() -> Iterator[None]:
    said = "read"
    try:
        yield
    except FairweatherError as error:
        said = str(error)
    assert len(said.splitlines()) == 1
    assert len(said) < 1500


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("fuzz")
    cv2.imwrite(str(path / "a.png"), np.zeros((9, 9, 3), np.uint8))
    return path


@SEVERAL
@given(COCO | PLAIN)
def test_coco(folder, value) -> None:
    (folder / "labels.json").write_text(json.dumps(value))
    with read_or_refused():
        truth = read_coco(folder / "labels.json")
        assert all(p.is_relative_to(folder) for p in truth.path)
    for key in ("images", "annotations"):
        with read_or_refused():
            list(records_of(folder / "labels.json", key))


@SEVERAL
@given(PLAIN | st.dictionaries(KEYS, PLAIN, max_size=9))
def test_the_description_of_a_dataset(folder, value) -> None:
    (folder / "dataset.json").write_text(json.dumps(value))
    with read_or_refused():
        open_dataset(folder)


@SEVERAL
@given(st.binary(max_size=200) | st.text("0af \n./x*", max_size=300).map(str.encode))
def test_manifests(folder, data) -> None:
    (folder / MANIFEST).write_bytes(data)
    with read_or_refused():
        for name in read_manifest(folder):
            assert (folder / name).resolve().is_relative_to(folder.resolve())


@SEVERAL
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_parts_of_scenes(folder, head, rest) -> None:
    (folder / "000000.part").write_bytes(head + b"\n" + rest)
    assert files_of_part(folder / "000000.part") is None


@SEVERAL
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xc0"]),
    st.binary(max_size=60),
)  # fmt: skip
def test_headers_of_images(start, rest) -> None:
    with read_or_refused():
        width, height = image_size(start + rest, "x")
        assert width * height < 2**30


@SEVERAL
@given(st.dictionaries(KEYS, PLAIN, max_size=6).map(json.dumps).map(str.encode) | st.binary())
def test_scene_files(data) -> None:
    with read_or_refused():
        load_record(data, "scene.json")


@SEVERAL
@given(PLAIN)
def test_settings_that_are_plain_data(value) -> None:
    for read in (read_condition, check_splits):
        with read_or_refused():
            read(value)
    with read_or_refused():
        scene_range(GenerateConfig(out="", scenes=value))
    with read_or_refused():
        config = GenerateConfig(out="", factors=value, design="pairwise")
        factors_of(config)
        scene_settings(config, zlib.crc32(repr(value).encode()))
