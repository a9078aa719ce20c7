"""Generates scenes on a separate thread, so that the game stays playable."""

from collections.abc import Callable
from concurrent.futures import Future

from .assets import Scene
from .background import Background

Place = tuple[int, int, int]  # the arguments of Assets.scene


class Worker:
    """Generates scenes in the order of requests. `make` maps a place to a scene without side effects."""

    def __init__(self, make: Callable[[int, int, int], Scene], name: str = "scenes") -> None:
        self._make, self._background = make, Background(name)
        self._futures: dict[Place, Future[Scene]] = {}

    def request(self, place: Place) -> None:
        """Start to generate a scene, unless it is requested already."""
        if place not in self._futures:
            self._futures[place] = self._background.submit(self._make, *place)

    def ready(self, place: Place) -> bool:
        """Whether a requested scene is finished, or has failed."""
        return place in self._futures and self._futures[place].done()

    def take(self, place: Place) -> Scene:
        """Return a scene once, after waiting for it. Raises the exception of `make`. Forgets all other requests."""
        self.request(place)
        scene = self._futures.pop(place).result()
        self.forget()
        return scene

    def forget(self, keep: Place | None = None) -> None:
        """Drop all requests but that of a place, and that for the scene that is being generated."""
        for place, future in list(self._futures.items()):
            if place != keep and (future.cancel() or future.done()):
                del self._futures[place]

    def close(self) -> None:
        """End the thread, without waiting for a scene that is being generated."""
        self._background.close()
