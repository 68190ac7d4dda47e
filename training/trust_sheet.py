"""The findings of ``trust`` as words and as parts of a report."""

from __future__ import annotations

import dataclasses
import math

from training.bootstrap import Interval
from training.checkpoint import ModelCard
from training.fine_print import origin
from training.page import listed, percent, points
from training.sheet import Section, Sheet, Table

Z = 1.959964
"""97.5 % quantile of the normal distribution."""

LIMITS = (
    "Faults were planted by us: a fault of another kind may go by unseen.",
    (
        "A back door in foreign pictures, that is a mark which only an attacker knows, is looked "
        "for by none of these checks."
    ),
    "Doubts of a detector depend on how well it was trained: this one saw few scenes.",
    (
        "A copy that was scaled, turned by less than a quarter, or moved by more than a tenth of "
        "its side is another picture to the look-alike check, and so is one that shows nothing."
    ),
)


@dataclasses.dataclass(frozen=True)
class Found:
    """Of so many faults of a kind so many were found; kind "nothing" counts false alarms."""

    kind: str
    hits: int
    of: int

    def share(self) -> Interval:
        """The share that was found, with the interval of Wilson (1927)."""
        n, p = self.of, self.hits / self.of if self.of else float("nan")
        if not n:
            return Interval(p, p, p)
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        # at the ends the bounds are 0 and 1, which rounding would miss by a hair
        low = 0.0 if self.hits == 0 else middle - half
        return Interval(p, low, 1.0 if self.hits == n else middle + half)


@dataclasses.dataclass(frozen=True)
class Doubts:
    """At a share of wrong labels: what was found among the most suspicious, and the AUC."""

    share: float
    found: tuple[tuple[Found, float], ...]


@dataclasses.dataclass(frozen=True)
class Sample:
    """Probability that a sample of ``drawn`` images of a set of ``images`` meets an edited one."""

    images: int
    drawn: int
    probability: float


@dataclasses.dataclass(frozen=True, eq=False)
class Trust:
    """Everything that the report says.

    Attributes:
        edits, copies, leaks: what each check found. doubts: by share of wrong labels.
        samples: of ``edited`` (a share). images: of the dataset. card: of the doubting detector.
    """

    title: str
    size: str
    edits: tuple[Found, ...]
    copies: tuple[Found, ...]
    leaks: tuple[Found, ...]
    doubts: tuple[Doubts, ...]
    samples: tuple[Sample, ...]
    edited: float
    images: int
    root_hash: str
    card: ModelCard


def headline(findings: Trust) -> str:
    """What is found, and what goes by."""
    first = findings.doubts[0]
    swapped, _ = first.found[0]
    return (
        f"Drawing the data again finds {_told('edit of a label or a picture', findings.edits)}; "
        f"the look-alike check {_told('copied picture', findings.copies)}; the leak check "
        f"{_told('leak', findings.leaks)}. In data without records a detector names "
        f"{swapped.hits} of {swapped.of} swapped classes when {percent(first.share)} % of the "
        "images have a wrong label."
    )


def _told(noun: str, found: tuple[Found, ...]) -> str:
    partly = [
        f"{f.kind} ({f.hits} of {f.of} found)"
        for f in found
        if f.kind != "nothing" and f.hits < f.of
    ]
    return f"every {noun}" + (f" but those {listed(partly)}" if partly else "")


def words(findings: Trust) -> str:
    """The tables in plain words for the terminal."""
    lines = ["", headline(findings), ""]
    for check, found in _checks(findings):
        lines.append(f"{check}:")
        lines += [f"  {_name(f.kind):34s}{f.hits:5d} of {f.of:6d}   {_shown(f)}" for f in found]
    for doubts in findings.doubts:
        lines.append(f"a detector's doubts, {percent(doubts.share)} % of the images wrong:")
        for f, area in doubts.found:
            lines.append(f"  {f.kind:34s}{f.hits:5d} of {f.of:6d}   AUC {area:.2f}")
    return "\n".join([*lines, "", *LIMITS])


def sheet(findings: Trust) -> Sheet:
    """The whole report."""
    head = ("planted", "found", "of", "share, % [95 % interval]")
    sections = [
        Section(
            title, text,
            (Table(head, tuple((_name(f.kind), str(f.hits), f"{f.of:,}", _shown(f)) for f in found),
                   tuple("mean" if f.kind == "nothing" else "" for f in found)),),
        )
        for (title, found), text in zip(_checks(findings), _TEXTS, strict=True)
    ]  # fmt: skip
    chances = Table(
        ("images of the set", "drawn again", "chance to meet an edited one, %"),
        tuple((f"{s.images:,}", f"{s.drawn:,}", percent(s.probability)) for s in findings.samples),
    )
    sections.insert(
        1,
        Section(
            "How large a sample?",
            f"With {percent(findings.edited)} % of the images edited; what is met is found as "
            "above.",
            (chances,),
        ),
    )
    doubts = Table(
        ("images with a wrong label, %", "fault", "among the most suspicious", "of", "AUC"),
        tuple(
            (percent(d.share), f.kind, str(f.hits), str(f.of), f"{area:.2f}")
            for d in findings.doubts
            for f, area in d.found
        ),
    )
    sections.append(
        Section(
            "Wrong labels where nothing can be drawn again",
            "A detector that was trained on other data, poisoned as much, ranks all labels (or "
            "images, where an object was left out) by its doubts; as many are looked at as were "
            "planted. An AUC of 0.5 is a guess.",
            (doubts,),
        )
    )
    return Sheet(
        study=findings.title, size=findings.size, headline=headline(findings),
        lead="Every fault was planted on purpose, in a copy. The last row of a table counts alarms "
        "where nothing was planted.",
        warnings=(), sections=tuple(sections),
        facts=(
            ("Images", f"{findings.images}, each drawn again"),
            ("Compared", "as between two machines: an edit within rounding could hide"),
            ("Root hash of the sound set", findings.root_hash or "none"),
            ("Detector that doubts", f"{findings.card.detector}, {findings.card.steps} steps"),
            ("Trained on", origin(findings.card.lineage)),
        ),
        limits=LIMITS,
    )  # fmt: skip


_TEXTS = (
    (
        "Labels and pictures were edited, tables and hashes made to agree; then every image was "
        "drawn again from its records and compared."
    ),
    (
        "Pictures were copied in disguise and searched for among the others by their spectra; what "
        "is near by those was laid over each other."
    ),
    "A model was offered its own training scenes as a test set.",
)


def _checks(findings: Trust) -> tuple[tuple[str, tuple[Found, ...]], ...]:
    return (
        ("Edits against drawing again", findings.edits),
        ("Copies against the look-alike check", findings.copies),
        ("Leaked scenes against the leak check", findings.leaks),
    )


def _name(kind: str) -> str:
    return "nothing (false alarms)" if kind == "nothing" else kind


def _shown(found: Found) -> str:
    return points(found.share())
