"""How a semitrailer follows its tractor: kernels of the loop; ``motion.py`` says what they share.

It turns about a pin over the tractor's rear axle, which runs on the path; its own axles roll where
it points, so that it cuts corners (a tractrix). Its heading is part of the state: a state that is
taken up again goes on to the bit.
"""

from __future__ import annotations

import math

from simulator.agents import PIN_SHARE
from simulator.motion import kernel, path_point

AXLE_SHARE = 0.7
"""From the pin to the middle of the trailer's axles, of the way to its rear: 8.2 m of 11.7 m in
Europe, where three axles stand beneath the rear third."""

REAR_AXLE_SHARE = PIN_SHARE - 0.5
"""From a body's middle back to its rear axle, of its length."""


@kernel
def pin(w, m, i):
    """Where the pin over the tractor's rear axle is, m."""
    back = REAR_AXLE_SHARE * w.drivers[i].body
    return (
        m.rows[i].x - back * math.cos(m.rows[i].heading),
        m.rows[i].y - back * math.sin(m.rows[i].heading),
    )


@kernel
def stretch(w, m, i):
    """Put the trailer on the path behind its tractor."""
    if w.drivers[i].tow > 0.0:
        x, y = pin(w, m, i)
        back = PIN_SHARE * w.drivers[i].body + w.drivers[i].tow
        axle_x, axle_y = path_point(w, m, i, m.rows[i].leg, m.rows[i].s - back)
        m.rows[i].trailer = math.atan2(y - axle_y, x - axle_x)


@kernel
def swing(w, m, i, was_x, was_y):
    """Turn the trailer about the pin, which was there before this step: its axles roll along."""
    if m.rows[i].speed > 0.0:
        x, y = pin(w, m, i)
        tow, turned = w.drivers[i].tow, m.rows[i].trailer
        axle_x, axle_y = was_x - tow * math.cos(turned), was_y - tow * math.sin(turned)
        m.rows[i].trailer = math.atan2(y - axle_y, x - axle_x)
