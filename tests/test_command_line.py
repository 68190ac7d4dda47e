"""The command as a person types it: one-line errors, exit codes, settings, completion."""

import dataclasses
import errno
import os
import shlex
import signal
import subprocess
import sys

import pytest

import fairweather as command
from conf.composition import compose
from tests.conftest import PROJECT

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
        ("generate out=d hazard.things=[]", "hazard is null. Give all of it, hazard={...}"),
        ("generate out=d hazard=cut_in hazard.things=[]", "hazard.things must be one at least"),
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
        ("generate out=d conditions=" + 300 * "[" + 300 * "]", "Write settings as key=value"),
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


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_is_one_line_and_its_own_exit_code(number, expected):
    asked = f"import os; os.kill(os.getpid(), {int(number)})"
    with_it = "import fairweather, sys; fairweather.overview = lambda: exec(sys.argv.pop())"
    code = f"{with_it}; sys.exit(fairweather.main(['--help']))"
    done = subprocess.run(
        [sys.executable, "-c", code, asked], cwd=PROJECT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (expected, "")
    assert done.stderr == "fairweather: interrupted\n"


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


def test_a_name_that_the_terminal_cannot_show_is_told_all_the_same(tmp_path):
    (tmp_path / "manifest-sha256.txt").write_text("")
    (tmp_path / os.fsdecode(b"\xff")).touch()
    words = [sys.executable, "-m", "fairweather", "verify", str(tmp_path)]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}  # strict, as in most terminals
    done = subprocess.run(words, check=False, cwd=PROJECT, env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "extra: \\udcff" in done.stdout
    assert done.stderr.endswith("1 problem found\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_streams_that_the_shell_has_closed_change_no_exit_code(closed):
    line = f"exec {shlex.quote(sys.executable)} -m fairweather describe layouts {closed}"
    words = ["sh", "-c", line]
    done = subprocess.run(words, check=False, cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


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


def test_a_convention_that_is_written_counts_more_than_one_that_is_remembered(run):
    for words, said in ((), "true"), (("convention.side=right",), "false"):
        _, out, _ = run("simulate", *words, "--cfg", "job")
        assert f"recall_convention: {said}" in out


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
