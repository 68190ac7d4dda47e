"""Drawing + weather -> a labelled frame, along the path of light.

``light_up`` works out the light of everything that stands still, once a weather; ``expose`` makes a
frame of it: it lights anew what moves, and adds what is new in every frame (beams, specks, noise).
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from render import actors, labels, lens, rects, sensor, weather_pass
from render.effect import View
from render.frame import Frame
from render.light import Light, light_of
from render.obstacles import obstacle_shadows
from render.picture import Backdrop, Drawing
from render.raster import fill_mask, fill_shadows
from render.surface import KINDS, Kind
from render.veil import apply_specks
from render.weather_pass import Air
from simulator.agents import AgentState
from simulator.camera import Sensor
from simulator.conditions import Conditions, mor_m, optical_depth
from simulator.scene import Scene

_TALL = np.isin(np.arange(KINDS), [Kind.ROOF, Kind.WALL, Kind.LEAF])
"""Kinds of what stands above the shadows of other things."""


@dataclasses.dataclass(frozen=True, eq=False)
class Weather:
    """Conditions, and the light of a backdrop under them. One thread at a time may use it.

    Attributes:
        conditions, light, air: what it is. sensor, weights, response: the camera and its exposure,
            metered on what stands still, as a camera does whose exposure is locked.
        lit: u8[H, W], where the sun reaches.
        raw, seen: u16[3, H, W], light before and behind the lens.
        raw_beam, seen_beam: the same of a unit of beam light, u16[3, 0, 0] without beams.
        tones: i32[3, H, W], see ``sensor.tones``; None where every pixel is new in every frame.
        contrast: f64[3, MAX_ID], ``labels.contrast`` of what stands still and was asked for
            before, else NaN.
    """

    conditions: Conditions
    light: Light
    air: Air
    sensor: Sensor
    weights: np.ndarray
    response: sensor.Response
    gain: float
    lit: np.ndarray
    raw: np.ndarray
    seen: np.ndarray
    raw_beam: np.ndarray
    seen_beam: np.ndarray
    tones: np.ndarray | None
    contrast: np.ndarray


def light_up(
    backdrop: Backdrop,
    conditions: Conditions,
    like: Sequence[Weather] = (),
    camera_sensor: Sensor | None = None,
) -> Weather:
    """Work out the light of what does not move.

    Args:
        like: weathers of the same backdrop; one with the same sun lends its shadows.
        camera_sensor: instead of the scene's own.
    """
    camera_sensor = camera_sensor or backdrop.scene.sensor
    light = light_of(conditions)
    lit = next((w.lit for w in like if _same_sun(w.light.sun_m, light.sun_m)), None)
    lit = _sunlit(backdrop, light) if lit is None else lit.copy()
    view = _view(backdrop, light, backdrop.canvas.kind, backdrop.canvas.height)
    air = weather_pass.prepare(conditions, view)
    shape = backdrop.canvas.kind.shape
    raw = np.empty((3, *shape), np.uint16)
    raw_beam = np.empty((3, *shape) if air.beams else (3, 0, 0), np.uint16)
    bands = rects.bands(shape, weather_pass.BLOCK_ROWS)
    weather_pass.sweep(backdrop.canvas, lit, air, view, bands, raw, raw_beam)
    weights = lens.weights_of(camera_sensor)
    seen, seen_beam = raw, raw_beam
    if len(weights) > 1:
        seen, seen_beam = np.empty_like(raw), np.empty_like(raw_beam)
        lens.blur(raw, weights, bands, seen)
        if air.beams:
            lens.blur(raw_beam, weights, bands, seen_beam)
    gain = sensor.exposure_gain(seen, camera_sensor, light.white_lux)
    response = sensor.response(camera_sensor, light.white_lux, gain, shape)
    still = not air.beams and not any(e.specks for e, _ in air.effects)
    still = still and float(light.emission.max()) <= lens.BRIGHT
    return Weather(
        conditions, light, air, camera_sensor, weights, response, gain, lit, raw, seen, raw_beam,
        seen_beam, sensor.tones(seen, response) if still else None,
        np.full((3, labels.MAX_ID), np.nan),
    )  # fmt: skip


def _same_sun(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b or (a is not None and b is not None and bool(np.array_equal(a, b)))


def _sunlit(backdrop: Backdrop, light: Light) -> np.ndarray:
    """Where the sun reaches what does not move, u8[H, W]."""
    lit = np.full(backdrop.canvas.kind.shape, 255, np.uint8)
    if light.sun_m is not None:
        fill_mask(lit, obstacle_shadows(backdrop.scene, backdrop.camera, light.sun_m), 0)
        lit[_TALL[backdrop.canvas.kind]] = 255
        agents, parked = backdrop.scene.agents, backdrop.parked
        shadows = actors.vehicle_shadows(backdrop.camera, agents, parked, light.sun_m)
        fill_shadows(lit, backdrop.canvas.height, *shadows)
    return lit


def expose(
    backdrop: Backdrop, drawing: Drawing, weather: Weather, rng: np.random.Generator
) -> Frame:
    """Light a drawing, send it through weather, lens and sensor, and label what is left.

    Args:
        drawing, weather: of the backdrop. rng: the frame's own stream.
    """
    light, shape = weather.light, drawing.canvas.kind.shape
    noise = sensor.noise_offsets(rng)
    view = _view(backdrop, light, drawing.canvas.kind, drawing.canvas.height)
    shadows, inner = _shadows(backdrop, drawing, light)
    outer = rects.merged(rects.grown(inner, len(weather.weights) - 1, shape))
    with _borrowed(weather, inner, outer):
        if shadows is not None:
            fill_shadows(weather.lit, drawing.canvas.height, *shadows)
        weather_pass.sweep(
            drawing.canvas, weather.lit, weather.air, view, inner, weather.raw, weather.raw_beam
        )
        if len(weather.weights) > 1:
            lens.blur(weather.raw, weather.weights, outer, weather.seen)
            if weather.air.beams:
                lens.blur(weather.raw_beam, weather.weights, outer, weather.seen_beam)
        after, lamps = _fleeting(backdrop, drawing, weather, view, rng)
        annotations = _annotate(drawing, weather, outer, after, lamps)
        if weather.tones is None:
            rgb = np.empty((3, *shape), np.uint8)
            whole = rects.bands(shape, shape[0])
            sensor.develop(after, weather.response, noise, whole, rgb)
        else:
            rgb = sensor.add_noise(weather.tones, noise)
            sensor.develop(after, weather.response, noise, outer, rgb)
    return Frame(
        sensor.finish(rgb, weather.response), drawing.canvas.ids, annotations,
        mor_m(weather.conditions),
        optical_depth(weather.conditions, backdrop.camera.altitude_m), light.illuminance_lux,
    )  # fmt: skip


def _shadows(
    backdrop: Backdrop, drawing: Drawing, light: Light
) -> tuple[tuple[np.ndarray, np.ndarray] | None, np.ndarray]:
    """Shadows of what moves, and all rectangles whose light changes."""
    if light.sun_m is None:
        return None, drawing.rects
    agents, camera = backdrop.scene.agents, backdrop.camera
    vertices, starts = actors.vehicle_shadows(camera, agents, drawing.moving, light.sun_m)
    dark = rects.around(vertices, starts[:-1], 1, drawing.canvas.kind.shape)
    return (vertices, starts), rects.merged(drawing.rects, dark)


@contextlib.contextmanager
def _borrowed(weather: Weather, inner: np.ndarray, outer: np.ndarray) -> Iterator[None]:
    """Let a frame change the planes of a weather in its rectangles, and put them back after it."""
    planes = [(weather.lit, inner), (weather.raw, inner), (weather.raw_beam, inner)]
    if weather.seen is not weather.raw:
        planes += [(weather.seen, outer), (weather.seen_beam, outer)]
    planes = [(plane, places) for plane, places in planes if plane.size]
    kept = [rects.lift(plane, places) for plane, places in planes]
    try:
        yield
    finally:
        for (plane, places), content in zip(planes, kept, strict=True):
            rects.lay(plane, places, content)


def _fleeting(
    backdrop: Backdrop,
    drawing: Drawing,
    weather: Weather,
    view: View,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Add what no frame shares with the next: light u16[3, H, W] on the sensor, all lamp light."""
    if weather.tones is not None:
        return weather.seen, weather.air.lamps
    poses = _headlamps(backdrop.scene, drawing.state)
    beams = weather_pass.beam_field(weather.air, weather.conditions, view, poses)
    glare = None
    if float(weather.light.emission.max()) > lens.BRIGHT:
        glare = lens.glare(weather.raw, drawing.rects)
    after = weather_pass.add_beams(weather.seen, weather.seen_beam, beams, glare)
    for effect, prepared in weather.air.effects:
        if effect.specks is not None:
            apply_specks(after, effect.specks(weather.conditions, view, prepared, rng))
    return after, weather.air.lamps + beams


