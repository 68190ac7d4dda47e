"""Settings of the scene sampler: what is drawn, and from which ranges."""

from __future__ import annotations

import dataclasses
from typing import Any

from scenarios.hazard_config import HazardConfig
from simulator.camera import MOST_TILT_RAD, Camera, lens_fault, view_fault
from simulator.convention import PLATES, Convention
from simulator.errors import ConfigError
from simulator.settings import quantity

Range = tuple[float, float]

EVERY_LAYOUT = (
    "bus_stop", "crossroads_signals", "crossroads_stop", "curve",
    "diverge", "merge", "mid_block_crosswalk", "parking_lot",
    "parking_street", "roundabout", "s_curve", "skewed_junction",
    "straight", "t_junction", "town", "work_zone",
)  # fmt: skip
"""The layouts that a scene is drawn from unless the config says otherwise."""

LAYOUTS_HELP = "to choose from, see: fairweather describe layouts"
HAZARD_HELP = "a named hazard, see: fairweather describe hazards; or things and relations"
CONVENTION_HELP = "side of the road, and whose signs and lines"
PLATES_HELP = "face-up and enlarged, or as they stand (of a pinhole alone)"
SIGNS_HELP = "shares of signs that are dirty, askew or overgrown"
SURROUNDINGS_HELP = "shares of what is drawn beside the roads that stay"
CONDITIONS_HELP = (
    "names or {name: {quantity: value or [low, high]}}, or {clear: {to: rain, starts_s: 5}}; "
    "drivers drive in the first"
)


@dataclasses.dataclass(frozen=True)
class RoadConfig:
    """Roads: sizes and limits that layouts draw from."""

    length_m: float = quantity(
        220.0, "m", 120, 600, "through the world, edge to edge; some need more"
    )
    lane_width_low_m: float = quantity(3.0, "m", 2.7, 4, "narrowest lane")
    lane_width_high_m: float = quantity(3.6, "m", 2.7, 4, "widest lane")
    corner_radius_low_m: float = quantity(4.5, "m", 4.5, 15, "tightest kerb at a corner")
    corner_radius_high_m: float = quantity(9.0, "m", 4.5, 15, "widest kerb at a corner")
    speed_limits_mps: tuple[float, ...] = quantity(
        (11.2, 13.4, 15.6), "m/s", 5, 35, "limits to choose from (25, 30, 35 mph)"
    )
    parking_share: float = quantity(0.6, "", 0, 1, "share of kerbs with a parking strip")
    parking_width_m: float = quantity(2.3, "m", 2, 3, "width of a parking strip")
    dark_signal_share: float = quantity(0.08, "", 0, 1, "share of signals that are out")
    lanes_high: int = quantity(4, "", 1, 4, "most lanes a direction of a straight road")
    median_share: float = quantity(0.35, "", 0, 1, "share of wider roads with a median")
    median_low_m: float = quantity(1.2, "m", 0.6, 10, "narrowest median")
    median_high_m: float = quantity(4.0, "m", 0.6, 10, "widest median")
    shoulder_share: float = quantity(0.3, "", 0, 1, "share of straight roads with paved shoulders")
    shoulder_m: float = quantity(2.5, "m", 0.5, 3.6, "width of a shoulder")
    bike_share: float = quantity(0.25, "", 0, 1, "share of crossing roads with bicycle lanes")
    bike_lane_m: float = quantity(1.6, "m", 1.2, 2.5, "width of a bicycle lane")
    crosswalk_share: float = quantity(0.5, "", 0, 1, "share of junctions with crosswalks")
    crosswalk_low_m: float = quantity(2.4, "m", 1.8, 6, "narrowest crosswalk, along the road")
    crosswalk_high_m: float = quantity(3.2, "m", 1.8, 6, "widest crosswalk, along the road")
    side_friction: float = quantity(0.25, "g", 0.1, 0.4, "what the tightest bend asks at the limit")
    roundabout_low_m: float = quantity(34.0, "m", 32, 60, "smallest inscribed diameter")
    roundabout_high_m: float = quantity(44.0, "m", 32, 60, "largest inscribed diameter")
    roundabout_two_lane_share: float = quantity(
        0.6, "", 0, 1, "share of roundabouts with four arms that have two lanes"
    )
    turn_ban_share: float = quantity(
        0.12, "", 0, 1, "share of approaches at which a turn is forbidden, if it can be missed"
    )
    school_share: float = quantity(0.12, "", 0, 1, "share of maps that may with a school zone")
    school_limit_mps: float = quantity(8.94, "m/s", 5, 15, "limit of a school zone (20 mph)")
    no_parking_share: float = quantity(0.15, "", 0, 1, "share of parking strips to be kept free")
    mast_arm_share: float = quantity(
        0.7, "", 0, 1, "share of approaches whose signals hang on an arm over the road, if one fits"
    )
    vienna_arm_share: float = quantity(0.3, "", 0, 1, "the same under the Vienna convention")
    gantry_share: float = quantity(
        0.6, "", 0, 1, "share of maps with sign gantries over a straight road of several lanes"
    )
    block_low_m: float = quantity(90.0, "m", 80, 250, "shortest block of a town")
    block_high_m: float = quantity(125.0, "m", 80, 250, "longest block of a town")


