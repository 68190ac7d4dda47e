"""What the engine makes of a scene before it moves."""

from simulator import engine
from tests.benchmarks.traffic_speed import blocks


def test_the_memory_of_a_town_grows_with_its_lanes_and_not_with_their_square():
    sizes = []
    for vehicles in (600, 3000):
        world = engine.compile_world(blocks(vehicles)).roads
        arrays = (world.lanes, world.lines, world.points, world.foes, world.siblings)
        sizes.append(sum(a.nbytes for a in arrays))
    assert sizes[1] < 6 * sizes[0]
    assert sizes[1] < 2_000_000
