import pytest

from scenarios.holdout import (
    Lineage,
    Split,
    belongs,
    check_lineage,
    holds,
    read_lineage,
    read_predicate,
)  # fmt: skip
from simulator.errors import ConfigError, LeakError

FACTS = {"condition": "fog", "layout": "straight", "visibility_m": 160.0}


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("condition=fog", True), ("condition!=fog", False), ("visibility_m<200", True),
        ("visibility_m<=160", True), ("visibility_m>160", False), ("visibility_m>=160", True),
        ("layout = straight", True), ("layout=160", False), ("layout!=160", True),
    ],
)  # fmt: skip
def test_a_predicate_says_whether_a_picture_belongs(text, true):
    assert holds(read_predicate(text), FACTS) == true


def test_a_split_needs_all_of_its_predicates():
    fog = read_predicate("condition=fog")
    assert belongs(Split("all"), FACTS)
    assert belongs(Split("foggy", (fog, read_predicate("visibility_m<200"))), FACTS)
    assert not belongs(Split("foggy", (fog, read_predicate("layout!=straight"))), FACTS)
    assert str(read_predicate("visibility_m<200")) == "visibility_m<200"


@pytest.mark.parametrize("text", ["fog", "=fog", "condition=", "layout<straight", ""])
def test_a_text_that_is_no_predicate_is_refused(text):
    with pytest.raises(ConfigError):
        read_predicate(text)


def test_a_key_that_nobody_knows_is_refused_with_those_known():
    with pytest.raises(ConfigError, match="condition, layout, visibility_m"):
        holds(read_predicate("weather=fog"), FACTS)


@pytest.mark.parametrize(
    ("other", "leaks"),
    [
        (Lineage(1, "train", 9, 20), True), (Lineage(1, "train", 10, 20), False),
        (Lineage(1, "test", 0, 9), False), (Lineage(2, "train", 0, 9), False),
        (Lineage(1, "train", 3, 3), True), (Lineage(1, "train", 0, 99), True),
    ],
)  # fmt: skip
def test_two_lineages_that_share_a_scene_are_refused_and_both_named(other, leaks):
    one = [Lineage(1, "train", 0, 9)]
    if not leaks:
        check_lineage(one, [other])
        return
    with pytest.raises(LeakError) as caught:
        check_lineage(one, [other], ("the model", "the data"))
    assert str(one[0]) in str(caught.value)
    assert str(other) in str(caught.value)


def test_lineages_are_read_from_plain_data_or_refused():
    good = [{"seed": 1, "split": "train", "first": 0, "last": 9}]
    assert read_lineage(good) == (Lineage(1, "train", 0, 9),)
    for change in ({"last": -1}, {"seed": "1"}, {"split": 4}, {"first": True}):
        with pytest.raises(ConfigError, match="no lineage"):
            read_lineage([good[0] | change])
    with pytest.raises(ConfigError):
        read_lineage([{"seed": 1}])
