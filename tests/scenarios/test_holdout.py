import pytest

from scenarios.holdout import Lineage, overlap


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (Lineage(1, "train", 9, 20), Lineage(1, "train", 9, 9)),
        (Lineage(1, "train", 10, 20), None),
        (Lineage(1, "test", 0, 9), None),
        (Lineage(2, "train", 0, 9), None),
        (Lineage(1, "train", 3, 3), Lineage(1, "train", 3, 3)),
        (Lineage(1, "train", 0, 99), Lineage(1, "train", 0, 9)),
    ],
)
def test_scenes_are_shared_only_within_one_seed_and_split(other, shared):
    assert overlap([Lineage(5, "x", 0, 9), Lineage(1, "train", 0, 9)], [other]) == shared
