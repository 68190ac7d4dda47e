"""2,000 scenes over all layouts: maps held against polygons, give-ups with reasons, build times.

Every map goes through the checks of ``tests/scenarios/test_layouts.py``; where traffic keeps left,
through those of them that know no side and through ``tests/scenarios/test_convention.py``. On
either side the first draw of a scene must have no sign that the road contradicts. Takes about ten
minutes. Usage: python -m tests.benchmarks.many_maps [SEEDS A LAYOUT, 125] [SIDE, right]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from scenarios import sampler
from scenarios.config import RoadConfig, SceneConfig
from scenarios.contradictions import contradictions
from scenarios.layout import Roads
from scenarios.layouts import LAYOUTS
from scenarios.sampler import sample_scene
from simulator.convention import Convention
from simulator.errors import FairweatherError
from simulator.seeding import stream
from tests.scenarios import test_convention as on_the_left
from tests.scenarios import test_layouts as held

CHECKS: tuple[Callable[[list[Roads]], None], ...] = (
    *on_the_left.SIDELESS,
    held.test_whoever_could_meet_another_has_a_line_and_not_all_have_priority,
    held.test_signs_face_their_traffic_at_the_legal_place_and_do_not_contradict_each_other,
)


def faults(layout: str, seed: int, side: str) -> list[str]:
    """What the checks find wrong with the map of scene 0 of a seed."""
    if side == "left":
        roads, checks = on_the_left.left_roads(layout, seed), on_the_left.SIDELESS
        found = on_the_left.misplaced(on_the_left.scene_of(layout, seed=seed))
    else:
        roads = LAYOUTS[layout].build(stream(seed, 0, f"train/layout/{layout}"), RoadConfig())
        checks, found = CHECKS, []
    config = SceneConfig(layouts=(layout,), convention=Convention(side))
    found += contradictions(sampler.unchecked(config, seed, 0, "train", 0))
    for check in checks:
        try:
            check([roads])
        except AssertionError as error:
            name = check.__name__.removeprefix("test_").replace("_", " ")
            found.append(f"{name}: {str(error).splitlines()[0]}")
    return found


def built(layout: str, seed: int, side: str) -> tuple[float, str]:
    """(CPU milliseconds, why it was given up or "")."""
    start = time.process_time()
    try:
        sample_scene(SceneConfig(layouts=(layout,), convention=Convention(side)), seed, 0)
    except FairweatherError as error:
        return 1e3 * (time.process_time() - start), str(error)
    return 1e3 * (time.process_time() - start), ""


def main() -> None:
    """Print the table, then every fault and every reason."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 125
    side = sys.argv[2] if len(sys.argv) > 2 else "right"
    every, words = [], []
    for layout in LAYOUTS:
        built(layout, 0, side)
        made = [built(layout, seed, side) for seed in range(seeds)]
        amiss = [(seed, fault) for seed in range(seeds) for fault in faults(layout, seed, side)]
        times = sorted(ms for ms, _ in made)
        gave_up = [(seed, why) for seed, (_, why) in enumerate(made) if why]
        every += times
        print(
            f"{layout:20} {seeds} scenes, {len({s for s, _ in amiss})} invalid, {len(gave_up)} "
            f"given up; {statistics.median(times):.1f} ms, 95 %: {times[int(0.95 * seeds)]:.1f}",
            flush=True,
        )
        words += [f"{layout} {seed}: {what}" for seed, what in (*amiss, *gave_up)]
    print(f"median of {len(every)}: {statistics.median(every):.1f} ms of CPU")
    print("\n".join(words))


if __name__ == "__main__":
    main()
