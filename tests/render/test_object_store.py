"""Exports into object stores, by fsspec: what is there, when, and what is sent again."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import fsspec
import pytest
from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.implementations.memory import MemoryFileSystem

from render.export import export
from render.formats import FORMATS
from render.manifest import MANIFEST
from simulator.errors import ConfigError, OutputError
from tests.training.toy import write_toy

SHARDED = ("webdataset", "parquet")


class Shaky(MemoryFileSystem):
    """Like a store far away: it may go away, shows no folders, writes over nothing by itself."""

    protocol = "shaky"
    store: dict = {}  # noqa: RUF012 - fsspec's own way
    pseudo_dirs = [""]  # noqa: RUF012
    sent: list[str] = []  # noqa: RUF012
    left = 1000

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("shaky://"))

    def put_file(self, lpath, rpath, callback=DEFAULT_CALLBACK, mode="overwrite", **kwargs):
        if Shaky.left == 0:
            raise ConnectionResetError("the line is dead")
        if self.exists(rpath):
            raise FileExistsError(rpath)
        Shaky.left -= 1
        super().put_file(lpath, rpath, callback, mode, **kwargs)
        Shaky.sent.append(rpath.rpartition("/")[2])


@pytest.fixture
def shaky():
    fsspec.register_implementation("shaky", Shaky, clobber=True)
    Shaky.store.clear()
    Shaky.sent.clear()
    Shaky.pseudo_dirs[:] = [""]
    Shaky.left = 1000
    return Shaky


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """Where shards are made before they are sent."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """Seven images, three a shard."""
    monkeypatch.setattr("render.formats.webdataset.IMAGES_A_SHARD", 3)
    monkeypatch.setattr("render.formats.parquet.IMAGES_A_FILE", 3)
    return write_toy(tmp_path / "toy", 7)


def files(folder: Path) -> dict[str, bytes]:
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def objects(url: str) -> dict[str, bytes]:
    system, root = fsspec.url_to_fs(url)
    found = system.find(root)
    return {name.removeprefix(root).lstrip("/"): system.cat_file(name) for name in found}


@pytest.mark.parametrize("form", SHARDED)
@pytest.mark.parametrize("store", ["memory", "file", "shaky"])
@pytest.mark.parametrize(
    "splits", [None, {"a-b": {"scene_index": [0, 3]}, "c": {"scene_index": 5}}]
)
def test_a_store_holds_the_files_of_a_local_export_and_their_manifest(
    form, store, splits, data, tmp_path, temporary, shaky
) -> None:
    out = f"{store}://{tmp_path}/there/{form}-{splits is None}"
    export(data, form, tmp_path / "local", splits=splits)
    export(data, form, out, splits=splits)
    here, there = files(tmp_path / "local"), objects(out)
    manifest = there.pop(MANIFEST).decode()
    assert there == here
    assert len(there) >= 3
    told = dict(reversed(line.split("  ")) for line in manifest.splitlines())
    assert told == {name: hashlib.sha256(content).hexdigest() for name, content in here.items()}
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("form", SHARDED)
def test_an_export_that_was_cut_off_goes_on_and_sends_nothing_twice(
    form, data, tmp_path, temporary, shaky
) -> None:
    export(data, form, tmp_path / "local")
    shaky.left = 3  # the note that it has begun, two shards
    with pytest.raises(OutputError, match=r"the line is dead.*goes on from here"):
        export(data, form, "shaky://b/x")
    begun = objects("shaky://b/x")
    assert MANIFEST not in begun
    assert len(begun) == 3
    assert list(temporary.iterdir()) == []
    first, shaky.left = list(shaky.sent), 1000
    export(data, form, "shaky://b/x")
    assert len(shaky.sent) == len(set(shaky.sent)) == len(files(tmp_path / "local")) + 1
    assert shaky.sent[: len(first)] == first
    there = objects("shaky://b/x")
    del there[MANIFEST]
    assert there == files(tmp_path / "local")


def test_never_more_than_one_shard_is_kept_here(data, temporary, shaky, monkeypatch) -> None:
    most = []
    put = Shaky.put_file

    def watched(self, lpath, rpath, **kwargs):
        most.append(len(files(temporary)))
        put(self, lpath, rpath, **kwargs)

    monkeypatch.setattr(Shaky, "put_file", watched)
    export(data, "webdataset", "shaky://b/x")
    assert set(most) == {1}


def test_what_arrived_in_part_or_is_not_what_was_sent_is_sent_again(data, tmp_path, shaky) -> None:
    shaky.left = 4
    with pytest.raises(OutputError):
        export(data, "webdataset", "shaky://b/x")
    system = fsspec.filesystem("shaky")
    torn, other = "/b/x/train-000000.tar", "/b/x/train-000001.tar"
    system.pipe_file(torn, system.cat_file(torn)[:-1])
    (note,) = (n for n in system.ls("/b/x", detail=False) if "unfinished" in n)
    lines = system.cat_file(note).decode().splitlines()
    wrong = [f"{'0' * 64}  {n}" if n in other else f"{d}  {n}"
             for d, n in (line.split("  ") for line in lines)]  # fmt: skip
    system.pipe_file(note, "\n".join(wrong).encode())
    shaky.left = 1000
    shaky.sent.clear()
    export(data, "webdataset", "shaky://b/x")
    assert shaky.sent == ["train-000000.tar", "train-000001.tar", "classes.txt"]
    export(data, "webdataset", tmp_path / "local")
    there = objects("shaky://b/x")
    del there[MANIFEST]
    assert there == files(tmp_path / "local")


def test_a_complete_export_whose_last_note_is_still_there_only_loses_the_note(
    data, shaky, monkeypatch
) -> None:
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Shaky, "rm_file", killed)
        with pytest.raises(KeyboardInterrupt):
            export(data, "webdataset", "shaky://b/x")
    before = objects("shaky://b/x")
    shaky.left = 0
    export(data, "webdataset", "shaky://b/x")
    (note,) = (name for name in before if name.startswith("unfinished-"))
    del before[note]
    assert objects("shaky://b/x") == before


def test_what_others_have_put_there_is_left_alone(data, shaky) -> None:
    system = fsspec.filesystem("shaky")
    system.pipe_file("/b/x/thesis.txt", b"mine")
    with pytest.raises(OutputError, match=r"shaky://b/x: is there already"):
        export(data, "webdataset", "shaky://b/x")
    assert objects("shaky://b/x") == {"thesis.txt": b"mine"}
    export(data, "webdataset", "shaky://b/y")
    with pytest.raises(OutputError, match=r"shaky://b/y: is there already"):
        export(data, "webdataset", "shaky://b/y")


def test_an_unfinished_export_of_something_else_is_not_mixed_with(data, shaky) -> None:
    shaky.left = 2
    with pytest.raises(OutputError):
        export(data, "webdataset", "shaky://b/x")
    shaky.left = 1000
    before = objects("shaky://b/x")
    with pytest.raises(OutputError, match="unfinished export of something else"):
        export(data, "webdataset", "shaky://b/x", "vehicle")
    assert objects("shaky://b/x") == before


@pytest.mark.parametrize("form", sorted(set(FORMATS) - set(SHARDED)))
def test_formats_with_a_file_an_image_are_refused_before_anything_is_written(
    form, data, shaky
) -> None:
    with pytest.raises(ConfigError, match=r"Take parquet or webdataset, or a local folder"):
        export(data, form, "shaky://b/x")
    assert objects("shaky://b/x") == {}


def test_a_local_url_inside_the_dataset_is_refused(data) -> None:
    before = files(data)
    with pytest.raises(OutputError, match="lies inside the dataset"):
        export(data, "webdataset", f"file://{data}/out")
    assert files(data) == before


def test_without_fsspec_the_extra_is_named(data, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError, match=r"needs fsspec. pip install .*\[store\]"):
        export(data, "webdataset", "memory://b/x")


def test_an_unknown_protocol_is_told(data) -> None:
    with pytest.raises(ConfigError, match=r"out: fsspec knows no protocol 's33'. Take s3, gs"):
        export(data, "webdataset", "s33://b/x")


def test_a_protocol_whose_package_is_missing_names_it(data) -> None:
    told = "Install no_such_package to use this"
    fsspec.register_implementation("missing", "no_such_package.System", True, told)
    with pytest.raises(ConfigError, match=f"not installed. {told}"):
        export(data, "webdataset", "missing://b/x")


def test_a_store_that_does_not_answer_is_one_line(data, shaky, monkeypatch) -> None:
    def gone(*_, **__):
        raise RuntimeError("no route\nto host")

    monkeypatch.setattr(Shaky, "ls", gone)
    with pytest.raises(OutputError) as caught:
        export(data, "webdataset", "shaky://b/x")
    assert str(caught.value).startswith(
        "shaky://b/x: cannot be reached or written (RuntimeError: no route). Check"
    )


def test_the_command_writes_to_a_url_and_tells_what_does_not_go(fairweather, tmp_path) -> None:
    data = write_toy(tmp_path / "toy", 2)
    url = (tmp_path / "there" / "x").as_uri()
    done = fairweather("export", str(data), "format=parquet", f"out={url}")
    assert (done.returncode, done.stderr) == (0, "")
    assert url in done.stdout
    assert sorted(files(tmp_path / "there" / "x")) == [
        "data/train-00000-of-00001.parquet", MANIFEST,
    ]  # fmt: skip
    refused = fairweather("export", str(data), "format=coco", f"out={url}2")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "a file for every image" in refused.stderr
    assert json.loads((data / "dataset.json").read_text())["splits"]
