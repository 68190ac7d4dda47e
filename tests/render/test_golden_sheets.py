"""What a contact sheet shows is what somebody has looked at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from render.gallery import SHEETS, gallery
from tests.render.golden_sheets import GOLDEN, TINY_PX, tiny

MOST_LEVELS = 3.0
"""By which a tile may differ on average: another processor's rounding moves noise, no picture."""


@pytest.mark.parametrize("family", SHEETS)
def test_every_tile_of_a_sheet_looks_as_it_did(family: str, tmp_path: Path) -> None:
    mend = "look at the new sheet, and write it with: python -m tests.render.golden_sheets"
    for sheet in gallery(family, tmp_path):
        known = cv2.imread(str(GOLDEN / f"{sheet.stem}.png"))
        assert known is not None, f"{sheet.stem} has no golden picture: {mend}"
        shown = tiny(sheet)
        assert shown.shape == known.shape, f"{sheet.stem} has other tiles: {mend}"
        off = np.abs(shown.astype(float) - known).mean(axis=2)
        rows, columns = (n // TINY_PX for n in off.shape)
        by_tile = off.reshape(rows, TINY_PX, columns, TINY_PX).mean(axis=(1, 3))
        worst = np.unravel_index(by_tile.argmax(), by_tile.shape)
        assert by_tile.max() < MOST_LEVELS, f"{sheet.stem}, row and column {worst}: {mend}"


def test_a_picture_of_something_else_would_be_noticed() -> None:
    """Two layouts, two signs differ by more than is allowed, mostly."""
    for name in ("layouts", "signs"):
        sheet = cv2.imread(str(GOLDEN / f"{name}.png")).astype(float)
        rows, columns = (n // TINY_PX for n in sheet.shape[:2])
        tiles = sheet.reshape(rows, TINY_PX, columns, TINY_PX, 3).swapaxes(1, 2)
        tiles = tiles.reshape(-1, TINY_PX, TINY_PX, 3)
        kept = [t for t in tiles if t.std() > 2]
        apart = [np.abs(a - b).mean() for i, a in enumerate(kept) for b in kept[i + 1 :]]
        assert np.median(apart) > 2 * MOST_LEVELS
