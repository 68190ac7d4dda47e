"""The detector that saw drawn frames alone, on real ones: `make real` after `make real-model`.

The two sources are measured apart, each at its own scale. Figures are printed, overlays are left in
outputs/real. Floors stand well under what was measured: they catch a broken path, not a bad day.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import PROJECT

REAL = Path(os.environ.get("FAIRWEATHER_REAL", PROJECT.parent / "shared" / "real" / "aerial-cars"))
OUT = PROJECT / "outputs" / "real"
MODEL = Path(os.environ.get("FAIRWEATHER_REAL_MODEL", OUT / "model.safetensors"))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the real frames are not here ({REAL})"),
    pytest.mark.skipif(not MODEL.is_file(), reason="no trained model: run make real-model first"),
]

SOURCES = {
    "kit": ("KIT AIS", 1.25, 0.5),
    "minsk": ("Kharuzhy and Minsk OSM community", 0.8, 0.4),
}
"""Name: source in the file, scale at which its frames are read, least AP50 that is plausible."""


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_drawn_frames_teach_a_detector_that_finds_real_vehicles(name: str) -> None:
    from training.config import EvaluateConfig
    from training.evaluate import evaluate

    source, scale, floor = SOURCES[name]
    coco = json.loads((REAL / "annotations.json").read_text(encoding="utf-8"))
    coco["images"] = [i for i in coco["images"] if i["source"] == source]
    ids = {i["id"] for i in coco["images"]}
    coco["annotations"] = [a for a in coco["annotations"] if a["image_id"] in ids]
    out = OUT / name
    out.mkdir(parents=True, exist_ok=True)
    part = out / "annotations.json"
    part.write_text(json.dumps(coco), encoding="utf-8")
    result = evaluate(
        EvaluateConfig(
            model=str(MODEL), data=str(part), images=str(REAL / "images"), out=str(out),
            taxonomy="vehicle", scale=scale, replicates=500,
        )
    )  # fmt: skip
    print(f"\n{name}: AP50 {result['AP50']:.3f}, AP {result['AP']:.3f}")
    _overlays(coco, json.loads((out / "detections.json").read_text()), out)
    assert result["AP50"] > floor


def _overlays(coco: dict, detections: list[dict], out: Path) -> None:
    """A few frames with labels (white) and detections scored above 0.35 (green)."""
    labels, found = defaultdict(list), defaultdict(list)
    for a in coco["annotations"]:
        labels[a["image_id"]].append(a["bbox"])
    for d in detections:
        if d["score"] > 0.35:
            found[d["image_id"]].append(d["bbox"])
    images = coco["images"]
    for k in np.linspace(0, len(images) - 1, 6).astype(int):
        picture = cv2.imread(str(REAL / "images" / images[k]["file_name"]))
        for boxes, colour in ((labels, (255, 255, 255)), (found, (80, 220, 40))):
            for x, y, w, h in boxes[images[k]["id"]]:
                corners = (round(x), round(y)), (round(x + w), round(y + h))
                cv2.rectangle(picture, *corners, colour, 2)
        cv2.imwrite(str(out / f"overlay_{k:03d}.png"), picture)
