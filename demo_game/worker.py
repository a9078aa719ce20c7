"""Generates scenes on a separate thread, so that the game stays playable."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from .assets import Scene

Place = tuple[int, int, int]  # the arguments of Assets.scene


class Worker:
    """Generates scenes in the order of requests. `make` maps a place to a scene without side effects."""

    def __init__(self, make: Callable[[int, int, int], Scene]) -> None:
        self._make = make
        self._futures: dict[Place, Future[Scene]] = {}
        self._waiting: list[Place] = []
        self._made: Place | None = None  # at the moment
        self._changed, self._closed = threading.Condition(), False
        # Daemon: a tileset takes seconds, and nobody waits for it who leaves the game.
        threading.Thread(target=self._run, name="scenes", daemon=True).start()

    def request(self, place: Place) -> None:
        """Start to generate a scene, unless it is requested already."""
        with self._changed:
            if place not in self._futures:
                self._futures[place] = Future()
                self._waiting.append(place)
                self._changed.notify()

    def ready(self, place: Place) -> bool:
        """Whether a requested scene is finished, or has failed."""
        return place in self._futures and self._futures[place].done()

    def take(self, place: Place) -> Scene:
        """Return a scene once, after waiting for it. Raises the exception of `make`. Forgets all other requests."""
        self.request(place)
        scene = self._futures[place].result()
        del self._futures[place]
        self.forget()
        return scene

    def forget(self) -> None:
        """Drop all requests but that for the scene that is being generated."""
        with self._changed:
            self._waiting.clear()
            self._futures = {place: future for place, future in self._futures.items() if place == self._made}

    def close(self) -> None:
        """End the thread, without waiting for a scene that is being generated."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                self._made = place = self._waiting.pop(0)
                future = self._futures[place]
            try:
                future.set_result(self._make(*place))
            except Exception as error:  # `take` raises it
                future.set_exception(error)
