"""``python -m scenarios``: list layouts and conditions, or print one scene as JSON.

``python -m scenarios`` lists; ``python -m scenarios seed=3 layout=straight condition=rain`` prints.
"""

from __future__ import annotations

import sys

from scenarios.config import SceneConfig
from scenarios.layouts import LAYOUTS
from scenarios.presets import condition_names
from scenarios.sampler import sample_scene
from simulator.errors import ConfigError, FairweatherError, unknown_name
from simulator.scene_io import dump_scene

KEYS = ("seed", "index", "split", "layout", "condition")


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit code: 0, or 2 for a mistake of the user."""
    try:
        words = dict(_pair(a) for a in arguments)
        sys.stdout.write((_scene(words) if words else _listing()) + "\n")
    except FairweatherError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _pair(argument: str) -> tuple[str, str]:
    key, equals, value = argument.partition("=")
    if not equals or key not in KEYS:
        raise unknown_name("setting", key, KEYS)
    return key, value


def _number(words: dict[str, str], key: str) -> int:
    text = words.get(key, "0")
    if not text.isdecimal() or len(text) > 18:
        raise ConfigError(f"{key} must be a whole number from 0 up, got '{text}'")
    return int(text)


def _scene(words: dict[str, str]) -> str:
    layouts = (words["layout"],) if "layout" in words else SceneConfig().layouts
    config = SceneConfig(layouts=layouts, conditions=(words.get("condition", "clear"),))
    seed, index = _number(words, "seed"), _number(words, "index")
    return dump_scene(sample_scene(config, seed, index, words.get("split", "train")))


def _listing() -> str:
    width = max(len(name) for name in LAYOUTS)
    lines = ["layouts:", *(f"  {name:<{width}}  {LAYOUTS[name].title}" for name in LAYOUTS)]
    return "\n".join([*lines, "conditions:", *(f"  {name}" for name in condition_names())])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
