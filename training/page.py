"""Reports as pages: one self-contained HTML file, and how figures are written in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from training.bootstrap import Interval


def rendered(template: str, context: Mapping[str, Any]) -> str:
    """A template of this folder as HTML that needs no other file, no network and no script."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    env = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.filters |= {"percent": percent, "points": points}
    return env.get_template(template).render(context)


def percent(value: float) -> str:
    """A share as a percentage with one decimal, a dash where there is none."""
    return "-" if np.isnan(value) else f"{100 * value:.1f}"


def points(change: Interval) -> str:
    """A difference of shares in points with its interval."""
    if np.isnan(change.low):
        return percent(change.value)
    return f"{100 * change.value:.1f} [{100 * change.low:.1f}, {100 * change.high:.1f}]"


def listed(names: list[str]) -> str:
    """Words in a row: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
