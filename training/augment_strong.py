"""The augmentation-only control: the knobs of AugmentConfig far open, without a picture more."""

from __future__ import annotations

from training.config import AugmentConfig

STRONG = AugmentConfig(
    scale_low=0.7, scale_high=1.4, brightness=0.5, contrast=0.5, gamma=0.5, channel_gain=0.2,
    saturation=0.8, blur_px=1.5, noise=15.0, jpeg_share=0.4, jpeg_low=25,
)  # fmt: skip
"""None of it draws weather: what it buys is what a user without a simulator could have."""
