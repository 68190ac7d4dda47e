"""The open window: a surface, the view on it, and its pictures as files."""

from __future__ import annotations

import dataclasses
import io
import textwrap
from collections.abc import Callable

import cv2
import numpy as np
import pygame
from pygame import Rect

from render.files import make_folder, write_bytes
from render.memory import give_back
from render.viewer import clip, drivers, graph, outcome, overlay, roadmarks, style
from render.viewer.aim import divider_px, framing, still_there
from render.viewer.clock import advanced
from render.viewer.entry import ASKED
from render.viewer.finder import Finder, Found, find, found_lately
from render.viewer.governor import Governor, coarser
from render.viewer.help import draw_help, draw_hint
from render.viewer.look import Framed, covers, whole
from render.viewer.panel import Kept, draw_panel
from render.viewer.pointer import laid_out
from render.viewer.scene_file import SAVED_IN
from render.viewer.sheet import Sheet
from render.viewer.shot import Shot, shown, take, twin
from render.viewer.view import View, fair_twin, said
from simulator.agents import AgentState
from simulator.conditions import Conditions, value
from simulator.errors import FairweatherError

LETTER_PX, LINE_PX = 8, 18
SOFT_S = 0.15
"""How long a camera in motion may show the last picture enlarged before it is drawn anew, s."""

KEPT_S = 20.0
"""So often freed memory goes back to the system, which takes some milliseconds, s."""

SPLIT_WORDS = {
    "twin": ("clear", "this weather"), "ids": ("picture", "instance ids"),
    "detector": ("picture", "what the detector finds"),
}  # fmt: skip
"""What is to the left and to the right of the divider, for people."""


@dataclasses.dataclass
class Window:
    """The one thing here that changes.

    Attributes:
        surface: what is on the screen. view: what it shows. finder: the detector, if any.
        seen: whether anybody can see the surface; if not, it is drawn only to be saved.
        shot: the picture drawn last. soft_s: how long it has been shown for another camera's.
        why: what holds up drivers, with the state and the weather that it was worked out for.
        twin: the same moment in clear weather, while the picture is split so.
        curve: what the detector found against the quantity that is turned.
        judged: the finding that it counted last.
        clip: the one that is being made. rate: pictures a second, None where nobody looks.
        governor: what softens pictures of a slow machine, None where they must be exact.
        panel: what of the panel was drawn last. kept_s: how long freed memory has been kept.
    """

    surface: pygame.Surface
    view: View
    finder: Finder | None
    seen: bool
    shot: Shot | None = None
    soft_s: float = 0.0
    why: tuple[AgentState, Conditions, drivers.Reasons] | None = None
    twin: Shot | None = None
    curve: graph.Curve | None = None
    judged: Found | None = None
    clip: clip.Clip | None = None
    rate: float | None = None
    governor: Governor | None = None
    panel: Kept | None = None
    kept_s: float = 0.0


def tick(window: Window, seconds: float) -> None:
    """Let some time pass, and show it where somebody looks."""
    if window.view.saving:
        window.view = _saved(window)
    window.view = still_there(advanced(window.view, seconds))
    window.soft_s += seconds
    window.kept_s += seconds
    if window.kept_s > KEPT_S:
        window.kept_s = 0.0
        give_back()
    _begin_or_end_clip(window)
    due = window.clip is not None and clip.is_due(window.clip, seconds)
    if window.seen or due:
        paint(window, exact=not window.seen)
    if window.clip is not None and due:
        clip.added(window.clip, window.surface)
    if window.seen:
        pygame.display.flip()


def closed(window: Window) -> None:
    """End what is still being written."""
    window.view = dataclasses.replace(window.view, recording=False)
    _begin_or_end_clip(window)


def paint(window: Window, exact: bool = True) -> None:
    """Draw the whole window.

    If not ``exact``, detections may be those of an earlier picture, and the picture of a camera in
    motion may be soft.
    """
    surface = window.surface
    if window.view.size_px != surface.get_size():
        window.view = dataclasses.replace(window.view, size_px=surface.get_size())
    view = window.view
    state = shown(view)
    now = framing(view, state)
    if not exact:
        now = coarser(now, _share(window))
    shot = _soft(window, now) if not exact else None
    if shot is None:
        shot = window.shot = take(view, window.shot, now, state)
        window.soft_s = 0.0
    at = laid_out(view)
    surface.fill(style.BACK)
    for sheet, bgr in _sides(window, state, now, shot):
        surface.set_clip(sheet.clip)
        _picture(sheet, bgr)
        _overlays(window, sheet, exact)
    surface.set_clip(None)
    if view.split:
        _divider(surface, view, now.box)
    if view.help:
        draw_help(surface, at.bars["picture"], view.detector)
    window.panel = draw_panel(surface, view, shot, at, _rate(window, exact), window.panel)
    _say(surface, view, now.box)
    if view.hint:
        draw_hint(surface, at.bars["picture"])


