"""Generates scenes on a separate thread, so that the game stays playable."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .assets import Scene

Place = tuple[int, int, int]  # the arguments of Assets.scene


class Worker:
    """Generates scenes in the order of requests. `make` maps a place to a scene without side effects."""

    def __init__(self, make: Callable[[int, int, int], Scene]) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scenes")
        self._futures: dict[Place, Future[Scene]] = {}

    def request(self, place: Place) -> None:
        """Start to generate a scene, unless it is requested already."""
        if place not in self._futures:
            self._futures[place] = self._pool.submit(self._make, *place)

    def ready(self, place: Place) -> bool:
        """Whether a requested scene is finished, or has failed."""
        return place in self._futures and self._futures[place].done()

    def take(self, place: Place) -> Scene:
        """Return a scene once, after waiting for it. Raises the exception of `make`. Forgets all other requests."""
        self.request(place)
        scene = self._futures.pop(place).result()
        for future in self._futures.values():
            future.cancel()
        self._futures.clear()
        return scene

    def close(self) -> None:
        """Wait for the thread to finish, and end it."""
        self._pool.shutdown(wait=True, cancel_futures=True)
