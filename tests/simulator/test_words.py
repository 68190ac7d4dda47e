"""Words of a shell become the plain data that settings are built from."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigError
from simulator.words import nested


def test_values_are_json_where_they_can_be_and_text_where_not():
    words = ["seed=3", "lr=2e-3", "resume=false", "model=null", "sizes=[1, 2]", "out=my data"]
    assert nested(words) == {
        "seed": 3, "lr": 0.002, "resume": False, "model": None, "sizes": [1, 2], "out": "my data",
    }  # fmt: skip


def test_dots_in_a_key_make_inner_mappings_that_later_words_add_to():
    words = ["camera.kind=pinhole", "seed=1", "camera.lens.focal_mm=35", "camera.width_px=64"]
    assert nested(words) == {
        "camera": {"kind": "pinhole", "lens": {"focal_mm": 35}, "width_px": 64}, "seed": 1,
    }  # fmt: skip


def test_only_the_first_equals_sign_parts_key_and_value():
    assert nested(["out=a=b", "name="]) == {"out": "a=b", "name": ""}


def test_the_last_word_of_a_key_counts():
    assert nested(["seed=1", "seed=2"]) == {"seed": 2}


def test_a_part_of_a_plain_value_is_refused():
    with pytest.raises(ConfigError, match="'camera.kind=x' sets a part of 'camera'"):
        nested(["camera=3", "camera.kind=x"])


def test_a_word_without_an_equals_sign_is_refused_by_name():
    with pytest.raises(ConfigError, match="'train' is not key=value. Write key=value"):
        nested(["seed=1", "train"])
