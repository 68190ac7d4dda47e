"""The job ``export``: a native dataset in a format that other tools read."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from render.coco_reader import annotation_fields, category_index, image_fields
from render.config import ExportConfig
from render.files import PUT_BACK, make_folder, size_of, sweep
from render.format import Format, Item, Source
from render.formats import FORMATS
from render.item_batches import batched
from render.json_stream import records_of
from render.label_columns import CATEGORY, Labels, columns_of
from render.label_runs import NO_RUN, Run, label_runs
from render.lock import alone_in
from render.manifest import refuse_inside, sha256_file
from render.object_store import is_url, open_store, send
from render.partition import LINEAGE, partitioned, write_lineage
from render.progress import show
from render.sound_images import PlainFiles, sound_record
from render.sound_labels import all_sound
from render.store import Dataset, native_image, open_dataset
from render.taxonomy import TAXONOMIES, Mapped
from simulator.errors import ConfigError, DataError, OutputError, unknown_name

_Pair = tuple[dict[str, Any], Run]


def run(config: ExportConfig) -> None:
    """The job: export, and tell which classes had no place in the taxonomy."""
    source = export(Path(config.data), config.format, config.out, config.taxonomy, config.splits)
    left_out = source.classes.left_out(source.info["classes"])
    note = f" (without {', '.join(left_out)}: taxonomy={config.taxonomy})" if left_out else ""
    show(f"{config.format}: {config.out}{note}")


def export(
    folder: Path, name: str, out: str | Path, taxonomy: str = "driving", splits: Any = None
) -> Source:
    """Write a dataset in another format, whole or not at all; an interrupted export goes on.

    Args:
        folder: a native dataset. name: a member of FORMATS. out: a folder that is not there yet, or
            a URL, see ``render/object_store.py``. taxonomy: a member of TAXONOMIES. splits:
            predicates that cut it anew, see ``partition``.

    Raises:
        LeakError: two splits would share a scene.
        ConfigError: unknown format, taxonomy or attribute; a URL that does not go with the format,
            or a store that is not known. DataError: broken dataset.
        OutputError: out cannot be written.
    """
    form = FORMATS[name]
    if taxonomy not in TAXONOMIES:
        raise unknown_name("taxonomy", taxonomy, TAXONOMIES)
    dataset = open_dataset(folder)
    words = f"{name} {taxonomy}" if splits is None else f"{name} {taxonomy} {json.dumps(splits)}"
    write = _into_store if is_url(out) else _into_folder
    return write(form, dataset, out, words, taxonomy, splits)


def _into_folder(
    form: Format, dataset: Dataset, out: str | Path, words: str, taxonomy: str, splits: Any
) -> Source:
    out = Path(out).resolve()  # what a link leads to is replaced, not the link
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError("is there already", place=str(out), mend="Choose another out=")
    if out.is_mount() or out == Path.cwd():  # the finished export is renamed to out
        raise OutputError(
            "is a mount point or the current folder, which an export cannot take the place of",
            place=str(out), mend="Give a folder in it",
        )  # fmt: skip
    refuse_inside(out)
    source = _cut(dataset, taxonomy, splits)
    partial = make_folder(out.with_name(f".{out.name}.{_identity(dataset, words)}.part"))
    with alone_in(partial):
        _fill(form, source, partial, splits, dataset.root_hash)
        _put_in_place(partial, out)
    return source


def _fill(form: Format, source: Source, partial: Path, splits: Any, root_hash: str) -> None:
    sweep(partial)
    try:
        with _no_search_for_cycles():
            form.write(source, partial)
        if splits is not None:
            write_lineage(source, splits, root_hash, partial)
    except Exception:  # not KeyboardInterrupt: what is there by then is used when it goes on
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _put_in_place(partial: Path, out: Path) -> None:
    try:
        if out.exists():
            out.rmdir()
        partial.replace(out)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise OutputError(
            f"has come to be there meanwhile ({error.strerror})", place=str(out),
            mend="Choose another out=",
        ) from error  # fmt: skip


def _into_store(
    form: Format, dataset: Dataset, out: str | Path, words: str, taxonomy: str, splits: Any
) -> Source:
    if form.shards is None:
        sharded = " or ".join(sorted(name for name in FORMATS if FORMATS[name].shards))
        raise ConfigError(
            f"this format has a file for every image, too many objects for {out}",
            place="format", mend=f"Take {sharded}, or a local folder as out=",
        )  # fmt: skip
    shards = form.shards
    store = open_store(str(out))
    if getattr(store.system, "local_file", False):
        refuse_inside(Path(store.root))
    source = _cut(dataset, taxonomy, splits)

    def make(folder: Path) -> Iterator[Path]:
        yield from shards(source, folder)
        if splits is not None:
            write_lineage(source, splits, dataset.root_hash, folder)
            yield folder / LINEAGE

    send(store, _identity(dataset, words), make)
    return source


def _cut(dataset: Dataset, taxonomy: str, splits: Any) -> Source:
    source = open_source(dataset, taxonomy)
    return source if splits is None else partitioned(source, splits)


@contextlib.contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Records come and go by the million, none of them in a cycle: a third of the time of reading
    them would go into looking for one.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def open_source(dataset: Dataset, taxonomy: str = "driving") -> Source:
    """A dataset as formats see it: nothing but its categories is read yet."""
    mapped = TAXONOMIES[taxonomy](dataset.classes)
    records = _categories(dataset)
    if taxonomy != "driving":
        records = tuple({"id": i, "name": n} for i, n in zip(mapped.ids, mapped.names, strict=True))
    return Source(
        root=dataset.root, info=dataset.info, splits=dataset.splits, classes=mapped,
        categories=records, items=lambda split: _items(dataset, split, mapped),
    )  # fmt: skip


def _identity(dataset: Dataset, words: str) -> str:
    """Names the export among unfinished ones: equal words, equal bytes."""
    content = dataset.root_hash or "".join(
        sha256_file(p) for p in (dataset.root / "dataset.json", *_files(dataset)) if p.is_file()
    )
    return hashlib.sha256(f"{content} {words}".encode()).hexdigest()[:12]


def _files(dataset: Dataset) -> list[Path]:
    return [dataset.root / "annotations" / f"{split}.json" for split in dataset.splits]


def _categories(dataset: Dataset) -> tuple[dict[str, Any], ...]:
    first: tuple[dict[str, Any], ...] = ()
    for path in _files(dataset):
        records = tuple(records_of(path, "categories"))
        names, _ = category_index({"categories": list(records)}, path)
        if names != dataset.classes:
            raise DataError(
                "has other categories than dataset.json", place=str(path), mend="Generate it anew"
            )
        first = first or records
    return first


def _items(dataset: Dataset, split: str, mapped: Mapped) -> Iterator[Item]:
    """The images of a split with their labels: both lists of the file are read side by side.

    Raises:
        DataError: a broken record, named; labels that are not in the order of their images.
    """
    path = dataset.root / "annotations" / f"{split}.json"
    _, own = category_index({"categories": list(records_of(path, "categories"))}, path)
    files = PlainFiles(dataset.root)
    with (
        contextlib.closing(records_of(path, "images")) as images,
        contextlib.closing(label_runs(path)) as runs,
    ):
        pairs, first = _paired(images, runs, f"{path}: annotations"), 0
        for some in batched(pairs, lambda pair: len(pair[1])):
            yield from _checked(dataset, path, files, mapped, own, first, some)
            first += len(some)


def _paired(images: Iterator[dict[str, Any]], runs: Iterator[Run], place: str) -> Iterator[_Pair]:
    """Each image with the labels of its id."""
    waiting = next(runs, None)
    for image in images:
        if waiting is None or waiting.image_id != image.get("id"):
            yield image, NO_RUN
        else:
            yield image, waiting
            waiting = next(runs, None)
    if waiting is not None:
        raise DataError(
            f"image_id {waiting.image_id!s:.60} is not in the file or out of its order",
            place=f"{place}[{waiting.first}]", mend="Generate the dataset anew",
        )  # fmt: skip


def _checked(
    dataset: Dataset, path: Path, files: PlainFiles, mapped: Mapped, own: dict[int, int],
    first: int, some: list[_Pair],
) -> list[Item]:  # fmt: skip
    """Some images with their labels as items."""
    found = [_file_of(p[0], dataset.root, path, first + i, files) for i, p in enumerate(some)]
    sizes = [[int(image["width"]), int(image["height"])] for image, _ in some]
    runs = [run for _, run in some]
    if all(run.told is None for run in runs) and all_sound(
        np.concatenate([run.labels.numbers for run in runs]),
        np.repeat(sizes, [len(run.labels) for run in runs], axis=0),
        own,
    ):
        labels = [run.labels for run in runs]
    else:
        place = f"{path}: annotations"
        labels = [
            _closely(run, place, image["id"], size_px, own)
            for (image, run), size_px in zip(some, sizes, strict=True)
        ]
    places = {key: mapped.position.get(dataset.classes[i], -1) for key, i in own.items()}
    ids = np.concatenate([columns.numbers[:, CATEGORY] for columns in labels]).tolist()
    classes = iter([places[k] for k in ids])
    return [
        Item(image, *file, columns.mapped(list(itertools.islice(classes, len(columns)))))
        for (image, _), file, columns in zip(some, found, labels, strict=True)
    ]


def _file_of(
    image: dict[str, Any], root: Path, path: Path, i: int, files: PlainFiles
) -> tuple[str, int]:
    """The file of the ``i``-th image, whose record is sound, and its bytes."""
    if sound_record(image) and (file := files.find(image["file_name"])):
        return file
    fields = image_fields(image, path, i, [root], PUT_BACK)
    native_image(image, f"{path}: images[{i}]")
    file = str(fields["path"])
    return file, size_of(file)


def _closely(
    run: Run, place: str, image_id: Any, size_px: list[int], own: dict[int, int]
) -> Labels:
    """The labels that have a box, each looked at by itself."""
    return columns_of([
        label
        for i, label in enumerate(run.records(), run.first)
        if annotation_fields(label, f"{place}[{i}]", {image_id: 0}, own, [size_px]) is not None
    ])  # fmt: skip
