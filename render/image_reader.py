"""Image files that nobody vouches for: their size from the header, their pixels after checks."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from simulator.errors import DataError

MAX_IMAGE_BYTES = 256 << 20
MAX_IMAGE_PX = 100_000_000
"""Pixels above which an image is refused before it is decoded (a 10,000 x 10,000 picture)."""


def read_file(path: str | Path, limit_bytes: int = MAX_IMAGE_BYTES) -> bytes:
    """The bytes of a file, which must be one (no pipe, no device) and not too large.

    Raises:
        DataError: it is not there, is no file, or is larger.
    """
    place = str(path)
    try:
        size = Path(path).stat().st_size
        if not Path(path).is_file():
            raise DataError("is no file", place=place, mend="Check the folder")
        if size > limit_bytes:
            raise DataError(
                f"is too large a file ({size} bytes)", place=place, mend="Cut it into pieces"
            )
        return Path(path).read_bytes()
    except OSError as error:
        raise DataError("cannot be read", place=place, mend="Check the folder") from error


def image_size(data: bytes, place: str) -> tuple[int, int]:
    """Width and height from the header of a JPEG or PNG file, px, without decoding it.

    Raises:
        DataError: neither JPEG nor PNG, broken header, or more than MAX_IMAGE_PX.
    """
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data[:2] == b"\xff\xd8":
        width, height = _jpeg_size(data, place)
    else:
        raise DataError("is neither JPEG nor PNG", place=place, mend="Convert the image")
    if not 0 < width * height <= MAX_IMAGE_PX:
        raise DataError(
            f"has {width}x{height} px, at most {MAX_IMAGE_PX} are read", place=place,
            mend="Cut the image into tiles",
        )  # fmt: skip
    return width, height


def load_bgr(path: str | Path, size_px: tuple[int, int] | None = None) -> np.ndarray:
    """Decode an image that nobody vouches for: u8[H, W, 3], blue first.

    Args:
        path: a JPEG or PNG file. size_px: the width and height that its record claims.

    Raises:
        DataError: missing, too large, broken, or of another size than claimed.
    """
    place = str(path)
    data = read_file(path)
    size = image_size(data, place)
    if size_px is not None and size != tuple(int(n) for n in size_px):
        raise DataError(
            f"is {size[0]}x{size[1]} px, its record says {size_px[0]}x{size_px[1]}",
            place=place, mend="Mend the record or the image",
        )  # fmt: skip
    image = _decode(data)
    if image is None or image.shape != (size[1], size[0], 3):
        raise DataError("is broken and cannot be decoded", place=place, mend="Replace the image")
    return image


def load_map(path: str | Path) -> np.ndarray:
    """Decode a map that nobody vouches for: u8[H, W].

    Raises:
        DataError: missing, too large, broken, or no 8-bit grey picture.
    """
    data = read_file(path)
    width, height = image_size(data, str(path))
    try:
        plane = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        plane = None
    if plane is None or plane.shape != (height, width) or plane.dtype != np.uint8:
        raise DataError("is no map of 8 bits", place=str(path), mend="Replace it")
    return plane


def _decode(data: bytes) -> np.ndarray | None:
    if data[:2] == b"\xff\xd8":
        try:
            return simplejpeg.decode_jpeg(data, colorspace="BGR")
        except ValueError:
            pass  # a kind of JPEG that this decoder does not know: let OpenCV try
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        return cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    except cv2.error:
        return None


def _jpeg_size(data: bytes, place: str) -> tuple[int, int]:
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise DataError("has a broken JPEG header", place=place, mend="Replace it") from error
    return int(width), int(height)
