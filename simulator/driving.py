"""What the weather makes of drivers and tyres, by time and place: a table for the compiled loop.

A row is a step of the course; who is where the front comes later is in an earlier row. Weather that
stays is a table of one row.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from simulator.conditions import Conditions, headlamps_on
from simulator.course import BLOCK, STEP_S, Course, constant, row_of, slowness, steps
from simulator.friction import cautious_friction, floating_mps, friction
from simulator.grip import COMFORT_LATERAL_MPS2, GRAVITY_MPS2, mu_map
from simulator.scene import Scene
from simulator.sight import (
    headway_factor,
    sight_m,
    sight_speed_mps,
    speed_factor,
    walking_factor,
)
from simulator.signals import SIGNAL_BRAKE_MPS2
from simulator.unevenness import EVEN, uneven

DRIVING = np.dtype(
    [
        ("grip", "f8"), ("lateral", "f8"), ("signal_brake", "f8"), ("speed_factor", "f8"),
        ("speed_max", "f8"), ("headway_factor", "f8"), ("sight", "f8"), ("headlamps", "?"),
        ("walk_factor", "f8"), ("mu", "f8"), ("film", "f8"), ("cover", "f8"), ("ice", "f8"),
    ],
    align=True,
)  # fmt: skip
"""What conditions mean for driving: the grip that drivers reckon with, m/s2, which is that of the
road as a whole, or a cautious one where ice lies in patches; lateral comfort and braking for
signals, m/s2; factors; sight, m; friction and the state of the road as a whole."""


class Weather(NamedTuple):
    """Weather as the loop reads it.

    Attributes:
        table: DRIVING[K], one row a step of the course since ``begins``, s.
        step: of the course, s. late_x, late_y: how much later the front comes, s/m.
        tile, tracks, west, south: where the road is uneven, see ``unevenness``.
    """

    table: np.ndarray
    begins: float
    step: float
    late_x: float
    late_y: float
    tile: np.ndarray
    tracks: np.ndarray
    west: float
    south: float


def compile_weather(scene: Scene, given: Conditions | Course, until_s: float) -> Weather:
    """The weather of a scene until a time.

    Args:
        scene: the scene, whose map and seed say where the road is uneven.
        given: the weather. until_s: the last time that is asked for.
    """
    course = given if isinstance(given, Course) else constant(given)
    ground = uneven(scene) if course.uneven else EVEN
    count = 1
    if len(course.knots) > 1:
        west, south, east, north = scene.network.bounds_m
        corners = ((x, y) for x in (west, east) for y in (south, north))
        count = max(row_of(course, until_s, x, y) for x, y in corners) + 1
    table = _table(course, -(-count // BLOCK) if count > 1 else 0)
    late_x, late_y = slowness(course)
    return Weather(table, course.times_s[0], STEP_S, late_x, late_y, *ground)


def friction_at(
    scene: Scene, given: Conditions | Course, x_m: np.ndarray, y_m: np.ndarray, time_s: float
) -> np.ndarray:
    """Friction at points of the map at a time, as tyres meet it there.

    Args:
        scene, given: as in :func:`compile_weather`. x_m, y_m: f64, of one shape. time_s: when.

    Returns:
        f64 of the same shape.
    """
    weather = compile_weather(scene, given, time_s)
    x, y = np.ascontiguousarray(x_m, float).ravel(), np.ascontiguousarray(y_m, float).ravel()
    late = time_s - weather.late_x * x - weather.late_y * y - weather.begins
    row = np.floor(late / weather.step + 1e-6).astype(np.int64).clip(0, len(weather.table) - 1)
    if not weather.tile.size:
        return weather.table["mu"][row].reshape(np.shape(x_m))
    out = np.empty(len(x))
    film, cover, ice = (weather.table[name][row] for name in ("film", "cover", "ice"))
    mu_map(
        weather.tile, weather.tracks, weather.west, weather.south, film, cover, ice, x, y, out
    )  # fmt: skip
    return out.reshape(np.shape(x_m))


@functools.lru_cache(maxsize=16)
def _table(course: Course, blocks: int) -> np.ndarray:
    """The rows of so many blocks of steps; of none the first row alone."""
    each = steps(course, blocks * BLOCK if blocks else 1)
    return np.array([_row(conditions, course.uneven) for conditions in each], DRIVING)


def _row(conditions: Conditions, is_uneven: bool) -> tuple[float, ...]:
    mu = cautious_friction(conditions) if is_uneven else friction(conditions)
    grip = mu * GRAVITY_MPS2
    return (
        grip,
        min(COMFORT_LATERAL_MPS2, 0.5 * grip),
        min(SIGNAL_BRAKE_MPS2, 0.8 * grip),
        speed_factor(conditions),
        min(sight_speed_mps(conditions, mu), floating_mps(conditions, is_uneven=is_uneven)),
        headway_factor(conditions),
        sight_m(conditions),
        headlamps_on(conditions),
        walking_factor(conditions),
        friction(conditions),
        conditions.water_film_mm,
        conditions.snow_cover,
        conditions.ice,
    )
