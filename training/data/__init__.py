"""Data sets of tiles: read, stored, split, augmented and drawn in batches."""
