"""Refusing to measure a model on scenes that it was trained on."""

from __future__ import annotations

from render.store import Truth, overlap
from simulator.errors import LeakError
from training.checkpoint import HASH_LETTERS, ModelCard


def seen_scene(card: ModelCard, truth: Truth) -> str | None:
    """A scene of the truth that the model was trained on, in words, or None.

    Scenes are known by seed, split and index, whatever folder they lie in, and by the geometry of
    what they show.
    """
    shared = overlap(card.lineage, truth.lineage)
    if shared is not None:
        return f"scene {shared.first} of split '{shared.split}' with seed {shared.seed}"
    known = set(card.geometry)
    for scene, geometry in zip(truth.scene, truth.geometry, strict=True):
        if geometry and geometry[:HASH_LETTERS] in known:
            return f"scene {scene} (geometry {geometry[:HASH_LETTERS]})"
    return None


def refuse_seen(name: str, card: ModelCard, truth: Truth, allow_seen: bool) -> str | None:
    """Check a measurement before it is made.

    Returns:
        None, or the scene that was seen where ``allow_seen`` lets it pass.

    Raises:
        LeakError: the model has seen a scene of the truth.
    """
    scene = seen_scene(card, truth)
    if scene is not None and not allow_seen:
        raise LeakError(
            f"the model {name} was trained on {scene}", place=truth.name,
            mend="Measure on scenes of another split or seed, or force it with allow_seen=true",
        )  # fmt: skip
    return scene
