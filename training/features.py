"""What a detector sees in a picture: the deepest features of its trunk, one vector a picture."""

from __future__ import annotations

import numpy as np
import torch

from render.progress import progress
from render.store import Truth, load_bgr
from training.checkpoint import Model
from training.device import home_of

SIDE_PX = 256
"""Pictures are read from their middle at this side, so that sets of other sizes can be compared."""


@torch.inference_mode()
def trunk_features(model: Model, truth: Truth) -> np.ndarray:
    """Mean and spread over the picture of every deep feature: f32[N, 2C].

    Args:
        model: any detector. truth: its pictures are read, its boxes are not.

    Raises:
        DataError: a picture is broken.
    """
    kept: list[np.ndarray] = []
    trunk = model.module.get_submodule(model.detector.trunk)

    def keep(_module: torch.nn.Module, _given: object, out: torch.Tensor) -> None:
        kept.append(torch.cat([out.mean((2, 3)), out.std((2, 3))], dim=1).cpu().numpy())

    device = home_of(model.module)
    handle = trunk.register_forward_hook(keep)
    try:
        with progress("looking", len(truth), "images") as advance:
            for i, path in enumerate(truth.path):
                rgb = _middle(load_bgr(path)[:, :, ::-1])
                model.module(torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].to(device))
                advance(i + 1, "")
    finally:
        handle.remove()
    return np.concatenate(kept) if kept else np.zeros((0, 0), np.float32)


def _middle(rgb: np.ndarray) -> np.ndarray:
    rows, columns = (min(side, SIDE_PX) // 32 * 32 for side in rgb.shape[:2])
    top, left = (rgb.shape[0] - rows) // 2, (rgb.shape[1] - columns) // 2
    return rgb[top : top + rows, left : left + columns]
