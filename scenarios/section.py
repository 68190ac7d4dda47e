"""Cross-sections: what lies side by side on a road, from its middle outwards."""

from __future__ import annotations

import dataclasses

from simulator.lane import Marking


@dataclasses.dataclass(frozen=True)
class Carriageway:
    """One direction of a road; widths in m from the middle outwards. No lanes: nobody drives there.

    Attributes:
        lanes_m: the driving lanes.
        bike_m: a bicycle lane beside them, 0 none.
        shoulder_m: paved shoulder, 0 none.
        parking_m: strip for parked cars beyond all else, 0 none. It begins clear of junctions.
        bay_rad: direction of a parked car, seen from that of the traffic: 0 along the kerb.
    """

    lanes_m: tuple[float, ...] = ()
    bike_m: float = 0.0
    shoulder_m: float = 0.0
    parking_m: float = 0.0
    bay_rad: float = 0.0

    @property
    def width_m(self) -> float:
        """All but the parking strip, m."""
        return sum(self.lanes_m) + self.bike_m + self.shoulder_m

    def lane_offset_m(self, j: int) -> float:
        """From the middle's edge to the middle of lane j (0 the innermost), m."""
        return sum(self.lanes_m[:j]) + self.lanes_m[j] / 2


@dataclasses.dataclass(frozen=True)
class Section:
    """Both directions of a road about its centre line.

    ``forward`` lies right of the line, seen along it. With a ``median_m`` the directions are that
    far apart; a ``raised`` median is an island, else it is painted. The line of a one-way road is
    the left edge of its lanes.
    """

    forward: Carriageway
    backward: Carriageway
    median_m: float = 0.0
    raised: bool = False

    @property
    def right_m(self) -> float:
        """From the line to the right edge of the pavement without parking, m."""
        return self._side_m(self.forward)

    @property
    def left_m(self) -> float:
        """From the line to the left edge of the pavement without parking, m."""
        return self._side_m(self.backward)

    def _side_m(self, side: Carriageway) -> float:
        return self.median_m / 2 + side.width_m

    @property
    def two_way(self) -> bool:
        """Whether traffic goes both ways."""
        return bool(self.forward.lanes_m and self.backward.lanes_m)


def both_ways(side: Carriageway, median_m: float = 0.0, *, raised: bool = False) -> Section:
    """A section with two equal directions."""
    return Section(side, side, median_m, raised)


def one_way(side: Carriageway) -> Section:
    """A section with one direction, right of its line."""
    return Section(side, Carriageway())


def lane_markings(section: Section, side: Carriageway, j: int) -> tuple[Marking, Marking]:
    """Paint left and right of driving lane j (0 the innermost) of one direction."""
    left = Marking.BROKEN_WHITE
    if j == 0:
        parted = section.median_m > 0 or not section.two_way
        left = Marking.SOLID_YELLOW if parted else Marking.DOUBLE_YELLOW
    return left, (Marking.SOLID_WHITE if j == len(side.lanes_m) - 1 else Marking.BROKEN_WHITE)
