"""Semantic and height maps against the labels, and against polygons in metres by shapely."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from render import encode
from render.canvas import HEIGHT_UNIT_M
from render.config import GenerateConfig, VerifyConfig
from render.frame import CLASSES, SEMANTIC
from render.generate import generate
from render.maps import classes_of, draw_maps
from render.obstacles import block_corners
from render.picture import draw
from render.trees import crown_outline
from render.verify import verify_deep
from scenarios.config import CameraConfig
from scenarios.outlines import polygons
from simulator.camera import to_px
from simulator.errors import ConfigError
from simulator.seeding import stream
from simulator.settings import build
from tests.render.drawn import backdrop, moment, shoot

PLACES = [("crossroads_signals", 2), ("crossroads_stop", 1), ("straight", 2), ("town", 2)]
SIGNAL = {"light_red", "light_yellow", "light_green", "light_off"}
WORDS = {
    "pedestrian": "person",
    "stop_sign": "traffic sign",
    **dict.fromkeys(SIGNAL, "traffic light"),
}
BOTH = "semantic", "height"


def maps(layout: str, index: int, kind: str = "orthographic") -> tuple[np.ndarray, np.ndarray]:
    """The semantic and the height map of a moment."""
    still = backdrop(layout, index, kind)
    found = draw_maps(BOTH, draw(still, moment(layout, index, kind)[1]).canvas, classes_of(still))
    return found["semantic"], found["height"]


def within(outlines_px: list[np.ndarray], shape: tuple[int, int], margin_px: float) -> np.ndarray:
    """Pixels whose middle is so far inside one of some outlines, bool[H, W]."""
    area = shapely.union_all(polygons(outlines_px)).buffer(-margin_px)
    v, u = np.mgrid[: shape[0], : shape[1]] + 0.5
    return shapely.contains_xy(area, u, v)


@pytest.mark.parametrize(("layout", "index"), PLACES)
@pytest.mark.parametrize("kind", ["orthographic", "pinhole"])
def test_an_object_is_in_the_semantic_map_what_its_label_says(layout, index, kind):
    semantic, _ = maps(layout, index, kind)
    frame = shoot(layout, index, kind=kind)
    a = frame.annotations
    assert len(a)
    for ident, category in zip(a.instance.tolist(), a.category.tolist(), strict=True):
        name = WORDS.get(CLASSES[category], CLASSES[category])
        assert set(semantic[frame.ids == ident].tolist()) == {SEMANTIC[name]}
    moving = [SEMANTIC[n] for n in ("person", "car", "truck", "bus", "motorcycle", "bicycle")]
    assert not np.isin(semantic[frame.ids == 0], moving).any()


@pytest.mark.parametrize(("layout", "index"), PLACES)
def test_the_road_is_where_its_polygons_are(layout, index):
    scene, _ = moment(layout, index)
    semantic, height = maps(layout, index)
    bare = (height == 0) & (shoot(layout, index).ids == 0)
    network, camera = scene.network, scene.camera
    roads = [to_px(camera, o) for o in (*network.kerbs_m, *network.junctions_m)]
    islands = [to_px(camera, o) for o in network.islands_m]
    road = np.isin(semantic, [SEMANTIC["road"], SEMANTIC["road marking"]])
    on_island = within(islands, semantic.shape, -1.0)
    inside = within(roads, semantic.shape, 1.0) & bare & ~on_island
    outside = ~within(roads, semantic.shape, -1.0) & bare
    assert inside.sum() > 2000
    assert road[inside].all()
    assert outside.sum() > 2000
    assert not road[outside].any()
    beside = ~within(roads, semantic.shape, -1.0 - 2.2 / camera.m_per_px * 2) & bare
    plots = [block_corners(b) for b in scene.surroundings.blocks if b.height_m == 0]
    beside &= ~within([to_px(camera, p) for p in plots], semantic.shape, -1.0)
    assert set(semantic[beside].tolist()) <= {SEMANTIC["terrain"]}


def steps(height_m: float) -> int:
    """What a height map has for a height."""
    return int(np.ceil(height_m / HEIGHT_UNIT_M))


@pytest.mark.parametrize(("layout", "index"), PLACES)
def test_a_roof_is_where_its_footprint_is_and_as_high_as_its_building(layout, index):
    scene, _ = moment(layout, index)
    semantic, height = maps(layout, index)
    building = semantic == SEMANTIC["building"]
    found = 0
    for house in scene.surroundings.buildings:
        roof = within([to_px(scene.camera, house.footprint_m)], semantic.shape, 1.0)
        # what it carries is part of it, and trees and lamps lean over it
        assert set(semantic[roof & ~building].tolist()) <= {
            SEMANTIC["vegetation"],
            SEMANTIC["pole"],
        }
        if (roof & building).sum() > 200:
            assert height[roof & building].min() == steps(house.height_m)
            assert np.median(height[roof & building]) <= steps(house.height_m + 1.6)
            found += 1
    assert found
    houses = [to_px(scene.camera, h.footprint_m) for h in scene.surroundings.buildings]
    fittings_px = 3.2 / scene.camera.m_per_px
    assert not building[~within(houses, semantic.shape, -fittings_px)].any()


@pytest.mark.parametrize(("layout", "index"), PLACES)
def test_a_crown_is_vegetation_and_hides_what_is_lower(layout, index):
    scene, _ = moment(layout, index)
    semantic, height = maps(layout, index)
    in_leaf = [tree for tree in scene.surroundings.trees if not tree.bare]
    crowns = [to_px(scene.camera, crown_outline(t)) for t in in_leaf]
    leaves = semantic == SEMANTIC["vegetation"]
    assert leaves.sum() > 1000
    clumps_px = 1.5 / scene.camera.m_per_px  # leaves reach over the outline
    boughs = [crown_outline(tree) for tree in scene.surroundings.trees if tree.bare]
    drawn = [*crowns, *(to_px(scene.camera, outline) for outline in boughs)]
    assert not leaves[~within(drawn, semantic.shape, -clumps_px)].any()
    above = [SEMANTIC[n] for n in ("traffic sign", "traffic light", "pole", "building")]
    for tree, outline in zip(in_leaf, crowns, strict=True):
        crown = within([outline], semantic.shape, 1.0)
        assert leaves[crown & ~np.isin(semantic, above)].all()
        assert (height[crown & leaves] >= steps(0.6 * tree.height_m)).all()


@pytest.mark.parametrize(("layout", "index"), PLACES)
def test_what_stands_about_is_an_object_and_a_street_lamp_a_pole(layout, index):
    scene, _ = moment(layout, index)
    semantic, height = maps(layout, index)
    around, camera = scene.surroundings, scene.camera
    lamps = [[(p.x_m, p.y_m), (p.lamp_x_m, p.lamp_y_m)] for p in around.poles]
    found = 0
    for pole, ends in zip(around.poles, lamps, strict=True):
        u, v = to_px(camera, np.mean(ends, axis=0)[None])[0].astype(int).tolist()
        inside = 0 <= u < camera.width_px and 0 <= v < camera.height_px
        if inside and height[v, u] == steps(pole.height_m):
            assert semantic[v, u] == SEMANTIC["pole"]
            found += 1
    assert found
    found = 0
    for block in (b for b in around.blocks if b.height_m > 0):
        top = within([to_px(camera, block_corners(block))], semantic.shape, 0.5)
        top &= height == steps(block.height_m)
        if top.sum() > 8:
            assert (semantic[top] == SEMANTIC["object"]).mean() > 0.9  # others may be as high
            found += 1
    assert found


def test_a_grey_png_is_read_back_by_another_program():
    plane = stream(0, 0, "test/grey").integers(0, 256, (37, 53)).astype(np.uint8)
    for given in (plane, plane[:1], np.ascontiguousarray(plane.T)[:, ::2]):
        data = np.frombuffer(encode.png_grey(given), np.uint8)
        assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), given)


# --- in a dataset ---

SMALL = {
    "seed": 5, "scenes": 1, "frames_per_scene": 2, "conditions": ("clear", "fog"), "workers": 1,
    "camera": CameraConfig(width_px=128, height_px=96, m_per_px=0.4), "layouts": ("town",),
}  # fmt: skip


def records(folder) -> list[dict]:
    return json.loads((folder / "annotations/train.json").read_text())["images"]


def test_images_name_their_maps_and_twins_share_them(tmp_path):
    folder = generate(GenerateConfig(out=str(tmp_path / "d"), maps=BOTH, **SMALL))
    clear, fog, later, _ = (r["attributes"]["maps"] for r in records(folder))
    assert clear == fog
    assert clear["height_unit_m"] == HEIGHT_UNIT_M
    assert clear["semantic"] != later["semantic"]
    for which in BOTH:
        plane = cv2.imread(str(folder / clear[which]), cv2.IMREAD_UNCHANGED)
        assert (plane.shape, plane.dtype) == ((96, 128), np.uint8)
        assert len(list((folder / which / "train").iterdir())) == 2
        assert f"`{which}/`" in (folder / "README.md").read_text()
    told = json.loads((folder / "dataset.json").read_text())["maps"]
    shown = cv2.imread(str(folder / clear["semantic"]), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(shown).tolist()) <= set(told["semantic"]["classes"].values())


def test_tables_and_croissant_name_the_maps_and_verify_draws_them_again(tmp_path):
    folder = generate(GenerateConfig(out=str(tmp_path / "d"), maps=BOTH, **SMALL))
    rows = pq.read_table(folder / "frames.parquet").to_pylist()
    for record, row in zip(records(folder), rows, strict=True):
        told = {"masks": record["attributes"]["mask"], **record["attributes"]["maps"]}
        named = {"masks": row["mask"], **{which: row[f"{which}_map"] for which in BOTH}}
        assert named.items() <= told.items()
        assert row["height"] == 96
    card = json.loads((folder / "croissant.json").read_text())
    found = {
        f["@id"]: {p.relative_to(folder).as_posix() for p in folder.glob(f["includes"])}
        for f in card["distribution"]
        if f["@type"] == "cr:FileSet"
    }
    read = {r["name"]: r["field"][0]["source"].get("fileSet") for r in card["recordSet"]}
    assert found[read["images"]["@id"]] == {row["file_name"] for row in rows}
    assert found[read["masks"]["@id"]] == {row["mask"] for row in rows}
    for which in BOTH:
        assert found[read[which]["@id"]] == {row[f"{which}_map"] for row in rows}
    assert verify_deep(VerifyConfig(str(folder), sample=4, seed=0)).problems == ()


def test_maps_change_nothing_else_and_without_them_nothing_tells_of_them(tmp_path):
    plain = generate(GenerateConfig(out=str(tmp_path / "plain"), **SMALL))
    mapped = generate(GenerateConfig(out=str(tmp_path / "mapped"), maps=("height",), **SMALL))
    for one, other in zip(records(plain), records(mapped), strict=True):
        del other["attributes"]["maps"]
        assert one == other
    for name in ("images", "masks", "scenes"):
        for file in (plain / name).rglob("*.*"):
            assert file.read_bytes() == (mapped / file.relative_to(plain)).read_bytes()
    assert not (mapped / "semantic").exists()
    for name, more in ("frames.parquet", ["height_map"]), ("objects.parquet", []):
        tables = [pq.read_table(folder / name) for folder in (mapped, plain)]
        assert tables[0].column_names == [*tables[1].column_names, *more]
        assert tables[0].drop_columns(more).equals(tables[1])
    info = json.loads((plain / "dataset.json").read_text())
    assert "maps" not in {*info, *info["config"]}


def test_where_drivers_react_each_condition_has_maps_of_its_own(tmp_path):
    config = GenerateConfig(out=str(tmp_path / "d"), maps=BOTH, twins="closed", **SMALL)
    paths = [r["attributes"]["maps"]["semantic"] for r in records(generate(config))]
    assert len(set(paths)) == 4


@pytest.mark.parametrize(
    ("given", "said"), [(["semantics"], "semantic"), (["height", "height"], "names one map twice")]
)
def test_maps_that_are_none_are_refused(given, said):
    with pytest.raises(ConfigError, match=said):
        build(GenerateConfig, {"out": "d", "maps": given})
