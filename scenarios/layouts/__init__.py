"""Family: one road layout a file, each defines LAYOUT (see ``scenarios/layout.py``)."""

from scenarios.layout import Layout
from simulator.registry import Family

LAYOUTS: Family[Layout] = Family(__name__, "LAYOUT", Layout, "layout")
