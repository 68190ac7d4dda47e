"""Hostile input: whatever is read costs one line, is refused soon, and touches nothing outside."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import fairweather as command
from render.manifest import MANIFEST
from tests.training.toy import write_toy

Damage = Callable[[Path], None]


def _text(name: str, change: Callable[[str], str]) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).write_text(change((folder / name).read_text()))

    return damage


def _info(**values) -> Damage:
    def damage(folder: Path) -> None:
        file = folder / "dataset.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **values}))

    return damage


def _record(kind: str, **values) -> Damage:
    def damage(folder: Path) -> None:
        file = folder / "annotations/train.json"
        coco = json.loads(file.read_text())
        for key, value in values.items():
            target = coco[kind][1]
            if key in target.get("attributes", {}):
                target = target["attributes"]
            target[key] = value
        file.write_text(json.dumps(coco))

    return damage


def _link(name: str, target: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return damage


def _bomb(folder: Path) -> None:
    """A PNG of a few kilobytes that says it has 60,000 x 60,000 pixels."""
    image = next(iter(sorted((folder / "images/train").iterdir())))

    def chunk(tag: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(tag + body))
        return struct.pack(">I", len(body)) + tag + body + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(2_000_000), 9)
    image.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def _pipe(folder: Path) -> None:
    (folder / "annotations/train.json").unlink()
    os.mkfifo(folder / "annotations/train.json")


def _deep(folder: Path) -> None:
    (folder / "annotations/train.json").write_text('{"images": ' + "[" * 200_000)


COCO, INFO = "annotations/train.json", "dataset.json"
DAMAGES: dict[str, Damage] = {
    "a split that leaves the folder": _info(splits={"../../x": {}}),
    "a split that is absolute": _info(splits={"/etc": {}}),
    "a split named ..": _info(splits={"..": {}}),
    "splits that are a list": _info(splits=["train"]),
    "no classes": _info(classes=[]),
    "classes of another type": _info(classes=[1, 2]),
    "a class with a line break": _info(classes=["car\nrm -rf"]),
    "another version": _info(format_version=99),
    "a lineage without bounds": _info(lineage=[{"seed": 1, "split": "train"}]),
    "a lineage that is huge": _info(
        lineage=[{"seed": 10**400, "split": "t", "first": 0, "last": 1}]
    ),
    "a key twice in the description": _text(INFO, lambda t: '{"seed": 2,' + t[1:]),
    "a key twice in the annotations": _text(COCO, lambda t: '{"images": [],' + t[1:]),
    "a key twice in a record": _text(COCO, lambda t: t.replace('"id"', '"id": 7, "id"', 1)),
    "NaN": _text(COCO, lambda t: t.replace('"width": 256', '"width": NaN', 1)),
    "infinity": _text(COCO, lambda t: t.replace('"width": 256', '"width": -Infinity', 1)),
    "half a file": _text(COCO, lambda t: t[: len(t) // 2]),
    "an empty file": _text(COCO, lambda _: ""),
    "a list": _text(COCO, lambda _: "[]"),
    "lists in lists": _deep,
    "a pipe": _pipe,
    "a file that is a link to a device": _link(COCO, "/dev/zero"),
    "an image outside": _record("images", file_name="../../../etc/passwd"),
    "an image with an absolute name": _record("images", file_name="/etc/passwd"),
    "an image with another system's name": _record("images", file_name="..\\..\\x.png"),
    "an image whose name ends early": _record("images", file_name="images\0.png"),
    "an image that is a folder": _record("images", file_name="images/train"),
    "an image without a size": _record("images", width=0),
    "an image of a huge size": _record("images", width=10**12),
    "a size that is a text": _record("images", height="256"),
    "a size that is true": _record("images", height=True),
    "two images of one id": _record("images", id=1),
    "an id of another type": _record("images", id=[1]),
    "a seed that is huge": _record("images", seed=2**70),
    "a scene below zero": _record("images", scene_index=-1),
    "a condition that is a list": _record("images", condition=["clear"]),
    "a box of three": _record("annotations", bbox=[1, 2, 3]),
    "a box that is huge": _record("annotations", bbox=[0, 0, 1e300, 1]),
    "a box outside": _record("annotations", bbox=[999, 999, 5, 5]),
    "a box of texts": _record("annotations", bbox=["1", "2", "3", "4"]),
    "a class that is not there": _record("annotations", category_id=99),
    "a class that is huge": _record("annotations", category_id=10**400),
    "an image that is not there": _record("annotations", image_id=10**9),
    "an occlusion of two": _record("annotations", occlusion=2),
    "an area below zero": _record("annotations", visible_area=-4),
    "a crowd of three": _record("annotations", iscrowd=3),
}


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Runs the command in an empty folder: (exit code, lines of stderr)."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words: str) -> tuple[int, list[str]]:
        code = command.main(words)
        return code, capsys.readouterr().err.splitlines()

    return run


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("what", DAMAGES)
def test_a_hostile_dataset_is_refused_in_one_line_by_whatever_reads_it(
    what, call, tmp_path
) -> None:
    data = write_toy(tmp_path / "d", 2)
    (data / MANIFEST).write_text("")
    DAMAGES[what](data)
    before = files(tmp_path)
    for words in (
        ("export", str(data), "format=coco", "out=../out"),
        ("export", str(data), "format=mot", "out=../out"),
        ("describe", f"data={data}", "out=../page.html"),
    ):
        code, lines = call(*words)
        assert (code, len(lines)) == (2, 1), lines
        assert len(lines[0]) < 700
    assert files(tmp_path) == before


def test_an_image_bomb_is_refused_before_it_is_unpacked(call, tmp_path) -> None:
    data = write_toy(tmp_path / "d", 2)
    _bomb(data)
    code, lines = call("describe", f"data={data}", "out=../page.html")
    assert code == 2
    assert "has 60000x60000 px" in lines[-1]


MANIFESTS = {
    "a name above": f"{'0' * 64}  ../x\n",
    "an absolute name": f"{'0' * 64}  /etc/passwd\n",
    "a short hash": "00  x\n",
    "no hash": "dataset.json\n",
    "a name twice": f"{'0' * 64}  x\n{'0' * 64}  x\n",
    "a name with an end in it": f"{'0' * 64}  x\0y\n",
    "bytes": "\xff\xfe\x00",
    "an empty name": f"{'0' * 64}  \n",
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_hostile_manifest_is_refused_in_one_line(what, call, tmp_path) -> None:
    data = write_toy(tmp_path / "d", 1)
    (data / MANIFEST).write_text(MANIFESTS[what], encoding="latin-1")
    code, lines = call("verify", str(data))
    assert (code, len(lines)) == (2, 1), lines


def test_a_condition_that_is_a_path_stays_in_the_exports_folder(call, tmp_path) -> None:
    data = write_toy(tmp_path / "d", 2)
    _record("images", condition="../../../../up", scene="/../../../up")(data)
    code, _ = call("export", str(data), "format=mot", "out=../out")
    assert code == 0
    assert {p.name for p in tmp_path.iterdir()} == {"d", "here", "out"}
    assert all(p.resolve().is_relative_to(tmp_path / "out") for p in files(tmp_path / "out"))
