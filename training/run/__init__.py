"""A training run: the command, the loop, its folder on disk, its checkpoints and its processes."""
