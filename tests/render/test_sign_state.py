"""Dirty, tilted and overgrown signs: pixels, boxes and words are those of the plate as it is."""

import dataclasses
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import Polygon

from render import picture
from render.config import GenerateConfig, VerifyConfig
from render.dirt import dirt_patches
from render.faces import sign_face
from render.generate import generate
from render.verify import verify_deep
from scenarios.config import CameraConfig, SceneConfig, SignStateConfig
from scenarios.mirror import mirrored
from scenarios.sampler import sample_scene
from scenarios.telling import tell
from simulator import engine
from simulator.arrays import same
from simulator.camera import to_px
from simulator.convention import Convention
from simulator.errors import DataError
from simulator.scene_io import dump_scene, load_scene
from simulator.seeding import stream
from simulator.sign import PLATE_M, plate_centre_m, state_of

NONE = SignStateConfig(dirty_share=0, tilted_share=0, overgrown_share=0)


def scene_of(kind="orthographic", tilt_rad=0.0, **shares):
    camera = CameraConfig(
        kind=kind, tilt_rad=tilt_rad, m_per_px=0.07, spread_m=0.0, width_px=700, height_px=700
    )
    signs = dataclasses.replace(NONE, **shares)
    return sample_scene(SceneConfig(layouts=("crossroads_stop",), camera=camera, signs=signs), 5, 0)


def drawn(scene):
    state = engine.rollout(scene, [0.0])[0]
    return picture.draw(picture.prepare(scene), state)


def stops(drawing):
    return [k for k, name in enumerate(drawing.geometry.sign) if name == "stop"]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.95])
def test_dirt_covers_the_share_of_the_face_that_it_says_and_nothing_beside_it(share):
    for name in ("stop", "yield", "speed_limit"):
        outline = sign_face(name, 25, Convention())[0][0]
        patches = [Polygon(p) for p in dirt_patches(outline, share, stream(1, 0, name))]
        covered, face = shapely.union_all(patches), Polygon(outline)
        assert all(p.is_valid for p in patches)
        assert covered.area == pytest.approx(share * face.area, abs=0.02 * face.area)
        assert covered.difference(face.buffer(1e-4)).area < 1e-6


def test_a_dirty_sign_has_the_same_mask_and_other_pixels():
    clean = scene_of()
    dirty = dataclasses.replace(
        clean, signs=tuple(dataclasses.replace(s, dirt=0.4) for s in clean.signs)
    )
    a, b = drawn(clean), drawn(dirty)
    assert np.array_equal(a.canvas.ids, b.canvas.ids)
    k = stops(b)[0]
    own = b.canvas.ids == b.geometry.instance[k]
    changed = (a.canvas.albedo != b.canvas.albedo).any(axis=0)
    assert 0.3 < changed[own].mean() < 0.5
    assert b.geometry.sign_state[k] == {"dirt": 0.4}
    assert a.geometry.sign_state[k] == {}


def test_boxes_and_areas_of_a_tilted_sign_are_those_of_its_turned_outline():
    clean = scene_of()
    askew = dataclasses.replace(
        clean, signs=tuple(dataclasses.replace(s, tilt_rad=0.3) for s in clean.signs)
    )
    a, b = drawn(clean), drawn(askew)
    pairs = zip(stops(a), stops(b), strict=True)
    whole = [(i, j) for i, j in pairs if b.geometry.inside_px[j] == b.geometry.full_px[j]]
    assert whole
    for i, j in whole:
        visible = np.argwhere(b.canvas.ids == b.geometry.instance[j])
        (y0, x0), (y1, x1) = visible.min(axis=0), visible.max(axis=0) + 1
        assert b.geometry.full_box_px[j].tolist() == [x0, y0, x1, y1]
        assert b.geometry.full_px[j] == len(visible)
        turned = b.geometry.oriented_px[j, 4] - a.geometry.oriented_px[i, 4]
        assert abs(turned) == pytest.approx(0.3)
    assert not np.array_equal(a.canvas.ids, b.canvas.ids)


