"""What a plan is worth: whether it stood before the first look, and how often was looked."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from render.files import write_json
from render.store import Truth
from simulator.errors import DataError
from simulator.settings import plain
from training.fingerprint import fingerprint
from training.ledger import Look, note, read
from training.plan import StudyPlan, plan_hash
from training.taxonomy import POLICIES, ignored

PLAN = "plan.json"


@dataclasses.dataclass(frozen=True)
class Standing:
    """A plan in view of the ledger.

    Attributes:
        plan: its hash. looks: at the study's held-out sets, by anybody. own: those under this plan.
        exploratory: the same study had looked at one of them under another plan before.
    """

    plan: str
    looks: int
    own: int
    exploratory: bool


def truth_hash(truth: Truth) -> str:
    """The fingerprint of a held-out set as the ledger knows it, however its objects are counted: a
    look at it is a look.
    """
    return fingerprint(truth, ignored(truth, POLICIES[0]), POLICIES[0]).truth


def declare(out: Path, plan: StudyPlan, ledger: Path) -> None:
    """Write the plan down in ``plan.json`` before anything is looked at.

    Raises:
        DataError: the ledger is broken. OutputError: the file cannot be written.
    """
    _write(out, plan, read(ledger))


def looked(
    out: Path, plan: StudyPlan, ledger: Path, truth: Truth, models: dict[str, str]
) -> Standing:
    """Note that models look at a held-out set; to be called before they do.

    Args:
        models: SHA-256 of the weights by what is looked at with them, in words.
    """
    where = truth_hash(truth)
    key = plan_hash(plan)
    note(ledger, [Look(plan.study, key, where, model, what) for what, model in models.items()])
    return _write(out, plan, read(ledger))


def read_standing(out: Path) -> Standing | None:
    """The standing in ``plan.json`` of a study's folder; None where no plan was declared.

    Raises:
        DataError: the file is broken.
    """
    path = out / PLAN
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return Standing(
            str(value["hash"]), int(value["looks_by_anybody"]), len(value["looks"]),
            bool(value["exploratory"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("is broken", place=str(path), mend="Run the study again") from error


def facts(standing: Standing | None) -> list[tuple[str, str]]:
    """Plan and looks as lines of a report's table."""
    if standing is None:
        return [("Plan", "none was declared: everything here is exploratory")]
    said = (
        "EXPLORATORY: the plan was changed after this study had looked at its test data"
        if standing.exploratory
        else "declared before the first look"
    )
    others = standing.looks - standing.own
    more = f", and {others} by others or under other plans" if others else ""
    return [
        ("Plan", f"{standing.plan}, {said}"),
        ("Looks at the test data", f"{standing.own} under this plan{more}"),
    ]


def _write(out: Path, plan: StudyPlan, looks: list[Look]) -> Standing:
    key = plan_hash(plan)
    own = [look for look in looks if (look.study, look.plan) == (plan.study, key)]
    sets = {look.truth for look in own}
    shared = [look for look in looks if look.truth in sets]
    places = {look: i for i, look in enumerate(looks)}
    first = {t: min(places[look] for look in own if look.truth == t) for t in sets}
    earlier = {
        look.plan
        for look in shared
        if look.study == plan.study and look.plan != key and places[look] < first[look.truth]
    }
    standing = Standing(key, len(shared), len(own), bool(earlier))
    value: dict[str, Any] = {
        "hash": key, "plan": plain(plan), "exploratory": standing.exploratory,
        "earlier_plans": sorted(earlier), "looks_by_anybody": standing.looks,
        "looks": [{"number": places[look] + 1, **dataclasses.asdict(look)} for look in own],
    }  # fmt: skip
    write_json(out / PLAN, value)
    return standing
