"""Monitoring of a run: figures of its state, rules on them, and the rescue."""
