"""Settings of the jobs of this layer: batch generation, the window, verify and export."""

from __future__ import annotations

import dataclasses
from typing import Any

from scenarios.config import (
    CONDITIONS_HELP,
    CONVENTION_HELP,
    HAZARD_HELP,
    LAYOUTS_HELP,
    PLATES_HELP,
    SIGNS_HELP,
    SURROUNDINGS_HELP,
    CameraConfig,
    RoadConfig,
    SceneConfig,
    SensorConfig,
    SignStateConfig,
    SurroundingsConfig,
    TrafficConfig,
)
from scenarios.hazard_config import HazardConfig
from simulator.convention import PLATES, Convention
from simulator.errors import ConfigError
from simulator.seeding import MAX_SEED
from simulator.settings import quantity

MAX_SCENES = 10_000_000

MAPS = ("semantic", "height")
"""What can be said of every pixel, each a PNG of 8 bits a frame: see ``render/maps.py``."""

_SCENE_FIELDS = tuple(f.name for f in dataclasses.fields(SceneConfig))


def _endless() -> TrafficConfig:
    """Traffic for a window: vehicles keep coming for as long as anybody looks."""
    return TrafficConfig(horizon_s=600.0)


@dataclasses.dataclass(frozen=True)
class GenerateConfig:
    """Settings of ``generate``; from ``layouts`` on they say what a scene is made from."""

    out: str = quantity(help="folder of the dataset; an interrupted one is completed")
    seed: int = quantity(0, "", 0, MAX_SEED, "seed of every random stream")
    split: str = quantity("train", help="name of the split: two splits share no scene")
    scenes: Any = quantity(
        20, help="number of scenes; A..B makes only these of them, to be joined later"
    )
    frames_per_scene: int = quantity(4, "", 1, 9_999, "frames of each scene")
    frame_rate_hz: float = quantity(1.0, "1/s", 0.05, 50, "frames a second of scene time")
    twins: str = quantity(
        "open", choices=("open", "closed"), help="do drivers react to each weather"
    )
    image: str = quantity("jpg", choices=("jpg", "png"), help="image files")
    maps: tuple[str, ...] = quantity(
        (), choices=MAPS, help="maps a frame: what each pixel shows, how high it is"
    )
    workers: int = quantity(0, "", 0, 256, "processes, 0 takes all cores; changes no byte")
    executor: str = quantity(
        "local", choices=("local", "ray"), help="processes here, or a Ray cluster; changes no byte"
    )
    ray_address: str = quantity(
        "", help="HOST:PORT of the head of a running cluster, as `ray start --head` prints it"
    )
    join: tuple[str, ...] = quantity((), help="folders of parts (scenes=A..B) to take scenes from")
    scene: str | None = quantity(None, help="scene file to make the dataset of, instead of drawing")
    dry_run: bool = quantity(False, help="make nothing, say how long it takes and how large it is")
    layouts: tuple[str, ...] = quantity(SceneConfig.layouts, help=LAYOUTS_HELP)
    conditions: tuple[Any, ...] = quantity(SceneConfig.conditions, help=CONDITIONS_HELP)
    factors: Any = quantity(
        None, help="settings that differ between scenes: {name: [levels] or {level: weight}}"
    )
    design: str = quantity(
        "drawn", choices=("drawn", "full", "pairwise", "3way"), help="how scenes get their levels"
    )
    balance: Any = quantity(
        None, help="shares of all objects to come near by weighing levels: {stop_sign: 0.1}"
    )
    roads: RoadConfig = quantity(factory=RoadConfig, help="roads that layouts draw")
    traffic: TrafficConfig = quantity(factory=TrafficConfig, help="vehicles and drivers")
    signs: SignStateConfig = quantity(factory=SignStateConfig, help=SIGNS_HELP)
    surroundings: SurroundingsConfig = quantity(factory=SurroundingsConfig, help=SURROUNDINGS_HELP)
    camera: CameraConfig = quantity(factory=CameraConfig, help="what looks down, and from where")
    sensor: SensorConfig = quantity(factory=SensorConfig, help="what the camera does to light")
    hazard: HazardConfig | None = quantity(None, help=HAZARD_HELP)
    convention: Convention = quantity(factory=Convention, help=CONVENTION_HELP)
    plate_scale: float = quantity(3.2, "", 1, 8, "enlargement of plates and lamp housings")
    plates: str = quantity("symbolic", choices=PLATES, help=PLATES_HELP)
    warm_up_s: float = quantity(30.0, "s", 0, 600, "simulated time before the first frame")
    step_s: float = quantity(0.1, "s", 0.02, 0.2, "time step of the engine")

    def __post_init__(self) -> None:
        if not self.split.replace("_", "").replace("-", "").isalnum() or len(self.split) > 40:
            raise ConfigError(
                f"split must be a short word of letters, digits, _ or -, got {self.split!r}"
            )
        if len(set(self.maps)) < len(self.maps):
            raise ConfigError(f"maps names one map twice: {', '.join(self.maps)}")
        scene_range(self)
        scene_config(self)


