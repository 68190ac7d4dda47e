"""The list of packages that comes with a release, made as `make sbom` makes it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from simulator.version import VERSION
from tests.conftest import PROJECT

BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(
    shutil.which("cyclonedx-py", path=str(BIN)) is None or shutil.which("make") is None,
    reason="cyclonedx-bom (pip install -e '.[dev]') or make is not installed",
)


@pytest.fixture(scope="module")
def bom(tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "simulator").mkdir()
    for name in ("Makefile", "pyproject.toml", "simulator/version.py"):
        shutil.copy(PROJECT / name, folder / name)
    (folder / ".venv").symlink_to(BIN.parent)
    # without READY: nothing is installed here
    subprocess.run(["make", "sbom", "READY="], cwd=folder, check=True)
    assert [p.name for p in (folder / "outputs").iterdir()] == ["sbom.cdx.json"]
    return json.loads((folder / "outputs" / "sbom.cdx.json").read_text(encoding="utf-8"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_root_of_the_list_is_this_version_under_its_licence(bom):
    assert bom["bomFormat"] == "CycloneDX"
    root = bom["metadata"]["component"]
    (licence,) = root["licenses"]
    assert (root["name"], root["version"]) == ("fairweather", VERSION)
    assert licence["license"]["id"] == "Apache-2.0"


def test_every_dependency_of_the_program_is_listed_with_its_version_and_hangs_on_the_root(bom):
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {
        _plain(re.match(r"[\w.-]+", line)[0])
        for line in tomllib.loads(text)["project"]["dependencies"]
    }
    found = {_plain(c["name"]): c for c in bom["components"]}
    assert wanted <= set(found)
    assert all(found[name]["version"] for name in wanted)
    root = bom["metadata"]["component"]["bom-ref"]
    (below,) = (d["dependsOn"] for d in bom["dependencies"] if d["ref"] == root)
    assert {found[name]["bom-ref"] for name in wanted} <= set(below)


def test_the_list_names_no_place_of_the_machine(bom):
    assert "file://" not in json.dumps(bom)
    assert str(BIN.parent) not in json.dumps(bom)
