"""Experiments behind the figures in the documentation, and scripts that build the bundled packs."""
