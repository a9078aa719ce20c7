"""Training: from a folder of pixel art to a pack. Installed as `tilewright_training`."""
