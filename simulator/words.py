"""Words ``key=value`` of a shell as nested plain data, for the packages' own entry points."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulator.errors import ConfigError


def nested(words: Iterable[str]) -> dict[str, Any]:
    """Values are JSON where they can be, else text; dots in a key make inner mappings.

    >>> nested(["seed=3", "camera.kind=pinhole"])
    {'seed': 3, 'camera': {'kind': 'pinhole'}}

    Raises:
        ConfigError: a word without an equals sign, or a part of what is no mapping.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise ConfigError(f"'{word}' is not key=value", mend="Write key=value")
        inner = values
        *groups, last = key.split(".")
        for group in groups:
            inner = inner.setdefault(group, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"'{word}' sets a part of '{group}', which is a plain value")
        try:
            inner[last] = json.loads(text)
        except ValueError:
            inner[last] = text
    return values
