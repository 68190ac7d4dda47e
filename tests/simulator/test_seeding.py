import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.seeding import MAX_SEED, Numbered, stream, uniform
from tests.conftest import PROJECT

NAMES = st.tuples(st.integers(0, MAX_SEED), st.integers(0, 2**40), st.text(max_size=20))


def draws(names, count=4):
    return stream(*names).integers(0, 2**63, count).tolist()


@given(NAMES)
def test_the_same_names_give_the_same_numbers(names):
    assert draws(names) == draws(names)


@given(NAMES, NAMES)
def test_other_names_give_other_numbers(one, other):
    if one != other:
        assert draws(one) != draws(other)


def test_names_that_read_alike_when_joined_stay_apart():
    assert draws((1, 23, "x")) != draws((12, 3, "x"))


def test_the_numbers_are_the_same_in_a_fresh_process_with_another_hash_seed():
    code = "from simulator.seeding import stream; print(stream(7, 3, 'traffic').random(3).tolist())"
    here = str(stream(7, 3, "traffic").random(3).tolist())
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here


def test_streams_of_neighbouring_scenes_are_unrelated():
    rows = np.array([stream(1, i, "noise").standard_normal(2000) for i in range(6)])
    matrix = np.corrcoef(rows) - np.eye(6)
    # Five standard deviations of a correlation of independent numbers.
    assert np.abs(matrix).max() < 5 / np.sqrt(2000)


@pytest.mark.parametrize("names", [(-1, 0, "x"), (MAX_SEED + 1, 0, "x"), (0, -1, "x")])
def test_a_seed_or_an_index_out_of_range_is_refused(names):
    with pytest.raises(ValueError, match="must be >= 0"):
        stream(*names)


@given(NAMES, st.floats(-1e3, 1e3), st.floats(0, 1e3))
def test_one_number_between_two_is_what_the_generator_itself_would_give(names, low, wide):
    assert uniform(stream(*names), low, low + wide) == stream(*names).uniform(low, low + wide)


@given(NAMES, st.lists(st.integers(0, 2**40), min_size=2, unique=True))
def test_a_numbered_stream_is_the_same_whatever_was_drawn_from_others_before(names, numbers):
    def drawn(number: int, of: Numbered) -> list[float]:
        rng = of[number]
        return [rng.random(), *rng.integers(0, 2**20, 3, np.uint32).tolist(), rng.normal()]

    shared = Numbered(*names)
    alone = [drawn(number, Numbered(*names)) for number in numbers]
    assert [drawn(number, shared) for number in numbers] == alone
    assert len({a[0] for a in alone}) == len(numbers)
