"""An export under a URL: finished files sent one by one, and a manifest that comes last.

An object store cannot rename, and shows an object when all of it is there. So each file is made in
a local folder, sent whole under its final name, and taken away. While that lasts, an object
``unfinished-<identity>.txt`` tells the hashes of what has been sent, and a run that goes on sends
nothing again that is there with its size and hash. The export is complete when its manifest is
there, which ``sha256sum -c`` reads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from render.manifest import MANIFEST, manifest_text, sha256_file
from simulator.errors import ConfigError, OutputError

GO_ON = "Check address, bucket and credentials; the same command goes on from here"


@dataclasses.dataclass(frozen=True)
class Store:
    """A place below which objects are written.

    Attributes:
        system: the file system of fsspec. root: the place in its words. url: in the user's.
    """

    system: Any
    root: str
    url: str

    def path(self, name: str) -> str:
        """What the file system calls an object of ours."""
        return f"{self.root.rstrip('/')}/{name}"


def is_url(out: object) -> bool:
    """Whether ``out=`` names a store, not a local folder."""
    return "://" in str(out)


def open_store(url: str) -> Store:
    """The store of a URL; nothing is asked of it yet.

    Raises:
        ConfigError: fsspec, or the package that it takes for this protocol, is not installed, or
            there is no such protocol. OutputError: credentials or settings are missing.
    """
    try:
        fsspec: Any = importlib.import_module("fsspec")  # an extra
    except ModuleNotFoundError:
        raise ConfigError(
            f"out={url} needs fsspec", mend="pip install -c constraints.txt -e '.[store]'"
        ) from None
    protocol = url.partition("://")[0].partition("::")[0]
    try:
        fsspec.get_filesystem_class(protocol)
    except ValueError:
        raise ConfigError(
            f"fsspec knows no protocol {protocol!r:.40}", place="out",
            mend="Take s3, gs, az or another that it names (fsspec.available_protocols())",
        ) from None  # fmt: skip
    except ImportError as error:
        raise ConfigError(
            f"out={url} needs a package that is not installed", mend=f"{error}"[:200]
        ) from None
    # of all of them only the local one makes no folders by itself
    options = {"auto_mkdir": True} if protocol in ("file", "local") else {}
    with _answers(url):
        system, root = fsspec.url_to_fs(url, **options)
    return Store(system, root, url)


def send(store: Store, identity: str, make: Callable[[Path], Iterator[Path]]) -> None:
    """Write an export into a store, or go on with one.

    Args:
        identity: names the export among unfinished ones. make: yields the files of the export below
            a folder, each when it is finished; who goes on asking no longer needs the last one.

    Raises:
        OutputError: other objects are there, or the store does not take ours.
    """
    unfinished = f"unfinished-{identity}.txt"
    with tempfile.TemporaryDirectory(prefix="fairweather-") as folder:
        before = _begin(store, unfinished, Path(folder))
        hashes: dict[str, str] = {}
        for file in make(Path(folder)):
            name = file.relative_to(folder).as_posix()
            hashes[name] = sha256_file(file)
            size = None if before is None else _size(store, name)
            if size != file.stat().st_size or (before or {}).get(name) != hashes[name]:
                with _answers(f"{store.url}/{name}"):
                    if size is not None:  # not every store writes over what is there
                        store.system.rm_file(store.path(name))
                    store.system.put_file(str(file), store.path(name))
                _tell(store, unfinished, {**(before or {}), **hashes})
            file.unlink()
    _tell(store, MANIFEST, hashes)
    with _answers(f"{store.url}/{unfinished}"):
        store.system.rm_file(store.path(unfinished))


def _begin(store: Store, unfinished: str, folder: Path) -> dict[str, str] | None:
    """Name -> hash of what an interrupted run has sent; None where this is the first.

    Raises:
        OutputError: objects are there that are not of an unfinished export of the same.
    """
    there = _names(store)
    if unfinished in there:
        with _answers(f"{store.url}/{unfinished}"):
            text = store.system.cat_file(store.path(unfinished)).decode(errors="replace")
        lines = (line.partition("  ") for line in text.splitlines())
        return {name: digest for digest, _, name in lines}
    if any(name.startswith("unfinished-") for name in there):
        raise OutputError(
            "holds an unfinished export of something else", place=store.url,
            mend="Remove it or choose another out=",
        )  # fmt: skip
    if there:
        raise OutputError("is there already", place=store.url, mend="Choose another out=")
    empty = folder / unfinished
    empty.touch()
    with _answers(f"{store.url}/{unfinished}"):
        store.system.put_file(str(empty), store.path(unfinished))
    empty.unlink()
    return None


def _names(store: Store) -> set[str]:
    """Names of the objects and folders directly below the place."""
    with _answers(store.url):
        store.system.invalidate_cache()
        try:
            found = store.system.ls(store.root, detail=False)
        except FileNotFoundError:
            return set()
    own = store.root.strip("/")  # some stores have an empty object for a folder itself
    return {p.strip("/").rpartition("/")[2] for p in found if p.strip("/") != own}


def _size(store: Store, name: str) -> int | None:
    """Bytes of an object; None where it is not there."""
    with _answers(f"{store.url}/{name}"):
        try:
            return store.system.size(store.path(name))
        except FileNotFoundError:
            return None


def _tell(store: Store, name: str, hashes: dict[str, str]) -> None:
    with _answers(f"{store.url}/{name}"):
        store.system.pipe_file(store.path(name), manifest_text(hashes.items()).encode())


@contextlib.contextmanager
def _answers(place: str) -> Iterator[None]:
    """What goes wrong in a store, told in one line: each has errors of its own kind."""
    try:
        yield
    except Exception as error:
        said = f"{error}".strip().splitlines()
        what = f"{type(error).__name__}: {said[0][:160]}" if said else type(error).__name__
        raise OutputError(f"cannot be reached or written ({what})", place=place, mend=GO_ON) from (
            error
        )
