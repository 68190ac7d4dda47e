"""The edges of roads: kerbs, sides beside which things stand, parking strips, covering boxes."""

from __future__ import annotations

import itertools
import math

import numpy as np

from scenarios.alignment import cut, thinned
from scenarios.draft import Draft, Laid
from scenarios.layout import ParkingStrip, Side
from scenarios.parked import bays_of, pitch_m
from scenarios.plan import Bay
from scenarios.section import Carriageway
from simulator.geometry import arc_lengths_m, box_corners, offset_line
from simulator.network import Crosswalk

PARKING_FREE_M = 22.0
"""No parking this close to a junction (MUTCD: at least 9 m before a signal)."""

CROSSING_FREE_M = 9.0
"""Nor this close to the middle of a crosswalk (at least 6 m from its edge)."""

CHORD_OFF_M = 0.25
"""How far a straight piece of a side may be off the edge of a bent road."""

LEAST_STRIP_M = 14.0

BAY_LINE_M = 0.1

MEDIAN_GAP_M = 0.3
"""Between a raised median and the lanes beside it."""

MEDIAN_NOSE_M = 1.0
"""From the end of a raised median to the junction's mouth."""

Box = tuple[float, float, float, float, float]


def pave(draft: Draft, laid: Laid, strips: list[ParkingStrip], stops: tuple[bool, bool]) -> None:
    """Add a link's pavement, its raised median and its crossings to the draft.

    ``strips`` are its parking strips; ``stops`` says whether the median ends at either end of the
    link or goes on behind it.
    """
    section, line = laid.link.section, laid.line_m
    draft.kerbs_m.append(strip_between(line, -section.right_m, section.left_m))
    for strip in strips:
        width = strip.depth_m
        middle = strip.x_m, strip.y_m
        c, s = math.cos(strip.heading_rad), math.sin(strip.heading_rad)
        x, y = middle[0] + c * strip.length_m / 2, middle[1] + s * strip.length_m / 2
        draft.kerbs_m.append(box_corners(x, y, strip.heading_rad, strip.length_m, width))
    if section.raised and section.median_m:
        half = section.median_m / 2 - MEDIAN_GAP_M
        low, high = (MEDIAN_NOSE_M if end else 0.0 for end in stops)
        draft.islands_m.append(strip_between(cut(line, low, laid.length_m - high), -half, half))
    for bay in laid.link.bays:
        draft.bays_m.append(_bay(laid, bay))
        draft.kerbs_m.append(draft.bays_m[-1])
    for crossing in laid.link.crossings:
        _cross(draft, laid, crossing.s_m, crossing.width_m, crossing.refuge_m)


def _bay(laid: Laid, bay: Bay) -> np.ndarray:
    """Pavement of a bus bay with its tapers, f64[4, 2] m."""
    section, line = laid.link.section, laid.line_m
    sign, edge = (-1.0, section.right_m) if bay.forward else (1.0, section.left_m)
    ends = (bay.s_m - bay.taper_m, bay.s_m, bay.s_m + bay.length_m)
    near, far = sign * (edge - 0.05), sign * (edge + bay.width_m)
    inner, outer = offset_line(line, near), offset_line(line, far)
    return np.array(
        [_at(inner, line, ends[0]), _at(inner, line, ends[2] + bay.taper_m),
         _at(outer, line, ends[2]), _at(outer, line, ends[1])][:: int(-sign)]
    )  # fmt: skip


def _cross(draft: Draft, laid: Laid, s_m: float, width_m: float, refuge_m: float) -> None:
    """A crosswalk, in two parts where there is a refuge: two islands with the way between them."""
    section = laid.link.section
    half = section.median_m / 2 - 0.25 if refuge_m else 0.0
    line = laid.line_m
    left, right = section.left_m, section.right_m
    spans = [(left, half), (-half, -right)] if refuge_m else [(left, -right)]
    for a, b in spans:
        (ax, ay), (bx, by) = (
            np.round(_at(offset_line(line, y), line, s_m), 3).tolist() for y in (a, b)
        )
        draft.crosswalks.append(Crosswalk(len(draft.crosswalks), (ax, ay), (bx, by), width_m))
    for sign in (-1.0, 1.0) if refuge_m else ():
        near, far = s_m + sign * width_m / 2, s_m + sign * (width_m / 2 + refuge_m)
        draft.islands_m.append(
            strip_between(cut(line, min(near, far), max(near, far)), -half, half)
        )


def _at(moved: np.ndarray, line: np.ndarray, s_m: float) -> np.ndarray:
    s = arc_lengths_m(line)
    return np.array([np.interp(s_m, s, moved[:, 0]), np.interp(s_m, s, moved[:, 1])])


def strip_between(line: np.ndarray, right_m: float, left_m: float) -> np.ndarray:
    """The polygon between two offsets of a line, ccw, f64[2N, 2] m."""
    return np.concatenate([offset_line(line, right_m), offset_line(line, left_m)[::-1]])


