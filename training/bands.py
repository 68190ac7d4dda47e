"""Bands of objects: by size, by how much is hidden, by how much contrast the weather left.

Objects outside a band are neither right nor wrong there, and so is what finds them. What finds
nothing has a size of its own and is a false alarm in the band of that size, as in COCO; it has no
occlusion and no contrast, and is a false alarm in every band of those: compare the bands of one
factor with each other, not with the AP over all.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from render.store import Truth


@dataclasses.dataclass(frozen=True)
class Band:
    """Objects whose ``factor`` (a member of the truth) lies in low <= value <= high."""

    name: str
    factor: str
    low: float
    high: float

    @property
    def area(self) -> tuple[float, float] | None:
        """Areas of false alarms in this band, px; None where all belong to it."""
        return (self.low, self.high) if self.factor == "visible_area_px" else None


def _below(value: float) -> float:
    return float(np.nextafter(np.float32(value), np.float32(0)))


BANDS = (
    # Both edges belong to both neighbours, as in COCO.
    Band("small", "visible_area_px", 0.0, 32.0**2),
    Band("medium", "visible_area_px", 32.0**2, 96.0**2),
    Band("large", "visible_area_px", 96.0**2, 1e10),
    Band("unhidden", "occlusion", 0.0, _below(0.1)),
    Band("partly hidden", "occlusion", 0.1, _below(0.4)),
    Band("mostly hidden", "occlusion", 0.4, 1.0),
    # 5 % is what is left at the meteorological range.
    Band("contrast below 5 %", "contrast_left", 0.0, _below(0.05)),
    Band("contrast 5 to 20 %", "contrast_left", 0.05, _below(0.2)),
    Band("contrast 20 to 50 %", "contrast_left", 0.2, _below(0.5)),
    Band("contrast above 50 %", "contrast_left", 0.5, 1e10),
)
"""Sizes are those of COCO, in px of the image as it was measured."""


def outside(truth: Truth, band: Band) -> np.ndarray:
    """Boxes that are not in a band: bool[K]."""
    value = getattr(truth, band.factor)
    return (value < np.float32(band.low)) | (value > np.float32(band.high))
