"""Screenshots of pages in headless Chromium, for tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

HEIGHT_PX = 3000
MARGIN_PX = 5


def screenshot(page: Path, folder: Path, width_px: int, scheme: str = "light") -> np.ndarray:
    """A page as u8[H, W, 3], blue first; the test is skipped where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    shot = folder / "page.png"
    words = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width_px},{HEIGHT_PX}",
        f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
        f"--screenshot={shot}", page.as_uri(),
    ]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    picture = cv2.imread(str(shot))
    assert picture is not None
    return picture


def assert_fits(picture: np.ndarray, width_px: int) -> None:
    """There is a headline, and nothing runs out of the page sideways."""
    assert picture.shape[1] == width_px
    inked = np.abs(picture.astype(int) - picture[0, 0].astype(int)).max(axis=2) > 12
    assert inked[:300].mean() > 0.01
    assert np.flatnonzero(inked.any(axis=0)).max() < width_px - MARGIN_PX
