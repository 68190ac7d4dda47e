"""Every command that the README shows is one that the program takes."""

from __future__ import annotations

import re
import shlex

import pytest

import fairweather
from conf.composition import compose
from simulator.settings import build
from tests.conftest import PROJECT

TEXT = (PROJECT / "README.md").read_text(encoding="utf-8")
SHOWN = sorted(
    {
        line.split("#")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
        for line in block.splitlines()
        if line.startswith("fairweather ") and "--" not in line
    }
)


def test_the_readme_shows_the_main_jobs():
    shown = {line.split()[1] for line in SHOWN}
    assert {"generate", "verify", "export", "train", "evaluate", "study", "describe"} <= shown


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_of_the_readme_is_composed_and_within_its_bounds(line):
    _, name, *words = shlex.split(line)
    job = fairweather.JOBS[name]
    words = [w if "=" in w else f"{job.bare}={w}" for w in words]
    config = build(fairweather._attribute(job.settings), compose(name, words))
    assert config is not None


def test_the_plain_commands_beside_make_are_those_of_the_makefile():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "fairweather study name=held_out size=small out=outputs/demo" in TEXT
    assert "fairweather study name=held_out size=small out=outputs/demo" in makefile
    for check in ("ruff check", "ruff format --check", "basedpyright", "lint-imports", "pytest"):
        assert check in TEXT
        assert check in makefile
