"""The job ``generate``: scenes -> a dataset folder, resumable, the same bytes whoever makes it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from render.balance import Promise, balanced, outcome
from render.card import write_card
from render.coco_reader import read_json
from render.composition import (
    conditions_a_scene,
    conditions_of,
    described,
)
from render.config import GenerateConfig, is_part, scene_range
from render.estimate import refuse_full_disk
from render.executor import run_scenes
from render.files import make_folder, sweep, write_bytes, write_json
from render.given_scene import GIVEN, given_bytes, settled
from render.lock import alone_in
from render.manifest import MANIFEST, manifest_text, read_manifest, refuse_inside, sha256_file
from render.maps import told_of_maps
from render.merge import merge_parts
from render.other_settings import difference
from render.parts import scene_done, take_parts
from render.progress import progress, say
from render.provenance import write_provenance
from render.scene_job import WORK, run_scene, scene_folders
from render.settings_check import check_settings
from render.warm import compile_once
from scenarios.change import told
from scenarios.presets import read_condition
from simulator.distortion import NAMES
from simulator.errors import DataError, OutputError
from simulator.settings import plain
from simulator.version import VERSION

FORMAT_VERSION = 1
GENERATOR = f"fairweather {VERSION}"
LICENCE = "CC0-1.0"
"""The generated files are nobody's work: they may be used for anything."""

NOT_HASHED = ("out", "workers", "executor", "ray_address", "join", "dry_run")
"""Settings that change no byte of a dataset."""


def generate(config: GenerateConfig) -> Path:
    """Make a dataset, or complete one that was interrupted.

    Returns:
        The dataset's folder; that of a part, where only a range of scenes was made.

    Raises:
        ConfigError: settings that contradict each other. DataError: a part to join is broken or
            of other settings.
        OutputError: the folder holds something else, cannot be written, or another run is at it.
    """
    config = settled(config)
    check_settings(config)
    config, promises = balanced(config)
    for line in (
        f"balance.{p.name}: {p.expected:g}, not {p.asked:g}: {p.reason}"
        for p in promises
        if p.reason
    ):
        say(line)
    given = given_bytes(config.scene) if config.scene is not None else b""
    refuse_inside(Path(config.out), itself=False)
    root = make_folder(config.out)
    said = {"generator": GENERATOR, "config": _settings(config), **_given(given)}
    if _is_complete(root, config, said):
        say(f"{root} is complete already")
        return root
    with alone_in(root):
        _make(root, config, said, given, promises)
    return root


def _is_complete(root: Path, config: GenerateConfig, said: dict[str, Any]) -> bool:
    """Whether the dataset is there.

    Raises:
        DataError: a part of it is lost. OutputError: another is there.
    """
    if not (root / MANIFEST).is_file():
        return False
    _same_or_refuse(root, said)
    _all_named(root, config)
    if (root / WORK).is_dir():
        with alone_in(root):  # else the run that is at it would miss it
            shutil.rmtree(root / WORK, ignore_errors=True)  # a killed run's
    return True


def _make(
    root: Path, config: GenerateConfig, said: dict[str, Any], given: bytes,
    promises: tuple[Promise, ...],
) -> None:  # fmt: skip
    """Make what is missing of a dataset, or of a part, where only a range of scenes is wanted."""
    identity = json.dumps(said, sort_keys=True, indent=1)
    _start(root, identity, config)
    if given:
        write_bytes(root / GIVEN, given)
        config = dataclasses.replace(config, scene=str(root / GIVEN))
    compile_once()
    indices = scene_range(config)
    if config.join:
        take_parts(root, [Path(p) for p in config.join], identity, len(indices))
    todo = [i for i in indices if not scene_done(root, i)]
    frames = config.frames_per_scene * conditions_a_scene(config)
    if len(todo) < len(indices):
        say(f"going on: {len(indices) - len(todo)} of {len(indices)} scenes are done")
    refuse_full_disk(config, len(todo))
    start = (len(indices) - len(todo)) * frames
    with progress("generating", len(indices) * frames, "frames", start) as advance:
        done = start
        for _, count in _run(config, todo):
            done += count
            advance(done, "")
    if is_part(config):
        say(f"a part: scenes={config.scenes} are done; generate scenes=N join=[{root},...] joins")
        return
    _finish(root, config, said, given, promises)


def _run(config: GenerateConfig, todo: list[int]) -> Iterator[tuple[int, int]]:
    if config.executor == "ray":
        from render.ray_executor import run_on_ray

        return run_on_ray(run_scene, config, todo, config.ray_address)
    return run_scenes(run_scene, config, todo, config.workers)