@dataclasses.dataclass(frozen=True)
class SimulateConfig:
    """Settings of the window; from ``layouts`` on they say what a scene is made from."""

    seed: int = quantity(0, "", 0, MAX_SEED, "seed of the first scene")
    scene: str | None = quantity(None, help="scene file to open instead of drawing a scene")
    script: str | None = quantity(None, help="JSON list of actions: runs without hands, then ends")
    model: str | None = quantity(None, help="weights of a detector whose findings are drawn")
    recall_convention: bool = quantity(
        True, help="take the convention that the window was left with; no, where one is written"
    )
    layouts: tuple[str, ...] = quantity(SceneConfig.layouts, help=LAYOUTS_HELP)
    conditions: tuple[Any, ...] = quantity(SceneConfig.conditions, help=CONDITIONS_HELP)
    roads: RoadConfig = quantity(factory=RoadConfig, help="roads that layouts draw")
    traffic: TrafficConfig = quantity(factory=_endless, help="vehicles and drivers")
    signs: SignStateConfig = quantity(factory=SignStateConfig, help=SIGNS_HELP)
    surroundings: SurroundingsConfig = quantity(factory=SurroundingsConfig, help=SURROUNDINGS_HELP)
    camera: CameraConfig = quantity(factory=CameraConfig, help="what looks down, and from where")
    sensor: SensorConfig = quantity(factory=SensorConfig, help="what the camera does to light")
    hazard: HazardConfig | None = quantity(None, help=HAZARD_HELP)
    convention: Convention = quantity(factory=Convention, help=CONVENTION_HELP)
    plate_scale: float = quantity(3.2, "", 1, 8, "enlargement of plates and lamp housings")
    plates: str = quantity("symbolic", choices=PLATES, help=PLATES_HELP)
    warm_up_s: float = quantity(30.0, "s", 0, 600, "simulated time before the first frame")
    step_s: float = quantity(0.1, "s", 0.02, 0.2, "time step of the engine")


@dataclasses.dataclass(frozen=True)
class VerifyConfig:
    """Settings of ``verify``."""

    data: str = quantity(help="folder of a dataset")
    depth: str = quantity(
        "hashes", choices=("structure", "hashes"), help="read the records only, or hash every file"
    )
    sample: int = quantity(
        0, "images", 0, 10_000_000, "draw so many random ones again and compare; 300 finds 1 %"
    )
    seed: int | None = quantity(None, "", 0, MAX_SEED, "of the sample; null: a new one each time")
    public_key: str | None = quantity(None, help="PEM file of who must have signed the dataset")


@dataclasses.dataclass(frozen=True)
class SignConfig:
    """Settings of ``sign``."""

    data: str = quantity(help="folder of a dataset")
    key: str = quantity(help="PEM file of a private elliptic-curve key, without password")


@dataclasses.dataclass(frozen=True)
class ExportConfig:
    """Settings of ``export``."""

    data: str = quantity(help="folder of a dataset")
    format: str = quantity(help="name of a format, see: fairweather describe formats")
    out: str = quantity(
        help="new folder, or URL of an object store; an interrupted result is completed"
    )
    taxonomy: str = quantity(
        "driving", choices=("driving", "vehicle", "coco"), help="classes of the result"
    )
    splits: Any = quantity(
        None, help="predicates that cut it anew: {name: {attribute: value, words, [low, high]}}"
    )


def scene_range(config: GenerateConfig) -> range:
    """The indices of the scenes to make: all, or those of a part.

    Raises:
        ConfigError: ``scenes`` is neither a number nor a range A..B.
    """
    value = config.scenes
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SCENES:
        return range(value)
    first, dots, last = value.partition("..") if isinstance(value, str) else ("", "", "")
    if dots and all(t.isascii() and t.isdigit() and len(t) < 9 for t in (first, last)):
        found = range(int(first), int(last) + 1)
        if len(found) and found.stop <= MAX_SCENES:
            return found
    raise ConfigError(
        f"scenes must be a number, 1 to {MAX_SCENES}, or a range such as 100..199, "
        f"got {value!r:.60}"
    )


def is_part(config: GenerateConfig) -> bool:
    """Whether only a range of the scenes is made, for somebody to join."""
    return isinstance(config.scenes, str)


def scene_config(config: GenerateConfig | SimulateConfig) -> SceneConfig:
    """The part of a job's settings that the scene sampler needs."""
    return SceneConfig(**{name: getattr(config, name) for name in _SCENE_FIELDS})
