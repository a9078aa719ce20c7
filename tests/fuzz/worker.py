"""The process that executes cases: `python -m tests.fuzz.worker TARGET FIRST LAST`; runner.py starts and watches it.

It tells on its standard output, a line each: "case SEED" before a case, "finding JSON" after one that failed, and at
times "counts JSON". So whoever reads knows which case ended it.
"""

import json
import os
import re
import resource
import sys
import time
import traceback
from collections import Counter

MOST_BYTES = 1 << 30  # beyond what the process has at the start


def main(name: str, first: int, last: int, limited: bool) -> None:
    """Cases first .. last - 1 of a target."""
    from .targets import TARGETS

    target, counts, told = TARGETS[name], Counter[str](), time.monotonic()
    if limited:
        _limit_memory()
    for seed in range(first, last):
        tell(f"case {seed}")
        try:
            counts += target.check(target.make(seed))
        except Exception as error:
            tell(
                f"finding {json.dumps({'seed': seed, 'signature': signature(error), 'text': repr(error)[:500]})}"
            )
        counts["cases"] += 1
        if time.monotonic() > told + 1 or seed == last - 1:
            tell(f"counts {json.dumps(counts)}")
            counts, told = Counter(), time.monotonic()


def signature(error: BaseException) -> str:
    """Where an exception came from, and what it says but for its numbers: the same for the same fault."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = re.sub(r"\d+", "#", str(error))[:60]
    return f"{type(error).__name__} in {os.path.basename(frame.filename)}, {frame.name}: {text!a}"


def tell(line: str) -> None:
    """At once, so that nothing is lost when the process ends."""
    os.write(1, f"{line}\n".encode())


def _limit_memory() -> None:
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_BYTES, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), limited="unlimited" not in sys.argv[4:])
