"""What only shows after a while: `pytest -m slow`, a few minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

import render.generate
from render.config import GenerateConfig
from render.executor import run_scenes

ALLOWED_MB = 12
"""Growth that is noise of the allocator: one frame's planes are as large."""


@pytest.mark.slow
def test_memory_stays_flat_over_two_thousand_frames(tmp_path, monkeypatch):
    status = Path("/proc/self/statm")
    if not status.exists():
        pytest.skip("this system does not tell a process its memory in /proc")
    resident: list[float] = []

    def now_mb() -> float:
        return int(status.read_text().split()[1]) * 4096 / 2**20

    def watched(work, config, indices, workers):
        for done in run_scenes(work, config, indices, workers):
            resident.append(now_mb())
            yield done

    monkeypatch.setattr(render.generate, "run_scenes", watched)
    config = GenerateConfig(
        out=str(tmp_path / "d"), workers=1, scenes=20, frames_per_scene=100, frame_rate_hz=10.0
    )
    before = now_mb()
    render.generate.generate(config)
    assert len(resident) == 20
    # the first scenes fill the caches of textures
    assert max(resident[8:]) - resident[7] < ALLOWED_MB, resident
    assert max(resident) - before < 300