def _annotate(
    drawing: Drawing,
    weather: Weather,
    changed: np.ndarray,
    after: np.ndarray,
    lamps: np.ndarray,
) -> labels.Annotations:
    """Measure contrasts; those of what stands still in unchanged light are kept."""
    geometry, contrast = drawing.geometry, weather.contrast
    boxes = geometry.box_px
    near = rects.grown(changed, labels.RING_PX, drawing.canvas.kind.shape)
    moved = rects.touching(boxes, near) | (weather.tones is None)
    fresh = moved | np.isnan(contrast[0, geometry.instance])
    before = weather_pass.bare_luminance(
        drawing.canvas, weather.lit, weather.light, lamps, boxes[fresh], labels.RING_PX
    )
    measured = labels.contrast(geometry, fresh, drawing.canvas.ids, before, after, weather.gain)
    found = contrast[:, geometry.instance]
    found[:, fresh] = measured
    contrast[:, geometry.instance[~moved]] = found[:, ~moved]
    return labels.annotate(geometry, found)


def _view(backdrop: Backdrop, light: Light, kind: np.ndarray, height: np.ndarray) -> View:
    return View(
        backdrop.scene, backdrop.camera, light, backdrop.px_to_m, kind, height, backdrop.slant
    )


def _headlamps(scene: Scene, state: AgentState) -> np.ndarray:
    rows = np.nonzero(state.active & (scene.agents.route >= 0))[0]
    columns = state.x_m[rows], state.y_m[rows], state.heading_rad[rows], scene.agents.length_m[rows]
    return np.stack(columns, axis=1)
