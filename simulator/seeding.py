"""Named, counter-based random streams: the only maker of random generators in the project."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

MAX_SEED = 2**63 - 1


def stream(seed: int, scene_index: int, purpose: str) -> np.random.Generator:
    """The generator for one purpose in one scene.

    The key of a Philox counter generator is a hash of the three names, so a new purpose, object
    or scene changes no draw of any other.

    Args:
        seed: the seed of the whole job, 0 .. 2**63 - 1.
        scene_index: the scene's index, >= 0.
        purpose: what the numbers are for, such as "traffic" or "surroundings/trees".

    Returns:
        A fresh generator; the same names always give the same sequence.
    """
    if not 0 <= seed <= MAX_SEED or scene_index < 0:
        raise ValueError(f"seed and scene_index must be >= 0, got {seed} and {scene_index}")
    return _named(f"fairweather/1/{seed}/{scene_index}/{purpose}")


def beside(rng: np.random.Generator, purpose: str) -> np.random.Generator:
    """The generator for another purpose of whoever holds a stream; draws nothing from that one.

    Args:
        rng: of ``stream``, or of this. purpose: what the numbers are for.

    Returns:
        A fresh generator, the same however much was drawn from ``rng``.
    """
    key = rng.bit_generator.state["state"]["key"].tolist()
    return _named(f"fairweather/1/beside/{key[0]}/{key[1]}/{purpose}")


class Numbered:
    """Many short streams of one name, by number, at a part of what it costs to name each.

    They lie in one stream, 2**192 draws apart.
    """

    def __init__(self, seed: int, scene_index: int, purpose: str) -> None:
        self._rng = stream(seed, scene_index, purpose)
        self._start = self._rng.bit_generator.state

    def __getitem__(self, number: int) -> np.random.Generator:
        """The one generator of all of them, put where that stream begins."""
        self._start["state"]["counter"][3] = number
        self._rng.bit_generator.state = self._start
        return self._rng


def _named(name: str) -> np.random.Generator:
    text = name.encode()
    key = np.frombuffer(hashlib.blake2b(text, digest_size=16).digest(), dtype=np.uint64)
    # as documented; with the counter at hand numpy makes none of a number, digit by digit
    philox = np.random.Philox(_Key(key), counter=_START)  # pyright: ignore[reportArgumentType]
    return np.random.Generator(philox)


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One number from low to high: what ``rng.uniform`` gives, at half of its cost."""
    return low + (high - low) * rng.random()


def exponential(rng: np.random.Generator, mean: float) -> float:
    """One number of an exponential distribution: what ``rng.exponential`` gives, and cheaper."""
    return mean * rng.standard_exponential()


_START = np.zeros(4, np.uint64)
"""Where the counter of every generator begins."""


class _Key(ISeedSequence):
    """A key as what a Philox is seeded with.

    Given as ``key=`` it does the same, but numpy then asks the system for a seed first, unused,
    which takes longer than all the rest.
    """

    def __init__(self, key: np.ndarray) -> None:
        self._key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return self._key.view(dtype)[:n_words]
