"""The way of somebody on foot: a line beside the roads that may lead over crosswalks."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from simulator.arrays import frozen
from simulator.geometry import rising_lengths_m


@dataclasses.dataclass(frozen=True, eq=False)
class Footpath:
    """One way on foot, walked from its beginning to its end.

    Attributes:
        line_m: f64[N, 2], world frame, N >= 2, no repeated points.
        crosswalks: i32[K], ids of the crosswalks that it leads over, in order.
        spans_m: f64[K, 2], from where to where along the line each of them is, kerb to kerb.
        s_m: f64[N], distance along the line (derived).
    """

    line_m: np.ndarray
    crosswalks: np.ndarray
    spans_m: np.ndarray
    s_m: np.ndarray = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        line = frozen(self.line_m, np.float64, (None, 2), "line_m")
        lengths = rising_lengths_m(line, "a footpath")
        ids = frozen(self.crosswalks, np.int32, (None,), "crosswalks")
        spans = frozen(self.spans_m, np.float64, (len(ids), 2), "spans_m")
        ends = [0.0, *spans.ravel().tolist(), lengths[-1]]
        after_another = all(b - a >= -1e-6 for a, b in itertools.pairwise(ends))
        if not after_another or any(b <= a for a, b in spans.tolist()):
            raise ValueError("a footpath's crosswalks must lie on it one after another")
        for name, value in (
            ("line_m", line), ("crosswalks", ids), ("spans_m", spans), ("s_m", lengths),
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    @property
    def length_m(self) -> float:
        """Length of the line, m."""
        return float(self.s_m[-1])
