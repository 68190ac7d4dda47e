"""The data card that a dataset carries: README, contact sheet, Croissant metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson

from render.croissant import croissant
from render.encode import jpeg
from render.files import write_bytes
from render.lettering import letter
from simulator.errors import DataError

TILE_PX = 320
TILES = 12


def write_card(root: Path, info: dict[str, Any], hashes: Mapping[str, str]) -> tuple[str, ...]:
    """Write contact_sheet.jpg, README.md and croissant.json.

    Args:
        info: content of dataset.json.
        hashes: path -> SHA-256 of the scenes' files, in scene order, and of the tables.

    Returns:
        The names of the files written.
    """
    images = [path for path in hashes if path.startswith("images/")]
    files = {
        "contact_sheet.jpg": _contact_sheet(root, images),
        "README.md": _readme(info).encode(),
        "croissant.json": orjson.dumps(
            croissant(info, hashes), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        ),
    }
    for name, data in files.items():
        write_bytes(root / name, data)
    return tuple(files)


def _contact_sheet(root: Path, images: list[str]) -> bytes:
    """A dozen images, evenly over the dataset, each with its condition in its file name."""
    chosen = [images[i] for i in np.unique(np.linspace(0, len(images) - 1, TILES).astype(int))]
    tiles = [_tile(root / path) for path in chosen]
    columns = min(4, len(tiles))
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return jpeg(np.ascontiguousarray(np.vstack(rows)), 85)


def _tile(path: Path) -> np.ndarray:
    """An image in the size of a tile, with its condition in words."""
    # a JPEG that is read at half its size costs half
    picture = cv2.imread(str(path), cv2.IMREAD_REDUCED_COLOR_2)
    if picture is not None and min(picture.shape[:2]) < TILE_PX:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise DataError("is no image", place=str(path), mend="Choose another out=")
    tile = picture
    if picture.shape[:2] != (TILE_PX, TILE_PX):
        tile = cv2.resize(picture, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA)
    words = path.stem.split("_", 2)[-1][:34]
    letter(tile, words, (9, 19))
    return tile


def _design(design: dict[str, Any] | None) -> str:
    """The factors with the scenes of each level, and how much of their combinations there is."""
    if design is None:
        return ""
    rows = [
        f"| {name} | " + ", ".join(f"{v['level']} ({v['scenes']})" for v in levels) + " |"
        for name, levels in design["factors"].items()
    ]
    covered = ", ".join(f"{t} {100 * share:.4g} %" for t, share in design["coverage"].items())
    return "\n".join([
        "", "## Factors",
        f"Each scene has one level of each; design `{design['kind']}`.",
        f"Combinations met: {covered}.",
        "", "| factor | levels (scenes) |", "|---|---|", *rows, *_balance(design), "",
    ])  # fmt: skip


def _balance(design: dict[str, Any]) -> list[str]:
    """The shares that were asked for, those that came, and why."""
    rows = [
        f"| {name} | {v['asked']:g} | {v['got']:g} | {v.get('reason', '')} |"
        for name, v in design.get("balance", {}).items()
    ]
    head = ["", "| share of all objects | asked | got | why not nearer |", "|---|---|---|---|"]
    return [*head, *rows] if rows else []


def _maps(maps: dict[str, Any]) -> str:
    """Where the maps are and what their numbers mean."""
    lines = []
    if "semantic" in maps:
        classes = ", ".join(f"{n} {name}" for name, n in maps["semantic"]["classes"].items())
        lines.append(f"`semantic/` holds the class of every pixel as 8-bit PNG: {classes}.")
    if "height" in maps:
        lines.append(
            "`height/` holds the height above the ground of what every pixel shows as 8-bit PNG, "
            f"in steps of {maps['height']['unit_m']:g} m, rounded up; 254 is that or higher. Sides "
            "of tall things are as high as their upper edge, or that of the layer which is seen."
        )
    return "".join(f"\n{line}\n" for line in lines)


def _sides(info: dict[str, Any]) -> str:
    """The side, or the sides, of the road that the scenes have."""
    factors = (info.get("design") or {"factors": {}})["factors"]
    levels = [v["level"] for v in factors.get("convention.side", ())]
    return " or ".join(levels or [info["config"]["convention"]["side"]])


def _readme(info: dict[str, Any]) -> str:
    split, counts = next(iter(info["splits"].items()))
    sizes = ", ".join(f"{n} {name}" for name, n in counts["per_size"].items())
    classes = "\n".join(f"| {name} | {n} |" for name, n in counts["per_class"].items())
    conditions = "\n".join(
        f"- `{name}`: " + (", ".join(f"{k} {v}" for k, v in spec.items()) or "as `clear`")
        for name, spec in info["conditions"].items()
    )
    twins = {
        "open_loop": "Every scene is there under every condition with the same movements: images "
        "of one scene and frame differ in pixels and in visibility only, and share one mask.",
        "closed_loop": "Every scene is there under every condition; drivers react to each, so "
        "movements differ.",
        "none": "Each scene is there under one condition.",
    }[info["twins"]]
    return f"""# A Fairweather dataset

Made by {info["generator"]}, seed {info["seed"]}, split `{split}`: {counts["scenes"]} scenes,
{counts["images"]} images, {counts["annotations"]} labelled objects. Licence: {info["licence"]}.

![a sample of the images](contact_sheet.jpg)

## Conditions
{conditions}

{twins}
{_design(info.get("design"))}
## Labels
| class | objects |
|---|---|
{classes}

By visible area (32 and 96 px squared, as COCO): {sizes}.

`annotations/{split}.json` is COCO; sizes in px, angles in rad, `attributes` hold what is known \
beyond
COCO: amodal and oriented boxes, occlusion, truncation, the contrast that the weather left
(`contrast_left`), heading, speed, what a signal shows; of an image its conditions, what the air was
(`mor_m`, `optical_depth`), the light on open ground (`illuminance_lux`) and the mean luminance of
what is seen, before exposure and noise (`luminance_cd_m2`).
`masks/` holds instance ids as 16-bit PNG.
`objects.parquet` and `frames.parquet` hold the same as tables. `scenes/` holds what is needed to
render each frame again.
{_maps(info.get("maps", {}))}
Boxes bound the visible pixels. An object that fog has erased is still labelled: use `contrast_left`
to decide what to train on and what to count.

## Check
`sha256sum -c manifest-sha256.txt`, or `fairweather verify` with this folder's name.

## Limits
Simulated pictures seen from above, of simple roads; traffic drives on the \
{_sides(info)}. A result on them says
nothing about real frames until it was measured there.
"""
