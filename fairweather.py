"""The command ``fairweather`` and the composition root: the one module that sees every package.

Each sub-command is one job: a settings class, a file of the same name in ``conf/``, and a function
that is imported when the job runs, so that help, ``verify`` and ``describe`` stay light. A job gets
plain settings that have been composed, resolved and checked; whatever the user can mend comes back
as one line on stderr and exit code 2.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import functools
import importlib
import json
import os
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import conf
from simulator.errors import FairweatherError, unknown_name
from simulator.registry import titles_in_source
from simulator.settings import build, quantity
from simulator.settings_table import keys, rows, text
from simulator.stopping import exit_code, stoppable
from simulator.streams import mend_streams
from simulator.version import VERSION

EXIT_USER, EXIT_PIPE = 2, 141
"""Exit codes: something to mend; the reader went away (128 + SIGPIPE)."""

FAMILIES: dict[str, Callable[[], dict[str, str]]] = {
    "weather": lambda: _titles("render.weather:EFFECTS"),
    "layouts": lambda: _titles("scenarios.layouts:LAYOUTS"),
    "signs": lambda: dict(_attribute("render.showing:signs")()),
    "vehicles": lambda: dict(_attribute("render.showing:vehicles")()),
    "formats": lambda: _titles("render.formats:FORMATS"),
    "detectors": lambda: titles_in_source("training.detectors"),
    "studies": lambda: titles_in_source("training.studies"),
    "conditions": lambda: conf.titles("condition"),
    "hazards": lambda: conf.titles("hazard"),
}
"""What ``describe`` lists: the title of every member of a family, by name."""

RESUMABLE = ("generate", "train", "study", "export")
"""Jobs that, stopped and started again, go on where they were."""

HYDRA_FLAGS = ("-m", "--multirun", "-c", "--cfg", "-i", "--info", "--hydra-help", "--resolve")
"""Words that mean: let Hydra itself read the line."""

UNWRITABLE = (
    errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR,
    errno.EDQUOT, errno.ENAMETOOLONG, errno.EFBIG,
)  # fmt: skip
"""What the file system may answer that is for the user to mend."""


@dataclasses.dataclass(frozen=True)
class DescribeConfig:
    """Settings of ``describe``."""

    what: str | None = quantity(None, choices=tuple(FAMILIES), help="the family to list")
    json: bool = quantity(False, help="as JSON instead of lines")
    data: str | None = quantity(None, help="instead: any dataset, to write its statistics page")
    out: str | None = quantity(None, help="the page, NAME.html")
    images: str | None = quantity(None, help="folder of a COCO file's images")
    gallery: str | None = quantity(None, help="folder for contact sheets of the family")
    scene: str | None = quantity(None, help="instead: a scene file, told in words")
    coverage: str | None = quantity(None, help="instead: a dataset, what its scenes cover")


@dataclasses.dataclass(frozen=True)
class Job:
    """One sub-command.

    Attributes:
        title: one line for the list of commands.
        about: one paragraph for its own help.
        settings: where its settings class is, as ``module:Class``.
        run: what it does with them.
        examples: command lines without the program's name.
        bare: the key that a first bare word stands for.
    """

    title: str
    about: str
    settings: str
    run: Callable[[Any], None]
    examples: tuple[str, ...]
    bare: str = ""


def make_dataset(spec: Mapping[str, Any], folder: Path) -> Path:
    """Generate a dataset for a study.

    Args:
        spec: settings of ``generate`` that differ from ``conf/generate.yaml``, nested or with
            dotted keys, ``sensor`` also as a name. They are data: nothing in them is interpolated.
        folder: where the dataset goes; an interrupted one is completed.

    Returns:
        The dataset's folder.
    """
    from conf.composition import compose, put

    files = {k: v for k, v in spec.items() if k in conf.groups() and isinstance(v, str)}
    values = compose("generate", ["out=.", *[f"{k}='{v}'" for k, v in files.items()]])
    for key, value in {**spec, "out": str(folder)}.items():
        if key not in files:
            put(values, key, value)
    config = build(_attribute(JOBS["generate"].settings), values)
    return _attribute("render.generate:generate")(config)


def _job(where: str) -> Callable[[Any], None]:
    """A job that is one function, imported when it runs."""

    def run(config: Any) -> None:
        _attribute(where)(config)

    return run


def _generate(config: Any) -> None:
    if config.dry_run:
        print(_attribute("render.estimate:estimate")(config).words())
        return
    print(f"dataset: {_attribute('render.generate:generate')(config)}")


def _study(config: Any) -> None:
    _attribute("training.study:run_study")(config, make_dataset)


def _simulate(config: Any) -> None:
    detect = None
    if config.model is not None:
        model = _attribute("training.checkpoint:load_model")(config.model)
        detect = functools.partial(_attribute("training.predict:detect"), model)
        # one processor is left for drawing
        _attribute("torch:set_num_threads")(max((os.cpu_count() or 2) - 1, 1))
    _attribute("render.viewer.app:run")(config, detect)


def _describe(config: DescribeConfig) -> None:
    c = config
    if c.what is None or c.gallery is not None:
        show = _attribute("render.showing:show")
        print(show(c.what, c.data, c.out, c.images, c.gallery, c.scene, c.coverage, c.json))
        return
    titles = FAMILIES[c.what]()
    if config.json:
        rows = [{"name": name, "title": title} for name, title in titles.items()]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        print(f"{name:{width}}  {title}".rstrip())


def _titles(where: str) -> dict[str, str]:
    return {name: member.title for name, member in _attribute(where).items()}


def _attribute(where: str) -> Any:
    """What ``module:name`` names; a missing torch is the user's to install."""
    module, _, name = where.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise FairweatherError(
            "torch is not installed", mend="pip install -c constraints.txt -e '.[train]'"
        ) from None


