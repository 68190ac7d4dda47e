"""Where everything is: rectangles from the size of the window. Pure, so that tests can point."""

from __future__ import annotations

import dataclasses

from pygame import Rect

from render.viewer.keys import COMMANDS, GROUPS
from render.viewer.look import EDGE_PX, LEAST_PX, PANEL_PX, area_of
from render.viewer.view import SLIDERS, SWITCHES, TABS
from scenarios.presets import condition_names

GRIP_PX = 6
"""Half the width at which a divider can be taken hold of."""

BUTTON_PX, BUTTON_LOW_PX, PRESET_COLUMNS, TOOL_COLUMNS = 26, 19, 4, 4
STATUS_PX, HEADING_PX, SCRUB_PX, TAB_PX = 108, 18, 20, 28
ROW_LEAST_PX, ROW_LOW_PX, ROW_HIGH_PX = 13, 17, 34
"""Height of a slider's row; lower than ROW_LOW_PX only where not even low buttons fit otherwise."""

ROW_SPLIT_PX, NAME_PX, VALUE_PX = 22, 104, 84
"""A slider whose row is lower has its name before its bar and its value after it."""


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """Rectangles in px of the window; empty mappings for what the open tab does not show.

    Attributes:
        bars: what the mouse can take hold of beside sliders: "picture", all that the picture may
            take, "time", its bar, and before them "divider", which lies on the picture.
        panel: the right side. status: the figures at its top. tabs: their heads.
        sliders, switches: the row of each quantity. presets: the button of each condition.
        headings: where words over groups go, by the word.
        buttons: of the commands that can be clicked now, by label.
    """

    bars: dict[str, Rect]
    panel: Rect
    status: Rect
    tabs: dict[str, Rect]
    headings: dict[str, Rect]
    sliders: dict[str, Rect]
    switches: dict[str, Rect]
    presets: dict[str, Rect]
    buttons: dict[str, Rect]


def arrange(
    size_px: tuple[int, int], tab: str = TABS[0], divider_px: int | None = None
) -> Arrangement:
    """Lay out a window of a given size (width, height) px.

    Args:
        tab: the one that is open. divider_px: where a divider stands, if one does.
    """
    width, height = max(size_px[0], LEAST_PX[0]), max(size_px[1], LEAST_PX[1])
    area = area_of(size_px)
    panel = Rect(width - PANEL_PX, 0, PANEL_PX, height)
    inner = panel.inflate(-2 * EDGE_PX, -2 * EDGE_PX)
    status = Rect(inner.x, inner.y, inner.width, STATUS_PX)
    tabs = _grid(Rect(inner.x, status.bottom, inner.width, TAB_PX), TABS, len(TABS))
    rest = Rect(inner.x, status.bottom + TAB_PX, inner.width, inner.bottom - status.bottom - TAB_PX)
    scrub = Rect(area.x, area.bottom + 4, area.width, SCRUB_PX)
    foot = tuple(c.label for c in COMMANDS if c.group == "foot")
    row = Rect(area.x, scrub.bottom + 4, area.width, BUTTON_PX)
    shown = _weather(rest) if tab == TABS[0] else _tools(rest)
    shown["buttons"] = _grid(row, foot, len(foot)) | shown.get("buttons", {})
    empty: dict[str, dict[str, Rect]] = {"sliders": {}, "switches": {}, "presets": {}}
    bars = {"picture": area, "time": scrub}
    if divider_px is not None:
        grip = Rect(divider_px - GRIP_PX, area.y, 2 * GRIP_PX, area.height)
        bars = {"divider": grip} | bars
    return Arrangement(bars, panel, status, tabs, **(empty | shown))


def _weather(rest: Rect) -> dict[str, dict[str, Rect]]:
    names = condition_names()
    count = len(SLIDERS) + len(SWITCHES)
    lines_of = -(-len(names) // PRESET_COLUMNS)
    lowest = lines_of * BUTTON_LOW_PX
    # buttons get lower first, as long as words then stay over their bars
    over = count * ROW_SPLIT_PX + HEADING_PX + lowest <= rest.height
    least = count * (ROW_SPLIT_PX if over else ROW_LOW_PX) + HEADING_PX
    presets_px = min(lines_of * BUTTON_PX, max(rest.height - least, lowest))
    room = rest.height - HEADING_PX - presets_px
    pitch = min(max(room // count, ROW_LEAST_PX), ROW_HIGH_PX)
    lines = [Rect(rest.x, rest.y + i * pitch, rest.width, pitch) for i in range(count)]
    head = Rect(rest.x, lines[-1].bottom, rest.width, HEADING_PX)
    under = Rect(rest.x, head.bottom, rest.width, presets_px)
    return {
        "headings": {"presets": head},
        "sliders": dict(zip(SLIDERS, lines, strict=False)),
        "switches": dict(zip(SWITCHES, lines[len(SLIDERS) :], strict=True)),
        "presets": _grid(under, names, PRESET_COLUMNS, presets_px // lines_of),
    }


def _tools(rest: Rect) -> dict[str, dict[str, Rect]]:
    headings, buttons, top = {}, {}, rest.y
    names = {g: tuple(c.label for c in COMMANDS if c.group == g) for g in GROUPS}
    rows_of = {g: -(-len(labels) // TOOL_COLUMNS) for g, labels in names.items()}
    room = rest.height - len(GROUPS) * HEADING_PX
    pitch = min(room // sum(rows_of.values()), BUTTON_PX)
    for group, labels in names.items():
        rows = rows_of[group]
        headings[group] = Rect(rest.x, top, rest.width, HEADING_PX)
        box = Rect(rest.x, top + HEADING_PX, rest.width, rows * pitch)
        buttons |= _grid(box, labels, TOOL_COLUMNS, pitch)
        top = box.bottom
    return {"headings": headings, "buttons": buttons}


def track(row: Rect) -> Rect:
    """The bar of a slider within its row: under its words, or between them where rows are low."""
    if row.width <= PANEL_PX and row.height < ROW_SPLIT_PX:
        return Rect(row.x + NAME_PX, row.centery - 2, row.width - NAME_PX - VALUE_PX, 4)
    return Rect(row.x + 4, row.bottom - 9, row.width - 8, 4)


def share_at(row: Rect, x_px: float) -> float:
    """How far along a slider a point is, 0..1."""
    bar = track(row)
    return min(max((x_px - bar.x) / bar.width, 0.0), 1.0)


def _grid(
    box: Rect, names: tuple[str, ...], columns: int, pitch_px: int = BUTTON_PX
) -> dict[str, Rect]:
    """Equal cells with a gap, row by row."""
    gap = 4
    width = (box.width + gap) / columns
    return {
        name: Rect(
            round(box.x + (i % columns) * width),
            box.y + (i // columns) * pitch_px,
            round(width - gap),
            pitch_px - gap,
        )
        for i, name in enumerate(names)
    }
