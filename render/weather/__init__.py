"""Family: one weather effect a file, each defines EFFECT (see ``render/effect.py``)."""

from render.effect import Effect
from simulator.registry import Family

EFFECTS: Family[Effect] = Family(__name__, "EFFECT", Effect, "weather")
