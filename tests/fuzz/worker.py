"""The process that executes cases, started and supervised by runner.py.

It reads lines "TARGET FIRST LAST". It writes lines to standard output: "case SEED" before a case, "finding
JSON" after a failed one, "counts JSON" at intervals, and "done" at the end. The reader thus knows which case
ended the process.
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

MOST_BYTES = 1 << 30  # beyond the memory in use at the start


def main(limited: bool) -> None:
    """Execute all requests on standard input."""
    from .targets import TARGETS

    known = set[str]()
    for line in sys.stdin:
        name, first, last = line.split()
        if limited and name not in known:
            resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        execute(TARGETS[name], int(first), int(first) + 1)
        if limited and name not in known:  # the first case has loaded the shared modules
            limit_memory()
            known.add(name)
        execute(TARGETS[name], int(first) + 1, int(last))
        tell("done")


def execute(target: "Target", first: int, last: int) -> None:
    """Execute cases first .. last - 1."""
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
    """Return the origin and the text, without numbers, of an exception: equal for equal faults."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = re.sub(r"\d+", "#", str(error))[:60]
    return f"{type(error).__name__} in {os.path.basename(frame.filename)}, {frame.name}: {text!a}"


def tell(line: str) -> None:
    """Flush at once, so that no line is lost when the process ends."""
    os.write(1, f"{line}\n".encode())


def limit_memory() -> None:
    """Limit the memory to a little more than is in use."""
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_BYTES, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(limited="unlimited" not in sys.argv[1:])
