"""`python -m tests.fuzz --minutes 60`, or `make fuzz MINUTES=60`. `python -m tests.fuzz network 123` executes
one case.
"""

import argparse
import os
import sys
import time

from .runner import FINDINGS, Found, run
from .targets import TARGETS


def main() -> int:
    """Return 1 if there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "case", nargs="*", metavar="TARGET SEED", help="execute one case in this process and print the result"
    )
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument(
        "--jobs",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="number of processes; by default one per core",
    )
    parser.add_argument(
        "--first", type=int, default=None, help="the first seed; by default derived from the clock"
    )
    parser.add_argument(
        "--count", type=int, default=None, help="cases per target; by default until the time is over"
    )
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--unlimited", action="store_true", help="no memory limit, as sanitizers require")
    parser.add_argument("--save", action="store_true", help="write findings to tests/fuzz/findings")
    options = parser.parse_args()
    if options.case:
        target, seed = TARGETS[options.case[0]], int(options.case[1])
        content = target.make(seed)
        if options.save:
            print(f"saved {Found(options.case[0], seed, '', '').save(FINDINGS)}")
        print(dict(target.check(content)))
        return 0
    first = int(time.time()) << 16 if options.first is None else options.first
    print(f"seeds from {first} on, {options.jobs} processes", flush=True)
    report = run(
        options.targets,
        first,
        options.count,
        60 * options.minutes,
        options.jobs,
        not options.unlimited,
        say=lambda line: print(line, flush=True),
    )
    print(report)
    if options.save:
        for found in report.findings.values():
            print(f"saved {found.save(FINDINGS)}")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
