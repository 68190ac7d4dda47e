"""Datasets made in parts, estimates, and what a run says before and while it runs."""

from __future__ import annotations

import collections
import dataclasses
import json
from pathlib import Path

import pytest

from render.config import GenerateConfig, scene_range
from render.estimate import estimate, refuse_full_disk
from render.generate import generate
from render.progress import progress
from render.scene_job import WORK
from render.verify import verify
from scenarios.config import CameraConfig
from simulator.errors import ConfigError, DataError, OutputError

WHOLE = GenerateConfig(
    out="", seed=4, scenes=4, frames_per_scene=1, workers=1, image="png", maps=("height",),
    camera=CameraConfig(width_px=128, height_px=128, m_per_px=0.3),
)  # fmt: skip


def made(folder: Path, **changes) -> Path:
    return generate(dataclasses.replace(WHOLE, out=str(folder), **changes))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> str:
    return verify(made(tmp_path_factory.mktemp("whole") / "d")).root_hash


@pytest.fixture
def parts(tmp_path) -> list[str]:
    ranges = ("0..1", "2..3")
    return [str(made(tmp_path / r, scenes=r)) for r in ranges]


def test_parts_made_apart_are_joined_to_the_bytes_of_one_run(whole, parts, tmp_path) -> None:
    assert not (Path(parts[0]) / "dataset.json").exists()
    joined = made(tmp_path / "d", join=tuple(reversed(parts)))
    assert verify(joined).problems == ()
    assert verify(joined).root_hash == whole


def test_what_no_part_has_is_made_by_the_join(whole, parts, tmp_path) -> None:
    assert verify(made(tmp_path / "d", join=(parts[1],))).root_hash == whole


def test_a_part_is_resumed_like_a_whole(whole, parts, tmp_path, capfd) -> None:
    (Path(parts[0]) / WORK / "000001.part").unlink()
    made(Path(parts[0]), scenes="0..1")
    assert "going on: 1 of 2" in capfd.readouterr().err
    assert verify(made(tmp_path / "d", join=tuple(parts))).root_hash == whole


def _spoil(part: Path) -> None:
    image = next(iter((part / "images/train").iterdir()))
    image.write_bytes(b"x" + image.read_bytes()[1:])


def _other_seed(part: Path) -> None:
    file = part / WORK / "dataset.json"
    file.write_text(file.read_text().replace('"seed": 4', '"seed": 5'))


def _unknown(part: Path) -> None:
    (part / WORK / "dataset.json").unlink()


def _too_far(part: Path) -> None:
    (part / WORK / "000000.part").rename(part / WORK / "000077.part")


def _torn(part: Path) -> None:
    (part / WORK / "000000.part").write_bytes(b"torn")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_spoil, "is not as it was made"),
        (_other_seed, "of other settings: seed is 5 there, 4 here"),
        (_unknown, "is no part of a dataset"),
        (_too_far, "has scene 77, beyond the 4"),
        (_torn, "is broken"),
    ],
)
def test_a_part_that_does_not_fit_is_refused_in_one_line(damage, said, parts, tmp_path) -> None:
    damage(Path(parts[0]))
    with pytest.raises(DataError, match=said) as error:
        made(tmp_path / "d", join=tuple(parts))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "d/dataset.json").exists()


@pytest.mark.parametrize(
    "value",
    [0, -1, 10**8, 2.5, True, None, "", "a..b", "5..4", "1...3", "-1..3", "0..99999999", []],
)  # fmt: skip
def test_a_number_of_scenes_that_cannot_be_is_refused(value) -> None:
    with pytest.raises(ConfigError, match="scenes must be a number"):
        dataclasses.replace(WHOLE, scenes=value)


def test_a_range_holds_both_its_ends() -> None:
    assert list(scene_range(dataclasses.replace(WHOLE, scenes="3..5"))) == [3, 4, 5]
    with pytest.raises(ConfigError, match="join goes with scenes=N"):
        generate(dataclasses.replace(WHOLE, scenes="3..5", join=("x",)))


def test_a_dry_run_leaves_nothing_and_comes_near(tmp_path, whole) -> None:
    config = dataclasses.replace(WHOLE, out=str(tmp_path / "d"), scenes=40)
    told = estimate(config)
    assert list(tmp_path.iterdir()) == []
    assert (told.scenes, told.images, told.workers) == (40, 40, 1)
    folder = made(tmp_path / "d", scenes=6)
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    assert 0.4 < told.size_bytes / 40 / (size / 6) < 2
    assert "40 images: about" in told.words()
    with pytest.raises(ConfigError, match="no layout 'twon'"):
        estimate(dataclasses.replace(config, layouts=("twon",)))


def test_a_disk_with_little_room_is_told_before_the_start(tmp_path, monkeypatch, capfd) -> None:
    room = collections.namedtuple("room", "total used free")
    config = dataclasses.replace(WHOLE, out=str(tmp_path / "d"), scenes=100_000)

    def have(free: int) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda path: room(10**12, 0, free))

    have(10**12)
    refuse_full_disk(config, 100_000)
    assert capfd.readouterr().err == ""
    have(10**9)
    refuse_full_disk(config, 100_000)
    assert "the disk has 1 GB left, this may take 2.79 GB" in capfd.readouterr().err
    have(10**6)
    with pytest.raises(OutputError, match="the disk has 1 MB left"):
        refuse_full_disk(config, 100_000)


def test_without_a_terminal_progress_is_lines_of_json(capfd) -> None:
    with progress("working", 3, "things") as advance:
        for done in (1, 2, 3):
            advance(done, "")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(x["job"], x["done"], x["of"], x["unit"]) for x in lines] == [
        ("working", 1, 3, "things"), ("working", 3, 3, "things"),
    ]  # fmt: skip
