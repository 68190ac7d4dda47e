"""Posts of signs that follow from what was laid: turns that are lacking, kerbs without parking."""

from __future__ import annotations

from scenarios.draft import Draft, Laid
from scenarios.junction import line_before_mouth_m
from scenarios.plan import Post
from scenarios.verge import parking_spans
from simulator.lane import Turn

BEFORE_LINE_M = 8.4
"""From a turn's sign to the stop line, clear of the signals and of a priority road's sign."""

BAN_SIGN = {Turn.LEFT: "no_left_turn", Turn.RIGHT: "no_right_turn"}

FIRST_M, EVERY_M = 5.0, 60.0
"""From where a free kerb begins to its sign, and to the next."""

APART_M = 5.0
"""Least way between two signs of one side."""


def gone_m(post: Post, length_m: float) -> float:
    """How far the traffic that a post faces has come along a link of some length, m."""
    return post.s_m if post.s_m >= 0 else length_m + post.s_m


def turn_signs(draft: Draft, one: Laid) -> list[Post]:
    """Signs at the ends of a link whose traffic may not turn somewhere, as the ways are."""
    posts = []
    for end, lanes, forward in (
        (one.link.b, one.forward, True), (one.link.a, one.backward, False),
    ):  # fmt: skip
        if not lanes:
            continue
        banned = draft.banned.get(lanes[-1])
        name = BAN_SIGN[banned] if banned else "no_u_turn" if end.no_return else ""
        if name:
            posts.append(Post(name, -(line_before_mouth_m(end) + BEFORE_LINE_M), forward))
    return posts


def parking_signs(one: Laid, others: list[Post]) -> list[Post]:
    """Signs along the kerbs of a link that are kept free, clear of the signs that stand there.

    Where no place is left before the middle of a stretch, its sign stands there all the same.
    """
    length = one.length_m
    posts = []
    for free, forward in zip(one.link.kept_free, (True, False), strict=True):
        taken = [gone_m(p, length) for p in others if p.forward == forward]
        for a, b in parking_spans(one) if free else ():
            s, end = (a, b) if forward else (length - b, length - a)
            s += FIRST_M
            while s < end - FIRST_M:
                while any(abs(s - t) < APART_M for t in taken):
                    s += 1.0
                posts.append(Post("no_parking", s, forward))
                s += EVERY_M
    return posts