def sides_of(laid: Laid) -> list[Side]:
    """Straight pieces of both edges of a link, beyond its parking."""
    section, sides = laid.link.section, []
    for side, edge, line in (
        (section.forward, section.right_m, laid.line_m),
        (section.backward, section.left_m, laid.line_m[::-1]),
    ):
        outer = thinned(offset_line(line, -(edge + side.parking_m)), CHORD_OFF_M)
        for a, b in itertools.pairwise(outer):
            (ax, ay), (bx, by) = a.tolist(), b.tolist()
            length = math.hypot(bx - ax, by - ay)
            sides.append(Side(ax, ay, bx, by, (by - ay) / length, (ax - bx) / length))
    return sides


def parking_spans(laid: Laid) -> list[tuple[float, float]]:
    """From where to where along a link's line cars may be parked: off junctions and crossings."""
    low = 0.0 if laid.link.a.node < 0 else PARKING_FREE_M
    high = laid.length_m - (0.0 if laid.link.b.node < 0 else PARKING_FREE_M)
    spans = [(low, high)]
    for crossing in laid.link.crossings:
        spans = [(low, crossing.s_m - CROSSING_FREE_M), (crossing.s_m + CROSSING_FREE_M, high)]
    return [(a, b) for a, b in spans if b - a >= LEAST_STRIP_M]


def parking_strips(laid: Laid) -> list[ParkingStrip]:
    """Where cars may be parked along a link."""
    section, strips = laid.link.section, []
    for side, edge, forward in (
        (section.forward, section.right_m, True), (section.backward, section.left_m, False),
    ):  # fmt: skip
        free = laid.link.kept_free[0 if forward else 1]
        for span in parking_spans(laid) if side.parking_m else ():
            strips += _strips(laid, side, edge, span, forward=forward, kept_free=free)
    return strips


def _strips(
    laid: Laid, side: Carriageway, edge: float, span: tuple[float, float], *, forward: bool,
    kept_free: bool,
) -> list[ParkingStrip]:  # fmt: skip
    line = cut(laid.line_m, *span)
    line = line if forward else line[::-1]
    middle = thinned(offset_line(line, -(edge + side.parking_m / 2)), 0.05)
    strips = []
    for a, b in itertools.pairwise(middle):
        d = b - a
        strips.append(
            ParkingStrip(
                float(a[0]), float(a[1]), math.atan2(float(d[1]), float(d[0])),
                float(np.hypot(*d)), side.parking_m, side.bay_rad, kept_free,
            )
        )  # fmt: skip
    return strips


def bay_lines(strip: ParkingStrip) -> list[np.ndarray]:
    """Painted lines between the bays of a strip that are not along the kerb, f64[4, 2] m each."""
    if strip.bay_rad == 0:
        return []
    along = np.arange(bays_of(strip) + 1) * pitch_m(strip)
    c, s = math.cos(strip.heading_rad), math.sin(strip.heading_rad)
    places = np.array([strip.x_m, strip.y_m]) + along[:, None] * [c, s]
    heading = strip.heading_rad + strip.bay_rad
    return [box_corners(x, y, heading, strip.depth_m, BAY_LINE_M) for x, y in places.tolist()]


def link_boxes(laid: Laid, strips: list[ParkingStrip]) -> list[Box]:
    """Boxes that cover a link's pavement and its parking strips."""
    section = laid.link.section
    left, right = section.left_m, section.right_m
    line = thinned(laid.line_m, CHORD_OFF_M)
    # where the road bends the boxes must overlap on its outer side
    more = 0.0 if len(line) == 2 else 2 * CHORD_OFF_M + 0.1 * max(left, right)
    boxes = []
    for a, b in itertools.pairwise(line):
        d = b - a
        length, heading = float(np.hypot(*d)), math.atan2(float(d[1]), float(d[0]))
        aside = (left - right) / 2
        x, y = (a + b) / 2 + aside * np.array([-math.sin(heading), math.cos(heading)])
        boxes.append((float(x), float(y), heading, length + 2 * more, left + right + more))
    for strip in strips:
        c, s = math.cos(strip.heading_rad), math.sin(strip.heading_rad)
        x, y = strip.x_m + c * strip.length_m / 2, strip.y_m + s * strip.length_m / 2
        boxes.append((x, y, strip.heading_rad, strip.length_m, strip.depth_m))
    return boxes


def polygon_box(polygon_m: np.ndarray) -> Box:
    """The smallest of the boxes along a polygon's edges that covers it."""
    edges = np.concatenate([polygon_m[1:], polygon_m[:1]]) - polygon_m
    longest = np.argsort(-np.hypot(edges[:, 0], edges[:, 1]))[:6]
    headings = np.arctan2(edges[longest, 1], edges[longest, 0]).tolist()
    turned = np.array([(math.cos(h), math.sin(h)) for h in headings])
    c, s = turned.T
    local = polygon_m @ np.stack([c, -s, s, c], axis=1).reshape(-1, 2, 2)
    low, high = local.min(axis=1), local.max(axis=1)
    size, middle = high - low, (low + high) / 2
    k = int((size[:, 0] * size[:, 1]).argmin())
    (length, width), (along, aside), (c, s) = (of[k].tolist() for of in (size, middle, turned))
    return c * along - s * aside, s * along + c * aside, headings[k], length, width
