"""Sun, sky and lamps: conditions -> the light of a picture, normalised to its own white.

1.0 is a white diffuse level surface under the current light (sun, sky and, where there are street
lamps, what they give the road), so one scale serves noon and night; ``white_lux`` keeps the
absolute level for noise and records.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from render.surface import KINDS, WINDOWS, Kind
from simulator.conditions import (
    NO_FOG_M,
    Conditions,
    dust_extinction,
    headlamps_on,
    rain_extinction,
    smog_extinction,
    snow_extinction,
    sun_lux,
)

LAMP_LUX = 14.0
"""Mean illuminance of a road under street lamps, lx (10-30 lx at the poles)."""

DARKEST_WHITE_LUX = 4.0
"""What a camera still exposes for when only headlamps light the road, lx."""

LAMP_RGB = np.array([1.12, 0.97, 0.72])
"""Street lamps of 3000 K after the camera's white balance has gone half-way."""

LUMINANCE_CD_M2 = {
    Kind.LENS_LIT: 16_000.0,
    Kind.BRAKE: 9_000.0,
    Kind.INDICATOR: 9_000.0,
    Kind.HEADLAMP: 5_000.0,
    Kind.TAIL: 900.0,
}
"""Luminance of lamps towards the camera, cd/m2: signal lenses of 300 mm emit 400-800 cd on the
axis (ITE VTCSH) and symbolic plates face the camera; brake lamps are about ten times tail lamps."""

WINDOW_CD_M2 = 5.0
"""Luminance of a lit window from above: a floor that reflects 0.3 under 65 lx, as homes have in the
evening (a choice), through glass that passes 0.8. Who looks in from the front sees lamps and bright
walls, 30-100 cd/m2."""

WINDOW_RGB = np.array([1.3, 0.96, 0.5])
"""Lamps of 2700 K on wood and curtains, after the same white balance (a choice); its luminance is
1."""

DARK_BELOW_LUX = 1_000.0
"""Daylight below which it begins to be dark: lights go on within."""

MOST_WITHIN = 1.4
"""Whites of the brightest window: none leaves a glare."""

MAX_EMISSION = 15.0
"""What of a lamp reaches the lens at most: four stops above white, the headroom of the fixed-point
planes. By night lamps are a hundred times as bright, and dim only where thick air leaves less."""

FOOT_SHARE = 0.5
"""Share of a closed sky that a wall hides at its foot."""

SUNNY_SHARE = 0.3
"""Where the sun gives so much of the light, its shadows are drawn alone."""

LEAST_NEAR = 0.02
"""Less than this share of white is not worth a shadow."""

LOW_SUN_RGB = np.array([1.25, 0.95, 0.62])
"""Colour of the sun on the horizon after the same white balance."""

FOG_M, DUST_M, SMOG_M, FALLING_M = 100.0, 500.0, 500.0, 1_000.0
"""How high thick air reaches if it is as thick throughout as where the camera looks, m. Radiation
fog is 10-200 m deep; a wall of dust is 1-2 km high but thins out upward, and severe storms take an
optical depth of 2-5 out of the sun (AERONET); winter smog fills a mixing layer of 300-800 m; what
falls comes from cloud a kilometre up. Each a choice within that."""

FLATTEST = 0.05
"""Least sine of the sun's height for the way through that air: it is not flat without end."""

MIN_SUN_ELEVATION_RAD = math.radians(4)
"""Shadows are drawn as if the sun stood no lower, so that their length stays bounded."""


@dataclasses.dataclass(frozen=True, eq=False)
class Light:
    """The light of a picture.

    Attributes:
        sky, sun: f32[3], light on a level surface from the sky and from the sun, RGB.
        sun_m: f64[2], where the shadow of a point one metre high falls, m; None without a sun.
        near: share of ``sun`` that is of a clouded sky, which things keep off close to them alone.
        emission: f32[KINDS], factor on the albedo that a lit lamp adds; of windows, what comes
            through them of WINDOW_RGB, whatever they reflect.
        air: f32[3], airlight: what an infinitely deep fog looks like.
        white_lux: illuminance that 1.0 stands for, lx.
        illuminance_lux: on open level ground, lx.
        headlamps: whether vehicles have their lamps on.
        dark: 0 by day, 1 when nothing is left of it.
    """

    sky: np.ndarray
    sun: np.ndarray
    sun_m: np.ndarray | None
    near: float
    emission: np.ndarray
    air: np.ndarray
    white_lux: float
    illuminance_lux: float
    headlamps: bool
    dark: float


