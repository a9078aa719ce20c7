"""Makes the next world on a thread of its own, so that the present one stays playable."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .assets import Scene


class Imaginer:
    """At most one world in the making. `imagine` turns a seed into a scene and touches nothing else."""

    def __init__(self, imagine: Callable[[int], Scene]) -> None:
        self._imagine = imagine
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imagine")
        self._future: Future[Scene] | None = None
        self.seed: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a world is in the making, or made and not yet taken."""
        return self._future is not None

    def start(self, seed: int) -> None:
        """Begin a world; while another is in the making, do nothing."""
        if self._future is None:
            self.seed = seed
            self._future = self._pool.submit(self._imagine, seed)

    def take(self, wait: bool = False) -> Scene | None:
        """The finished scene, once; None while it is not finished, unless asked to wait for it.

        Raises whatever `imagine` raised.
        """
        if self._future is None or not (wait or self._future.done()):
            return None
        future, self._future = self._future, None
        return future.result()

    def close(self) -> None:
        """Let the thread finish what it does and end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