def _share(window: Window) -> float:
    """The resolution, as a share of the whole one; a detector is never shown a soft picture."""
    looks = window.finder and (window.view.detections or window.view.split == "detector")
    return 1.0 if window.governor is None or looks else window.governor.share


def _rate(window: Window, exact: bool) -> str:
    """Pictures a second, and how soft they are."""
    if window.rate is None:
        return "-"
    share = 1.0 if exact else _share(window)
    return f"{window.rate:.0f} /s" + (f", at {share:.0%}" if share < 1 else "")


def png(window: Window) -> bytes:
    """The window as it is now, as a PNG file."""
    paint(window)
    out = io.BytesIO()
    pygame.image.save(window.surface, out, "window.png")
    return out.getvalue()


def notice(surface: pygame.Surface, text: str) -> None:
    """One line in the middle of an empty window."""
    surface.fill(style.BACK)
    style.put(surface, text, surface.get_rect(), style.LARGE, style.DIM, "middle")


def _soft(window: Window, now: Framed) -> Shot | None:
    """The last picture, where it may stand for a moment in the place of another camera's."""
    view, last = window.view, window.shot
    if last is None or last.backdrop.scene is not view.scene or view.follow >= 0:
        return None
    camera = last.backdrop.camera
    if camera.kind != view.camera_kind or covers(now, camera) or window.soft_s >= SOFT_S:
        return None
    return last


def _sides(
    window: Window, state: AgentState, now: Framed, shot: Shot
) -> list[tuple[Sheet, np.ndarray]]:
    """What is drawn where: one picture, or two beside a divider."""
    view, box = window.view, now.box
    at = whole(now, shot.backdrop.camera)
    bgr = overlay.tinted(shot.frame) if "masks" in view.overlays else shot.frame.bgr
    if not view.split:
        return [(Sheet(window.surface, shot, state, now, at, box, []), bgr)]
    left = Rect(box.x, box.y, divider_px(view) - box.x, box.height)
    right = Rect(left.right, box.y, box.right - left.right, box.height)
    first, one, other = shot, bgr, bgr
    if view.split == "twin":
        first = window.twin = twin(view, shot, fair_twin(view), window.twin)
        one = overlay.tinted(first.frame) if "masks" in view.overlays else first.frame.bgr
    elif view.split == "ids":
        other = overlay.id_plane(shot.frame)
    return [
        (Sheet(window.surface, first, state, now, at, left, []), one),
        (Sheet(window.surface, shot, state, now, at, right, [], judges=True), other),
    ]


def _divider(surface: pygame.Surface, view: View, box: Rect) -> None:
    """The line between two pictures, with what they are."""
    x = divider_px(view)
    pygame.draw.line(surface, style.ACCENT, (x, box.top), (x, box.bottom - 1), 2)
    knob = Rect(0, 0, 10, 36)
    knob.center = (x, box.centery)
    pygame.draw.rect(surface, style.ACCENT, knob, border_radius=5)
    for after, word in enumerate(SPLIT_WORDS[view.split]):
        plate = style.words(word).get_rect(top=box.top + 8).inflate(14, 6)
        plate.x = x + 8 if after else x - 8 - plate.width
        pygame.draw.rect(surface, style.PANEL, plate, border_radius=5)
        style.put(surface, word, plate, align="middle")


def _picture(sheet: Sheet, bgr: np.ndarray) -> None:
    """Show a picture: pixel by pixel, or as much larger or smaller as its camera is off."""
    height, width = bgr.shape[:2]
    box, at = sheet.now.box, sheet.whole
    if at.size == (width, height):
        sheet.surface.blit(pygame.image.frombuffer(bgr.data, (width, height), "BGR"), at)
        return
    if at == box and sheet.scale < 1:
        shown_px = cv2.resize(bgr, box.size, interpolation=cv2.INTER_AREA)
    else:
        scale = sheet.scale
        shift = [at.x - box.x + (scale - 1) / 2, at.y - box.y + (scale - 1) / 2]
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        shown_px = cv2.warpAffine(bgr, matrix, box.size, borderValue=style.BACK[::-1])
    sheet.surface.blit(pygame.image.frombuffer(shown_px.data, box.size, "BGR"), box)


