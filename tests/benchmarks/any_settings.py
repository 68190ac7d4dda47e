"""Small datasets of settings drawn at random, every image of them drawn again alone.

Whatever the camera, sensor, weather, layout and traffic: nothing but a refusal in words may stop
them, and each frame is the one that its record makes.
Usage: python -m tests.benchmarks.any_settings [MINUTES, 5] [SEED]
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from typing import Any

import numpy as np

from render.config import MAPS, GenerateConfig, VerifyConfig
from render.generate import generate
from render.verify import verify_deep
from scenarios.config import EVERY_LAYOUT, CameraConfig, Range, SensorConfig, TrafficConfig
from scenarios.presets import condition_names
from simulator.camera import MOST_TILT_RAD
from simulator.conditions import Conditions
from simulator.errors import FairweatherError
from simulator.seeding import stream
from simulator.settings import quantities


def main() -> None:
    """Run, print what went wrong and with which settings; ends with 1 if anything did."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rng = stream(int(sys.argv[2]) if len(sys.argv) > 2 else 0, 0, "any settings")
    end, made, refused, wrong = time.monotonic() + 60 * minutes, 0, 0, 0
    while time.monotonic() < end:
        settings: dict[str, Any] = {}
        try:
            settings = _settings(rng)
            problems = _problems(settings)
            made += 1
        except FairweatherError:
            refused += 1
            continue
        except Exception:  # whatever else: that is looked for
            problems = [traceback.format_exc()]
        if problems:
            wrong += 1
            print(settings, *problems[:3], sep="\n", flush=True)
    print(f"{made} datasets as their records make them, {refused} refused, {wrong} wrong")
    sys.exit(min(wrong, 1))


def _problems(settings: dict[str, Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        generate(GenerateConfig(out=f"{folder}/set", workers=1, **settings))
        every = VerifyConfig(data=f"{folder}/set", sample=10_000, seed=0)
        return list(verify_deep(every).problems)


def _settings(rng: np.random.Generator) -> dict[str, Any]:
    """Of a dataset; some contradict each other."""
    few = int(rng.integers(0, 20))
    return {
        "seed": int(rng.integers(1_000_000)),
        "scenes": int(rng.integers(1, 3)),
        "frames_per_scene": int(rng.integers(1, 7)),
        "frame_rate_hz": float(rng.choice([1, 2, 5, 10])),
        "twins": str(rng.choice(["open", "closed"])),
        "image": str(rng.choice(["jpg", "png"])),
        "maps": MAPS if rng.random() < 0.3 else (),
        "conditions": tuple(_condition(rng) for _ in range(rng.integers(1, 4))),
        "layouts": (str(rng.choice(EVERY_LAYOUT)),),
        "camera": _camera(rng),
        "sensor": _sensor(rng),
        "traffic": TrafficConfig(vehicles_low=few, vehicles_high=few + int(rng.integers(0, 50))),
    }


def _condition(rng: np.random.Generator) -> Any:
    known = quantities(Conditions)
    changes: dict[str, Any] = {}
    if rng.random() < 0.6:
        for name in rng.choice(list(known), rng.integers(1, 5), replace=False).tolist():
            low, high = known[name].low, known[name].high
            if low is not None and high is not None:
                changes[name] = float(low + (high - low) * rng.random() ** 3)
    if rng.random() < 0.2:
        changes |= {"to": str(rng.choice(condition_names())), "starts_s": float(rng.uniform(0, 20))}
    return {str(rng.choice(condition_names())): changes}


def _camera(rng: np.random.Generator) -> CameraConfig:
    through_a_hole = rng.random() < 0.5
    tilted, bent = through_a_hole * (rng.random(2) < 0.4)
    return CameraConfig(
        kind="pinhole" if through_a_hole else "orthographic",
        m_per_px=float(rng.uniform(0.03, 0.5)),
        altitude_m=float(rng.uniform(25, 150)),
        width_px=int(rng.integers(64, 700)),
        height_px=int(rng.integers(64, 700)),
        tilt_rad=float(tilted * rng.uniform(0, MOST_TILT_RAD)),
        k1=float(bent * rng.uniform(-0.15, 0.1)),
        p1=float(bent * rng.uniform(-0.01, 0.01)),
    )


def _sensor(rng: np.random.Generator) -> SensorConfig:
    def between(low: float, high: float) -> Range:
        a, b = sorted(rng.uniform(low, high, 2).tolist())
        return a, b

    if rng.random() < 0.4:
        return SensorConfig()
    return SensorConfig(
        blur_px=between(0, 2), sharpen=between(0, 1.5), full_well_e=between(1e3, 5e4),
        read_noise_e=between(0, 30), exposure_ev=between(-2, 2), contrast=between(0.6, 1.8),
        saturation=between(0, 2), red_gain=between(0.7, 1.4), blue_gain=between(0.7, 1.4),
        vignette=between(0, 0.8) if rng.random() < 0.5 else (0.0, 0.0),
        jpeg_quality=between(40, 100),
        exposure_s=between(0, 0.05) if rng.random() < 0.6 else (0.0, 0.0),
    )  # fmt: skip


if __name__ == "__main__":
    main()
