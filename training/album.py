"""Pictures that were decoded once and stay in memory, as many as there is room for."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np

from render.store import Truth, load_bgr

ROOM_BYTES = 1 << 29
"""About 400 pictures of 640 px. Those that come first stay: in every pass over a larger dataset as
many are found, while keeping the last ones would find hardly any.
"""


@dataclasses.dataclass(eq=False)
class Album:
    """Decoded pictures by image, u8[H, W, 3], blue first, read-only; and bytes still to be had."""

    left_bytes: int = ROOM_BYTES
    pictures: dict[int, np.ndarray] = dataclasses.field(default_factory=dict)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)


def picture_of(album: Album, truth: Truth, image: int) -> np.ndarray:
    """A picture of a truth, from the album if it is there; threads may ask at once.

    Raises:
        DataError: see ``image_reader.load_bgr``.
    """
    known = album.pictures.get(image)
    if known is not None:
        return known
    size = (int(truth.size_px[image, 0]), int(truth.size_px[image, 1]))
    picture = load_bgr(truth.path[image], size)
    picture.flags.writeable = False
    with album.lock:
        if image not in album.pictures and picture.nbytes <= album.left_bytes:
            album.pictures[image] = picture
            album.left_bytes -= picture.nbytes
    return picture
