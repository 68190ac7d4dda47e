"""What ``describe`` shows beside lists: a dataset's page, a family's contact sheets, a scene."""

from __future__ import annotations

from pathlib import Path

from render.coverage_words import tell_coverage
from render.frame import CLASSES, VEHICLE_CLASS
from render.gallery import gallery
from render.given_scene import opened_scene
from render.statistics_page import describe_dataset
from scenarios.telling import tell
from simulator.agents import Kind
from simulator.errors import ConfigError
from simulator.signs import SIGNS


def vehicles() -> dict[str, str]:
    """The kinds of vehicles and what each is labelled as."""
    return {
        kind.name.lower(): f"labelled as {CLASSES[label]}"
        for kind, label in zip(Kind, VEHICLE_CLASS.tolist(), strict=True)
    }


def signs() -> dict[str, str]:
    """The types of signs, and what either convention calls them."""
    ours = {name: k.north_america.code if k.north_america else "none" for name, k in SIGNS.items()}
    return {
        name: f"{kind.title} ({ours[name]} of the MUTCD, {kind.vienna.code} of Vienna)"
        for name, kind in SIGNS.items()
    }


def show(
    what: str | None,
    data: str | None,
    out: str | None,
    images: str | None,
    sheets: str | None,
    scene: str | None,
    coverage: str | None = None,
    as_json: bool = False,
) -> str:
    """Write or tell one thing; returns words about it.

    Args:
        what: family whose contact sheets go to the folder ``sheets``.
        data: dataset whose page is written to ``out``. images: folder of a COCO file's images.
        scene: a scene's own file, or one of a dataset's scenes, which is told at its first frame.
        coverage: dataset whose combinations of factors are told, in words or ``as_json``.

    Raises:
        ConfigError: nothing that can be shown is named. DataError: a file cannot be read.
    """
    if data is not None and out is not None:
        return f"page: {describe_dataset(Path(data), Path(out), images)}"
    if coverage is not None:
        return tell_coverage(Path(coverage), as_json=as_json)
    if scene is not None:
        return "\n".join(tell(*opened_scene(Path(scene))))
    if what is not None and sheets is not None:
        return "\n".join(f"sheet: {path}" for path in gallery(what, Path(sheets)))
    raise ConfigError(
        "what is missing",
        mend="Give it as what=NAME, or data=DIR out=PAGE, or scene=FILE",
    )
