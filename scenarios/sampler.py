"""seed + config -> Scene."""

from __future__ import annotations

import dataclasses

import numpy as np

from scenarios.check import check_scene
from scenarios.config import SceneConfig
from scenarios.furniture import place_signals, place_signs
from scenarios.hazard import find_hazard
from scenarios.layout import Roads
from scenarios.layouts import LAYOUTS
from scenarios.mirror import mirrored
from scenarios.national import with_legal_limits, with_legal_lines
from scenarios.overhead import sample_supports, without_heads
from scenarios.parked import Parked, bay_count, sample_parked
from scenarios.people import sample_people
from scenarios.schoolchildren import with_children
from scenarios.sign_state import overgrown, with_wear
from scenarios.sky import sample_conditions, sample_course
from scenarios.soiled import soiled
from scenarios.surroundings import sample_surroundings
from scenarios.thinning import thinned
from scenarios.traffic import draw_sizes, sample_traffic
from scenarios.umbrellas import with_umbrellas
from scenarios.viewpoint import sample_camera, sample_sensor
from scenarios.vivid import with_vivid_paint
from simulator.agents import Kind
from simulator.errors import FairweatherError
from simulator.scene import Scene
from simulator.seeding import stream

TRIES = 4
"""How often a layout is drawn anew when the check finds fault with the scene."""


def sample_scene(config: SceneConfig, seed: int, index: int, split: str = "train") -> Scene:
    """Draw one scene.

    Every purpose has a stream of its own, named by split and purpose, so that a new kind of thing
    changes nothing else, and scenes of different splits share nothing.

    Args:
        config: what to draw from; the drivers drive in the first of its conditions.
        seed, index, split: the name of the scene.

    Raises:
        FairweatherError: no consistent scene, or none with the hazard that the config asks for,
            came out of a few tries; what was lacking is named.
    """

    def draw(number: int) -> Scene:
        return _consistent(config, seed, index, split, number * TRIES)

    if config.hazard is None:
        return draw(0)
    return find_hazard(config.hazard, draw, _name(seed, index, split))


def _name(seed: int, index: int, split: str) -> str:
    return f"scene {index} of seed {seed}, split '{split}'"


def _consistent(config: SceneConfig, seed: int, index: int, split: str, first: int) -> Scene:
    findings: list[str] = []
    for attempt in range(first, first + TRIES):
        scene = unchecked(config, seed, index, split, attempt)
        findings = check_scene(scene)
        if not findings:
            return scene
    raise FairweatherError(
        f"no consistent scene in {TRIES} tries: {findings[0]}",
        place=_name(seed, index, split),
        mend="Widen roads or lower traffic in the config",
    )


def unchecked(config: SceneConfig, seed: int, index: int, split: str, attempt: int) -> Scene:
    """One try at a scene, which moves nobody and may come out inconsistent."""
    again = f"/again{attempt}" if attempt else ""

    def streams(purpose: str) -> np.random.Generator:
        return stream(seed, index, f"{split}/{purpose}{again}")

    layout = config.layouts[int(streams("layout").integers(len(config.layouts)))]
    kept = config.convention
    roads = LAYOUTS[layout].build(
        streams(f"layout/{layout}"), with_legal_limits(config.roads, kept)
    )
    signs, signals = place_signs(roads, kept), place_signals(roads)
    plates = np.array([[p.x_m, p.y_m] for p in (*signs, *signals)]).reshape(-1, 2)
    people = with_children(
        streams("children"), sample_people(streams("people"), roads, config), roads
    )
    camera = sample_camera(streams("viewpoint"), roads, config.camera)
    conditions = sample_conditions(config.conditions[0], seed, split, index)
    drawn = sample_surroundings(streams, roads, plates, 1.3 * config.plate_scale)
    signs, around = overgrown(
        streams("signs/overgrown"),
        with_wear(streams("signs/wear"), signs, config.signs),
        drawn,
        roads,
        camera,
        config.signs,
    )
    supports = sample_supports(streams, roads, signals, around, kept, config.roads)
    if config.plates == "upright":  # the heads stand for themselves
        supports = without_heads(supports)
    own = len(drawn.trees), len(roads.blocks)
    around = thinned(streams, around, own, config.surroundings)
    parked = _parked(streams("parked"), roads, config)
    agents = sample_traffic(
        streams("traffic"), streams("minds"), roads, config, parked, people, streams("haul")
    )
    agents = soiled(streams("dirt"), agents)
    vivid = with_vivid_paint(streams("vivid"), agents, config.traffic.vivid_share)
    scene = Scene(
        seed=seed,
        index=index,
        layout=layout,
        network=with_legal_lines(roads.network, kept),
        routes=roads.routes + roads.bike_routes,
        agents=with_umbrellas(streams("umbrellas"), vivid, conditions.rain_mm_h),
        signs=signs,
        signals=signals,
        plan=roads.plan,
        surroundings=dataclasses.replace(around, supports=supports),
        conditions=conditions,
        camera=camera,
        sensor=sample_sensor(streams("sensor"), config.sensor),
        paths=people.paths,
        plate_scale=config.plate_scale,
        plates=config.plates,
        warm_up_s=config.warm_up_s,
        step_s=config.step_s,
        convention=dataclasses.replace(kept, side="right"),
        course=sample_course(config.conditions[0], seed, split, index, config.warm_up_s),
    )
    return mirrored(scene) if kept.side == "left" else scene


def _parked(rng: np.random.Generator, roads: Roads, config: SceneConfig) -> Parked:
    sizes = draw_sizes(rng, np.full(bay_count(roads), int(Kind.CAR), np.uint8))
    return sample_parked(
        rng, roads, config.traffic, sizes["length_m"], sizes["width_m"], sizes["height_m"]
    )
