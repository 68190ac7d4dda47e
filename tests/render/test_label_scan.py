"""Labels that are read as columns are what any JSON reader finds, or they are left to it."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from render import label_runs as module
from render.coco_reader import annotation_fields
from render.json_stream import records_of, refuse_constant, refuse_twice
from render.label_columns import NUMBERS
from render.label_runs import label_runs
from render.label_scan import SPANS, scan
from render.sound_labels import all_sound
from simulator.errors import DataError
from tests.render.test_sound_labels import LABEL, changed

STATE = {"dirt": 0.3217492837492873, "tilt_rad": -0.2, "overgrown": True}
LABELS = [
    LABEL,
    changed(("attributes", "sign_state"), STATE),
    {**changed(("attributes", "aspect"), "red"), "image_id": 3},
    {**changed(("segmentation", "counts"), ""), "image_id": 3, "id": 3001},
]
TEXT = orjson.dumps(LABELS)[1:-1]
FILE = orjson.dumps({
    "info": {"description": "x"}, "categories": [{"id": 2, "name": "car"}],
    "images": [{"id": i, "n": {"l": ["},{", '"]']}} for i in (1, 2, 3)], "annotations": LABELS,
})  # fmt: skip
PIECES = (
    b'"', b"\\", b"\\\\", b"}", b"]", b"{", b"[", b",", b":", b"0", b"00", b"-", b"-0", b".", b".0",
    b"1", b"12345678901234567890", b"0.12345", b"1e5", b" ", b"null", b"true", b"NaN", b"{}",
    b"\0", b"\x80", b",{}", b',"dirt":1', b',"id":1', b"\xc3\xa9", b'],"annotations":[',
    b'],"images":[',
)  # fmt: skip
SEVERAL = settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@st.composite
def mutated(draw: Any, text: bytes) -> bytes:
    """The text with up to three pieces of it replaced, by bytes or by another piece of it."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3) | st.integers(0, 300))
        first = draw(st.integers(0, len(text)))
        other = st.integers(1, 60).map(lambda n, t=text, a=first: t[a : a + n])
        new = draw(st.sampled_from((b"", *PIECES)) | st.binary(max_size=3) | other)
        text = text[:at] + new + text[at + gone :]
    return text


def strictly(text: bytes) -> Any:
    hooks: Any = {"parse_constant": refuse_constant, "object_pairs_hook": refuse_twice}
    return json.loads(text, **hooks)


def named(record: dict[str, Any]) -> list[Any]:
    """The numbers of a record in the order in which they are scanned."""
    known = record["attributes"]
    return [
        record["id"], record["image_id"], record["category_id"], *record["bbox"], record["area"],
        *record["segmentation"]["size"], known["instance_id"], known["track_id"],
        *known["full_bbox"], *known["obb"], *(known[n] for n in NUMBERS[21:]),
    ]  # fmt: skip


def hold_against_a_reader(text: bytes) -> None:
    found = scan(text)
    assert len(text) >= found.stopped
    for numbers, row in zip(found.numbers, found.spans.tolist(), strict=True):
        at = dict(zip(SPANS, row, strict=True))
        part = text[at["start"] : at["end"]]
        record = strictly(part)
        assert orjson.dumps(record) == part
        assert numbers.tolist() == named(record)
        assert {type(v) for v in named(record)[:16]} == {int}
        assert int(text[at["category"] : at["category_end"]]) == record["category_id"]
        assert (
            strictly(b'"%b"' % text[at["mask"] : at["mask_end"]])
            == (record["segmentation"]["counts"])
        )
        if all_sound(numbers[None], np.array([[100, 90]]), {2: 0}):
            images = {record["image_id"]: 0}
            assert annotation_fields(record, "here", images, {2: 0}, [[100, 90]]) is not None


def test_what_we_write_is_scanned_to_its_end() -> None:
    found = scan(TEXT)
    assert len(found.numbers) == len(LABELS)
    assert found.stopped == len(TEXT)
    hold_against_a_reader(TEXT)


