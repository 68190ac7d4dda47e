"""The rules of the house that no linter knows, read from the source itself."""

from __future__ import annotations

import ast
import functools
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import loop
from simulator.version import VERSION
from tests.conftest import PROJECT

PACKAGES = ("simulator", "scenarios", "render", "training", "conf")
FAMILIES = (
    "simulator/signs",
    "scenarios/layouts",
    "render/weather",
    "render/formats",
    "training/detectors",
    "training/studies",
)
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "misc"}
FILES = sorted(
    [*(f for p in PACKAGES for f in (PROJECT / p).rglob("*.py")), PROJECT / "fairweather.py"]
)
EVERY_FILE = pytest.mark.parametrize(
    "file", FILES, ids=[f.relative_to(PROJECT).as_posix() for f in FILES]
)


# Constants that stored kernels read from another file. Whoever changes one of them must have every
# `*.nbi` of the project deleted (make clean), which is why their values stand here a second time.
SHARED_CONSTANTS = {
    "render.canvas.ONE": 4096, "render.canvas.KEEP": 255, "render.canvas.DECAL": 128,
    "render.canvas.WINDOWED": 12,
    "render.texture.TILE": 512, "render.effect.FIELD_STEP": 4, "simulator.camera.NEAR": 0.02,
    "simulator.camera.BEHIND": 0.3,
}  # fmt: skip


@functools.cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def module_name(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """(name in the file, dotted name of what it is) of every import, wherever it stands."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def kernels(file: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a file that numba compiles and keeps on disk, with those (render/kernel.py)
    that become a part of them.
    """
    found, named = {}, dict(imports(file))
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                words = {w.arg for w in mark.keywords} if isinstance(mark, ast.Call) else set()
                jit = re.match(r"(numba\.)?(n?jit|vectorize|guvectorize)\b", ast.unparse(mark))
                ours = named.get(ast.unparse(mark), "").startswith("render.kernel.")
                if ours or (jit and "cache" in words):
                    found[node.name] = node
    return found


OURS = {module_name(file): file for file in FILES}


def home_of(what: str) -> str | None:
    """The module of ours that a dotted name is, or is in."""
    return next((name for name in (what, what.rpartition(".")[0]) if name in OURS), None)


# --- who may see whom (import-linter holds the rest) ---


@EVERY_FILE
def test_pygame_is_imported_by_the_window_only(file):
    names = {what.partition(".")[0] for _, what in imports(file)}
    assert "pygame" not in names or "render/viewer" in file.as_posix()


@EVERY_FILE
def test_torch_is_imported_by_training_only(file):
    names = {what.partition(".")[0] for _, what in imports(file)}
    assert "torch" not in names or file.is_relative_to(PROJECT / "training")


@EVERY_FILE
def test_nobody_imports_the_command_but_the_entry_points_of_the_packages(file):
    names = {what.partition(".")[0] for _, what in imports(file)}
    assert "fairweather" not in names or file.name == "__main__.py"


@EVERY_FILE
def test_only_the_composition_of_settings_knows_hydra(file):
    names = {what.partition(".")[0] for _, what in imports(file)}
    assert "hydra" not in names or file == PROJECT / "conf" / "composition.py"


# --- compiled code ---


@EVERY_FILE
def test_a_kernel_kept_on_disk_takes_nothing_from_another_file_of_ours(file):
    # numba looks only at the kernel's own file to see whether the stored code is stale: what it
    # calls or reads from another file would stay as it was after that file is edited.
    watched = {m.__name__ for m in loop.MADE_OF} if module_name(file) == loop.__name__ else set()
    foreign = {
        name: what
        for name, what in imports(file)
        if (home := home_of(what)) and home not in watched
        if what not in SHARED_CONSTANTS
    }
    for name, kernel in kernels(file).items():
        nodes = [n for line in kernel.body for n in ast.walk(line)]
        used = {n.id for n in nodes if isinstance(n, ast.Name)} & foreign.keys()
        assert not used, f"{name} uses {sorted(foreign[u] for u in used)}"


def test_the_stored_loop_is_compiled_anew_when_any_file_it_is_made_of_changes():
    watched = {module.__name__ for module in loop.MADE_OF}
    for file in (OURS[name] for name in (loop.__name__, *watched)):
        assert {home_of(what) for _, what in imports(file)} - {None} <= watched, file


@pytest.mark.parametrize("what", SHARED_CONSTANTS)
def test_a_constant_in_stored_kernels_has_the_value_they_were_stored_with(what):
    module, _, name = what.rpartition(".")
    assert getattr(importlib.import_module(module), name) == SHARED_CONSTANTS[what]


def test_there_are_kernels_to_check():
    assert sum(len(kernels(file)) for file in FILES) > 100


# --- reproducibility ---


@EVERY_FILE
def test_random_generators_are_made_in_one_place(file):
    calls = [ast.unparse(n.func) for n in ast.walk(tree(file)) if isinstance(n, ast.Call)]
    made = [c for c in calls if re.match(r"(np|numpy)\.random\.", c)]
    assert not made or file == PROJECT / "simulator" / "seeding.py", made


# --- shape ---


@EVERY_FILE
def test_no_file_is_longer_than_four_hundred_lines(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


@EVERY_FILE
def test_no_file_has_a_name_that_says_nothing(file):
    assert not VAGUE & {part.strip("_") for part in file.relative_to(PROJECT).with_suffix("").parts}


@EVERY_FILE
def test_every_module_says_what_it_holds(file):
    text = ast.get_docstring(tree(file))
    assert text
    assert len(text.split()) > 2


@pytest.mark.parametrize("folder", FAMILIES)
def test_a_family_folder_holds_members_and_nothing_else(folder):
    entries = [p for p in (PROJECT / folder).iterdir() if p.name != "__pycache__"]
    assert all(p.suffix == ".py" for p in entries), entries


# --- what the project says of itself ---


def test_the_settings_files_execute_nothing_and_read_no_environment():
    for file in (PROJECT / "conf").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "_target_" not in text, file
        assert "oc.env" not in text, file
        assert "!!" not in text, file


def test_the_citation_names_this_version():
    lines = (PROJECT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {VERSION}" in lines


def test_the_changelog_has_a_part_for_this_version():
    assert f"## [{VERSION}]" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_constraints_are_exact_and_name_no_place():
    lines = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", e) for e in entries)


def test_every_dependency_is_among_the_constraints():
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(word for extra in extras for word in extra)]
    names = {re.match(r"[\w-]+", w)[0].lower() for w in wanted} - {"fairweather"}
    text = (PROJECT / "constraints.txt").read_text(encoding="utf-8").lower()
    held = {line.partition("==")[0] for line in text.splitlines()}
    assert names <= held


def test_every_third_party_import_is_declared():
    import sys
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["train"], *extras["ray"]]
    names = {re.match(r"[\w-]+", w)[0].lower() for w in wanted}
    names |= {"cv2", "yaml", "hydra"} | {*PACKAGES, "fairweather"} | set(sys.stdlib_module_names)
    used = {what.partition(".")[0] for file in FILES for _, what in imports(file)}
    assert used <= names


def test_the_documents_name_only_files_that_are_there():
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        for path in re.findall(
            r"`((?:simulator|scenarios|render|training|conf|tests)/[\w/.]+)`", text
        ):
            assert (PROJECT / path).exists(), f"{name}: {path}"
