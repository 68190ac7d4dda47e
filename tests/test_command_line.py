"""The command as a person meets it: help, one-line errors, exit codes, completion."""

import dataclasses
import errno
import importlib.metadata
import json
import os
import subprocess
import sys

import pytest

import conf
import fairweather as command
from conf.composition import compose
from simulator.settings import build, quantities
from simulator.settings_table import rows, text
from tests.conftest import PROJECT

JOBS = list(command.JOBS)


def settings_class(job):
    module, _, name = command.JOBS[job].settings.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command in this process, in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = command.main(words)
        return code, *capsys.readouterr()

    return call


# --- help ---


def test_without_words_it_lists_every_command(run):
    code, out, _ = run()
    assert code == 0
    assert all(f"  {job} " in out for job in JOBS)


def test_the_version_is_that_of_the_distribution(run):
    assert run("--version")[1] == f"fairweather {importlib.metadata.version('fairweather')}\n"


@pytest.mark.parametrize("job", JOBS)
def test_the_help_of_a_command_names_every_setting_with_its_unit_and_shows_two_examples(run, job):
    code, out, _ = run(job, "--help")
    assert code == 0
    lines = out.splitlines()
    for field in dataclasses.fields(settings_class(job)):
        assert any(line.startswith((field.name + " ", field.name + ".")) for line in lines), field
    for name, q in quantities(settings_class(job)).items():
        line = next(line for line in lines if line.startswith(name + " "))
        assert q.help in line
        assert q.unit in line
    assert sum(line.startswith("  fairweather ") for line in lines) >= 2


@pytest.mark.parametrize("job", JOBS)
def test_the_settings_file_of_a_command_says_what_its_settings_class_says(job):
    cls = settings_class(job)
    need = [
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    given = {name: "signs" if name == "what" else "x" for name in need}
    composed = build(cls, compose(job, [f"{k}={v}" for k, v in given.items()]))
    assert composed == cls(**given)


@pytest.mark.parametrize("job", JOBS)
def test_every_setting_has_a_line_of_help(run, job):
    table = rows(settings_class(job))
    assert [row.key for row in table if not row.help] == []


@pytest.mark.parametrize("job", JOBS)
def test_the_table_of_a_job_stays_narrow_and_loses_no_word(job):
    table = rows(settings_class(job))
    lines = text(table)
    assert max(map(len, lines)) <= 112 + max(len(row.help) for row in table)
    shown = "".join("".join(lines).split())
    assert all(word in shown for row in table for word in row.help.split())


@pytest.mark.parametrize("job", JOBS)
def test_no_settings_file_reads_the_environment_or_names_code(job):
    text = (PROJECT / "conf" / f"{job}.yaml").read_text()
    assert "oc.env" not in text
    assert "_target_" not in text


@pytest.mark.parametrize("name", conf.groups()["experiment"])
def test_an_experiment_begins_with_the_command_that_runs_it_and_is_composed(name):
    lines = (PROJECT / "conf" / "experiment" / f"{name}.yaml").read_text().splitlines()
    words = next(line for line in lines if line.startswith("#   fairweather ")).split()[2:]
    job, *overrides = words
    build(settings_class(job), compose(job, overrides))


# --- what the user can mend ---


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("generat", "fairweather: no command 'generat'. Did you mean 'generate'?"),
        ("generate", "fairweather generate: out is missing. Give it as out=VALUE"),
        ("generate out=d scens=3", "no setting 'scens'. Did you mean 'scenes'?"),
        ("generate out=d +scens=3", "no setting 'scens'. Did you mean 'scenes'?"),
        ("generate out=d camera.m_per_p=1", "Did you mean 'camera.m_per_px'?"),
        ("generate out=d +camera.m_per_p=1", "Did you mean 'camera.m_per_px'?"),
        ("generate out=d scenes=abc", "or a range such as 100..199, got 'abc'"),
        ("generate out=d scenes=1.5", "or a range such as 100..199, got 1.5"),
        ("generate out=d seed=-1", "seed must be 0 to"),
        ("generate out=d camera.m_per_px=9", "camera.m_per_px must be 0.01 to 2 m/px, got 9"),
        ("generate out=d camera.kind=pinole", "Did you mean 'pinhole'?"),
        ("generate out=d sensor=dron", "no sensor 'dron'. Did you mean 'drone'?"),
        ("generate out=d experiment=x", "no experiment 'x'. There are: "),
        ("generate out=d layouts=straight", "Write layouts=[straight]"),
        ("generate out=d layouts=[strait]", "Did you mean 'straight'?"),
        ("generate out=d conditions=[rian]", "Did you mean 'rain'?"),
        ("generate out=d seed=1,2", "add --multirun for one run each"),
        ("generate out=d seed", "cannot read 'seed'. Write settings as key=value"),
        ("generate out=d seed=${nope}", "nope"),
        ("generate out=d seed=nan", "seed must be 0 to"),
        ("generate out=d scenes=inf", "scenes must be a number, 1 to 10000000"),
        ("generate out=d seed=1" + 400 * "0", "seed must be 0 to"),
        ("generate out=d seed=1" + 5000 * "0", "Write settings as key=value"),
        ("generate out=d sensor=1", "Write settings as key=value"),
        ("generate out=d =1", "Write settings as key=value"),
        ("generate out=d roads={lenth_m:1}", "Did you mean 'roads.length_m'?"),
        ("generate out=d hydra.run.dir=x", "It needs --multirun beside it"),
        ("generate out=d --multirun scens=3", "Did you mean 'scenes'?"),
        ("train data=d", "fairweather train: out is missing"),
        ("train data=d out=o lr=5", "lr must be 1e-07 to 1, got 5"),
        ("study out=o size=smal", "Did you mean 'small'?"),
        ("describe", "fairweather describe: what is missing"),
        ("describe wether", "Did you mean 'weather'?"),
        ("describe data=d", "data=DIR out=PAGE"),
        ("describe data=none out=p.html", "none: cannot be read"),
        ("export d format=yolo out=o taxonomy=coko", "Did you mean 'coco'?"),
        ("verify d depth=deep", "There are: hashes, structure"),
        ("describe weather json=3", "json must be true or false, got 3"),
        ("export d format=yolo", "fairweather export: out is missing"),
        ("verify", "fairweather verify: data is missing"),
    ],
)
def test_a_mistake_costs_one_line_and_exit_code_two_and_nothing_is_written(
    run, tmp_path, words, message
):
    code, out, err = run(*words.split())
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    ours = [line for line in err.splitlines() if line.startswith("fairweather")]
    assert len(ours) == 1
    assert out == ""
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.fixture
def describe_that(monkeypatch):
    """Makes ``describe`` raise, to see what the command makes of it."""

    def arrange(error):
        def fail(_):
            raise error

        job = dataclasses.replace(command.JOBS["describe"], run=fail)
        monkeypatch.setitem(command.JOBS, "describe", job)

    return arrange


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_an_output_that_cannot_be_written_is_one_line(run, describe_that, code):
    describe_that(OSError(code, os.strerror(code), "/data/out"))
    assert run("describe", "signs") == (
        2,
        "",
        f"fairweather describe: /data/out: {os.strerror(code)}\n",
    )


