"""A folder of one-constant modules as a read-only mapping: how every family finds its members."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from pathlib import Path
from typing import Generic, TypeVar

from simulator.errors import FairweatherError, unknown_name

T = TypeVar("T")


class Family(Mapping[str, T], Generic[T]):
    """The members of a package: each module in it holds one constant, the file name is the name.

    Members are imported on first use, in sorted order, so that listing a family costs nothing
    until somebody looks.

    Args:
        package: dotted name of the folder that holds the members.
        constant: the name of the constant that each module must define.
        kind: the type of that constant.
        noun: what a member is called in messages.

    Raises:
        FairweatherError: a module lacks the constant or it has another type; an unknown name.
    """

    def __init__(self, package: str, constant: str, kind: type[T], noun: str) -> None:
        self._package, self._constant, self._kind, self._noun = package, constant, kind, noun
        self._members: dict[str, T] | None = None

    def _load(self) -> dict[str, T]:
        if self._members is None:
            path = importlib.import_module(self._package).__path__
            names = sorted(info.name for info in pkgutil.iter_modules(path))
            self._members = {name.rstrip("_"): self._member(name) for name in names}
        return self._members

    def _member(self, name: str) -> T:
        module = importlib.import_module(f"{self._package}.{name}")
        member = getattr(module, self._constant, None)
        if not isinstance(member, self._kind):
            raise FairweatherError(
                f"{self._package}.{name} must define {self._constant}, a {self._kind.__name__}",
                mend="Add the constant, or move the module out of the family's folder",
            )
        return member

    def __getitem__(self, name: str) -> T:
        members = self._load()
        if name not in members:
            raise unknown_name(self._noun, name, members)
        return members[name]

    def __contains__(self, name: object) -> bool:
        return name in self._load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())

    def values(self) -> ValuesView[T]:
        """The members."""
        return self._load().values()

    def items(self) -> ItemsView[str, T]:
        """The members with their names."""
        return self._load().items()


def titles_in_source(package: str) -> dict[str, str]:
    """The title of every member of a family, by name, without importing the members.

    For families whose members are heavy to import. The title is the ``title=`` that the member's
    constant is made with, or else the first line of the module's docstring.

    Args:
        package: dotted name of the folder that holds the members.
    """
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return {}
    files = sorted(Path(found.submodule_search_locations[0]).glob("*.py"))
    return {f.stem.rstrip("_"): _title(f) for f in files if f.stem != "__init__"}


def _title(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for call in assigned:
        for word in call.keywords if isinstance(call, ast.Call) else ():
            if word.arg == "title" and isinstance(word.value, ast.Constant):
                return str(word.value.value)
    return (ast.get_docstring(tree) or "").partition("\n")[0]
