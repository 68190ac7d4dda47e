"""The truth as parquet tables: their columns, and writing them in row groups as rows come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_GROUP = 20_000
"""Rows that are collected before a parquet row group is written."""

OBJECTS = pa.schema({
    "image_id": pa.int64(), "annotation_id": pa.int64(), "category": pa.string(),
    "x": pa.float32(), "y": pa.float32(), "w": pa.float32(), "h": pa.float32(),
    "instance_id": pa.int32(), "track_id": pa.int32(), "visible_area": pa.int32(),
    "full_area": pa.int32(), "occlusion": pa.float32(), "truncation": pa.float32(),
    "contrast_left": pa.float32(), "contrast_abs": pa.float32(), "heading_rad": pa.float32(),
    "speed_mps": pa.float32(), "aspect": pa.string(), "sign": pa.string(), "ego_lane": pa.bool_(),
    "sign_dirt": pa.float32(), "sign_tilt_rad": pa.float32(), "sign_overgrown": pa.bool_(),
})  # fmt: skip
FRAMES = pa.schema({
    "image_id": pa.int64(), "file_name": pa.string(), "mask": pa.string(), "width": pa.int32(),
    "height": pa.int32(), "seed": pa.int64(), "split": pa.string(), "scene_index": pa.int32(),
    "frame": pa.int32(), "condition": pa.string(), "layout": pa.string(), "time_s": pa.float32(),
    "m_per_px": pa.float32(), "altitude_m": pa.float32(), "tilt_rad": pa.float32(),
    "heading_rad": pa.float64(), "place_x_m": pa.float64(), "place_y_m": pa.float64(),
    "looks_at_x_m": pa.float64(), "looks_at_y_m": pa.float64(), "focal_px": pa.float64(),
    "principal_x_px": pa.float64(), "principal_y_px": pa.float64(),
    "k1": pa.float64(), "k2": pa.float64(), "p1": pa.float64(), "p2": pa.float64(),
    "mor_m": pa.float32(), "optical_depth": pa.float32(), "illuminance_lux": pa.float32(),
    "luminance_cd_m2": pa.float32(), "geometry_sha256": pa.string(),
})  # fmt: skip


def frames_schema(maps: Sequence[str]) -> pa.Schema:
    """The columns of the frames table of a dataset with these maps: the file of each comes last."""
    return pa.schema([*FRAMES, *(pa.field(map_column(which), pa.string()) for which in maps)])


def map_column(which: str) -> str:
    """The column of a map's file; an image has a ``height`` of its own."""
    return f"{which}_map"


class TableFile:
    """A parquet file that is written in row groups while rows come in."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # most numbers hardly repeat: dictionaries of them cost time and mostly make the file larger
        words = [field.name for field in schema if pa.types.is_string(field.type)]
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd",
            use_dictionary=words,  # pyright: ignore[reportArgumentType] - its stubs know only bool
        )  # fmt: skip
        self._waiting: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Add rows of the file's schema."""
        self._waiting.append(rows)
        if sum(len(t) for t in self._waiting) >= ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if any(len(t) for t in self._waiting):
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting = []
