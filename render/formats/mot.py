"""MOTChallenge: one folder a scene and condition, img1/, gt/gt.txt, seqinfo.ini, gt/labels.txt."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from render.files import make_folder, write_bytes
from render.format import Format, Item, Source
from render.images import copy_image
from render.item_batches import batches, counts_of, together
from render.label_text import texts_of

LEAST_LONG = 1e6
"""Whole numbers from which on %g is not %d."""


@dataclasses.dataclass
class _Sequence:
    """A sequence while its frames come in.

    Its folder, that of its images, the text of gt.txt by frame, frames so far, the last image.
    """

    folder: Path
    images: Path
    texts: list[bytes] = dataclasses.field(default_factory=list)
    frames: int = 0
    last: Item | None = None


def _write(source: Source, out: Path) -> None:
    settings = source.info.get("config")
    rate = settings.get("frame_rate_hz", 1.0) if isinstance(settings, Mapping) else 1.0
    for split in source.splits:
        scene, running = None, {}
        for some in batches(source.items(split)):
            for item, text in zip(some, _texts(some), strict=True):
                if item.fact("scene_index") != scene:
                    _finish(running, source, float(rate))
                    scene, running = item.fact("scene_index"), {}
                name = f"{item.fact('scene', scene)}_{item.fact('condition', '')}"
                if name not in running:
                    folder = out / split / name.replace("/", "_")
                    running[name] = _Sequence(folder, make_folder(folder / "img1"))
                _add(running[name], item, text)
        _finish(running, source, float(rate))


def _add(sequence: _Sequence, item: Item, text: bytes) -> None:
    sequence.frames += 1
    sequence.last = item
    copy_image(item, sequence.images, f"{sequence.frames:06d}{item.suffix}")
    number = b"%d," % sequence.frames
    sequence.texts.append((number + text.replace(b"\n", b"\n" + number))[: -len(number)])


def _texts(items: Sequence[Item]) -> list[bytes]:
    """Of each image the lines of its labels, without the number of the frame.

    Frames, tracks, classes and the first pixel of an image are all number 1.
    """
    labels, counts = together(items), counts_of(items)
    track = labels.column("track_id")
    for name in ("instance_id", "id"):  # of records of others
        track = np.where(track < 0, labels.column(name), track)
    visible = (1 - labels.column("occlusion")) * (1 - labels.column("truncation"))
    boxes = labels.box_px + np.array([1, 1, 0, 0])
    classes = np.array(labels.classes) + 1
    if ((boxes > 0) & (boxes < LEAST_LONG) & (boxes == np.rint(boxes))).all():
        form = "%d,%d,%d,%d,%d,1,%d,%.4f\n"
        return texts_of(form, (), counts, track + 1, boxes, classes, visible)
    rows = np.column_stack([track + 1, boxes, classes, visible]).tolist()
    told = [b"%d,%g,%g,%g,%g,1,%d,%.4f\n" % (*row,) for row in rows]
    ends = itertools.accumulate(counts, initial=0)
    return [b"".join(told[a:b]) for a, b in itertools.pairwise(ends)]


def _finish(running: dict[str, _Sequence], source: Source, rate: float) -> None:
    for sequence in running.values():
        folder = sequence.folder
        if sequence.last is None:
            continue
        width, height = sequence.last.size_px
        info = (
            f"[Sequence]\nname={folder.name}\nimDir=img1\nframeRate={rate:g}\n"
            f"seqLength={sequence.frames}\nimWidth={width}\nimHeight={height}\n"
            f"imExt={sequence.last.suffix}\n"
        )
        truth = make_folder(folder / "gt")
        write_bytes(truth / "gt.txt", b"".join(sequence.texts))
        write_bytes(truth / "labels.txt", "".join(f"{n}\n" for n in source.classes.names).encode())
        write_bytes(folder / "seqinfo.ini", info.encode())


FORMAT = Format(
    "MOTChallenge: tracks of a video, img1/, gt/gt.txt, seqinfo.ini",
    "masks, oriented boxes; occlusion and truncation apart; other attributes; ids of images",
    _write,
)
