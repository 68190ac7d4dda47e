"""AP by bands: each object is in one band of a factor, and only there found or missed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simulator.errors import ConfigError
from tests.training.test_bootstrap import planted
from training.bands import BANDS, outside
from training.breakdown import drop, measure
from training.detector import Detections
from training.taxonomy import POLICIES

OCCLUSION = [b for b in BANDS if b.factor == "occlusion"]
CONTRAST = [b for b in BANDS if b.factor == "contrast_left"]


def test_every_object_lies_in_one_band_of_occlusion_and_of_contrast() -> None:
    truth, _ = planted(1, 100, 0.5, 0.0)
    values = np.linspace(0, 1, 800).astype(np.float32)
    values[:4] = 0.1, 0.4, 0.05, 0.2
    truth = dataclasses.replace(truth, occlusion=values, contrast_left=values)
    for bands in (OCCLUSION, CONTRAST):
        inside = np.array([~outside(truth, b) for b in bands])
        assert (inside.sum(axis=0) == 1).all()
        assert inside.any(axis=1).all()


def test_a_miss_in_one_band_costs_nothing_in_another() -> None:
    truth, _ = planted(1, 20, 0.5, 0.0)
    hidden = np.arange(160) % 4 == 0
    truth = dataclasses.replace(
        truth, occlusion=np.where(hidden, 0.5, 0.0), contrast_left=np.where(hidden, 0.02, 0.9)
    )
    found = Detections(
        image=truth.image[~hidden], category=np.zeros(120), score=np.full(120, 0.9),
        box_px=truth.box_px[~hidden], classes=("car",),
    )  # fmt: skip
    cells = {b.name: measure(truth, [found], POLICIES[0], "", 50, 0, b) for b in BANDS[3:]}
    assert cells["unhidden"].value[0, 0] == pytest.approx(1.0)
    assert cells["mostly hidden"].value[0, 0] == 0.0
    assert int(cells["mostly hidden"].truth[0]) == 40
    assert cells["contrast above 50 %"].value[0, 0] == pytest.approx(1.0)
    assert np.isnan(cells["contrast 5 to 20 %"].value[0, 0])
    visible = measure(truth, [found], POLICIES[1], "", 50, 0, CONTRAST[0])
    assert visible.truth[0] == 0  # what weather leaves invisible does not count there
    with pytest.raises(ConfigError, match="protocols"):
        drop(cells["unhidden"], cells["mostly hidden"], 0, 0)
