"""The version of the whole project: the one place it stands.

Packaging, ``fairweather --version`` and every dataset's ``dataset.json`` read it here.
"""

VERSION = "0.1.0"
