"""Which ways through a junction meet, and who yields to whom: derived from a network once.

Who yields follows from the controls first: STOP yields to YIELD, YIELD to PRIORITY. Among equals a
turn across oncoming traffic yields to it (a left turn, and a right one where traffic keeps left),
then the one from the left to the one from the right. Where all lines of a junction are STOP lines
nobody yields: the first to come is the first to go.

Priority to the right holds on both sides of the road. The Convention on Road Traffic (Vienna 1968),
article 18, 4, sets it where traffic keeps right (a) and leaves it to each state where traffic keeps
left (b); Australia has it too (Australian Road Rules, rule 72).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulator.geometry import direction_at, evenly, heading_at, point_at, wrap_rad
from simulator.lane import Turn
from simulator.network import Control, Network

CLEARANCE_M = 3.4
"""A rear this far from another way's centre line is out of the way of a wide body on it."""

PARTED_M = 3.0
"""Centre lines this far apart no longer share the road: two wide bodies and some air."""

SAMPLES = 40
"""Points of a way that distances are measured between."""

CRITICAL_S = {
    (Control.PRIORITY, Turn.LEFT): 4.1,
    (Control.SIGNAL, Turn.LEFT): 4.5,
    (Control.STOP, Turn.RIGHT): 6.2, (Control.STOP, Turn.STRAIGHT): 6.5,
    (Control.STOP, Turn.LEFT): 7.1,
    (Control.YIELD, Turn.RIGHT): 6.2, (Control.YIELD, Turn.STRAIGHT): 6.5,
    (Control.YIELD, Turn.LEFT): 7.1,
}  # fmt: skip
"""Critical headways, s (HCM 6, exhibits 20-12 and 19-30; two-lane major road, passenger cars), by
the turn as it is to traffic that keeps right: see ``turns_of``."""

_MIRRORED = {Turn.LEFT: Turn.RIGHT, Turn.RIGHT: Turn.LEFT}

CIRCLE_CRITICAL_S = 3.0
"""Into a roundabout, s, for who judges each lag without error and reacts at once. With what moving
up to the line adds, half of the drivers take a headway of about 4.0 on the right lane of two and
4.5 on the left one (HCM 6, chapter 22: 4.3 and 4.6).
"""

CIRCLE_MPS = 9.0
"""Only roundabouts have circulating lanes that are driven no faster than this."""

ROUND_RAD = math.radians(45.0)
"""So much and more does a ring turn past an arm; no other way that goes straight on does."""

_RANK = {Control.STOP: 0, Control.YIELD: 1, Control.PRIORITY: 2, Control.NONE: 2, Control.SIGNAL: 3}

LINE = np.dtype(
    [
        ("s", "f8"), ("control", "i8"), ("group", "i8"), ("heading", "f8"), ("junction", "i8"),
        ("all_way", "?"),
    ],
    align=True,
)  # fmt: skip
"""A stop line; ``heading`` is the direction of the traffic that it stops, ``junction`` the lowest
id of the lines whose ways meet, ``all_way`` whether all of them are STOP lines."""

