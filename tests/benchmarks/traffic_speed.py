"""How many vehicles the engine moves one step of 0.1 s in a second of CPU time.

The road is a ring of blocks: lanes of 150 m joined by priority junctions where a side road waits,
about six vehicles a lane, so that more vehicles mean more road and not more crowd. The state of
every vehicle is read at each step. Usage: python -m tests.benchmarks.traffic_speed
"""

from __future__ import annotations

import time

import numpy as np

from simulator import engine
from simulator.agents import AgentTable
from simulator.lane import Lane, Turn
from simulator.network import Control, Network, StopLine
from simulator.scene import Scene
from tests.cast import drivers, scene

SIZES = (200, 1000, 3000)
BLOCK_M, GAP_M, PER_BLOCK = 150.0, 10.0, 6
STEPS = 200


def vehicle_steps_per_s(sizes: tuple[int, ...] = SIZES, tries: int = 3) -> dict[str, float]:
    """Vehicle-steps a CPU second by number of vehicles, the best of a few tries."""
    found = {}
    for count in sizes:
        town = blocks(count)
        world = engine.compile_world(town)
        times = np.arange(1, STEPS + 1) * town.step_s
        best = 0.0
        for _ in range(tries):
            start = time.process_time()
            states = engine.rollout(town, times, world=world)
            spent = time.process_time() - start
            moved = sum(int(s.active.sum()) for s in states)
            best = max(best, moved / spent)
        found[str(count)] = round(best)
    return found


def blocks(count: int) -> Scene:
    """So many vehicles on a long street with a side road at each crossing."""
    number = count // PER_BLOCK
    pitch = BLOCK_M + GAP_M
    lanes: list[Lane] = []
    follow: list[tuple[int, ...]] = []
    lines, pairs = [], []
    for k in range(number):
        x, y = k * pitch % 3200.0, 60.0 * (k * pitch // 3200.0)
        # main block, its way over the crossing, side road, its way into the next block
        points = (
            [[x, y], [x + BLOCK_M, y]],
            [[x + BLOCK_M, y], [x + pitch, y]],
            [[x + BLOCK_M + 5, y - 40], [x + BLOCK_M + 5, y - 5]],
            [[x + BLOCK_M + 5, y - 5], [x + BLOCK_M + 6, y - 1], [x + pitch, y]],
        )
        base = 4 * k
        for n, turn in enumerate((Turn.NONE, Turn.STRAIGHT, Turn.NONE, Turn.RIGHT)):
            lanes.append(Lane(base + n, np.array(points[n], float), 3.5, 14.0, turn=turn))
        onward = (base + 4,) if k < number - 1 and (k + 1) * pitch % 3200.0 > 0 else ()
        follow += [(base + 1,), onward, (base + 3,), onward]
        lines.append(StopLine(2 * k, base, BLOCK_M - 2.0, Control.PRIORITY))
        lines.append(StopLine(2 * k + 1, base + 2, 33.0, Control.YIELD))
        pairs.append((base + 1, base + 3))
    none = np.full(len(lanes), -1)
    network = Network(
        tuple(lanes), tuple(follow), none, none, np.array(pairs), tuple(lines), (), (),
        (0.0, -100.0, 3300.0, 3300.0),
    )  # fmt: skip
    return scene(network, *_traffic(network, number))


def _traffic(network: Network, number: int) -> tuple[tuple[tuple[int, ...], ...], AgentTable]:
    """A route from each block and each side road to the end of its street, and who drives them."""
    routes, starts, of = [], [], []
    for k in range(number):
        for first, fronts in ((4 * k, (140.0, 112.0, 84.0, 56.0, 28.0)), (4 * k + 2, (30.0,))):
            route = [first]
            while network.successors[route[-1]]:
                route.append(network.successors[route[-1]][0])
            starts += fronts
            of += [len(routes)] * len(fronts)
            routes.append(tuple(route))
    spread = 11.0 + 3.0 * np.random.Generator(np.random.Philox(1)).random(len(starts))
    return tuple(routes), drivers(starts, routes=of, desired_speed_mps=spread)


def main() -> None:
    """Print the table."""
    for count, speed in vehicle_steps_per_s().items():
        print(f"{count:>6} vehicles {speed:12,.0f} vehicle-steps a CPU second")


if __name__ == "__main__":
    main()
