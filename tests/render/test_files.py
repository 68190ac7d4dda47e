"""Files that are put together or copied hold every byte, however the system moves it."""

from __future__ import annotations

import os

import pytest

from render import files
from render.files import Bundle, append_file
from simulator.errors import DataError

PIECES = [bytes([k]) * size for k, size in enumerate((3, 64, 0, 40, 30, 65, 200, 1, 63, 64))]


def bundled(tmp_path, pieces: list[bytes]) -> bytes:
    """Texts and files in turns."""
    target = os.open(tmp_path / "out", files.NEW)
    bundle = Bundle(target)
    for k, piece in enumerate(pieces):
        if k % 2:
            (tmp_path / f"{k}").write_bytes(piece)
            assert bundle.add_file(str(tmp_path / f"{k}"), len(piece)) == len(piece)
        else:
            bundle.add(piece)
    bundle.flush()
    os.close(target)
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("pieces", [PIECES, PIECES[::-1], PIECES[1:], []])
def test_a_bundle_holds_texts_and_files_in_their_order_whatever_their_sizes(
    pieces, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 64)
    assert bundled(tmp_path, pieces) == b"".join(pieces)


def test_a_bundle_tells_that_a_file_was_shorter_and_names_one_that_is_not_there(tmp_path) -> None:
    (tmp_path / "short").write_bytes(b"abc")
    bundle = Bundle(os.open(tmp_path / "out", files.NEW))
    assert bundle.add_file(str(tmp_path / "short"), 5) == 3
    with pytest.raises(DataError, match=r"gone: cannot be read"):
        bundle.add_file(str(tmp_path / "gone"), 5)


def refuse(*_: int) -> int:
    raise OSError(18, "Invalid cross-device link")


def say_nothing_is_there(*_: int) -> int:
    return 0


class Stop:
    """Moves some bytes, then no more."""

    def __init__(self) -> None:
        self.first = True

    def __call__(self, given: int, file: int, _: int) -> int:
        if not self.first:
            raise OSError(5, "Input/output error")
        self.first = False
        return os.write(file, os.read(given, 10))


@pytest.mark.parametrize("move", [None, refuse, say_nothing_is_there, Stop()])
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
