"""The errors that a user may see: one line that names the value, the place and the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FairweatherError(Exception):
    """Something the user can put right. The command line prints it as one line and exits with 2.

    Args:
        what: what is wrong, with the offending value.
        place: where it was found (a key, a file, a record).
        mend: what to do about it.
    """

    def __init__(self, what: str, *, place: str = "", mend: str = "") -> None:
        self.what = what
        self.place = place
        self.mend = mend
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        text = f"{text}. {self.mend}" if self.mend else text
        return " ".join(text.split())


class ConfigError(FairweatherError):
    """A setting has an unknown name, a wrong type or a value out of its bounds."""


class DataError(FairweatherError):
    """A file that was read (dataset, scene, COCO, checkpoint, image) is broken or hostile."""


class OutputError(FairweatherError):
    """A result cannot be written where it was asked for."""


class LeakError(FairweatherError):
    """A measurement would use scenes that the model, or another split, has already seen."""


def unknown_name(kind: str, name: object, known: Iterable[str], *, place: str = "") -> ConfigError:
    """The error for a name that is not there, with the nearest one offered.

    >>> print(unknown_name("weather", "rian", ["fog", "rain"]))
    no weather 'rian'. Did you mean 'rain'? There are: fog, rain
    """
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    listed = ", ".join(names[:40]) if names else "none"
    return ConfigError(f"no {kind} '{name}'", place=place, mend=f"{hint}There are: {listed}")
