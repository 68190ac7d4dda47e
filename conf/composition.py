"""From the words of a command line to plain settings, through Hydra.

Hydra checks that a key exists and composes the files; types, bounds and missing values are checked
by ``simulator.settings.build``. Here everything that Hydra and OmegaConf raise becomes one line.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, cast

import hydra
from hydra import compose as hydra_compose
from hydra import initialize_config_module
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simulator.errors import ConfigError, unknown_name

PATH_KEYS = (
    "out", "data", "images", "model", "script", "key", "public_key", "gallery", "scene",
)  # fmt: skip
"""Settings that hold a path: taken as they stand, whatever signs the path has in it."""

QUIET = (
    "hydra.run.dir=.", "hydra.output_subdir=null", "hydra.job.chdir=false",
    "hydra/job_logging=none", "hydra.sweep.dir=outputs/multirun",
)  # fmt: skip
"""Hydra's own folders and log files stay out of the current folder."""


def compose(job: str, words: Sequence[str], known: Iterable[str] = ()) -> dict[str, Any]:
    """The config of a job as plain data.

    Args:
        job: name of a file in this folder.
        words: overrides in Hydra's grammar, ``key=value``.
        known: names of all settings, to offer the nearest one.

    Raises:
        ConfigError: a word that cannot be read, an unknown key or choice, a missing value.
    """
    for word in words:
        if word.lstrip("+~").startswith("hydra"):
            raise ConfigError(f"'{word}' is for Hydra itself", mend="It needs --multirun beside it")
    try:
        with initialize_config_module("conf", version_base="1.3"):
            made = _composed(job, [_literal_path(w) for w in words])
        return resolved(made)
    except (HydraException, OmegaConfBaseException) as error:
        raise _one_line(error, known) from None
    except RecursionError:
        longest = max(words, key=len, default="")
        raise ConfigError(
            f"cannot read '{longest:.60}': nested too deep", mend="Write settings as key=value"
        ) from None


def _composed(job: str, words: list[str]) -> DictConfig:
    """What Hydra composes; a number where it wants a name, and one too long, it does not check."""
    try:
        return hydra_compose(config_name=job, overrides=words)
    except (ValueError, TypeError) as error:
        if isinstance(error, HydraException | OmegaConfBaseException):
            raise
        said = str(error).partition("\n")[0]
        raise ConfigError(
            f"cannot read '{' '.join(words):.200}' ({said})", mend="Write settings as key=value"
        ) from None


def resolved(config: DictConfig) -> dict[str, Any]:
    """The config as plain data, with every reference resolved and nothing missing.

    Raises:
        ConfigError: a value that must be given is missing.
    """
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise ConfigError(f"{missing[0]} is missing", mend=f"Give it as {missing[0]}=VALUE")
    return cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))


def through_hydra(
    job: str, words: Sequence[str], known: Iterable[str], run: Callable[[dict[str, Any]], None]
) -> None:
    """Let Hydra itself read the words: for sweeps, ``--cfg``, ``--info`` and completion.

    Args:
        job: name of a file in this folder.
        words: the words after the sub-command.
        known: names of all settings, to offer the nearest one.
        run: what to do with the plain config of each run.
    """

    def task(config: DictConfig) -> None:
        run(resolved(config))

    settings = [w for w in words if w[:1] != "-" and ("=" in w or w[:1] == "~")]
    flags = [w for w in words if w not in settings]
    if "--resolve" in flags and not {"-c", "--cfg"} & {f.partition("=")[0] for f in flags}:
        raise ConfigError("--resolve says how --cfg prints", mend="Write --cfg job --resolve")
    # So told, Hydra raises what goes wrong instead of printing it.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    sys.argv = [sys.argv[0], *QUIET, *settings, *flags]
    try:
        hydra.main(version_base="1.3", config_path="pkg://conf", config_name=job)(task)()
    except (HydraException, OmegaConfBaseException) as error:
        raise _one_line(error, known) from None


def complete(words: Sequence[str], jobs: Collection[str]) -> None:
    """Print what may follow in the line being typed, or the script that installs completion.

    Hydra completes the line in COMP_LINE as if the program had no sub-commands, so the sub-command
    is completed here and cut out for the rest.

    Args:
        words: the words that the shell's script calls the program with.
        jobs: names of the sub-commands.
    """
    line, job = os.environ.get("COMP_LINE", ""), next(iter(jobs))
    if line and any(word.startswith("query=") for word in words):
        typed = line.split()
        if len(typed) < 2 or (len(typed) == 2 and not line[-1].isspace()):
            print(" ".join(jobs))  # noqa: T201 - the shell reads it
            return
        if typed[1] not in jobs:
            return
        job = typed[1]
        os.environ["COMP_LINE"] = f"{typed[0]} {line.split(job, 1)[1].lstrip()}"
    through_hydra(job, words, (), lambda _: None)


def put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set one setting in plain data, as it stands.

    Args:
        values: the data, changed in place.
        key: a key, or a dotted path of keys.
        value: the new value; a mapping goes into the mapping that is there, key by key.
    """
    head, _, rest = key.partition(".")
    old = values.get(head)
    if rest:
        put(values.setdefault(head, {}), rest, value)
    elif isinstance(old, dict) and isinstance(value, Mapping):
        for inner, item in value.items():
            put(old, inner, item)
    else:
        values[head] = value


def _literal_path(word: str) -> str:
    """Quote the value of a path, so that no sign in it is grammar; ``${...}`` still resolves."""
    key, equals, value = word.partition("=")
    if (
        key not in PATH_KEYS
        or not equals
        or value[:1] in ("", "'", '"', "[", "?")
        or value == "null"
    ):
        return word
    # Within quotes only a quote needs a backslash, and a backslash only in front of a quote.
    quoted = re.sub(r"(\\*)('|$)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), value)
    return f"{key}='{quoted}'"


def _one_line(error: Exception, known: Iterable[str]) -> ConfigError:
    """What Hydra says in several lines, as one line of ours."""
    text = str(error)
    if override := getattr(error, "override", None):
        return ConfigError(f"cannot read '{override}'", mend="Write settings as key=value")
    if found := re.search(r"Could not override '([^']+)'", text):
        inner = re.search(r"full_key: (\S+)", str(error.__cause__))
        name, known = inner[1] if inner else found[1], {*known}
        if name in known:  # of a mapping that is not there
            whole = name.rpartition(".")[0]
            return ConfigError(
                f"{name} cannot be set: {whole} is null", mend=f"Give all of it, {whole}={{...}}"
            )
        return unknown_name("setting", name, known)
    if found := re.search(r"Could not find '([^']+)/([^']+)'", text):
        options = re.findall(r"^\t(\S+)$", text, re.MULTILINE)
        return unknown_name(found[1], found[2], options)
    if found := re.search(r"Ambiguous value for argument '([^=']+)=([^']*)'", text):
        mend = f"Write {found[1]}=[{found[2]}] for a list, or add --multirun for one run each"
        return ConfigError(f"{found[1]} has several values", mend=mend)
    return ConfigError(text.strip().partition("\n")[0])
