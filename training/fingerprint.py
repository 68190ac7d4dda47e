"""What a number is a measurement of: figures that differ in this must not be subtracted."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection

import numpy as np

from render.store import Truth
from simulator.errors import ConfigError
from training.bands import Band
from training.matching import MAX_DETECTIONS, OVERLAPS
from training.metrics import MIN_OBJECTS, RECALLS
from training.taxonomy import LabelPolicy

LETTERS = 12


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """Protocol: how it was counted. Truth: against what. Twins: which scenes, whatever the weather.

    Each is a shortened SHA-256; ``twins`` is empty where the data does not declare its geometry.
    """

    protocol: str
    truth: str
    twins: str

    def __str__(self) -> str:
        return f"{self.protocol}-{self.truth}-{self.twins or 'none'}"


def fingerprint(
    truth: Truth, ignored: np.ndarray, policy: LabelPolicy, band: Band | None = None
) -> Fingerprint:
    """The fingerprint of figures measured on a truth under a label policy, in a band of it."""
    protocol = {
        "metric": f"AP {len(RECALLS)} points", "overlaps": OVERLAPS, "most": MAX_DETECTIONS,
        "classes": truth.classes, "policy": dataclasses.asdict(policy), "few": MIN_OBJECTS,
    }  # fmt: skip
    if band is not None:
        protocol["band"] = dataclasses.asdict(band)
    twins = ""
    if len(truth) and all(truth.geometry):
        twins = _hash(sorted(zip(truth.scene, truth.frame.tolist(), truth.geometry, strict=True)))
    content = [
        truth.scene, truth.frame.tolist(), truth.condition, truth.size_px.tolist(),
        truth.box_px.tolist(), truth.category.tolist(), truth.image.tolist(), ignored.tolist(),
    ]  # fmt: skip
    return Fingerprint(_hash(protocol), _hash(content), twins)


def comparable(a: Fingerprint, b: Fingerprint, declared: Collection[frozenset[str]] = ()) -> str:
    """How two figures may be subtracted: 'same' (one truth), 'twins' (paired by scene), 'unpaired'.

    Args:
        declared: pairs of truth hashes of different scenes that a plan declares comparable.

    Raises:
        ConfigError: they must not be subtracted at all.
    """
    if a.protocol != b.protocol:
        raise ConfigError(
            f"figures with different protocols cannot be subtracted ({a.protocol}, {b.protocol})",
            mend="Measure both with the same classes and label policy",
        )
    if a.truth == b.truth:
        return "same"
    if a.twins and a.twins == b.twins:
        return "twins"
    if frozenset((a.truth, b.truth)) in declared:
        return "unpaired"
    raise ConfigError(
        f"figures of different scenes cannot be subtracted ({a.truth}, {b.truth})",
        mend="Measure both on one dataset or on twins",
    )


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]
