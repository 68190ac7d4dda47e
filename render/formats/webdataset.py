"""WebDataset: <split>-<number>.tar with one picture and one JSON record a sample."""

from __future__ import annotations

import itertools
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson

from render.files import AT_ONCE, NEW, add_file, beside, unwritable
from render.format import Format, Item, Source
from render.item_batches import batches
from simulator.errors import DataError

IMAGES_A_SHARD = 1000

BLOCK, MODE = tarfile.BLOCKSIZE, 0o444

LONGEST, LARGEST = tarfile.LENGTH_NAME, 8**11 - 1
"""Bytes of a name and of a file that a plain header can tell."""


def _write(source: Source, out: Path) -> None:
    for _ in _shards(source, out):
        pass


def _shards(source: Source, out: Path) -> Iterator[Path]:
    for split in source.splits:
        items = source.items(split)
        for number in itertools.count():
            shard = list(itertools.islice(items, 1))
            if not shard:
                break
            rest = itertools.islice(items, IMAGES_A_SHARD - 1)
            path = out / f"{split}-{number:06d}.tar"
            _shard(path, itertools.chain(shard, rest), source)
            yield path
    names = "".join(f"{name}\n" for name in source.classes.names)
    (out / "classes.txt").write_text(names, encoding="utf-8", newline="\n")
    yield out / "classes.txt"


def _shard(path: Path, items: itertools.chain[Item], source: Source) -> None:
    temporary = beside(path)
    try:
        with os.fdopen(os.open(temporary, NEW, 0o666), "wb", AT_ONCE) as file:
            for some in batches(items):
                for item, record in zip(some, _records(some, source), strict=True):
                    _sample(file, item, record)
            size = file.tell() + 2 * BLOCK  # two empty blocks are its end
            file.write(bytes(2 * BLOCK + -size % tarfile.RECORDSIZE))
        os.replace(temporary, path)  # noqa: PTH105 - as the name beside it is no Path
    except OSError as error:
        raise unwritable(path, error) from error


def _records(items: Sequence[Item], source: Source) -> list[bytes]:
    ids, names = source.classes.ids, source.classes.names
    return [
        b'{"image":%b,"annotations":[%b]}' % (orjson.dumps(i.image), i.labels.joined(ids, names))
        for i in items
    ]


def _sample(file: BinaryIO, item: Item, record: bytes) -> None:
    key, image, size = _key(item), item.file, item.size
    file.write(header(f"{key}{item.suffix}", size))
    if add_file(image, size, file) != size:
        raise DataError("has changed while it was read", place=image, mend="Export it again")
    between = header(f"{key}.json", len(record))
    file.write(b"".join((_filling(size), between, record, _filling(len(record)))))


def _key(item: Item) -> str:
    """Name of a sample: readers cut it at its first dot, so there must be none in it."""
    stem = item.stem
    return f"{stem.replace('.', '_')}-{item.image['id']}" if "." in stem else stem


def _told(name: str, size: int) -> bytes:
    """The header of a file as ``tarfile`` writes it; time and owner are 0, for everybody."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, MODE
    return entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


_PLAIN = _told("", 0)
_SUM = int(_PLAIN[148:154], 8) - sum(b"%011o" % 0)


def header(name: str, size: int) -> bytes:
    """The same bytes, most of them known before: ``tarfile`` takes as long as it takes to copy an
    image.
    """
    path, length = name.encode(errors="surrogateescape"), b"%011o" % size
    if len(path) > LONGEST or size > LARGEST:
        return _told(name, size)
    total = b"%06o" % (_SUM + sum(path) + sum(length))
    return b"".join((
        path.ljust(LONGEST, b"\0"), _PLAIN[100:124], length, _PLAIN[135:148], total, _PLAIN[154:],
    ))  # fmt: skip


def _filling(size: int) -> bytes:
    """Up to a whole block."""
    return bytes(-size % BLOCK)


FORMAT = Format(
    "WebDataset: tar shards of pictures with JSON records", "semantic and height maps", _write,
    _shards,
)  # fmt: skip
