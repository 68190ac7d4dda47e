"""Settings files, one a job and one a choice, and how they are composed (``composition.py``).

The folder is a package so that Hydra finds it wherever the program is installed.
"""

from pathlib import Path


def groups() -> dict[str, list[str]]:
    """Every group of settings files in this folder, with the names of its files."""
    folders = sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir())
    files = {path.name: sorted(file.stem for file in path.glob("*.yaml")) for path in folders}
    return {name: stems for name, stems in files.items() if stems}


def titles(group: str) -> dict[str, str]:
    """The first comment line of each file of a group, by the file's name."""
    folder = Path(__file__).parent / group
    return {file.stem: _first_comment(file) for file in sorted(folder.glob("*.yaml"))}


def _first_comment(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(
        (line.strip("# .") for line in lines if line.startswith("# ") and "@package" not in line),
        "",
    )
