"""The ledger: every look at a held-out set, in the order in which they were taken.

An SQLite file. Each line carries a hash of itself and of the line before, so that one that was
taken out or changed is noticed. A look that is repeated word for word (a study taken up again) is
no new look: it gives the same detections. No clock is asked: the order is a counter.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from simulator.errors import DataError, OutputError

_TABLE = """
CREATE TABLE IF NOT EXISTS looks (
    number INTEGER PRIMARY KEY, study TEXT NOT NULL, plan TEXT NOT NULL, truth TEXT NOT NULL,
    model TEXT NOT NULL, what TEXT NOT NULL, chain TEXT NOT NULL
)"""
WAIT_S = 30.0
"""Seconds that one study waits while another writes."""


@dataclasses.dataclass(frozen=True)
class Look:
    """One look.

    Attributes:
        study: who looked. plan: hash of its plan, "" without one. truth: fingerprint of the held-
        out set. model: SHA-256 of the weights or detections. what: was looked at, in words.
    """

    study: str
    plan: str
    truth: str
    model: str
    what: str


def note(path: Path, looks: list[Look]) -> None:
    """Write looks down; those that stand there already are left as they are.

    Raises:
        DataError: the file is no ledger, or was changed. OutputError: it cannot be written.
    """
    with _opened(path) as file:
        file.execute("BEGIN IMMEDIATE")
        known, chain = _read(file, path)
        seen = set(known)
        for look in looks:
            if look in seen:
                continue
            seen.add(look)
            chain = _chained(chain, look)
            file.execute(
                "INSERT INTO looks (study, plan, truth, model, what, chain) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (*dataclasses.astuple(look), chain),
            )
        file.execute("COMMIT")


def read(path: Path) -> list[Look]:
    """All looks in their order; none where there is no ledger yet.

    Raises:
        DataError: the file is no ledger, or a line of it was changed or taken out.
    """
    if not path.is_file():
        return []
    with _opened(path) as file:
        return _read(file, path)[0]


def _read(file: sqlite3.Connection, path: Path) -> tuple[list[Look], str]:
    looks, chain = [], ""
    rows = file.execute(
        "SELECT number, study, plan, truth, model, what, chain FROM looks ORDER BY number"
    )
    for place, (number, *words, written) in enumerate(rows, 1):
        look = Look(*map(str, words))
        chain = _chained(chain, look)
        if number != place or chain != written:
            raise DataError(
                f"line {place} of the ledger was changed, or one before it is gone",
                place=str(path), mend="Take the ledger from a backup: its looks cannot be trusted",
            )  # fmt: skip
        looks.append(look)
    return looks, chain


def _chained(before: str, look: Look) -> str:
    return hashlib.sha256(json.dumps([before, *dataclasses.astuple(look)]).encode()).hexdigest()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(path, WAIT_S, isolation_level=None)) as file:
            file.execute(_TABLE)
            yield file
    except sqlite3.OperationalError as error:
        raise OutputError(
            f"the ledger cannot be written ({error})", place=str(path),
            mend="Choose another ledger=FILE",
        ) from error  # fmt: skip
    except sqlite3.DatabaseError as error:
        raise DataError(
            f"is no ledger ({error})", place=str(path), mend="Choose another ledger=FILE"
        ) from error
