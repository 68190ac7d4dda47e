"""Where everything is: rectangles from the size of the window. Pure, so that tests can point."""

from __future__ import annotations

import dataclasses

from pygame import Rect

from render.viewer.keys import COMMANDS
from render.viewer.view import QUANTITIES, SWITCHES
from scenarios.presets import condition_names

SIZE_PX = (1120, 740)
"""Size of the window at the beginning; scripts point into this size."""

LEAST_PX = (800, 600)
"""Smaller windows are laid out as this one and cut off."""

MARGIN_PX, PANEL_PX = 14, 400
BUTTON_PX, PRESET_COLUMNS = 26, 4
BUTTON_WIDTH_PX, BUTTON_COLUMNS = 92, 7
"""Narrowest button of a command, and the most beside one another."""

STATUS_PX, HEADING_PX = 100, 22
ROW_LOW_PX, ROW_HIGH_PX = 24, 34
"""Height of a slider's row."""

SHARP_BELOW = 1.15
"""A picture that would be enlarged by less than this is shown pixel by pixel instead."""


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """Rectangles in px of the window.

    Attributes:
        area: what the picture may take. panel: the right side. status: the figures at its top.
        sliders, switches: the row of each quantity. presets: the button of each condition.
        headings: where the words over sliders and presets go.
        buttons: one for each command, by its label.
    """

    area: Rect
    panel: Rect
    status: Rect
    headings: tuple[Rect, Rect]
    sliders: dict[str, Rect]
    switches: dict[str, Rect]
    presets: dict[str, Rect]
    buttons: dict[str, Rect]


def arrange(size_px: tuple[int, int]) -> Arrangement:
    """Lay out a window of a given size (width, height) px."""
    width, height = max(size_px[0], LEAST_PX[0]), max(size_px[1], LEAST_PX[1])
    left = width - PANEL_PX - 4 * MARGIN_PX
    columns = min(left // BUTTON_WIDTH_PX, BUTTON_COLUMNS)
    rows = -(-len(COMMANDS) // columns)
    foot = rows * BUTTON_PX
    area = Rect(MARGIN_PX, MARGIN_PX, left, height - foot - 3 * MARGIN_PX)
    x, inner = width - PANEL_PX - MARGIN_PX, PANEL_PX
    y = MARGIN_PX
    status = Rect(x, y, inner, STATUS_PX)
    names = condition_names()
    presets_px = -(-len(names) // PRESET_COLUMNS) * BUTTON_PX
    count = len(QUANTITIES) + len(SWITCHES)
    room = height - 2 * MARGIN_PX - STATUS_PX - 2 * HEADING_PX - presets_px
    pitch = min(max(room // count, ROW_LOW_PX), ROW_HIGH_PX)
    first = Rect(x, status.bottom, inner, HEADING_PX)
    lines = [Rect(x, first.bottom + i * pitch, inner, pitch) for i in range(count)]
    second = Rect(x, lines[-1].bottom, inner, HEADING_PX)
    under = Rect(x, second.bottom, inner, presets_px)
    return Arrangement(
        area=area,
        panel=Rect(x - MARGIN_PX, 0, inner + 2 * MARGIN_PX, height),
        status=status,
        headings=(first, second),
        sliders=dict(zip(QUANTITIES, lines, strict=False)),
        switches=dict(zip(SWITCHES, lines[len(QUANTITIES) :], strict=True)),
        presets=_grid(under, names, PRESET_COLUMNS),
        buttons=_grid(
            Rect(MARGIN_PX, area.bottom + MARGIN_PX, left, foot),
            tuple(c.label for c in COMMANDS),
            columns,
        ),
    )


def track(row: Rect) -> Rect:
    """The bar of a slider within its row."""
    return Rect(row.x + 4, row.bottom - 9, row.width - 8, 4)


def share_at(row: Rect, x_px: float) -> float:
    """How far along a slider a point is, 0..1."""
    bar = track(row)
    return min(max((x_px - bar.x) / bar.width, 0.0), 1.0)


def fitted(area: Rect, size_px: tuple[int, int]) -> Rect:
    """Where a picture (width, height) px goes: as large as fits, in the middle, sharp if it can."""
    scale = min(area.width / size_px[0], area.height / size_px[1])
    scale = 1.0 if 1.0 <= scale < SHARP_BELOW else scale
    out = Rect(0, 0, round(size_px[0] * scale), round(size_px[1] * scale))
    out.center = area.center
    return out


def _grid(box: Rect, names: tuple[str, ...], columns: int) -> dict[str, Rect]:
    """Equal cells with a gap, row by row."""
    gap = 4
    width = (box.width + gap) / columns
    return {
        name: Rect(
            round(box.x + (i % columns) * width),
            box.y + (i // columns) * BUTTON_PX,
            round(width - gap),
            BUTTON_PX - gap,
        )
        for i, name in enumerate(names)
    }
