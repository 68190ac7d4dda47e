"""One writer at a time: whoever comes second is told, and a killed one locks nobody out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from render import export as exporting
from render.config import GenerateConfig
from render.export import export
from render.generate import generate
from render.lock import alone_in
from simulator.errors import OutputError
from tests.conftest import PROJECT

BUSY = "is being written by another run"
HOLD = """
import sys, time
from pathlib import Path
from render.lock import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_folder_is_one_run_s_until_it_ends_and_nothing_stays_in_it(tmp_path):
    with alone_in(tmp_path):
        with pytest.raises(OutputError, match=BUSY), alone_in(tmp_path):
            pass
        assert list(tmp_path.iterdir()) == []
    with alone_in(tmp_path):
        pass


def test_the_lock_of_a_killed_run_is_gone_with_it(tmp_path):
    words = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match=BUSY), alone_in(tmp_path):
            pass
        other.send_signal(signal.SIGKILL)
    with alone_in(tmp_path):
        pass


def test_a_folder_that_was_renamed_meanwhile_is_not_written(tmp_path, monkeypatch):
    folder = tmp_path / "a"
    folder.mkdir()
    monkeypatch.setattr("fcntl.flock", lambda *_: folder.rename(tmp_path / "b"))
    with pytest.raises(OutputError, match=BUSY), alone_in(folder):
        pass


def test_generate_writes_into_no_folder_that_another_run_is_at(tmp_path):
    out = tmp_path / "d"
    out.mkdir()
    with alone_in(out), pytest.raises(OutputError, match=BUSY):
        generate(GenerateConfig(out=str(out), scenes=1))
    assert list(out.iterdir()) == []


def test_export_does_not_take_part_in_another_run_s(dataset, tmp_path):
    out = tmp_path / "o"
    words = "yolo driving"
    name = exporting._identity(exporting.open_dataset(dataset), words)
    partial = tmp_path / f".o.{name}.part"
    partial.mkdir()
    with alone_in(partial), pytest.raises(OutputError, match=BUSY):
        export(dataset, "yolo", out)
    assert partial.is_dir()
    export(dataset, "yolo", out)
    assert not partial.exists()


def test_what_another_run_has_put_there_meanwhile_is_left_alone(dataset, tmp_path, monkeypatch):
    out = tmp_path / "o"
    fill = exporting._fill

    def slowly(*words):
        fill(*words)
        out.mkdir()
        (out / "theirs").touch()

    monkeypatch.setattr(exporting, "_fill", slowly)
    with pytest.raises(OutputError, match="meanwhile"):
        export(dataset, "yolo", out)
    assert [p.relative_to(tmp_path) for p in tmp_path.rglob("*")] == [Path("o"), Path("o/theirs")]