@pytest.mark.parametrize(
    ("kind", "tilt_rad"), [("orthographic", 0), ("pinhole", 0), ("pinhole", 0.5)]
)
def test_a_crown_hides_an_overgrown_sign_from_the_camera_and_the_label_says_how_much(
    kind, tilt_rad
):
    scene = scene_of(kind, tilt_rad, overgrown_share=1.0)
    drawing = drawn(scene)
    bare = drawn(dataclasses.replace(
        scene, signs=tuple(dataclasses.replace(s, overgrown=False) for s in scene.signs)
    ))  # fmt: skip
    full = {
        int(i): int(n)
        for i, n in zip(bare.geometry.instance, bare.geometry.visible_px, strict=True)
    }
    g, seen = drawing.geometry, 0
    for k in stops(drawing):
        left = g.visible_px[k] / full[int(g.instance[k])]
        if not g.sign_state[k]:  # no tree found room beside it
            assert left == 1.0
            continue
        assert left < 0.7
        assert g.sign_state[k] == {"overgrown": True}
        assert g.full_px[k] >= full[int(g.instance[k])]
        seen += 1
    assert seen > 1
    for sign in scene.signs:
        (at,) = to_px(scene.camera, plate_centre_m(sign, "right")[None], PLATE_M)
        if sign.overgrown and (at > 5).all() and (at < 695).all():
            x, y = at.astype(int)
            assert drawing.canvas.height[y, x] > PLATE_M / 0.25


def test_the_state_of_signs_changes_no_other_draw_and_comes_back_from_a_file_and_a_mirror():
    clean = scene_of()
    worn = scene_of(dirty_share=0.6, tilted_share=0.6, overgrown_share=0.6)
    assert same(clean.agents, worn.agents)
    assert worn.surroundings.trees[: len(clean.surroundings.trees)] == clean.surroundings.trees
    fresh = [dataclasses.replace(s, dirt=0.0, tilt_rad=0.0, overgrown=False) for s in worn.signs]
    assert tuple(fresh) == clean.signs
    assert same(load_scene(dump_scene(worn)), worn)
    assert "dirt" not in dump_scene(clean)
    assert same(mirrored(mirrored(worn)), worn)
    assert any(state_of(s) for s in worn.signs)
    assert any("Not all signs are in order" in line for line in tell(worn))
    assert not any("Not all signs are in order" in line for line in tell(clean))


def test_a_scene_file_with_dirt_beyond_the_whole_face_is_refused():
    text = dump_scene(scene_of(dirty_share=1.0))
    start = text.index('"dirt":') + len('"dirt":')
    bad = text[:start] + "7" + text[text.index(",", start) :]
    with pytest.raises(DataError, match="dirt must be 0 to 1"):
        load_scene(bad)


def test_a_dataset_tells_the_state_of_signs_and_the_tilt_and_is_drawn_again_equal(tmp_path):
    folder = generate(
        GenerateConfig(
            out=str(tmp_path / "d"), scenes=2, workers=1, conditions=("clear",),
            layouts=("crossroads_stop",), signs=dataclasses.replace(NONE, dirty_share=1),
            camera=CameraConfig(kind="pinhole", tilt_rad=0.3, width_px=320, height_px=320),
        )
    )  # fmt: skip
    coco = json.loads((folder / "annotations" / "train.json").read_text())
    objects = pq.read_table(folder / "objects.parquet").to_pylist()
    told = [a["attributes"].get("sign_state", {}) for a in coco["annotations"]]
    signs = [k for k, row in enumerate(objects) if row["sign"]]
    assert signs
    for k, row in enumerate(objects):
        assert row["sign_dirt"] == (np.float32(told[k]["dirt"]) if k in signs else None)
    assert {f["tilt_rad"] for f in pq.read_table(folder / "frames.parquet").to_pylist()} == {
        np.float32(0.3)
    }
    assert not verify_deep(VerifyConfig(data=str(folder), sample=4, seed=1)).problems
