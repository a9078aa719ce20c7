"""The thread pool, tested through executors that share it."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tilewright import _core

from .small_plan import OUTPUTS, build_plan

PROC = Path("/proc/self")
PROLOGUE = """
import os, signal
import numpy as np
from tilewright import _core

def make_executor():
    plan = _core.PlanBuilder(1, np.arange(-128, 128, dtype=np.int8))
    plan.output("latents", plan.input("latents", (64,)))
    return _core.Executor(plan)

executor = make_executor()
"""


def run_alone(program):
    """Run a program in a separate process, whose pool no other test has used."""
    # From Python 3.12 on, fork() warns about threads, which this test needs.
    warnings = ["-W", "error", "-W", "ignore::DeprecationWarning:__main__"]
    subprocess.run([sys.executable, *warnings, "-c", PROLOGUE + program], check=True, timeout=60)


def assert_same(left, right):
    assert left.keys() == right.keys() == OUTPUTS.keys()
    for name in left:
        assert np.array_equal(left[name], right[name]), name


def test_threads_may_share_an_executor(executor):
    expected = executor.run(7, 0, None, None, 20)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(executor.run, 7, 0, None, None, 20, threads) for threads in (1, 2, 3, 16) * 20]
        for call in calls:
            assert_same(call.result(), expected)


def test_several_executors_run_at_once():
    """One call uses the pool's threads. Other calls run on their own thread."""
    executors = [_core.Executor(build_plan(), backend) for backend in _core.backends() * 2]
    expected = executors[0].run(7, 2**64 - 9, None, None, 41)
    with ThreadPoolExecutor(len(executors)) as pool:
        calls = [
            pool.submit(executor.run, 7, 2**64 - 9, None, None, 41, threads)
            for threads in (2, 3, 16)
            for executor in executors
        ]
        for call in calls:
            assert_same(call.result(), expected)


def test_threads_begin_together(executor):
    """Threads start from a barrier, so that their calls overlap."""
    expected = executor.run(3, 0, None, None, 9)
    barrier = threading.Barrier(6)
    results = [None] * 6

    def work(number):
        barrier.wait(20)
        results[number] = [executor.run(3, 0, None, None, 9, 2 + number % 3) for _ in range(30)]

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    for made in results:
        for one in made:
            assert_same(one, expected)


@pytest.mark.skipif(not (PROC / "task").is_dir(), reason="this system does not list threads")
def test_threads_are_started_when_first_needed_and_kept():
    run_alone("""
def threads():
    return len(os.listdir("/proc/self/task"))

alone = threads()

def check(started, count, wanted, executor=executor):
    executor.run(7, 0, None, None, count, wanted)
    assert threads() == alone + started, (count, wanted, threads() - alone)

for _ in range(3):
    check(0, 50, 1)
executor.trace(7, 0)
executor.time_stages(1)
check(0, 1, 16)  # a tile cannot be shared
check(0, 0, 16)
check(2, 50, 3)
check(2, 50, 2)
check(2, 50, 1)
check(15, 50, 16)
check(15, 50, 16, make_executor())
""")


def test_running_releases_the_gil():
    """This thread makes progress during another thread's call. Calls grow until the machine schedules it."""
    executor = _core.Executor(build_plan(), "scalar")
    for count in (1500, 6000, 24000, 96000):
        call: list[float] = []

        def work(count: int = count, call: list[float] = call) -> None:
            call.append(time.perf_counter())
            executor.run(0, 0, None, None, count)
            call.append(time.perf_counter())

        worker = threading.Thread(target=work)
        worker.start()
        turns = []
        while worker.is_alive():
            time.sleep(0.001)
            turns.append(time.perf_counter())
        worker.join()
        began, ended = call
        margin = (ended - began) / 4
        if any(began + margin < turn < ended - margin for turn in turns):
            return
    pytest.fail("no other thread ran during a call")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("threads", [1, 4])
def test_a_forked_child_runs_on(threads):
    run_alone(f"""
before = executor.run(7, 0, None, None, 8, {threads})["latents"]
child = os.fork()
if child == 0:
    signal.alarm(20)  # a child that hangs dies
    same = all(np.array_equal(executor.run(7, 0, None, None, 8, 4)["latents"], before) for _ in range(9))
    os._exit(0 if same else 3)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert np.array_equal(executor.run(7, 0, None, None, 8, 4)["latents"], before)
raise SystemExit(code)
""")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_forked_in_the_middle_of_a_call_runs_on():
    run_alone("""
import threading
running = True
before = executor.run(7, 0, None, None, 50)["latents"]

def work():
    while running:
        executor.run(1, 0, None, None, 50, 3)

worker = threading.Thread(target=work)
worker.start()
codes = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        same = np.array_equal(executor.run(7, 0, None, None, 50, 3)["latents"], before)
        os._exit(0 if same else 3)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
running = False
worker.join()
assert not any(codes), codes
""")


@pytest.mark.unsanitized("measures memory, which a sanitizer keeps after it is freed")
@pytest.mark.skipif(
    not (PROC / "statm").is_file(), reason="this system does not say how much memory is in use"
)
def test_memory_does_not_grow():
    """A workspace of the small plan takes about 0.1 MB."""

    def megabytes():
        return int((PROC / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20

    def work(calls, executors):
        for _ in range(executors):
            executor = _core.Executor(build_plan())
            executor.run(0, 0, None, None, 5, 3)
            executor.trace(0, 0)
        for i in range(calls):
            executor.run(i, 0, None, None, 5, 1 + i % 3)

    work(100, 20)
    before = megabytes()
    work(1000, 100)
    assert megabytes() - before < 5
