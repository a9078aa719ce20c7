"""Data sets of tiles: reading, storage, split, augmentation and batches."""
