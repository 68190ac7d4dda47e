"""Settings files, one a job and one a choice, and how they are composed (``composition.py``).

The folder is a package so that Hydra finds it wherever the program is installed.
"""

from pathlib import Path


def groups() -> dict[str, list[str]]:
    """Every group of settings files in this folder, with the names of its files."""
    folders = sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir())
    files = {path.name: sorted(file.stem for file in path.glob("*.yaml")) for path in folders}
    return {name: stems for name, stems in files.items() if stems}
