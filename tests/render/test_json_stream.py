"""Records of long JSON files, read piece by piece as any reader reads them whole."""

from __future__ import annotations

import json

import orjson
import pytest

from render.json_stream import records_of
from simulator.errors import DataError


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
        ('{"id":301,', '{"id":301,"z":"\\ud800",', "not valid JSON"),
        ('{"id":301,', f'{{"id":301,"z":{2**70},', "not valid JSON"),
    ],
)
def test_what_is_wrong_among_many_records_as_we_write_them_is_still_named(
    old, new, said, tmp_path
) -> None:
    path = tmp_path / "c.json"
    path.write_text(orjson.dumps({"images": OURS}).decode().replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        list(records_of(path, "images"))
