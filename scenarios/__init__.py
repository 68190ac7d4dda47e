"""Seed and config -> scene: layouts, traffic, furniture, surroundings, sky, camera.

Start reading at ``sampler.py``. Imports ``simulator`` only.
"""
