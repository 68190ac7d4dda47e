"""The world in metres and seconds: no pixels, no files of its own, numpy, numba and shapely only.

Start reading at ``scene.py`` (what a scene is), then ``engine.py`` (how it moves).
"""
