"""Detectors: one file each, with the constant DETECTOR."""
