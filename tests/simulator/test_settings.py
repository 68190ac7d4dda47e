import dataclasses
from collections.abc import Mapping

import pytest

from simulator.errors import ConfigError
from simulator.settings import build, plain, quantity
from simulator.settings_table import keys, rows, text


@dataclasses.dataclass(frozen=True)
class Lens:
    focal_mm: float = quantity(35.0, "mm", 1, 500, "focal length")
    name: str = quantity("wide", choices=("wide", "tele"), help="kind of lens")


@dataclasses.dataclass(frozen=True)
class Rig:
    out: str
    count: int = quantity(2, "cameras", 1, 8, "how many")
    gain: float = quantity(1.0, low=0.0)
    on: bool = True
    note: str | None = None
    sizes: tuple[int, ...] = (1, 2)
    pair: tuple[int, float] = (1, 2.0)
    extra: Mapping[str, float] = dataclasses.field(default_factory=dict)
    lens: Lens = dataclasses.field(default_factory=Lens)
    spare: Lens | None = None


def test_settings_are_made_from_plain_data_and_back():
    data = {"out": "x", "count": 3, "lens": {"focal_mm": 50}, "sizes": [4], "pair": [1, 2]}
    rig = build(Rig, data)
    assert rig == Rig("x", 3, lens=Lens(50.0), sizes=(4,), pair=(1, 2.0))
    assert isinstance(rig.lens.focal_mm, float)
    assert build(Rig, plain(rig)) == rig


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "out is missing. Give it as out=VALUE"),
        ({"out": "x", "coun": 3}, "no setting 'coun'. Did you mean 'count'?"),
        ({"out": "x", "lens": {"focal": 3}}, "Did you mean 'lens.focal_mm'?"),
        ({"out": "x", "count": 9}, "count must be 1 to 8 cameras, got 9"),
        ({"out": "x", "count": 1.5}, "count must be a whole number, got 1.5"),
        ({"out": "x", "count": True}, "count must be a whole number, got True"),
        ({"out": "x", "count": "3"}, "count must be a whole number, got '3'"),
        ({"out": "x", "gain": -1}, "gain must be at least 0, got -1"),
        ({"out": "x", "gain": float("nan")}, "gain must be at least 0, got nan"),
        ({"out": "x", "gain": float("inf")}, "gain must be at least 0, got inf"),
        ({"out": "x", "on": 1}, "on must be true or false, got 1"),
        ({"out": ["x"]}, "out must be a word, got ['x']"),
        ({"out": "x", "sizes": 4}, "sizes must be a list, got 4. Write sizes=[4]"),
        ({"out": "x", "sizes": ["a"]}, "sizes[0] must be a whole number, got 'a'"),
        ({"out": "x", "pair": [1]}, "pair must have 2 entries, got 1"),
        ({"out": "x", "extra": 1}, "extra must be a mapping, got 1"),
        ({"out": "x", "lens": 1}, "lens must be a mapping, got 1"),
        ({"out": "x", "lens": {"focal_mm": 0}}, "lens.focal_mm must be 1 to 500 mm, got 0"),
        ({"out": "x", "lens": {"name": "tell"}}, "no lens.name 'tell'. Did you mean 'tele'?"),
        ({"out": "x", "spare": {"focal_mm": 0}}, "spare.focal_mm must be 1 to 500 mm, got 0"),
        ([1], "the config must be a mapping, got [1]"),
    ],
)
def test_a_wrong_setting_is_named_with_its_unit_and_its_mend(data, message):
    with pytest.raises(ConfigError) as caught:
        build(Rig, data)
    assert message in str(caught.value)


def test_bounds_are_inclusive():
    assert [build(Rig, {"out": "x", "count": n}).count for n in (1, 8)] == [1, 8]


def test_a_whole_number_may_be_written_as_a_float_and_a_number_may_be_a_path():
    rig = build(Rig, {"out": 7, "count": 2.0})
    assert (rig.out, rig.count, type(rig.count)) == ("7", 2, int)


def test_a_zero_has_no_minus():
    assert str(build(Rig, {"out": "x", "gain": -0.0}).gain) == "0.0"


def test_the_table_has_a_row_for_every_setting_with_its_unit_bounds_and_default():
    table = {row.key: row for row in rows(Rig)}
    assert (table["out"].default, table["on"].default) == ("required", "true")
    assert (table["count"].default, table["count"].unit, table["count"].allowed) == (
        "2",
        "cameras",
        "1 to 8",
    )
    assert table["lens.name"].allowed == "wide | tele"
    assert table["gain"].allowed == "from 0"
    assert (table["sizes"].default, table["note"].default) == ("[1,2]", "null")
    assert list(table) == [key for key in keys(Rig) if key not in ("lens", "spare")]


def test_the_table_of_inner_settings_shows_the_defaults_of_the_outer_ones_and_their_help():
    @dataclasses.dataclass(frozen=True)
    class Studio:
        lens: Lens = quantity(factory=lambda: Lens(85.0), help="what is in front")

    table = {row.key: row for row in rows(Studio, {"lens": ["macro"]})}
    assert table["lens.focal_mm"].default == "85.0"
    assert table["lens"].help == "what is in front: a whole file of the keys below"
    assert build(Studio, {}).lens.focal_mm == 85.0


def test_a_setting_that_is_a_file_of_settings_lists_the_files():
    table = {row.key: row for row in rows(Rig, {"lens": ["macro", "zoom"]})}
    assert table["lens"].allowed == "macro | zoom"


def test_the_columns_of_the_table_are_aligned():
    lines = text(rows(Rig))
    starts = {
        line.index(word) for line, word in zip(lines, ["default", "required", "2"], strict=False)
    }
    assert len(starts) == 1