NUMBER = rb"(?<=[:\[,])-?[0-9][0-9.]*"
SPELLINGS: dict[bytes, tuple[bytes, ...]] = {
    NUMBER: (
        *b"0 -0 00 07 -7 1.0 1.50 -0.0 0.0001 0.00001 1. .5 +1 1e2 true null - 1_0".split(),
        *b"12345678901234567 900719925474099.3 99999999999.1234 999999999999.1234".split(),
        b" 1", b"1 ", b'"1"', b"",
    ),
    rb'(?<="counts":")[^"]*': (
        b"a b", b"\\", b"\\\\\\", b"\\n", b"\\u0041", b"~", b"\xc3\xa9", b"o",
    ),
    rb'null|"stop"': (
        b'""', b'"nul"', b"nul", b"nulll", b'"a\\nb"', b'"a\nb"', b'"\xc3\xa9"',
        b'"' + b"x" * 600 + b'"', b"7", b"[]", b'"a', b"false",
    ),
    rb"(?<=\"ego_lane\":)\w+": (b"True", b"falsetrue", b"0", b"null", b"", b'"true"'),
    rb',"sign_state":\{[^}]*\}': (
        b',"sign_state":{}', b',"sign_state":{"a":0.10}', b',"sign_state":{"a":1,"a":2}',
        b',"sign_state":{"a": 1}', b',"sign_state":{"a":NaN}', b',"sign_state":{"a":"}"}',
        b',"sign_stat":{}', b',"sign":{}', b',"sign_state":7}', b",}", b",",
        b',"sign_state":{},"b":{}',
    ),
}  # fmt: skip
"""What may stand in a record -> in which other ways it may be written."""


@pytest.mark.parametrize("what", SPELLINGS, ids=str)
def test_values_that_are_written_otherwise_are_left_to_a_reader(what) -> None:
    for place in re.finditer(what, TEXT):
        for spelling in SPELLINGS[what]:
            hold_against_a_reader(TEXT[: place.start()] + spelling + TEXT[place.end() :])


@SEVERAL
@given(mutated(TEXT))
def test_whatever_is_scanned_is_what_a_reader_finds(text) -> None:
    hold_against_a_reader(text)


@SEVERAL
@given(st.integers(-(10**17), 10**17), st.integers(0, 6))
@example(-5, 1)
@example(10**14 + 1, 4)
def test_a_number_is_scanned_exactly_or_not_at_all(whole, decimals) -> None:
    speed = float(f"{whole}e-{decimals}")
    text = orjson.dumps(changed(("attributes", "speed_mps"), speed))
    found = scan(text).numbers
    assert len(found) == 0 or found[0, -1] == speed
    assert len(found) == 1 or decimals > 3 or abs(whole) >= 10**14


@pytest.fixture(autouse=True)
def of_any_size(monkeypatch) -> None:
    monkeypatch.setattr(module, "WORTH_BYTES", 0)


def both(path: Path, runs: Any) -> Any:
    """Images and labels by image, or that the file was refused."""
    try:
        return list(records_of(path, "images")), list(runs(path))
    except DataError:
        return "refused"


def as_any_file(path: Path) -> Any:
    count = 0
    grouped = itertools.groupby(records_of(path, "annotations"), lambda r: r.get("image_id"))
    for key, records in grouped:
        group = list(records)
        yield key, count, group
        count += len(group)


def as_ours(path: Path) -> Any:
    return ((run.image_id, run.first, run.records()) for run in label_runs(path))


@SEVERAL
@given(mutated(FILE), st.sampled_from([64, 700, 1 << 18]))
def test_a_file_is_read_alike_by_columns_and_by_records(tmp_path, monkeypatch, text, chunk) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    (tmp_path / "c.json").write_bytes(text)
    assert both(tmp_path / "c.json", as_ours) == both(tmp_path / "c.json", as_any_file)


@pytest.mark.parametrize("chunk", [1, 50, 1000, 1 << 18])
def test_our_own_file_is_scanned_whatever_the_size_of_the_pieces(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(module, "CHUNK", chunk)
    path = tmp_path / "c.json"
    path.write_bytes(FILE)
    runs = list(label_runs(path))
    assert [run.told for run in runs] == [None, None]
    assert [(run.image_id, run.first, run.records()) for run in runs] == list(as_any_file(path))


def test_labels_of_one_image_beyond_all_measure_are_read_as_any_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 100)
    monkeypatch.setattr(module, "MOST_BYTES", 900)
    path = tmp_path / "c.json"
    path.write_bytes(FILE)
    runs = list(label_runs(path))
    assert any(run.told is not None for run in runs)
    assert [(run.image_id, run.first, run.records()) for run in runs] == list(as_any_file(path))