OVERLAYS: dict[str, Callable[[Sheet, Window], None]] = {
    "friction": lambda sheet, w: roadmarks.draw_friction(sheet, w.view),
    "lanes": lambda sheet, _: roadmarks.draw_lanes(sheet),
    "routes": lambda sheet, w: drivers.draw_routes(sheet, w.view.follow),
    "conflicts": lambda sheet, _: roadmarks.draw_conflicts(sheet),
    "sight": lambda sheet, w: drivers.draw_sight(sheet, w.view.conditions, w.view.follow),
    "stopping": lambda sheet, w: drivers.draw_stopping(sheet, w.view.conditions),
    "why": lambda sheet, w: drivers.draw_reasons(sheet, _reasons(w)),
}
"""What is drawn over the picture beside labels, from the road upward."""


def _overlays(window: Window, sheet: Sheet, exact: bool) -> None:
    """Everything that is switched on."""
    view = window.view
    for name, draw in OVERLAYS.items():
        if name in view.overlays:
            draw(sheet, window)
    if view.overlays & {*overlay.BOXES, *overlay.NOTES}:
        overlay.draw_labels(sheet, view.overlays)
    if view.follow >= 0:
        drivers.draw_card(sheet, view)
    if max(view.plate) >= 0:
        drivers.draw_plate_card(sheet, view)
    if window.finder is None or sheet.shot is not window.shot:
        return
    judges = view.split == "detector"
    if not (sheet.judges if judges else view.detections):
        return
    found = (find if exact else found_lately)(window.finder, sheet.shot)
    if found is None:
        return
    if judges:
        _judge(window, sheet, found)
    else:
        overlay.draw_found(sheet, found)


def _judge(window: Window, sheet: Sheet, found: Found) -> None:
    """Colour what the detector found and missed, and go on with the graph of it."""
    view, name = window.view, window.view.turned
    result = outcome.judged(found.shot.frame.annotations, found.detections)
    outcome.draw_outcome(sheet, found, result)
    if not name:
        return
    if window.curve is None or window.curve.name != name:
        window.curve = graph.Curve(name)
    if window.judged is not found:
        graph.counted(window.curve, value(found.shot.weather.conditions, name), result)
        window.judged = found
    corner = (sheet.clip.right - 8, sheet.clip.bottom - 8)
    graph.draw_curve(sheet.surface, window.curve, value(view.conditions, name), corner)


def _reasons(window: Window) -> drivers.Reasons:
    """Worked out once a state of the engine, not once a picture."""
    view, known = window.view, window.why
    if known is None or known[0] is not view.state or known[1] != view.conditions:
        known = window.why = (view.state, view.conditions, drivers.reasons(view))
    return known[2]


def _begin_or_end_clip(window: Window) -> None:
    """As the view says; a window that has become too small for it ends a clip."""
    view, now = window.view, window.clip
    if view.recording and now is None:
        name = f"{view.scene.layout}-{view.scene.seed}-{round(view.state.time_s * 1000):06d}ms"
        try:
            window.clip = clip.begun(name, framing(view).box.clip(window.surface.get_rect()))
        except FairweatherError:
            window.view = dataclasses.replace(view, recording=False)
            raise
    elif now is not None and not (view.recording and window.surface.get_rect().contains(now.box)):
        now.writer.release()
        window.clip = None
        view = dataclasses.replace(view, recording=False)
        window.view = said(view, f"{now.frames} frames in {now.path}")


def _saved(window: Window) -> View:
    view = window.view = dataclasses.replace(window.view, saving=False)
    name = f"{view.scene.layout}-{view.scene.seed}-{round(view.state.time_s * 1000):06d}ms.png"
    path = make_folder(SAVED_IN) / name
    write_bytes(path, png(window))
    return said(view, f"saved as {path}")


def _say(surface: pygame.Surface, view: View, box: Rect) -> None:
    """What is being typed, else the line for the person."""
    text = view.message
    if view.entry is not None:
        text = f"{ASKED[view.entry[0]]}: {view.entry[1]}_   (return: go, escape: leave it)"
    if not text or view.help:
        return
    lines = textwrap.wrap(text, max(box.width // LETTER_PX, 20))
    height = LINE_PX * len(lines)
    width = max(style.words(line).get_width() for line in lines)
    plate = Rect(0, 0, width + 20, height + 10)
    plate.midbottom = box.centerx, box.bottom - 12
    plate.clamp_ip(surface.get_rect())
    pygame.draw.rect(surface, style.PANEL, plate, border_radius=6)
    for i, line in enumerate(lines):
        row = Rect(plate.x, plate.y + 5 + i * LINE_PX, plate.width, LINE_PX)
        style.put(surface, line, row, align="middle")
