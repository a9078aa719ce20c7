"""A training run: the command, the loop, the run folder, checkpoints and processes."""
