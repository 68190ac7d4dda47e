import pytest

from simulator.errors import DataError, FairweatherError, unknown_name


def test_an_error_is_one_line_with_place_value_and_mend():
    error = DataError("box is\n-3 px wide", place="annotations/train.json", mend="Generate  again")
    assert str(error) == "annotations/train.json: box is -3 px wide. Generate again"


def test_an_unknown_name_offers_the_nearest_and_lists_the_others():
    text = str(unknown_name("weather", "rian", ["rain", "fog"]))
    assert text == "no weather 'rian'. Did you mean 'rain'? There are: fog, rain"


def test_a_name_like_no_other_gets_the_list_without_a_guess():
    text = str(unknown_name("weather", "zzzz", ["rain", "fog"]))
    assert text == "no weather 'zzzz'. There are: fog, rain"


def test_an_unknown_name_in_an_empty_family_says_there_are_none():
    assert str(unknown_name("layout", "x", [])).endswith("There are: none")


@pytest.mark.parametrize("kind", ["ConfigError", "DataError", "OutputError", "LeakError"])
def test_every_kind_is_caught_as_one(kind):
    from simulator import errors

    with pytest.raises(FairweatherError, match="told"):
        raise getattr(errors, kind)("told")
