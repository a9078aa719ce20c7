"""Threads that compute while the game goes on."""

import gc
import threading
import weakref

import pytest

from tilewright_demo.background import Background


class Large:
    """Something that should not be kept."""


def test_it_makes_things_in_order_and_raises_what_they_raise():
    background = Background("test")
    free, made = threading.Event(), []
    first = background.submit(free.wait)
    second = background.submit(made.append, 2)
    third = background.submit(made.append, 3)
    fourth = background.submit(lambda: 1 // 0)
    assert second.cancel()
    free.set()
    with pytest.raises(ZeroDivisionError):
        fourth.result(timeout=60)
    assert made == [3] and first.done() and third.done()
    background.close()


def test_a_thread_that_waits_keeps_nothing():
    background = Background("test")
    kept = Large()
    gone = weakref.ref(kept)
    background.submit(lambda large: large, kept).result(timeout=60)
    del kept
    for _ in range(1000):  # until the thread waits again
        gc.collect()
        if gone() is None:
            break
        threading.Event().wait(0.005)
    assert gone() is None
    background.close()


def test_nothing_begins_after_it_is_closed():
    background = Background("test")
    free, begun, made = threading.Event(), threading.Event(), []
    background.submit(lambda: (begun.set(), free.wait()))
    waits = background.submit(made.append, 1)
    begun.wait()
    background.close()
    free.set()
    threading.Event().wait(0.05)
    assert not waits.done() and not made