@dataclasses.dataclass(frozen=True)
class TrafficConfig:
    """Vehicles and drivers."""

    vehicles_low: float = quantity(12.0, "", 0, 3000, "fewest moving vehicles wanted at a time")
    vehicles_high: float = quantity(36.0, "", 0, 3000, "most moving vehicles wanted at a time")
    truck_share: float = quantity(0.07, "", 0, 1, "share of trucks")
    articulated_share: float = quantity(
        0.5, "", 0, 1, "share of the trucks that tow a semitrailer, where it can turn"
    )
    bus_share: float = quantity(0.03, "", 0, 1, "share of buses")
    van_share: float = quantity(0.06, "", 0, 1, "share of vans")
    motorcycle_share: float = quantity(0.02, "", 0, 1, "share of motorcycles")
    bicycle_share: float = quantity(0.02, "", 0, 1, "share of bicycles")
    parked_low: float = quantity(0.3, "", 0, 1, "smallest share of taken parking bays")
    parked_high: float = quantity(0.8, "", 0, 1, "largest share of taken parking bays")
    aggressiveness: float = quantity(0.0, "", -1, 1, "1: shorter gaps, quicker starts; -1: calmer")
    adapt: float = quantity(1.0, "", 0, 1, "share of drivers who adapt to the weather")
    people_low: float = quantity(
        4.0, "", 0, 500, "fewest people on foot, where there are crosswalks"
    )
    people_high: float = quantity(24.0, "", 0, 500, "most people on foot at a time")
    vivid_share: float = quantity(
        0.0, "", 0, 1, "share of the vehicles in bright paint instead of what is seen on roads"
    )
    horizon_s: float = quantity(60.0, "s", 0, 600, "time after the warm-up with new arrivals")


@dataclasses.dataclass(frozen=True)
class SignStateConfig:
    """The state that signs are in."""

    dirty_share: float = quantity(0.06, "", 0, 1, "share of signs with dirt on their face")
    dirt_low: float = quantity(0.1, "", 0, 1, "least share of the face of a dirty one under it")
    dirt_high: float = quantity(0.6, "", 0, 1, "largest share of the face under it")
    tilted_share: float = quantity(0.06, "", 0, 1, "share of signs that hang askew")
    tilt_high_rad: float = quantity(0.35, "rad", 0, 1.5, "how far they do at most")
    overgrown_share: float = quantity(0.03, "", 0, 1, "share of signs under a crown, if one fits")


@dataclasses.dataclass(frozen=True)
class SurroundingsConfig:
    """How much of what is drawn beside the roads stays.

    Less of a kind takes away single things and changes nothing else: what such content is worth to
    a detector can be measured on pairs of scenes.
    """

    building_share: float = quantity(1.0, "", 0, 1, "share of the buildings that stay")
    tree_share: float = quantity(1.0, "", 0, 1, "share of the trees and bushes that stay")
    pole_share: float = quantity(1.0, "", 0, 1, "share of the street lamps that stay")
    clutter_share: float = quantity(1.0, "", 0, 1, "share of bins, fences, patches ... that stay")


@dataclasses.dataclass(frozen=True)
class CameraConfig:
    """The camera; where it stands is drawn by ``viewpoint``."""

    kind: str = quantity("orthographic", choices=("orthographic", "pinhole"), help="projection")
    m_per_px: float = quantity(0.1, "m/px", 0.01, 2, "ground sample distance")
    m_per_px_high: float | None = quantity(
        None, "m/px", 0.01, 2, "upper end: the scale is drawn between both, evenly in its logarithm"
    )
    altitude_m: float = quantity(80.0, "m", 20, 1000, "height above ground")
    width_px: int = quantity(640, "px", 64, 4096, "image width")
    height_px: int = quantity(640, "px", 64, 4096, "image height")
    heading: str = quantity("random", choices=("random", "north"), help="which way is up")
    spread_m: float = quantity(8.0, "m", 0, 100, "how far the view is off what is worth seeing")
    tilt_rad: float = quantity(
        0.0, "rad", 0, MOST_TILT_RAD, "of a pinhole, from straight down to the image's upper edge"
    )
    tilt_rad_high: float | None = quantity(
        None, "rad", 0, MOST_TILT_RAD, "upper end: the tilt is drawn evenly between both"
    )
    k1: float = quantity(0.0, "", -1, 1, "of a pinhole, radial distortion, r^2; below 0 a barrel")
    k2: float = quantity(0.0, "", -1, 1, "radial distortion, r^4")
    p1: float = quantity(0.0, "", -0.1, 0.1, "tangential distortion, down the image")
    p2: float = quantity(0.0, "", -0.1, 0.1, "tangential distortion, across the image")

    def __post_init__(self) -> None:
        flattest = Camera(
            kind=self.kind, m_per_px=max(self.m_per_px, self.m_per_px_high or 0.0),
            altitude_m=self.altitude_m, width_px=self.width_px, height_px=self.height_px,
            tilt_rad=max(self.tilt_rad, self.tilt_rad_high or 0.0),
            k1=self.k1, k2=self.k2, p1=self.p1, p2=self.p2,
        )  # fmt: skip
        if fault := lens_fault(flattest):
            mend = "Take k1 and k2 nearer to 0, fewer pixels or a greater altitude"
            mend = "camera.kind=pinhole has one" if self.kind != "pinhole" else mend
            raise ConfigError(fault, place="camera", mend=mend)
        if fault := view_fault(flattest):
            mend = "camera.kind=pinhole can be" if self.kind != "pinhole" else "Tilt it less"
            raise ConfigError(fault, place="camera", mend=mend)


