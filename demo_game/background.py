"""Threads that compute while the game goes on."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Made = TypeVar("Made")


class Background:
    """A thread that makes one thing after another, in the order of submission.

    Unlike those of a ThreadPoolExecutor, it is a daemon: what it makes is of no use to a game that has ended, and may
    take seconds.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._closed = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(
        self, make: Callable[Arguments, Made], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> "Future[Made]":
        """Return what `make` will return, or the exception that it will raise. It can be cancelled until it begins."""
        future: Future[Made] = Future()
        self._jobs.put((future, lambda: make(*args, **kwargs)))
        return future

    def close(self) -> None:
        """Begin nothing more, and end the thread. Does not wait."""
        self._closed = True
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None and not self._closed:
            _make(*job)
            del job  # while the thread waits for the next one, nothing keeps what was made


def _make(future: Future[Any], make: Callable[[], Any]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(make())
        except Exception as error:  # `result` raises it
            future.set_exception(error)
