"""Family: one sign type a file, each defines SIGN (see ``simulator/sign.py``)."""

from simulator.registry import Family
from simulator.sign import SignType

SIGNS: Family[SignType] = Family(__name__, "SIGN", SignType, "sign")
