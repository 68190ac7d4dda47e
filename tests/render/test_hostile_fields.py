"""Hostile values in every field that is read, and hostile settings: one line each, nothing made."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from render.config import GenerateConfig
from render.export import export
from render.generate import generate
from render.manifest import MANIFEST
from render.store import open_dataset, read_splits
from scenarios.config import CameraConfig
from simulator.errors import FairweatherError
from tests.render.test_hostile import COCO, INFO, call, files
from tests.training.toy import write_toy

__all__ = ["call"]

VALUES: dict[str, Any] = {
    "nothing": None, "a text": "x", "a list": [], "a mapping": {}, "true": True, "below zero": -7,
    "huge": 10**400, "a fraction": 0.37, "NaN": float("nan"), "infinity": float("inf"),
}  # fmt: skip
WORDS, SHARES = {"a text"}, {"a fraction"}
FIELDS: dict[tuple[str, str], set[str]] = {
    **{("images", n): set() for n in
       ("id", "width", "height", "file_name", "seed", "scene_index", "frame", "attributes")},
    ("images", "split"): WORDS, ("images", "condition"): WORDS,
    **{("annotations", n): set() for n in ("image_id", "category_id", "bbox", "iscrowd")},
    **{("annotations", n): SHARES for n in ("occlusion", "truncation", "contrast_left")},
    ("annotations", "visible_area"): SHARES | {"nothing"}, ("annotations", "obb"): {"nothing"},
    **{("annotations", n): WORDS | {"nothing"} for n in ("aspect", "sign")},
    ("categories", "id"): set(), ("categories", "name"): set(),
}  # fmt: skip
"""Field of a record -> what of the values above is fine there."""

INFOS: dict[str, set[str]] = {
    "format_version": set(), "classes": set(), "splits": set(),
    "lineage": {"a list"},
}  # fmt: skip


def hostile(fields: dict[Any, set[str]]) -> list[Any]:
    return [
        (field, value) for field, fine in fields.items() for value in VALUES if value not in fine
    ]


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Path:
    data = write_toy(tmp_path_factory.mktemp("toy") / "d", 2, objects=2)
    (data / MANIFEST).write_text("")
    return data


@pytest.fixture
def replaced(toy) -> Iterator[Any]:
    """Writes a file of the toy, which gets its own content back afterwards."""
    before = {}

    def write(name: str, content: str) -> None:
        before[name] = (toy / name).read_text()
        (toy / name).write_text(content)

    yield write
    for name, content in before.items():
        (toy / name).write_text(content)


def refused(call: Any, folder: Path, *lines: tuple[str, ...]) -> None:
    before = files(folder), files(Path())
    for words in lines:
        code, said = call(*words)
        assert (code, len(said)) == (2, 1), (words, said)
        assert len(said[0]) < 900
        assert (files(folder), files(Path())) == before


def one_line(read: Any, folder: Path) -> None:
    """What the command prints and ends with: see test_hostile, where it is the command itself."""
    before = files(folder)
    with pytest.raises(FairweatherError) as error:
        read()
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 900
    assert files(folder) == before


@pytest.mark.parametrize(("field", "value"), hostile(FIELDS))
def test_a_record_with_a_hostile_value_is_refused(field, value, toy, replaced) -> None:
    kind, name = field
    coco = json.loads((toy / COCO).read_text())
    target = coco[kind][0]
    target = target["attributes"] if name in target.get("attributes", {}) else target
    target[name] = VALUES[value]
    replaced(COCO, json.dumps(coco))
    # both readers of records: the one that streams, and the one that makes arrays
    one_line(lambda: export(toy, "coco", toy.parent / "out"), toy.parent)
    one_line(lambda: read_splits(open_dataset(toy)), toy.parent)


@pytest.mark.parametrize(("field", "value"), hostile(INFOS))
def test_a_description_with_a_hostile_value_is_refused(field, value, toy, replaced) -> None:
    replaced(INFO, json.dumps({**json.loads((toy / INFO).read_text()), field: VALUES[value]}))
    one_line(lambda: open_dataset(toy), toy.parent)


SETTINGS = (
    "scenes=0", "scenes=-1", "scenes=1e99", "scenes=nan", "scenes=true", "scenes=[1]",
    "scenes=99999999999999999999", "scenes=5..1", "scenes={a: 1}", "seed=-1", "seed=1.5",
    "seed=99999999999999999999", "seed=x", "split=../x", "split=a/b", "split=", "split=[a]",
    "split=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "frames_per_scene=0",
    "frames_per_scene=100000", "frames_per_scene=null", "frame_rate_hz=0", "frame_rate_hz=nan",
    "frame_rate_hz=inf", "frame_rate_hz=-1", "twins=half", "image=exe", "workers=-1",
    "workers=1000000", "executor=shell", "executor=ray", "design=4way", "layouts=[]",
    "layouts=[../../etc]", "layouts=town", "layouts=[1]", "conditions=[]", "conditions=[[fog]]",
    "conditions=[{fog: {visibility_m: nan}}]", "conditions=[{fog: {visibility_m: -3}}]",
    "conditions=[{fog: {visibility_m: [9, 1]}}]", "conditions=[{fog: {_target_: os.system}}]",
    "conditions=[../clear]", "conditions=[clear,clear]", "conditions=[{clear: {extra: {x: 1}}}]",
    "camera.width_px=100000", "camera.width_px=-5", "camera.m_per_px=0", "camera.m_per_px=inf",
    "camera.kind=fisheye", "camera.zoom=3", "camera=null", "camera=[]", "roads.length_m=1e9",
    "roads.speed_limits_mps=[]",
    "roads.lane_width_low_m=4", "traffic.vehicles_low=1e9", "traffic.truck_share=2",
    "traffic.horizon_s=-1", "sensor.blur_px=[3,1]", "sensor.blur_px=[1]", "sensor=hubble",
    "step_s=0", "warm_up_s=1e12", "plate_scale=nan", "join=[nowhere]", "join=[/dev/null]",
    "join=3", "scens=3", "_target_=os.system", "+x=1", "out=/proc/x", "out=/dev/null",
    "experiment=../../x", "scenes=${oc.env:HOME}", "factors=3",
)  # fmt: skip


@pytest.mark.parametrize("words", SETTINGS)
def test_settings_that_cannot_be_are_refused(words, call, tmp_path) -> None:
    out = () if words.startswith("out=") else ("out=d",)
    refused(call, tmp_path, ("generate", *out, words))


# --- scene files ---


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Any:
    made = generate(
        GenerateConfig(
            out=str(tmp_path_factory.mktemp("scene") / "d"), scenes=1, frames_per_scene=1,
            workers=1, camera=CameraConfig(width_px=64, height_px=64),
        )
    )  # fmt: skip
    return json.loads((made / "scenes/000000.json").read_text())


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a scene file, the first two of each list only."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else ()
    inner = list(enumerate(value))[:2] if isinstance(value, list) else inner
    for key, item in inner:
        yield from places(item, (*at, key))


@pytest.mark.parametrize("value", ["a text", "a mapping", "NaN", "huge"])
def test_a_scene_file_with_a_hostile_value_anywhere_is_told_in_one_line(
    value, scene, call, tmp_path
) -> None:
    file = tmp_path / "scene.json"
    for at in list(places(scene))[::80]:
        broken = copy.deepcopy(scene)
        target = broken
        for key in at[:-1]:
            target = target[key]
        target[at[-1]] = VALUES[value]
        file.write_text(json.dumps(broken))
        code, said = call("describe", f"scene={file}")
        assert code in (0, 2), at
        assert len(said) == (1 if code else 0), (at, said)