def test_an_interruption_is_one_line_and_exit_code_130(run, describe_that):
    describe_that(KeyboardInterrupt())
    code, out, err = run("describe", "signs")
    assert (code, out, len(err.splitlines())) == (130, "", 1)


def test_without_torch_training_says_what_to_install():
    code = """
import sys
from fairweather import main
sys.modules["torch"] = None
sys.exit(main(["train", "data=d", "out=o"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("fairweather train: torch is not installed. pip install")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError(errno.EIO, "broken disk")])
def test_an_error_of_ours_keeps_its_traceback(run, describe_that, error):
    describe_that(error)
    with pytest.raises(type(error)):
        run("describe", "signs")


def test_a_reader_that_goes_away_ends_it_in_silence():
    process = subprocess.Popen(
        [sys.executable, "-m", "fairweather", "describe", "conditions"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == command.EXIT_PIPE


# --- from words to settings ---


@pytest.mark.parametrize(
    "path", ["a b/(1)", "x=1,2", "it's", "b\\s", "e\\", "\\'", "{a}", "#1", "~"]
)
def test_a_path_is_taken_as_it_stands(path):
    assert compose("verify", [f"data={path}"])["data"] == path


def test_the_first_bare_word_stands_for_the_key_of_the_command(run):
    assert run("describe", "signs") == run("describe", "what=signs")


def test_a_whole_file_of_settings_is_chosen_by_its_name_and_changed_by_its_keys():
    words = ["out=d", "sensor=drone", "sensor.jpeg_quality=[70,80]"]
    sensor = compose("generate", words)["sensor"]
    assert sensor["jpeg_quality"] == [70, 80]
    assert sensor["blur_px"] != compose("generate", ["out=d"])["sensor"]["blur_px"]


def test_a_study_asks_for_a_dataset_with_settings_that_are_data(monkeypatch, tmp_path):
    asked = []
    real = command._attribute
    monkeypatch.setattr(
        command,
        "_attribute",
        lambda where: asked.append if where == "render.generate:generate" else real(where),
    )
    spec = {
        "seed": 5,
        "camera.m_per_px": 0.2,
        "camera": {"altitude_m": 100},
        "sensor": "drone",
        "conditions": ["${oc.env:HOME}", {"fog": {"visibility_m": 160}}],
    }
    command.make_dataset(spec, tmp_path / "data")
    (config,) = asked
    assert (config.seed, config.camera.m_per_px, config.camera.altitude_m) == (5, 0.2, 100)
    assert config.sensor.blur_px[1] > config.sensor.blur_px[0]
    assert config.conditions == ("${oc.env:HOME}", {"fog": {"visibility_m": 160}})
    assert config.out == str(tmp_path / "data")


# --- through Hydra ---


def test_the_composed_config_is_shown_and_the_folder_stays_clean(fairweather, tmp_path):
    done = fairweather("generate", "out=d", "seed=7", "--cfg", "job")
    assert done.returncode == 0
    assert "seed: 7" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_runs_once_for_every_combination(fairweather):
    done = fairweather("describe", "-m", "what=signs,conditions", "json=true,false")
    assert done.returncode == 0
    assert done.stdout.count("Launching 4 jobs") == 1
    assert done.stdout.count('"name": "stop"') == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fairweather ", "generate"),
        ("fairweather gen", "generate"),
        ("fairweather generate see", "seed="),
        ("fairweather generate sensor=", "sensor=drone"),
        ("fairweather study na", "name="),
    ],
)
def test_the_tab_key_completes_commands_settings_and_choices(fairweather, line, expected):
    done = fairweather("-sc", "query=bash", COMP_LINE=line, COMP_POINT=str(len(line)))
    assert expected in done.stdout.split()


def test_the_completion_script_is_printed_for_the_shell(fairweather):
    done = fairweather("-sc", "install=bash")
    assert done.returncode == 0
    assert "complete -o nospace" in done.stdout


# --- describe ---


@pytest.mark.parametrize("what", list(command.FAMILIES))
def test_a_family_is_listed_one_member_a_line_name_first_and_as_json(run, what):
    _, out, _ = run("describe", what)
    rows = json.loads(run("describe", what, "json=true")[1])
    assert [line.split()[0] for line in out.splitlines()] == [row["name"] for row in rows]
    assert rows
    assert all(row["title"] for row in rows)


@pytest.mark.parametrize("what", ["detectors", "studies"])
def test_the_titles_read_from_source_are_those_of_the_members(what):
    module = importlib.import_module(
        {"detectors": "training.detector", "studies": "training.study"}[what]
    )
    family = getattr(module, what.upper())
    assert command.FAMILIES[what]() == {name: member.title for name, member in family.items()}


def test_a_convention_that_is_written_counts_more_than_one_that_is_remembered(run):
    for words, said in ((), "true"), (("convention.side=right",), "false"):
        _, out, _ = run("simulate", *words, "--cfg", "job")
        assert f"recall_convention: {said}" in out


def test_describe_draws_a_family_and_tells_a_scene(run, tmp_path):
    code, out, _ = run("describe", "signs", f"gallery={tmp_path / 'sheets'}")
    assert code == 0
    assert (tmp_path / "sheets" / "signs.jpg").is_file()
    assert str(tmp_path / "sheets" / "signs.jpg") in out
    made = tmp_path / "data"
    run("generate", f"out={made}", "scenes=1", "layouts=[crossroads_stop]", "conditions=[fog]")
    code, out, _ = run("describe", f"scene={made / 'scenes' / '000000.json'}")
    assert code == 0
    assert "crossroads_stop" in out
    assert "fog 160 m" in out
    record = json.loads((made / "scenes" / "000000.json").read_text())
    (tmp_path / "bare.json").write_text(json.dumps(record["scene"]))  # as the window saves it
    assert "crossroads_stop" in run("describe", f"scene={tmp_path / 'bare.json'}")[1]
    code, out, _ = run("describe", f"coverage={made}", "json=true")
    assert code == 0
    ones, pairs, _ = json.loads(out)["coverage"]
    assert (ones["t"], ones["covered"], pairs["t"]) == (1, 7, 2)
    assert [["layout", "condition"], 1, 1] in pairs["by_factors"]
    code, _, err = run("describe", f"scene={made / 'dataset.json'}")
    assert code == 2
    assert len(err.strip().splitlines()) == 1


# --- what stays out ---


HEAVY = """
import sys
from fairweather import main
code = main(sys.argv[1:])
print('LOADED', *[m for m in ('torch', 'pygame', 'cv2', 'numba', 'hydra') if m in sys.modules])
sys.exit(code)
"""


def loaded(*words):
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["generate", "--help"], ["train", "-h"]]
)
def test_help_loads_nothing_heavy(words):
    assert loaded(*words) == []


@pytest.mark.parametrize("what", list(command.FAMILIES))
def test_a_list_loads_neither_networks_nor_a_window(what):
    assert not {"torch", "pygame"} & set(loaded("describe", what))


COMPILED = """
import sys
from fairweather import main
main(sys.argv[1:])
import numba.core.dispatcher as d
kernels = [v for n, m in list(sys.modules.items())
           if n.split('.')[0] in ('simulator', 'scenarios', 'render')
           for v in vars(m).values() if isinstance(v, d.Dispatcher)]
print('KERNELS', len(kernels), sum(len(k.signatures) for k in kernels))
"""


def test_a_list_of_the_weather_compiles_no_kernel():
    done = subprocess.run(
        [sys.executable, "-c", COMPILED, "describe", "weather"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    kernels, compiled = map(int, done.stdout.splitlines()[-1].split()[1:])
    assert kernels > 0
    assert compiled == 0


def test_the_package_simulator_opens_the_same_window_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("usage: fairweather simulate")


def test_resolve_without_cfg_is_one_line(fairweather):
    done = fairweather("generate", "out=d", "--resolve")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--cfg job --resolve" in done.stderr
