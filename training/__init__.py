"""Detectors, what they are trained on, how they are measured, and what the measurements say.

Imports torch; of ``render`` only its readers. Start reading at ``config.py`` (what the jobs can be
told), then ``loop.py`` (training), ``evaluate.py`` (measuring) and ``studies/held_out.py``.
"""