def light_of(conditions: Conditions) -> Light:
    """The light under given conditions."""
    elevation, cloud = conditions.sun_elevation_rad, conditions.cloud
    total = sun_lux(elevation, cloud)
    sine = max(math.sin(elevation), 0.0)
    clean = 133_100.0 * sine * math.exp(-0.21 / max(sine, 0.02)) * (1.0 - cloud)
    direct = clean * sun_through(conditions)
    strayed = clean - direct
    lamps = LAMP_LUX if conditions.street_lamps else 0.0
    white = max(total + lamps, DARKEST_WHITE_LUX)
    warm = min(max((elevation - 0.03) / 0.5, 0.0), 1.0)
    sun_rgb = (1 - warm) * LOW_SUN_RGB + warm * np.array([1.02, 1.0, 0.95])
    sky_rgb = (1 - cloud) * np.array([0.84, 0.98, 1.24]) + cloud * np.array([0.99, 1.0, 1.02])
    # what floats in the air throws nearly all forward: it comes from the whole sky, as white as the
    # sun; what is absorbed the exposure makes up for
    sky_rgb += (sun_rgb - sky_rgb) * (strayed / (total - direct))
    near = _zenith_share(direct, total, white) * (total - direct)
    sky = sky_rgb * (total - direct - near) / white
    sun = sun_rgb * direct / white + sky_rgb * near / white
    emission = np.zeros(KINDS, np.float32)
    on = headlamps_on(conditions)
    for kind, luminance in LUMINANCE_CD_M2.items():
        if on or kind not in (Kind.HEADLAMP, Kind.TAIL):
            emission[kind] = luminance * math.pi / white
    dark = max(1.0 - total / DARK_BELOW_LUX, 0.0)
    for kind in WINDOWS:
        emission[kind] = min(dark * WINDOW_CD_M2 * math.pi / white, MOST_WITHIN)
    air = 0.75 * (sky + sun) + 0.4 * LAMP_RGB * lamps / white
    shadow = None
    if direct > 0.02 * total:
        reach = 1.0 / math.tan(max(elevation, MIN_SUN_ELEVATION_RAD))
        azimuth = conditions.sun_azimuth_rad
        shadow = -np.array([math.cos(azimuth), math.sin(azimuth)]) * reach
    if near > 0:
        near = 1.0 if shadow is None else near / (direct + near)
    f32 = np.float32
    return Light(
        sky.astype(f32),
        sun.astype(f32),
        shadow,
        near,
        emission,
        air.astype(f32),
        white,
        total + lamps,
        on,
        dark,
    )


def sun_through(conditions: Conditions) -> float:
    """Share of the direct sun that fog, dust, smog, rain and snow leave of it, aslant through their
    layers: Beer and Lambert's law. 1 in clean air.
    """
    depth = (
        (3.0 / conditions.visibility_m - 3.0 / NO_FOG_M) * FOG_M
        + dust_extinction(conditions.dust_mg_m3) * DUST_M
        + smog_extinction(conditions.smog_ug_m3) * SMOG_M
        + rain_extinction(conditions.rain_mm_h) * FALLING_M
        + snow_extinction(conditions.snow_mm_h) * FALLING_M
    )
    return math.exp(-depth / max(math.sin(conditions.sun_elevation_rad), FLATTEST))


def _zenith_share(direct: float, total: float, white: float) -> float:
    """Share of the sky's light that things keep off close to them: all that a wall hides at its
    foot, under a closed cloud; none where the sun gives shadows enough, and none worth drawing
    where lamps give most of the light.
    """
    share = FOOT_SHARE * max(1.0 - direct / (SUNNY_SHARE * total), 0.0)
    return share if share * (total - direct) > LEAST_NEAR * white else 0.0
