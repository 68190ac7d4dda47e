"""Copies in any disguise are look-alikes; similar streets and later moments are not."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from render.look_alikes import Prints, alike_pairs, look_alike
from simulator.seeding import stream

Picture = np.ndarray
SIDE = 320


def street(seed: int, later_px: int = 0) -> Picture:
    """A crossing with cars, u8[H, W]: the crossing is the same for all, the cars are not.

    ``later_px``: how far one car has gone on.
    """
    rng = stream(1, seed, "test/street")
    picture = cv2.resize(rng.integers(90, 130, (40, 40), dtype=np.uint8), (SIDE, SIDE))
    picture[140:180] = picture[:, 140:180] = 70
    for k in range(14):
        x, y = (int(v) for v in rng.integers(10, SIDE - 60, 2))
        x += later_px * (k == 0)
        picture[y : y + 14, x : x + 30] = rng.integers(20, 240)
    return picture


def prints(pictures: list[Picture]) -> Prints:
    found = Prints.none(len(pictures))
    for i, picture in enumerate(pictures):
        found.put(i, picture)
    return found


def moved(picture: Picture, px: int) -> Picture:
    return cv2.copyMakeBorder(picture[px:, px:], 0, px, 0, px, cv2.BORDER_REPLICATE)


def again(picture: Picture) -> Picture:
    decoded = cv2.imdecode(cv2.imencode(".jpg", picture, [1, 50])[1], cv2.IMREAD_GRAYSCALE)
    assert decoded is not None
    return decoded


WAYS: dict[str, Callable[[Picture], Picture]] = {
    "copied": lambda p: p,
    "compressed again": again,
    "mirrored": lambda p: p[:, ::-1],
    "upside down": lambda p: p[::-1],
    "turned by a quarter": np.rot90,
    "turned back by a quarter": lambda p: np.rot90(p, 3),
    "turned by half": lambda p: np.rot90(p, 2),
    "turned and mirrored": lambda p: p.T,
    "moved by 2 px": lambda p: moved(p, 2),
    "moved by 8 px": lambda p: moved(p, 8),
    "mirrored and moved": lambda p: moved(p[:, ::-1], 5),
    "darker": lambda p: (p * 0.7).astype(np.uint8),
    "another gamma": lambda p: (255 * (p / 255.0) ** 0.8).astype(np.uint8),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_copy_is_found_among_others_and_only_it(way) -> None:
    own = prints([street(k) for k in range(12)])
    copies = prints([np.ascontiguousarray(WAYS[way](again(street(k)))) for k in range(12)])
    np.testing.assert_array_equal(look_alike(copies, own), np.eye(12, dtype=bool))


def test_streets_that_differ_by_their_cars_are_no_look_alikes() -> None:
    assert not alike_pairs(prints([street(k) for k in range(60)]), np.arange(60))


def test_a_later_moment_is_another_picture_though_only_one_car_has_gone_on() -> None:
    assert not look_alike(prints([street(3)]), prints([street(3, later_px=15)])).any()


def test_pairs_come_in_order_and_within_a_group_none_is_sought() -> None:
    shots = [street(1), street(2), again(street(1)), street(2), street(4)]
    pairs = alike_pairs(prints(shots), np.arange(5))
    assert [(p.first, p.second) for p in pairs] == [(1, 3), (0, 2)]
    assert pairs[0].difference < pairs[1].difference < 0.1
    assert [(p.first, p.second) for p in alike_pairs(prints(shots), np.array([0, 1, 0, 3, 4]))] == [
        (1, 3)
    ]


def test_pictures_that_show_nothing_are_not_compared() -> None:
    assert not alike_pairs(prints([np.full((64, 64), 9, np.uint8)] * 2), np.arange(2))
