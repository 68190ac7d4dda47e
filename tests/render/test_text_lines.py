"""Lines of labels are written as Python writes them."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from render.label_text import lines_of, texts_of

NUMBERS = st.one_of(
    st.floats(-1e8, 1e8),
    st.floats(-2, 2),
    st.integers(-(10**9), 10**9).map(lambda n: n / 1e7),
    st.integers(-(10**7), 10**7).map(lambda n: n / 200),  # ties of two decimals, or very nearly
    st.tuples(st.integers(0, 4000), st.integers(1, 4000)).map(lambda n: (n[0] + 0.25) / n[1]),
)
WORDS = ("car", "ü", "", "stop sign")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.lists(NUMBERS, max_size=6)), max_size=6))
@example([(0, [0.0, -0.0, 0.5, 1.0, 0.0000005, 0.0000015, -0.0000004, 2.5e-6, 0.9999995])])
@example([(7, [k / 2**21 for k in range(-9, 99)])])  # ties
@example([(7, [(k + 0.25) / 160 for k in range(160)])])  # very nearly ties
def test_numbers_are_rounded_and_written_as_python_does(rows) -> None:
    values = np.array([v for _, row in rows for v in row], np.float64)
    counts = np.array([len(row) for _, row in rows], np.int64)
    classes = np.array([k for k, _ in rows], np.int64)
    expected = "".join(f"{k}" + "".join(f" {v:.6f}" for v in row) + "\n" for k, row in rows)
    assert lines_of(classes, counts, values).decode() == expected


ROW = st.tuples(st.integers(0, 3), st.integers(-(2**53), 2**53), NUMBERS, NUMBERS)
FORM = "<%s>%d, %.2f;\n%.4f -10.0 %d\n"


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(ROW, max_size=4), min_size=1, max_size=4))
@example([[]])
@example([[(3, -1, k / 8, k / 2**15) for k in range(-40, 40)]])  # ties
@example([[(1, 2**53, -0.001, -0.00001), (0, 0, -0.0, 0.99995)], []])
def test_the_text_of_each_image_is_what_python_makes_of_the_form(images) -> None:
    rows = np.array([row for rows in images for row in rows], np.float64).reshape(-1, 4)
    texts = texts_of(FORM, WORDS, [*map(len, images)], rows[:, 0], rows[:, 1:], rows[:, 2] * 0.5)
    expected = [
        "".join(FORM % (WORDS[w], n, a, b, a * 0.5) for w, n, a, b in rows) for rows in images
    ]
    assert [text.decode() for text in texts] == expected