@dataclasses.dataclass(frozen=True)
class SensorConfig:
    """Ranges [low, high] of every field of the sensor."""

    blur_px: Range = quantity((0.5, 0.5), "px", 0, 5, "sigma of the optics' point spread")
    sharpen: Range = quantity((0.0, 0.0), "", 0, 2, "strength of the camera's unsharp mask")
    full_well_e: Range = quantity((20e3, 20e3), "electrons", 500, 200e3, "signal of a white pixel")
    read_noise_e: Range = quantity((4.0, 4.0), "electrons", 0, 100, "noise of a black pixel")
    exposure_ev: Range = quantity((0.0, 0.0), "EV", -4, 4, "deviation from the metered exposure")
    contrast: Range = quantity((1.0, 1.0), "", 0.5, 2, "slope of the tone curve at mid grey")
    saturation: Range = quantity((1.0, 1.0), "", 0, 2, "colour saturation")
    red_gain: Range = quantity((1.0, 1.0), "", 0.5, 2, "white balance error, red over green")
    blue_gain: Range = quantity((1.0, 1.0), "", 0.5, 2, "white balance error, blue over green")
    vignette: Range = quantity((0.0, 0.0), "", 0, 0.9, "light lost in the corners")
    jpeg_quality: Range = quantity((90.0, 90.0), "", 30, 100, "quality of the written JPEG")
    exposure_s: Range = quantity((0.0, 0.0), "s", 0, 0.1, "how long the shutter is open")


@dataclasses.dataclass(frozen=True)
class SceneConfig:
    """Everything that the sampler needs beside seed, index and split.

    ``conditions`` are names, or mappings {name: {quantity: value or [low, high]}}; drivers drive
    in the first.
    """

    layouts: tuple[str, ...] = quantity(EVERY_LAYOUT, help=LAYOUTS_HELP)
    conditions: tuple[Any, ...] = quantity(("clear",), help=CONDITIONS_HELP)
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
        if not self.layouts or not self.conditions:
            raise ConfigError("layouts and conditions need at least one entry each")
        if self.plates == "upright" and self.camera.kind == "orthographic":
            raise ConfigError(
                "nothing of plates=upright is seen from straight above",
                mend="Take camera.kind=pinhole, best with camera.tilt_rad",
            )
        if not self.roads.speed_limits_mps:
            raise ConfigError(
                "roads.speed_limits_mps is empty", mend="Write roads.speed_limits_mps=[13.4]"
            )
        pairs = {
            "roads.lane_width": (self.roads.lane_width_low_m, self.roads.lane_width_high_m),
            "roads.corner_radius": (
                self.roads.corner_radius_low_m, self.roads.corner_radius_high_m,
            ),
            "roads.median": (self.roads.median_low_m, self.roads.median_high_m),
            "roads.crosswalk": (self.roads.crosswalk_low_m, self.roads.crosswalk_high_m),
            "roads.roundabout": (self.roads.roundabout_low_m, self.roads.roundabout_high_m),
            "roads.block": (self.roads.block_low_m, self.roads.block_high_m),
            "traffic.vehicles": (self.traffic.vehicles_low, self.traffic.vehicles_high),
            "traffic.people": (self.traffic.people_low, self.traffic.people_high),
            "traffic.parked": (self.traffic.parked_low, self.traffic.parked_high),
            "signs.dirt": (self.signs.dirt_low, self.signs.dirt_high),
            "camera.m_per_px": (
                self.camera.m_per_px, self.camera.m_per_px_high or self.camera.m_per_px,
            ),
            "camera.tilt_rad": (
                self.camera.tilt_rad,
                self.camera.tilt_rad if self.camera.tilt_rad_high is None
                else self.camera.tilt_rad_high,
            ),
        } | {
            f"sensor.{f.name}": getattr(self.sensor, f.name)
            for f in dataclasses.fields(self.sensor)
        }  # fmt: skip
        for name, (low, high) in pairs.items():
            if low > high:
                raise ConfigError(f"{name} has a lower end {low:g} above its upper end {high:g}")
        kinds = ("truck", "bus", "van", "motorcycle", "bicycle")
        if sum(getattr(self.traffic, f"{kind}_share") for kind in kinds) > 1:
            raise ConfigError("traffic's shares of trucks, buses and others add to more than 1")
