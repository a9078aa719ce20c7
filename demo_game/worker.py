"""Generates the next world on a separate thread, so that the current one stays playable."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .assets import Scene


class Imaginer:
    """Generates at most one world at a time. `imagine` maps a seed to a scene without side effects."""

    def __init__(self, imagine: Callable[[int], Scene]) -> None:
        self._imagine = imagine
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imagine")
        self._future: Future[Scene] | None = None
        self.seed: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a world is being generated, or is ready and not yet taken."""
        return self._future is not None

    def start(self, seed: int) -> None:
        """Start to generate a world, unless another one is in progress."""
        if self._future is None:
            self.seed = seed
            self._future = self._pool.submit(self._imagine, seed)

    def take(self, wait: bool = False) -> Scene | None:
        """Return the finished scene once. Returns None if it is not ready, unless `wait` is set.

        Raises the exception of `imagine`.
        """
        if self._future is None or not (wait or self._future.done()):
            return None
        future, self._future = self._future, None
        return future.result()

    def close(self) -> None:
        """Wait for the thread to finish, and end it."""
        self._pool.shutdown(wait=True, cancel_futures=True)
