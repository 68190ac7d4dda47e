"""Arrays of scenes hold numbers that can be reckoned with, however long they are."""

import numpy as np
import pytest

from simulator.arrays import LARGEST, SHORT, frozen


@pytest.mark.parametrize("count", [3, SHORT + 1])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -2 * LARGEST])
def test_a_value_that_is_no_length_of_a_scene_is_refused_in_arrays_of_any_length(count, wrong):
    values = np.full(count, LARGEST)
    assert np.array_equal(frozen(values, np.float64, (count,), "x_m"), values)
    values[-1] = wrong
    with pytest.raises(ValueError, match="x_m holds a value that is not finite"):
        frozen(values, np.float64, (count,), "x_m")
