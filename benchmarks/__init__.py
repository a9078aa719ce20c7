"""Benchmarks: the core and other runtimes on the same pack. Installed as `tilewright_benchmarks`."""
