"""Files that are put together or copied hold every byte, however the system moves it."""

from __future__ import annotations

import os

import pytest

from render import files
from render.files import add_file, append_file
from simulator.errors import DataError


def added(tmp_path, content: bytes, told: int) -> tuple[int, bytes]:
    """How many bytes came of a file, and what is there between two texts."""
    (tmp_path / "in").write_bytes(content)
    with (tmp_path / "out").open("wb") as file:
        file.write(b"before")
        count = add_file(str(tmp_path / "in"), told, file)
        file.write(b"after")
    return count, (tmp_path / "out").read_bytes().removeprefix(b"before").removesuffix(b"after")


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 300])
def test_a_file_is_added_whole_whatever_its_size(size, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 64)
    content = bytes(k % 251 for k in range(size))
    assert added(tmp_path, content, size) == (size, content)


def test_a_file_that_is_added_tells_that_its_size_was_another(tmp_path) -> None:
    assert added(tmp_path, b"abc", 5) == (3, b"abc")
    assert added(tmp_path, b"abcdefg", 5)[0] == 6


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with (tmp_path / "out").open("wb") as file, pytest.raises(DataError, match="gone: cannot be"):
        add_file(str(tmp_path / "gone"), 5, file)


def refuse(*_: int) -> int:
    raise OSError(18, "Invalid cross-device link")


def say_nothing_is_there(*_: int) -> int:
    return 0


def move_some(given: int, file: int, _: int) -> int:
    if os.lseek(given, 0, os.SEEK_CUR):
        raise OSError(5, "Input/output error")
    return os.write(file, os.read(given, 10))


@pytest.mark.parametrize("move", [None, refuse, say_nothing_is_there, move_some])
def test_a_file_is_copied_whole_also_where_the_system_does_not_move_bytes_itself(
    move, tmp_path, monkeypatch
) -> None:
    if move is not None:
        monkeypatch.setattr(os, "copy_file_range", move, raising=False)
    content = bytes(range(256)) * 10
    (tmp_path / "in").write_bytes(content)
    target = os.open(tmp_path / "out", files.NEW)
    os.write(target, b"before")
    assert append_file(str(tmp_path / "in"), target) == len(content)
    os.close(target)
    assert (tmp_path / "out").read_bytes() == b"before" + content