def _settings(config: GenerateConfig) -> dict[str, Any]:
    """The settings that a dataset tells; those that change no byte of it are left out."""
    values = {k: v for k, v in plain(config).items() if k not in NOT_HASHED}
    if values.pop("scene") is not None:
        values["scene"] = GIVEN
    if values["balance"] is None:
        del values["balance"]
    if not values["maps"]:
        del values["maps"]
    for name in NAMES:
        if not values["camera"][name]:
            del values["camera"][name]
    return values


def _given(data: bytes) -> dict[str, str]:
    return {"scene_sha256": hashlib.sha256(data).hexdigest()} if data else {}


def _same_or_refuse(root: Path, said: dict[str, Any]) -> None:
    try:
        info = read_json(root / "dataset.json")
    except DataError:
        raise DataError(
            "holds a manifest but no readable dataset.json", place=str(root),
            mend="Choose another out= or remove the folder",
        ) from None  # fmt: skip
    named = ("generator", "config", "scene_sha256")
    other = difference({k: info[k] for k in named if k in info}, said)
    if other:
        raise OutputError(
            f"holds a finished dataset of other settings: {other}", place=str(root),
            mend="Choose another out=",
        )  # fmt: skip


def _all_named(root: Path, config: GenerateConfig) -> None:
    """Refuse a manifest that was cut off: what is complete names its tables and every scene."""
    named = read_manifest(root)
    scenes = (f"scenes/{index:06d}.json" for index in range(config.scenes))
    for name in ("dataset.json", "objects.parquet", *scenes):
        if name not in named:
            raise DataError(
                f"does not name {name}: it was cut off", place=str(root / MANIFEST),
                mend="Choose another out= or remove the folder",
            )  # fmt: skip


def _start(root: Path, identity: str, config: GenerateConfig) -> None:
    """Make the folders, or make sure that what was begun here is the same dataset."""
    marker = root / WORK / "dataset.json"
    if marker.is_file():
        if other := difference(read_json(marker), json.loads(identity)):
            raise OutputError(
                f"holds an unfinished dataset of other settings: {other}", place=str(root),
                mend="Choose another out= or remove the folder",
            )  # fmt: skip
    elif any(root.iterdir()):
        raise OutputError("is not empty", place=str(root), mend="Choose another out=")
    for name in (*scene_folders(config), "annotations"):
        make_folder(root / name)
    write_bytes(marker, identity.encode())


def _finish(
    root: Path,
    config: GenerateConfig,
    said: dict[str, Any],
    given: bytes,
    promises: tuple[Promise, ...],
) -> None:
    try:
        hashes, counts = merge_parts(root, config)
    except OSError as error:
        raise OutputError(
            f"the tables cannot be written ({error.strerror or error})", place=str(root),
            mend="Make room and start again: finished scenes are kept",
        ) from error  # fmt: skip
    specs = [read_condition(spec) for spec in conditions_of(config)]
    design = described(config, config.scenes)
    if design and promises:
        design["balance"] = outcome(promises, counts)
    info = {
        "format_version": FORMAT_VERSION,
        "generator": GENERATOR,
        "seed": config.seed,
        "split": config.split,
        "config": said["config"],
        **_given(given),
        "classes": list(counts["per_class"]),
        **({"maps": told_of_maps(config.maps)} if config.maps else {}),
        "conditions": {
            s.label: {
                **{k: (a if a == b else [a, b]) for k, (a, b) in s.ranges.items()},
                **({} if s.street_lamps is None else {"street_lamps": s.street_lamps}),
                **({"extra": {k: list(v) for k, v in s.extra.items()}} if s.extra else {}),
                **({} if s.change is None else told(s.change)),
            }
            for s in specs
        },
        "twins": f"{config.twins}_loop" if conditions_a_scene(config) > 1 else "none",
        **({"design": design} if design else {}),
        "splits": {config.split: {**counts, "predicates": [s.label for s in specs]}},
        "lineage": [
            {"seed": config.seed, "split": config.split, "first": 0, "last": config.scenes - 1}
        ],
        "licence": LICENCE,
    }  # fmt: skip
    write_json(root / "dataset.json", info)
    for name in (
        f"annotations/{config.split}.json",
        "objects.parquet",
        "frames.parquet",
        "dataset.json",
        *([GIVEN] if given else []),
    ):
        hashes[name] = sha256_file(root / name)
    for name in write_card(root, info, hashes):
        hashes[name] = sha256_file(root / name)
    sweep(root, keep=hashes, skip=WORK)
    write_provenance(root, plain(config))
    # last: whoever finds it counts the dataset as finished
    write_bytes(root / MANIFEST, manifest_text(hashes.items()).encode())
    shutil.rmtree(root / WORK)
