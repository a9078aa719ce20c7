"""The process that executes cases: runner.py starts it, tells it which, and watches it.

It reads lines "TARGET FIRST LAST", and tells on its standard output, a line each: "case SEED" before a case, "finding
JSON" after one that failed, at times "counts JSON", and "done" in the end. So whoever reads knows which case ended it.
"""

import json
import os
import re
import resource
import sys
import time
import traceback
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .targets import Target

MOST_BYTES = 1 << 30  # beyond what the process has at the start


def main(limited: bool) -> None:
    """Everything that standard input asks for."""
    from .targets import TARGETS

    known = set[str]()
    for line in sys.stdin:
        name, first, last = line.split()
        if limited and name not in known:
            resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        execute(TARGETS[name], int(first), int(first) + 1)
        if limited and name not in known:  # its first case has loaded what others need as well
            limit_memory()
            known.add(name)
        execute(TARGETS[name], int(first) + 1, int(last))
        tell("done")


def execute(target: "Target", first: int, last: int) -> None:
    """Cases first .. last - 1."""
    counts, told = Counter[str](), time.monotonic()
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


def limit_memory() -> None:
    """To a little more than the process has."""
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_BYTES, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(limited="unlimited" not in sys.argv[1:])
