"""Detectors, what they are trained on, how they are measured, and what the measurements say.

Imports torch; of ``render`` only its readers, its writing of files and its progress. Start reading
at ``config.py`` (what the jobs can be told), then ``loop.py`` (training), ``evaluate.py``
(measuring) and ``studies/held_out.py``.
"""

import os

# Read once, when torch is loaded. By default its threads spin while they wait for each other: where
# anything else uses a core (the threads that cut crops do), that made training three times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
