"""Arrays of scenes hold numbers that can be reckoned with, however long they are."""

import numpy as np
import pytest

from simulator.arrays import LARGEST, SHORT, frozen, same
from simulator.surroundings import Building, buildings_of


@pytest.mark.parametrize("count", [3, SHORT + 1])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -2 * LARGEST])
def test_a_value_that_is_no_length_of_a_scene_is_refused_in_arrays_of_any_length(count, wrong):
    values = np.full(count, LARGEST)
    assert np.array_equal(frozen(values, np.float64, (count,), "x_m"), values)
    values[-1] = wrong
    with pytest.raises(ValueError, match="x_m holds a value that is not finite"):
        frozen(values, np.float64, (count,), "x_m")


def test_houses_made_at_once_are_those_made_one_by_one_and_checked_as_well():
    corners = np.arange(16.0).reshape(2, 4, 2)
    columns = [4.0, 5.0], [(1, 2, 3), (4, 5, 6)], [(7, 8, 9), (1, 1, 1)]
    alone = tuple(map(Building, corners, *columns))
    made = buildings_of(corners, *columns)
    assert same(made, alone)
    assert not made[0].footprint_m.flags.writeable
    with pytest.raises(ValueError, match="not finite"):
        buildings_of(np.full((2, 4, 2), np.nan), *columns)
