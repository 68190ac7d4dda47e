"""WebDataset: <split>-<number>.tar with one picture and one JSON record a sample."""

from __future__ import annotations

import io
import itertools
import os
import tarfile
from pathlib import Path

import orjson

from render.format import Format, Item, Source

IMAGES_A_SHARD = 1000


def _write(source: Source, out: Path) -> None:
    for split in source.splits:
        items = source.items(split)
        for number in itertools.count():
            shard = list(itertools.islice(items, 1))
            if not shard:
                break
            rest = itertools.islice(items, IMAGES_A_SHARD - 1)
            _shard(out / f"{split}-{number:06d}.tar", itertools.chain(shard, rest), source)
    names = "".join(f"{name}\n" for name in source.classes.names)
    (out / "classes.txt").write_text(names, encoding="utf-8", newline="\n")


def _shard(path: Path, items: itertools.chain[Item], source: Source) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with tarfile.open(temporary, "w", format=tarfile.GNU_FORMAT) as tar:
        for item in items:
            key = _key(item)
            labels = b",".join(item.labels.records(source.classes.ids, source.classes.names))
            image = orjson.dumps(item.image)
            _add(tar, f"{key}{item.path.suffix}", item.path.read_bytes())
            _add(tar, f"{key}.json", b'{"image":%b,"annotations":[%b]}' % (image, labels))
    temporary.replace(path)


def _key(item: Item) -> str:
    """Name of a sample: readers cut it at its first dot, so there must be none in it."""
    stem = item.path.stem
    return f"{stem.replace('.', '_')}-{item.image['id']}" if "." in stem else stem


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # its time and owner are 0, for everybody
    entry.size, entry.mode = len(data), 0o444
    tar.addfile(entry, io.BytesIO(data))


FORMAT = Format(
    "WebDataset: tar shards of pictures with JSON records", "semantic and height maps", _write
)