JOBS = {
    "simulate": Job(
        "open the window on a running scene",
        "Opens a window that shows a running scene through the renderer of the datasets: time to "
        "wind, a camera to move, every weather quantity on a slider, overlays, twins beside a "
        "divider, editing, export. With script=FILE it runs without hands and ends.",
        "render.config:SimulateConfig",
        _simulate,
        ("simulate", "simulate scene=outputs/train/scenes/000000.json script=steps.json"),
    ),
    "generate": Job(
        "write a labelled dataset",
        "Makes scenes from a seed, lets traffic run in them, draws frames under every condition "
        "and writes images, masks, COCO labels and hashes. The same settings give the same bytes, "
        "for any number of workers and after any interruption. scenes=A..B makes a part, perhaps "
        "on another machine, and join=[DIR,...] takes the scenes of parts.",
        "render.config:GenerateConfig",
        _generate,
        (
            "generate out=outputs/train scenes=200 'conditions=[clear]'",
            "generate out=outputs/test split=test 'conditions=[clear,{fog: {visibility_m: 160}}]'",
        ),
    ),
    "train": Job(
        "train a detector on a dataset",
        "Trains a compact detector and leaves model.safetensors and train.json in out. Stopped and "
        "started again, it goes on where it was.",
        "training.config:TrainConfig",
        _job("training.loop:train"),
        (
            "train data=outputs/train out=outputs/model",
            "train data=outputs/train out=outputs/model taxonomy=vehicle",
        ),
    ),
    "evaluate": Job(
        "measure a detector on a dataset, ours or any in COCO or YOLO",
        "Runs a trained detector on a dataset, ours or in COCO or YOLO, and leaves metrics.json "
        "and detections.json in out. Scenes that the model has seen are refused. A detector that "
        "lives elsewhere is measured by its detections.",
        "training.config:EvaluateConfig",
        _job("training.evaluate:evaluate"),
        (
            "evaluate model=outputs/model/model.safetensors data=outputs/test out=outputs/metrics",
            "evaluate model=m.safetensors data=labels.json images=frames taxonomy=vehicle out=real",
            "evaluate detections=results.json data=labels.json images=frames out=theirs",
        ),
    ),
    "study": Job(
        "run a whole experiment and write its report",
        "Generates the datasets of a study, trains, measures on what was never seen, and leaves "
        "report.html and results.json in out. Stopped and started again, it goes on where it was.",
        "training.config:StudyConfig",
        _study,
        (
            "study name=held_out size=small out=outputs/demo",
            "study name=held_out size=normal out=outputs/held_out",
        ),
    ),
    "verify": Job(
        "check a dataset: its structure, every hash, or by drawing it again",
        "Reads a dataset and names every file that was changed, is missing, or was added. With "
        "sample=300 it also draws that many random images again from their records, replays their "
        "scenes, and names what differs, also where somebody has made the hashes anew.",
        "render.config:VerifyConfig",
        _job("render.verify:run"),
        ("verify outputs/train", "verify outputs/train sample=300"),
        bare="data",
    ),
    "sign": Job(
        "sign a dataset with a key",
        "Checks every file and signs the manifest, which names them all. verify DIR "
        "public_key=FILE then refuses whatever that key has not signed.",
        "render.config:SignConfig",
        _job("render.signature:sign"),
        ("sign outputs/train key=private.pem", "verify outputs/train public_key=public.pem"),
        bare="data",
    ),
    "export": Job(
        "write a dataset in another format",
        "Writes the images and labels of a dataset in the layout of another tool. With "
        "taxonomy=coco the classes have the names and numbers of COCO 2017, so that a network that "
        "was trained there can be measured.",
        "render.config:ExportConfig",
        _job("render.export:run"),
        ("export data/train format=yolo out=yolo", "export d format=coco out=c taxonomy=coco"),
        bare="data",
    ),
    "describe": Job(
        "show a dataset as a page of figures, or list weather, layouts, formats and others",
        "With data=DIR out=PAGE it writes one self-contained page about a dataset, ours or in COCO "
        "or YOLO: counts, contact sheets, sizes, places, what hides objects, look-alikes, "
        "outliers. With scene=FILE it tells a scene in words; with coverage=DIR, which factors a "
        "dataset combines. Else it lists the members of a family, one a line, name first; "
        "gallery=DIR draws them on contact sheets.",
        "fairweather:DescribeConfig",
        _describe,
        ("describe weather gallery=sheets", "describe data=outputs/train out=train.html"),
        bare="what",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: words after the program's name; those of the process by default.

    Returns:
        The exit code: 0, 2 for what the user can mend, 130 after Ctrl-C, 143 after SIGTERM.
    """
    mend_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    name = f"fairweather {words[0]}" if words and words[0] in JOBS else "fairweather"
    try:
        with stoppable():
            _dispatch(words)
            sys.stdout.flush()
    except FairweatherError as error:
        return _complain(name, str(error), EXIT_USER)
    except KeyboardInterrupt as stop:
        mend = ". The same command goes on from here" if {*words[:1]} & {*RESUMABLE} else ""
        return _complain(name, f"interrupted{mend}", exit_code(stop))
    except BrokenPipeError:
        # Python flushes stdout once more as it ends: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        return _complain(name, f"{where}{error.strerror}", EXIT_USER)
    return 0


def _complain(name: str, text: str, code: int) -> int:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    print(f"{name}: {text}", file=sys.stderr)
    return code


def _dispatch(words: list[str]) -> None:
    first = words[0] if words else "--help"
    if first in ("-h", "--help", "help"):
        print(overview())
    elif first == "--version":
        print(f"fairweather {VERSION}")
    elif first in ("-sc", "--shell-completion"):
        from conf.composition import complete

        complete(words, JOBS)
    elif first not in JOBS:
        raise unknown_name("command", first, JOBS)
    elif any(word in ("-h", "--help") for word in words[1:]):
        print(usage(first))
    else:
        _run(first, _desugar(first, words[1:]))


def _run(job: str, words: Sequence[str]) -> None:
    """Compose the settings of a job and do it; a sweep does it once for each combination."""
    from conf.composition import compose, through_hydra

    cls = _attribute(JOBS[job].settings)
    if any(word.partition("=")[0] in HYDRA_FLAGS for word in words):
        through_hydra(job, words, keys(cls), lambda v: JOBS[job].run(build(cls, v)))
    else:
        JOBS[job].run(build(cls, compose(job, words, keys(cls))))


def _desugar(job: str, words: Sequence[str]) -> list[str]:
    """Give the first bare word its key; what is written counts more than what was remembered."""
    bare = JOBS[job].bare
    if bare and words and "=" not in words[0] and not words[0].startswith("-"):
        return [f"{bare}={words[0]}", *words[1:]]
    if job == "simulate" and any(w.startswith(("convention.", "convention=")) for w in words):
        return ["recall_convention=false", *words]
    return list(words)


def overview() -> str:
    """The text of ``fairweather --help``."""
    width = max(map(len, JOBS))
    lines = [f"  {name:{width}}  {job.title}" for name, job in JOBS.items()]
    return "\n".join(
        [
            "usage: fairweather COMMAND [key=value ...]",
            "",
            *lines,
            "",
            "fairweather COMMAND --help lists its settings. Settings are Hydra's: key=value,",
            "--multirun (-m) for sweeps, --cfg job for the composed config.",
            'Tab completion: eval "$(fairweather -sc install=bash)"',
        ]
    )


def usage(job: str) -> str:
    """The text of ``fairweather JOB --help``: a paragraph, the settings as a table, examples."""
    this = JOBS[job]
    bare = f" {this.bare.upper()}" if this.bare else ""
    return "\n".join(
        [
            f"usage: fairweather {job}{bare} [key=value ...]",
            "",
            *textwrap.wrap(this.about, 88),
            "",
            *text(rows(_attribute(this.settings), conf.groups())),
            "",
            "examples:",
            *[f"  fairweather {example}" for example in this.examples],
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
