"""Experiments behind the figures of the documentation, and scripts that make the bundled packs."""
