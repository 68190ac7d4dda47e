"""Pixels, labels, files and the window: a scene seen by a camera, in its weather, written to disk.

Start reading at ``picture.py`` (a scene and a moment -> a frame), then ``scene_job.py`` (a scene ->
files) and ``generate.py`` (scenes -> a dataset). May import simulator and scenarios.
"""
