"""Family: one export format a file, each defines FORMAT (see ``render/format.py``)."""

from render.format import Format
from simulator.registry import Family

FORMATS: Family[Format] = Family(__name__, "FORMAT", Format, "format")
