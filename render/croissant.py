"""Croissant 1.0 metadata: what is in a dataset's folder and what the columns of its tables mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from render.tables import FRAMES, OBJECTS
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
            {
                "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": path,
                "encodingFormat": kind, "sha256": hashes[path],
            }
            for name, path, kind in files
        ],
        "recordSet": [
            _records("objects", OBJECTS, "objects-table"),
            _records("frames", FRAMES, "frames-table"),
        ],
    }  # fmt: skip


def _records(name: str, schema: pa.Schema, table: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field", "@id": f"{name}/{column.name}",
                "name": f"{name}/{column.name}", "dataType": _data_type(column.type),
                "source": {"fileObject": {"@id": table}, "extract": {"column": column.name}},
            }
            for column in schema
        ],
    }  # fmt: skip


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:Integer" if pa.types.is_integer(kind) else "sc:Text"
