"""The Ray executor: the bytes of a local run, whoever is killed."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from render.generate import generate
from render.ray_executor import MOST_AT_ONCE, run_on_ray, scenes_a_task
from render.scene_job import run_scene
from render.verify import verify
from simulator.errors import ConfigError
from tests.conftest import PROJECT
from tests.render.ray_cluster import settings

SCENES = 16
NO_RAY = importlib.util.find_spec("ray") is None


def _own_network() -> bool:
    """Whether a network of its own may be made: Ray listens on every interface there is."""
    tools = shutil.which("unshare") and shutil.which("ip")
    return bool(tools) and not subprocess.run(["unshare", "-n", "true"], check=False).returncode


@pytest.mark.skipif(NO_RAY, reason="Ray is not installed: pip install -e '.[ray]'")
def test_a_killed_worker_and_a_killed_node_change_no_byte(tmp_path) -> None:
    if not _own_network():
        pytest.skip("no `unshare -n` here, and Ray would listen on every interface")
    words = ["unshare", "-n", sys.executable, "-m", "tests.render.ray_cluster", "survive"]
    ran = subprocess.run(
        [*words, str(tmp_path / "ray"), str(SCENES)],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said["code"] == 0, ran.stderr[-2000:]
    assert said["workers"] == 1
    assert said["processes"] >= 1
    assert said["done_at_node_kill"] < SCENES
    local = generate(dataclasses.replace(settings(tmp_path / "local", SCENES), executor="local"))
    assert said["root_hash"] == verify(local).root_hash


@pytest.mark.parametrize(("scenes", "processors"), [(1, 1), (50, 2), (100_000, 64)])
def test_tasks_are_large_at_first_and_single_scenes_at_the_end(scenes, processors) -> None:
    sizes, left = [], scenes
    while left:
        sizes.append(scenes_a_task(left, processors))
        left -= sizes[-1]
    assert left == 0
    assert sizes[0] == min(MOST_AT_ONCE, max(1, scenes // (4 * processors)))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-processors:] == [1] * min(processors, len(sizes))


@pytest.mark.parametrize("address", ["", "127.0.0.1:9", "here", "127.0.0.1:99999", "127.0.0.1:x"])
def test_without_a_cluster_it_says_how_to_start_one(address) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(ConfigError, match="Start one with `ray start --head`"):
        list(run_on_ray(run_scene, settings(Path("d"), 1), [0], address))


def test_without_ray_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install .*\[ray\]"):
        list(run_on_ray(run_scene, settings(Path("d"), 1), [0], "localhost:6379"))
