"""Studies: one file each, with the constant STUDY."""
