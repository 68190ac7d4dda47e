"""What the command tells of itself: help, settings, families and their members."""

import dataclasses
import importlib.metadata
import json

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
