"""MOTChallenge: one folder a scene and condition, img1/, gt/gt.txt, seqinfo.ini, gt/labels.txt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.files import make_folder, write_bytes
from render.format import Format, Item, Source
from render.images import copy_image


@dataclasses.dataclass
class _Sequence:
    """A sequence while its frames come in: lines of gt.txt, frames so far, the last image."""

    lines: list[str] = dataclasses.field(default_factory=list)
    frames: int = 0
    last: Item | None = None


def _write(source: Source, out: Path) -> None:
    settings = source.info.get("config")
    rate = settings.get("frame_rate_hz", 1.0) if isinstance(settings, Mapping) else 1.0
    for split in source.splits:
        scene, running = None, {}
        for item in source.items(split):
            if item.fact("scene_index") != scene:
                _finish(running, source, float(rate))
                scene, running = item.fact("scene_index"), {}
            name = f"{item.fact('scene', scene)}_{item.fact('condition', '')}"
            folder = out / split / name.replace("/", "_")
            _add(running.setdefault(folder, _Sequence()), item, folder)
        _finish(running, source, float(rate))


def _add(sequence: _Sequence, item: Item, folder: Path) -> None:
    sequence.frames += 1
    sequence.last = item
    copy_image(item, folder / "img1", f"{sequence.frames:06d}{item.path.suffix}")
    sequence.lines += [_line(label, sequence.frames) for label in item.labels]


def _line(label: Mapping[str, Any], frame: int) -> str:
    x, y, w, h = label["bbox"]
    known = label.get("attributes", {})
    track = int(known.get("track_id", known.get("instance_id", label["id"]))) + 1
    visible = (1 - known.get("occlusion", 0.0)) * (1 - known.get("truncation", 0.0))
    # frames, tracks, classes and the first pixel of an image are all number 1
    box = f"{x + 1:g},{y + 1:g},{w:g},{h:g}"
    return f"{frame},{track},{box},1,{label['class_index'] + 1},{visible:.4f}\n"


def _finish(running: dict[Path, _Sequence], source: Source, rate: float) -> None:
    for folder, sequence in running.items():
        if sequence.last is None:
            continue
        width, height = sequence.last.size_px
        info = (
            f"[Sequence]\nname={folder.name}\nimDir=img1\nframeRate={rate:g}\n"
            f"seqLength={sequence.frames}\nimWidth={width}\nimHeight={height}\n"
            f"imExt={sequence.last.path.suffix}\n"
        )
        truth = make_folder(folder / "gt")
        write_bytes(truth / "gt.txt", "".join(sequence.lines).encode())
        write_bytes(truth / "labels.txt", "".join(f"{n}\n" for n in source.classes.names).encode())
        write_bytes(folder / "seqinfo.ini", info.encode())


FORMAT = Format(
    "MOTChallenge: tracks of a video, img1/, gt/gt.txt, seqinfo.ini",
    "masks, oriented boxes; occlusion and truncation apart; other attributes; ids of images",
    _write,
)
