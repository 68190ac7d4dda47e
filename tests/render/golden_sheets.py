"""The contact sheets as tiny golden pictures, to be looked at when they change.

Usage, after a change that was meant: python -m tests.render.golden_sheets
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from render.gallery import SHEETS, TILE_PX, gallery

GOLDEN = Path(__file__).parent / "golden"
TINY_PX = 32
"""Side of a tile."""


def tiny(sheet: Path) -> np.ndarray:
    """A contact sheet with tiles of TINY_PX, u8[H, W, 3]."""
    whole = cv2.imread(str(sheet))
    scale = TINY_PX / TILE_PX
    return cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def main() -> None:
    """Write them all anew."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for family in SHEETS:
            for sheet in gallery(family, Path(folder)):
                cv2.imwrite(str(GOLDEN / f"{sheet.stem}.png"), tiny(sheet))


if __name__ == "__main__":
    main()
