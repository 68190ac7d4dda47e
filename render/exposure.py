"""Drawing + weather -> a labelled frame, along the path of light.

``light_up`` works out what is the same for all frames of a weather. ``expose`` makes a frame: the
first lights the whole picture; from the second on, the light of what stands still is kept, and only
where something moves is lit anew. Both ways give the same picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from render import air, coat, labels, lens, rects, sensor, weather_pass
from render.air import Air
from render.canvas import Canvas
from render.coat import Coat
from render.driven import headlamps, throwing
from render.effect import Effect, View, field_shape
from render.faces import first_ids
from render.fleeting import Plumes, add_fleeting, lay_plumes, metered_light, plume_places
from render.frame import Frame
from render.light import Light, light_of
from render.motion_blur import NO_STREAKS, Streaks, smear, streaks
from render.picture import Backdrop, Drawing, lamps_at
from render.sunlight import Sunlight, follow, sunlight
from render.texture import tile_offsets
from render.veil import apply_film
from simulator.camera import Camera, Sensor, lens_of, sight_m
from simulator.conditions import Conditions, mor_m, optical_depth
from simulator.distortion import Lens
from simulator.scene import Scene

METER_STEP = 8
"""The exposure meter looks at every eighth pixel of every eighth row."""

MOST_LOOKS = 40
"""Rows and columns at which the luminance of a frame is read whose exposure is locked: each look is
one at memory, and there no exposure hangs on it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Glance:
    """A thumbnail of what stands still, as the exposure meter sees it: a picture from afar.

    Attributes:
        canvas: every METER_STEP-th pixel of every METER_STEP-th row. camera, px_to_m, slant, lens:
            as of a view, for these pixels.
    """

    canvas: Canvas
    camera: Camera
    px_to_m: np.ndarray
    slant: np.ndarray
    lens: Lens | None


@dataclasses.dataclass(eq=False)
class Kept:
    """The light of one drawing, which the next on the same planes goes on from, in place.

    Attributes:
        drawing: the drawing, None before the first.
        seen: u16[3, H, W], light on the sensor. beam: the same of a unit of beam light,
            u16[3, 0, 0] without beams.
        tones: u16[3, H, W], see ``sensor.renew``; None where every pixel is new in every frame, and
            at the first frame, which may be the only one.
        contrast: f64[3, I], ``weather_pass.contrast`` by instance id where it was asked for, else
            NaN.
        smeared: what is smeared in it.
        veiled: f32[h, w], the plumes that lie over it. through_plumes: u16[3, H, W], ``seen`` with
            them; [3, 0, 0] where there are none, or where every pixel is new in every frame.
    """

    drawing: Drawing | None
    seen: np.ndarray
    beam: np.ndarray
    tones: np.ndarray | None
    contrast: np.ndarray
    smeared: Streaks
    veiled: np.ndarray
    through_plumes: np.ndarray


@dataclasses.dataclass
class Memory:
    """What a weather keeps from its last frame."""

    kept: Kept | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Weather:
    """Conditions, and what they make of a backdrop's light.

    Attributes:
        conditions, light, air: what it is. weights: the point spread of the lens.
        sensor: the camera's. response, gain: its exposure, metered on what stands still, as a
            camera meters whose exposure is locked; where headlamps light the road every frame is
            metered by itself instead.
        glance: what is metered. sunlight: where the sun reaches, and coat: what lies on surfaces,
            all shared with other weathers.
        dazzles: whether a lamp may be bright enough to leave a glare.
        calm: whether nothing falls and no lamp dazzles: then most pixels differ between frames by
            their noise alone.
    """

    conditions: Conditions
    light: Light
    air: Air
    weights: np.ndarray
    sensor: Sensor
    response: sensor.Response
    gain: float
    glance: Glance
    sunlight: Sunlight
    coat: Coat
    dazzles: bool
    calm: bool
    memory: Memory


