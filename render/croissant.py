"""Croissant 1.0 metadata: what is in a dataset's folder and what the columns of its tables mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from render.tables import OBJECTS, frames_schema
from simulator.version import VERSION

_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject",
    "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
"""Terms of the vocabulary that the specification's own context names."""

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": "https://schema.org/",
    **{term: f"cr:{term}" for term in _TERMS},
}
PARQUET = "application/x-parquet"
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


def croissant(info: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The metadata of a dataset whose tables are written.

    Args:
        info: content of dataset.json. hashes: path -> SHA-256, of the tables too.
    """
    split = next(iter(info["splits"]))
    files = [
        ("annotations", f"annotations/{split}.json", "application/json"),
        ("objects-table", "objects.parquet", PARQUET),
        ("frames-table", "frames.parquet", PARQUET),
    ]
    maps = info.get("maps", {})
    pictures = [
        ("images", info["config"]["image"], "what the camera sees"),
        ("masks", "png", "instance id of each pixel, 0 where there is no object"),
        *((which, "png", _told(which, said)) for which, said in maps.items()),
    ]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": f"fairweather-seed{info['seed']}-{split}",
        "description": "Labelled driving scenes seen from above, in declared weather and light.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "creator": {"@type": "sc:Organization", "name": "Fairweather"},
        "version": VERSION,
        "isLiveDataset": False,
        "distribution": [
            *(
                {
                    "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": path,
                    "encodingFormat": kind, "sha256": hashes[path],
                }
                for name, path, kind in files
            ),
            *(_file_set(folder, split, suffix, text) for folder, suffix, text in pictures),
        ],
        "recordSet": [
            _rows("objects", OBJECTS, "objects-table"),
            _rows("frames", frames_schema(tuple(maps)), "frames-table"),
            *(_pictures(folder) for folder, *_ in pictures),
        ],
    }  # fmt: skip


def _told(which: str, said: Mapping[str, Any]) -> str:
    """What the numbers of a map are. Args: said: of it in dataset.json."""
    if which == "height":
        return f"height above ground of what each pixel shows, in steps of {said['unit_m']:g} m"
    return "class of each pixel: " + ", ".join(f"{n} {name}" for name, n in said["classes"].items())


def _file_set(folder: str, split: str, suffix: str, text: str) -> dict[str, Any]:
    """All pictures of a kind: one an image or, where twins share them, one a frame."""
    return {
        "@type": "cr:FileSet", "@id": f"{folder}-files", "name": f"{folder}-files",
        "description": text, "encodingFormat": TYPES[suffix],
        "includes": f"{folder}/{split}/*.{suffix}",
    }  # fmt: skip


def _pictures(folder: str) -> dict[str, Any]:
    """Pictures of a kind under the paths that the frames table names.

    Of masks the path alone: mlcroissant makes every picture one of 8 bits a colour, in which ids
    of 16 bits are lost.
    """
    source = {"fileSet": {"@id": f"{folder}-files"}}
    fields = [("path", "sc:Text", "fullpath"), ("content", "sc:ImageObject", "content")]
    return _record_set(folder, [
        _field(folder, name, kind, {**source, "extract": {"fileProperty": what}})
        for name, kind, what in fields[: 1 if folder == "masks" else 2]
    ])  # fmt: skip


def _rows(name: str, schema: pa.Schema, table: str) -> dict[str, Any]:
    """The rows of a table."""
    source = {"fileObject": {"@id": table}}
    return _record_set(name, [
        _field(name, c.name, _data_type(c.type), {**source, "extract": {"column": c.name}})
        for c in schema
    ])  # fmt: skip


def _record_set(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _field(records: str, name: str, kind: str, source: dict[str, Any]) -> dict[str, Any]:
    name = f"{records}/{name}"
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": kind, "source": source}


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:Integer" if pa.types.is_integer(kind) else "sc:Text"
