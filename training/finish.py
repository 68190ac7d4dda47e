"""The end of a study: rows, page and words, with what its plan is worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from render.files import write_bytes
from render.progress import show
from render.truth import Counting
from simulator.settings import plain
from training.config import StudyConfig
from training.design import standing
from training.results import write_results
from training.sheet import Sheet, sheet_page
from training.standing import facts


def finish(config: StudyConfig, sheet: Sheet, rows: Sequence[dict[str, Any]], words: str) -> Path:
    """Leave ``report.html``, ``results.json`` and ``results.csv``; say the findings.

    A label policy that is not the usual one stands in each row of ``results.json``.

    Returns:
        The path of the report.
    """
    out = Path(config.out)
    known = standing(config)
    warnings = sheet.warnings
    if known is not None and known.exploratory:
        said = "EXPLORATORY: the plan was changed after this study had looked at its test data."
        warnings = (*warnings, said)
    told = [] if config.policy == Counting() else [("Counted", counted_words(config.policy))]
    every = (*sheet.facts, *told, *facts(known))
    whole = dataclasses.replace(sheet, facts=every, warnings=warnings)
    more = {"policy": plain(config.policy)} if told else {}
    write_results(out, [{**row, **more} for row in rows])
    write_bytes(out / "report.html", sheet_page(whole).encode())
    show(words)
    show(f"\nreport:  {out / 'report.html'}\nresults: {out / 'results.json'}")
    return out / "report.html"


def counted_words(counting: Counting) -> str:
    """A label policy in words."""
    return (
        f"objects of {counting.min_visible_px:g} visible px or more, at most "
        f"{100 * counting.max_occlusion:g} % hidden; as visible from "
        f"{100 * counting.min_contrast:g} % of their contrast on"
    )
