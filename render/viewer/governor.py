"""The rate is held by softer pictures where a machine is too slow for sharp ones.

A picture of half the resolution is enlarged for the display. Files never come from here: a
screenshot, an exported frame and a script always have the whole resolution.
"""

from __future__ import annotations

import dataclasses

from pygame import Rect

from render.viewer.look import Framed

LEVELS = (1.0, 0.75, 0.5, 0.35)
"""Resolutions, as shares of the whole one."""

SLOW_S, QUICK_S = 1 / 40, 1 / 75
"""A picture that takes longer is too slow; one that would take less at the next level may return to
it."""

SLOW_FOR_S, QUICK_FOR_S = 0.4, 2.0
LONGEST_WAIT_S = 60.0
SETTLES_S = 0.3
"""A new level draws everything anew, which says nothing about the pictures after it."""

SMOOTHING = 0.15


@dataclasses.dataclass
class Governor:
    """How sharp pictures are now.

    Attributes:
        level: place in LEVELS. mean_s: what a picture has taken lately, 0 unknown.
        slow_s, quick_s: for how long pictures have been too slow, or quick enough for better ones.
        settles_s: for how long no picture counts. wait_s: how long pictures must be quick; it
            doubles with every return, so that pictures do not go up and down.
    """

    level: int = 0
    mean_s: float = 0.0
    slow_s: float = 0.0
    quick_s: float = 0.0
    settles_s: float = 0.0
    wait_s: float = QUICK_FOR_S

    @property
    def share(self) -> float:
        """The resolution, as a share of the whole one."""
        return LEVELS[self.level]


def told(governor: Governor, picture_s: float, passed_s: float) -> None:
    """One more picture.

    Args:
        governor: it changes. picture_s: what the picture took to draw and show.
        passed_s: since the picture before.
    """
    if governor.settles_s > 0:
        governor.settles_s -= passed_s
        return
    mean = governor.mean_s or picture_s
    governor.mean_s = mean = mean + SMOOTHING * (picture_s - mean)
    governor.slow_s = governor.slow_s + passed_s if mean > SLOW_S else 0.0
    governor.quick_s = governor.quick_s + passed_s if _quick(governor) else 0.0
    if governor.slow_s >= SLOW_FOR_S and governor.level < len(LEVELS) - 1:
        if governor.wait_s > QUICK_FOR_S or governor.level > 0:
            governor.wait_s = min(2 * governor.wait_s, LONGEST_WAIT_S)
        _go(governor, 1)
    elif governor.quick_s >= governor.wait_s and governor.level > 0:
        governor.wait_s = min(2 * governor.wait_s, LONGEST_WAIT_S)
        _go(governor, -1)


def coarser(now: Framed, share: float) -> Framed:
    """The same view with fewer pixels; it is shown in the same place."""
    if share >= 1.0:
        return now
    camera = now.camera
    width, height = (max(round(n * share), 16) for n in (camera.width_px, camera.height_px))
    scale = camera.width_px / width
    made = dataclasses.replace(
        camera, width_px=width, height_px=height, m_per_px=camera.m_per_px * scale
    )
    return Framed(made, Rect(now.box), round(now.margin_px / scale))


def _quick(governor: Governor) -> bool:
    """Whether a better picture would be quick, as far as its number of pixels tells."""
    if governor.level == 0:
        return False
    more = (LEVELS[governor.level - 1] / LEVELS[governor.level]) ** 2
    return governor.mean_s * more < QUICK_S


def _go(governor: Governor, change: int) -> None:
    governor.level += change
    governor.mean_s = governor.slow_s = governor.quick_s = 0.0
    governor.settles_s = SETTLES_S