def light_up(
    backdrop: Backdrop,
    conditions: Conditions,
    like: Sequence[Weather] = (),
    camera_sensor: Sensor | None = None,
) -> Weather:
    """Work out the light of what does not move.

    Args:
        like: weathers of the same backdrop; any lends its glance, one with the same sun its
            shadows, one with the same water and snow its surfaces.
        camera_sensor: instead of the scene's own.
    """
    camera_sensor = camera_sensor or backdrop.scene.sensor
    light = light_of(conditions)
    shared = (w.sunlight for w in like if w.sunlight.like(light.sun_m, light.near))
    sun = next(shared, None) or sunlight(backdrop, light.sun_m, light.near)
    active = air.active(conditions)
    view = _view(backdrop, light, backdrop.canvas, camera_sensor)
    acting = air.prepare(conditions, view, active)
    surfaces = coat.coat(acting.effects, light)
    surfaces = next((w.coat for w in like if w.coat.like(surfaces)), surfaces)
    glance = like[0].glance if like else _glance(backdrop)
    metered = _metered(backdrop.scene, glance, conditions, active, light, sun.still)
    gain = sensor.exposure_gain(metered, camera_sensor, light.white_lux)
    response = sensor.response(camera_sensor, light.white_lux, gain, sun.still.shape)
    dazzles = float(light.emission.max()) > lens.BRIGHT
    calm = not (acting.beams or dazzles or acting.specks)
    weights = lens.weights_of(camera_sensor)
    return Weather(
        conditions, light, acting, weights, camera_sensor, response, gain, glance, sun, surfaces,
        dazzles, calm, Memory(),
    )  # fmt: skip


def _glance(backdrop: Backdrop) -> Glance:
    half, step, camera = METER_STEP // 2, METER_STEP, backdrop.camera
    every = slice(half, None, step)
    c = backdrop.canvas
    small = Canvas(
        c.albedo[:, every, every].copy(), c.ids[every, every].copy(),
        c.kind[every, every].copy(), c.height[every, every].copy(),
    )  # fmt: skip
    rows, columns = small.kind.shape
    far = dataclasses.replace(
        camera, m_per_px=camera.m_per_px * step, width_px=columns, height_px=rows
    )
    m = backdrop.px_to_m
    px_to_m = np.column_stack([m[:, :2] * step, m[:, 2] + m[:, :2].sum(axis=1) * half])
    slant = backdrop.slant if backdrop.slant.size == 1 else backdrop.slant[every, every].copy()
    lens = lens_of(camera)
    return Glance(small, far, px_to_m, slant, lens and lens.every(step, half))