FOE = np.dtype(
    [
        ("own", "i8"), ("way", "i8"), ("meets", "f8"), ("begins", "f8"), ("clear", "f8"),
        ("near", "f8"), ("at", "f8"), ("way_at", "f8"),
        ("yields", "?"), ("gives", "?"), ("merge", "?"), ("how", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A way ``way`` that meets ``own``: how far a rear must be on it to be out of our way, where
on it a front gets into our way, how far our rear must be to be out of its way, m; whether we yield
to it, whether it yields to us; whether both go on in the same lane. ``at`` and ``way_at`` are where
the two become one queue, on either of them: the end where they merge, else where a front gets into
the other's way. ``how`` two bodies pass there: WAITS, FOLLOWS or LOOKS."""

WAITS, FOLLOWS, LOOKS = 0, 1, 2
"""Who goes second waits until the other has left the place; or follows it there, as if it drove
ahead in its own lane (a virtual leader: Uno, Sakaguchi and Tsugawa 1999); or only looks for a gap,
because the ways do not meet."""

SIBLING = np.dtype([("lane", "i8"), ("shared", "f8")], align=True)
"""A lane that parts from the same lane, and how far along it they have parted, m."""


def stop_lines(network: Network) -> np.ndarray:
    """The stop lines as LINE[S]."""
    lines = network.stop_lines
    table = np.zeros(len(lines), LINE)
    table["s"] = [line.s_m for line in lines]
    table["control"] = [int(line.control) for line in lines]
    table["group"] = [line.group for line in lines]
    on = [(network.lanes[line.lane_id], line.s_m) for line in lines]
    table["heading"] = [direction_at(lane.centre_m, lane.s_m, s) for lane, s in on]
    table["junction"] = _junctions(network)
    stops = table["control"] == Control.STOP
    for junction in set(table["junction"].tolist()):
        here = table["junction"] == junction
        table["all_way"][here] = stops[here].all()
    return table


def _line_of_ways(network: Network) -> dict[int, int]:
    """The stop line before each way through a junction."""
    return {way: line.id for line in network.stop_lines for way in network.successors[line.lane_id]}


def _junctions(network: Network) -> list[int]:
    """For each line the lowest id of the lines that it is connected with by ways that meet."""
    root = list(range(len(network.stop_lines)))

    def find(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    line_of = _line_of_ways(network)
    for a, b in network.conflicts.tolist():
        if a in line_of and b in line_of:
            low, high = sorted((find(line_of[a]), find(line_of[b])))
            root[high] = low
    return [find(k) for k in range(len(root))]


def turns_of(network: Network, side: str) -> list[Turn]:
    """The turn of each lane as it is to traffic that keeps to a side: as if that were the right.

    So LEFT is the turn across oncoming traffic on either side of the road.
    """
    turns = [lane.turn for lane in network.lanes]
    return [_MIRRORED.get(t, t) for t in turns] if side == "left" else turns


def circles(network: Network) -> np.ndarray:
    """Which ways lead on round a roundabout, past an arm: bool[L]."""
    out = np.zeros(len(network.lanes), np.bool_)
    for way, number in _line_of_ways(network).items():
        lane = network.lanes[way]
        goes_on = lane.turn == Turn.STRAIGHT
        if goes_on and network.stop_lines[number].control == Control.PRIORITY:
            ends = heading_at(lane.centre_m, lane.s_m, np.array([0.0, lane.length_m]))
            out[way] = abs(wrap_rad(float(ends[1] - ends[0]))) > ROUND_RAD
    return out


def conflict_table(
    network: Network, lines: np.ndarray, side: str = "right", round_: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(FOE[K] by lane, first i64[L], end i64[L]) of all pairs of ways that meet, both ways.

    Who comes into a roundabout of several lanes has the ways past its entry for foes of all of
    them: whoever drives there may leave by the next exit, across the lane that it comes into.

    Args:
        network: the network. lines: its ``stop_lines``. side: that traffic keeps to.
        round_: bool[L] of ``circles``, none unless given.
    """
    turns = turns_of(network, side)
    pairs = network.conflicts.tolist()
    ways = sorted({way for pair in pairs for way in pair})
    lanes = [network.lanes[i] for i in ways]
    follow = [set(s) for s in network.successors]
    line_of, rules = _line_of_ways(network), _rules(lines)
    both = [*pairs, *((b, a) for a, b in pairs)]
    spans = _spans_m(
        np.array([evenly(k.centre_m, k.s_m, SAMPLES) for k in lanes]).reshape(-1, SAMPLES, 2),
        np.array([lane.length_m for lane in lanes]),
        np.searchsorted(ways, np.array(both, np.int64).reshape(-1, 2)),
    ).tolist()  # fmt: skip
    gives_way = [_yields(turns, rules, own, way, line_of) for own, way in both]
    rows = []
    for row, (own, way) in enumerate(both):
        other = (row + len(pairs)) % len(both)  # the same two, the other way round
        begins, meets = spans[other]
        clear = spans[row][1]
        merge = bool(follow[own] & follow[way])
        if merge:
            meets, clear = network.lanes[way].length_m, network.lanes[own].length_m
        yields, gives = gives_way[row], gives_way[other]
        near = spans[row][0]
        at, way_at = (clear, meets) if merge else (near, begins)
        rows.append(
            (own, way, meets, begins, clear, near, at, way_at, yields, gives, merge, WAITS)
        )  # fmt: skip
    table = np.array(rows, dtype=FOE)
    if round_ is not None and round_.any():
        goes_by = round_[table["own"]] | round_[table["way"]]
        table["how"][goes_by] = FOLLOWS
        table = np.concatenate([table, _other_rings(network, table, round_)])
    table = table[np.argsort(table["own"], kind="stable")]
    ids = np.arange(len(network.lanes))
    own = table["own"]
    return table, np.searchsorted(own, ids, "left"), np.searchsorted(own, ids, "right")


def _other_rings(network: Network, table: np.ndarray, round_: np.ndarray) -> np.ndarray:
    """FOE[K]: what an entry's neighbour yields to and merges with, where it does not meet it."""
    extra: list[np.void] = []
    merges = table[table["merge"] & table["yields"] & round_[table["way"]]]
    known = set(zip(table["own"].tolist(), table["way"].tolist(), strict=True))
    for lane, ways in enumerate(network.successors):
        for beside in {int(network.left_of[lane]), int(network.right_of[lane])} - {-1}:
            for row in merges[np.isin(merges["own"], network.successors[beside])]:
                for way in ways:
                    if (way, int(row["way"])) not in known:
                        mine = row.copy()
                        mine["own"], mine["clear"] = way, network.lanes[way].length_m
                        mine["at"], mine["how"] = mine["clear"], LOOKS
                        extra.append(mine)
    return np.array(extra, FOE)


Rule = tuple[Control, bool, float]
"""Of a stop line: its control, whether all stop, and the heading of its traffic, rad."""


def _rules(lines: np.ndarray) -> list[Rule]:
    controls = [Control(k) for k in lines["control"].tolist()]
    return list(zip(controls, lines["all_way"].tolist(), lines["heading"].tolist(), strict=True))


def _yields(
    turns: list[Turn], rules: list[Rule], own: int, way: int, line_of: dict[int, int]
) -> bool:
    """Whether who drives ``own`` gives way to who drives ``way``."""
    if own not in line_of or way not in line_of:
        return own in line_of and way not in line_of
    a, b = rules[line_of[own]], rules[line_of[way]]
    if _RANK[a[0]] != _RANK[b[0]]:
        return _RANK[a[0]] < _RANK[b[0]]
    if a[1]:
        return False
    angle = (b[2] - a[2]) % (2.0 * math.pi)
    if abs(angle - math.pi) < math.pi / 4:
        return turns[own] == Turn.LEFT and turns[way] != Turn.LEFT
    from_right = abs(angle - math.pi / 2) <= math.pi / 4
    return from_right and a[0] != Control.SIGNAL


@njit(cache=True)
def _spans_m(paths: np.ndarray, length: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Where along a path another comes near, and from where all is clear of it, m: f64[K, 2].

    Args:
        paths: f64[W, P, 2] m. length: f64[W] m. pairs: i64[K, 2], the path and the other.
    """
    out = np.empty((len(pairs), 2))
    for row in range(len(pairs)):
        path, other, whole = paths[pairs[row, 0]], paths[pairs[row, 1]], length[pairs[row, 0]]
        begins, clear = whole, 0.0
        step = whole / (len(path) - 1)
        for k in range(len(path)):
            near = False
            for q in range(len(other)):
                dx, dy = path[k, 0] - other[q, 0], path[k, 1] - other[q, 1]
                near |= dx * dx + dy * dy < CLEARANCE_M * CLEARANCE_M
            if near:
                begins = min(begins, k * step)
                clear = min((k + 1) * step, whole)
        out[row, 0], out[row, 1] = begins, clear
    return out


def stands_m(network: Network, foes: np.ndarray, round_: np.ndarray) -> np.ndarray:
    """From where along each way one may come to stand if it goes no further, f64[L] m.

    Beyond its end; but in a circle as soon as the ways out of an inner ring are clear: those who
    come in wait outside.
    """
    out = np.array([lane.length_m for lane in network.lanes])
    for way in np.flatnonzero(round_):
        crossing = foes[(foes["own"] == way) & ~foes["merge"] & ~foes["gives"]]
        out[way] = crossing["clear"].max(initial=0.0)
    return out


def zipping(network: Network, foes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How lanes merge, i8[L]: 2 like a zip, behind no paint; 1 into or within a circle; else 0.

    All the foes of such a way merge with it, in the same manner; but in a circle of several lanes
    there are some that it crosses. The second answer is ``how`` of each foe, i8[K].
    """
    out = np.zeros(len(network.lanes), np.int8)
    for way, number in _line_of_ways(network).items():
        line = network.stop_lines[number]
        if line.control in (Control.YIELD, Control.PRIORITY):
            out[way] = 1 if line.painted else 2
    amiss = np.ones(1, np.bool_)
    while amiss.any():
        amiss = (out[foes["own"]] > 0) & (~foes["merge"] | (out[foes["way"]] != out[foes["own"]]))
        out[foes["own"][amiss]] = 0
    alone = np.ones(len(out), np.bool_)
    alone[foes["own"]] = False
    out[alone] = 0
    how = np.where(out[foes["own"]] > 0, FOLLOWS, foes["how"])
    follow = foes["own"][how == FOLLOWS]
    out[follow] = np.fmax(out[follow], 1)
    return out, how


def critical_s(
    network: Network, lines: np.ndarray, foes: np.ndarray, free_mps: np.ndarray,
    side: str = "right",
) -> np.ndarray:  # fmt: skip
    """Critical headway of who drives each lane from its line, f64[L] s.

    Args:
        network: the network. lines, foes: its tables.
        free_mps: f64[L], speed that the limit and the curvature of each lane allow.
        side: that traffic keeps to.
    """
    turns = turns_of(network, side)
    out = np.full(len(network.lanes), CIRCLE_CRITICAL_S)
    for way, line in _line_of_ways(network).items():
        control, turn = Control(int(lines[line]["control"])), turns[way]
        out[way] = CRITICAL_S.get((control, turn), CIRCLE_CRITICAL_S)
        if control != Control.YIELD:
            continue
        mine = foes[(foes["own"] == way) & foes["yields"]]
        joins = len(mine) and (mine["merge"] | (mine["how"] != WAITS)).all()
        if joins and free_mps[mine["way"]].max() <= CIRCLE_MPS:
            out[way] = CIRCLE_CRITICAL_S
    return out


def sibling_table(network: Network) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(SIBLING[M] by lane, first i64[L], end i64[L]) of lanes that part from the same lane."""
    rows: list[tuple[int, int, float]] = []
    along = np.arange(0.0, 20.0, 0.25)
    for follow in network.successors:
        if len(follow) < 2:
            continue
        lanes = [network.lanes[i] for i in follow]
        paths = np.stack([point_at(lane.centre_m, lane.s_m, along) for lane in lanes])
        off = paths - paths[:, None]
        apart = np.hypot(off[..., 0], off[..., 1]) > PARTED_M
        until = np.where(apart.any(axis=2), along[apart.argmax(axis=2)], along[-1]).tolist()
        for a, of_a in zip(follow, until, strict=True):
            rows += [(a, b, u) for b, u in zip(follow, of_a, strict=True) if b != a]
    rows.sort(key=lambda row: row[0])
    table = np.array([row[1:] for row in rows], dtype=SIBLING)
    owners, ids = np.array([row[0] for row in rows]), np.arange(len(network.lanes))
    return table, np.searchsorted(owners, ids, "left"), np.searchsorted(owners, ids, "right")
