"""Pictures that stay in memory: as many as there is room for, and crops that do not care."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from render.store import Truth, load_bgr, open_dataset, read_splits
from tests.training.toy import write_toy
from training import album
from training.album import Album, picture_of
from training.config import AugmentConfig, TrainConfig
from training.data import batches, training_set


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = write_toy(tmp_path_factory.mktemp("toy"), 6, seed=4)
    return read_splits(open_dataset(folder))


def test_what_there_is_room_for_is_decoded_once(
    truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(path: str | Path, size_px: tuple[int, int] | None = None):
        read.append(str(path))
        return load_bgr(path, size_px)

    monkeypatch.setattr(album, "load_bgr", noting)
    size = load_bgr(truth.path[0]).nbytes
    for room, times in ((6 * size, 6), (2 * size, 6 + 4), (0, 12)):
        kept, before = Album(room), len(read)
        for image in [*range(6), *range(6)]:
            assert (picture_of(kept, truth, image) == load_bgr(truth.path[image])).all()
        assert len(read) - before == times
        assert kept.left_bytes == room - len(kept.pictures) * size >= 0


def test_crops_are_the_same_with_and_without_room_and_leave_pictures_as_they_are(
    truth: Truth,
) -> None:
    config = TrainConfig(
        data="", out="", batch=8, crop_px=128, steps=6, augment=AugmentConfig(), prefetch=2
    )
    data = training_set(truth)
    bare = dataclasses.replace(data, album=Album(0))
    for (images, _), (others, _) in zip(
        batches(data, config, 0), batches(bare, config, 0), strict=True
    ):
        assert torch.equal(images, others)
    assert data.album.pictures
    assert not bare.album.pictures
    for image, picture in data.album.pictures.items():
        assert (picture == load_bgr(truth.path[image])).all()
        assert not picture.flags.writeable