def _metered(
    scene: Scene, glance: Glance, conditions: Conditions, active: Sequence[Effect], light: Light,
    lit: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Mean light f64[3] of a glance at what stands still; ``lit`` as of the whole picture."""
    small, every = glance.canvas, slice(METER_STEP // 2, None, METER_STEP)
    rows, columns = small.kind.shape
    view = View(
        scene, glance.camera, light, glance.px_to_m, small.kind, small.height, glance.slant,
        glance.lens, ids=small.ids,
    )  # fmt: skip
    acting = air.prepare(conditions, view, active, still=True)
    sunlit = lit[every, every].copy()
    whole = np.array([[0, 0, columns, rows]], np.int32)
    parts, coated = coat.coat(acting.effects, light).parts, small.albedo
    if parts:
        coated = np.empty_like(small.albedo)
        coat.lay(parts, small, view, whole, coated)
    seen, _ = weather_pass.sweep(small, coated, sunlit, acting, view, whole)
    return seen.reshape(3, -1).mean(axis=1)


def expose(
    backdrop: Backdrop, drawing: Drawing, weather: Weather, rng: np.random.Generator
) -> Frame:
    """Light a drawing, send it through weather, lens and sensor, and label what is left.

    Args:
        drawing, weather: of the backdrop. rng: the frame's own stream.
    """
    light, shape = weather.light, drawing.canvas.kind.shape
    noise = sensor.noise_offsets(rng)
    kept = _follows(weather.memory.kept, drawing) or _nothing_kept(backdrop, drawing, weather)
    follow(weather.sunlight, backdrop, drawing)
    changed = _changed(weather, kept, drawing)
    smeared = streaks(drawing, backdrop.camera, weather.sensor.exposure_s)
    places = rects.merged(rects.grown(changed, len(weather.weights) - 1, shape))
    if kept.drawing is not drawing:
        places = rects.merged(places, kept.smeared.places, smeared.places)
    view = _view(backdrop, light, drawing.canvas, weather.sensor)
    coat.follow(weather.coat, view, drawing)
    _light(drawing.canvas, weather, view, places, kept.seen, kept.beam)
    if kept.drawing is not drawing:
        smear(kept.seen, drawing.canvas.ids, smeared)
        if weather.air.beams:
            smear(kept.beam, drawing.canvas.ids, smeared)
    plumes = _plumes(backdrop, drawing, weather, view)
    if weather.calm and weather.air.plumes:
        field = plumes.field if plumes.field.size else np.zeros_like(kept.veiled)
        veiled = plume_places(np.maximum(field, kept.veiled), shape)
        places, kept.veiled = np.concatenate([places, veiled]), field
        rects.copy(kept.seen, kept.through_plumes, places)
        lay_plumes(kept.through_plumes, plumes)
    after, lamps, metered = _fleeting(backdrop, drawing, weather, view, kept, plumes, rng)
    response, gain = _exposed(weather, metered, shape)
    annotations = _annotate(drawing, weather, places, kept, after, lamps, gain)
    bgr, tones = _developed(weather, kept, places, after, response, noise)
    kept.drawing, kept.tones, kept.smeared = drawing, tones, smeared
    weather.memory.kept = kept
    return Frame(
        sensor.sharpened(bgr, response), drawing.canvas.ids, annotations,
        mor_m(weather.conditions),
        optical_depth(weather.conditions, sight_m(backdrop.camera)), light.illuminance_lux,
        sensor.luminance_cd_m2(metered, light.white_lux),
    )  # fmt: skip


def _follows(kept: Kept | None, drawing: Drawing) -> Kept | None:
    """The kept light, if the drawing says what has changed since."""
    last = kept.drawing if kept else None
    if last is None or last.canvas is not drawing.canvas:
        return None
    return kept if drawing.order - last.order in (0, 1) else None


def _nothing_kept(backdrop: Backdrop, drawing: Drawing, weather: Weather) -> Kept:
    """Planes without light, for the first drawing."""
    seen = np.empty((3, *drawing.canvas.kind.shape), np.uint16)
    beam = np.empty_like(seen) if weather.air.beams else np.empty((3, 0, 0), np.uint16)
    contrast = np.full((3, first_ids(backdrop.scene)[2]), np.nan)
    through = np.empty_like(seen) if weather.calm and weather.air.plumes else seen[:, :0, :0]
    veiled = np.zeros(field_shape(drawing.canvas.kind.shape), np.float32)
    return Kept(None, seen, beam, None, contrast, NO_STREAKS, veiled, through)


def _changed(weather: Weather, kept: Kept, drawing: Drawing) -> np.ndarray:
    """Rectangles whose light is not the kept one."""
    if kept.drawing is None:
        return rects.bands(drawing.canvas.kind.shape, coat.BLOCK_ROWS)
    return rects.NONE if kept.drawing is drawing else weather.sunlight.changed


def _light(
    canvas: Canvas,
    weather: Weather,
    view: View,
    places: np.ndarray,
    seen: np.ndarray,
    beam: np.ndarray,
) -> None:
    """Light rectangles of a canvas, up to the sensor: into ``seen`` and ``beam``, see ``Kept``."""
    lit = weather.sunlight.lit
    wide = rects.grown(places, len(weather.weights) - 1, lit.shape, rects.AT_A_TIME)
    light, reach = weather_pass.sweep(canvas, weather.coat.albedo, lit, weather.air, view, wide)
    planes = [(light, seen, weather.light.air)]
    if weather.air.beams:
        planes.append((reach, beam, np.zeros(3, np.float32)))
    film, first = weather.air.film, rects.offsets(wide).tolist()
    for source, target, haze in planes:
        if film is None:
            lens.blur(source, wide, weather.weights, places, target)
            continue
        for k in range(len(places)):  # one by one: no overlap is seen through the film twice
            block, one = source[first[k] : first[k + 1]], slice(k, k + 1)
            lens.blur(block, wide[one], weather.weights, places[one], target)
            apply_film(target, film, haze, places[one])


def _fleeting(
    backdrop: Backdrop,
    drawing: Drawing,
    weather: Weather,
    view: View,
    kept: Kept,
    plumes: Plumes,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add what no frame shares with the next: light u16[3, H, W] on the sensor, all lamp light, and
    what the exposure meter sees of it on average, f64[3].
    """
    seen = kept.seen
    if weather.calm:
        after = kept.through_plumes if weather.air.plumes else seen
        step = max(METER_STEP, min(after.shape[1:]) // MOST_LOOKS)
        return after, weather.air.lamps, metered_light(after, step)
    poses = headlamps(backdrop.scene.agents, drawing.state)
    field = air.beam_field(weather.air, weather.conditions, view, poses)
    glare = _glare(backdrop, drawing, weather, seen) if weather.dazzles else None
    specks = weather.air.specks
    shift = tile_offsets(rng, len(specks), 2)
    after, metered = add_fleeting(seen, kept.beam, field, glare, specks, shift, plumes, METER_STEP)
    return after, weather.air.lamps + field, metered


def _glare(
    backdrop: Backdrop, drawing: Drawing, weather: Weather, seen: np.ndarray
) -> np.ndarray | None:
    """The light of lamps that lens and air spread, f32[3, h, w], or None."""
    places, camera = lamps_at(backdrop, drawing), backdrop.camera
    far_m = sight_m(camera)
    depth, wide = optical_depth(weather.conditions, far_m), lens.HALO_RAD * far_m / camera.m_per_px
    share = lens.glare_share(weather.conditions.water_film_mm, weather.light.dark)
    return lens.glare(seen, places, share, depth, wide)


def _exposed(
    weather: Weather, metered: np.ndarray, shape: tuple[int, int]
) -> tuple[sensor.Response, float]:
    """The exposure of a frame (H, W), of which the meter sees f64[3] on average."""
    if not weather.air.beams:
        return weather.response, weather.gain
    white = weather.light.white_lux
    gain = sensor.exposure_gain(metered, weather.sensor, white)
    return sensor.response(weather.sensor, white, gain, shape), gain


def _developed(
    weather: Weather,
    kept: Kept,
    places: np.ndarray,
    after: np.ndarray,
    response: sensor.Response,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray | None]:
    """The picture u8[H, W, 3], and the tones to keep."""
    if not weather.calm or kept.drawing is None:
        return sensor.develop(after, response, noise), None
    tones = kept.tones
    if tones is None:
        tones = np.empty_like(after)
        places = rects.bands(after.shape[1:], len(after[0]))
    return sensor.renew(tones, after, response, places, noise), tones


def _annotate(
    drawing: Drawing,
    weather: Weather,
    changed: np.ndarray,
    kept: Kept,
    after: np.ndarray,
    lamps: np.ndarray,
    gain: float,
) -> labels.Annotations:
    """Measure contrasts; what nothing comes near keeps its own."""
    geometry, lit = drawing.geometry, weather.sunlight.lit
    boxes, instance = geometry.box_px, geometry.instance
    given = drawing.canvas, lit, weather.light, lamps, after, gain
    if not weather.calm:
        return labels.annotate(geometry, weather_pass.contrast(*given, instance, boxes))
    known = kept.contrast[:, instance]
    near = rects.grown(changed, weather_pass.RING_PX, lit.shape)
    fresh = rects.touching(boxes, near) | np.isnan(known[0])
    known[:, fresh] = weather_pass.contrast(*given, instance[fresh], boxes[fresh])
    kept.contrast[:, instance] = known
    return labels.annotate(geometry, known)


def _view(
    backdrop: Backdrop, light: Light, canvas: Canvas, camera_sensor: Sensor | None = None
) -> View:
    return View(
        backdrop.scene, backdrop.camera, light, backdrop.px_to_m, canvas.kind, canvas.height,
        backdrop.slant, lens_of(backdrop.camera),
        (camera_sensor or backdrop.scene.sensor).exposure_s, canvas.ids,
    )  # fmt: skip


def _plumes(backdrop: Backdrop, drawing: Drawing, weather: Weather, view: View) -> Plumes:
    bodies = np.zeros((0, 7))
    if weather.air.plumes:
        bodies = throwing(backdrop.scene.agents, backdrop.rigs, drawing.state)
    field = air.plume_field(weather.air, weather.conditions, view, bodies)
    return Plumes(field, view.height, weather.light.air)
