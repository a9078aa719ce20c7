"""Benchmarks: the core against other runtimes on the same pack. Installed as `tilewright_benchmarks`."""
