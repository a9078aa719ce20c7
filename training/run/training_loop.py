"""The loop that every family runs in: batches, logs, samples, checkpoints, the clock."""

import dataclasses
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch

from tilewright.errors import DataError
from tilewright.palette import extract_palette

from ..config import Config
from ..data.augment import applied_strength
from ..data.batches import Batches
from ..data.dataset import Dataset
from ..data.split import split
from ..families.family import Family, build_family
from ..watch.care import Care
from ..watch.rules import LOOK_EVERY, Alarm, Figures
from ..watch.watcher import Watcher, broken
from .distributed import ALONE, Crew
from .keeper import Keeper, State
from .run_folder import RunFolder

TIMED_STEPS = 30  # after so many steps `minutes` is turned into a number of steps, and then again and again,
SETTLED = 0.8  # up to this share of the run: a machine that was idle at first may be busy later
PALETTE_FROM = 50_000  # the palette is that of so many pictures, spread evenly over the set


@dataclass(frozen=True)
class Progress:
    """What a progress bar shows. total is 0 until the length of the run is known."""

    step: int
    total: int
    seconds_left: float
    figures: dict[str, float]


def describe(data: Dataset, config: Config) -> dict[str, object]:
    """What a run remembers of its data: all that an export needs, without the art."""
    some = data.images[:: -(-len(data.labels) // PALETTE_FROM)]
    palette = extract_palette(some, config.max_colours, config.transparent)
    return {
        "kinds": list(data.kinds),
        "counts": np.bincount(data.labels, minlength=len(data.kinds)).tolist(),
        "pictures": len(data.images),
        "sha256": data.digest,
        "sources": [{"name": s.name, "licence": s.licence, "author": s.author} for s in data.sources],
        "palette": palette.tolist(),
    }


def restore_family(run: RunFolder, config: Config | None = None) -> Family:
    """The run's networks with freshly drawn weights, ready for `load_checkpoint`; config: other than the run's."""
    palette = np.array(run.data["palette"], dtype=np.uint8)
    return build_family(config or run.config, palette, len(run.data["kinds"]))


def train(
    run: RunFolder,
    data: Dataset,
    *,
    resume: bool = False,
    report: Callable[[Progress], None] | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    crew: Crew = ALONE,
) -> int:
    """Train `run` on `data` to its end and return the number of steps it took in all.

    resume: go on from the newest checkpoint, or from the start where there is none. The batches, the networks' start
    and the schedule depend on the configuration and the step alone, so on one machine's CPU a run of a number of steps
    that was stopped and resumed ends with the weights of one that was not.
    say: takes what the user should read, a sentence at a time.
    crew: the processes that train together; each draws its part of a batch of config.batch pictures a process.
    Ctrl-C ends the step, writes a checkpoint and raises KeyboardInterrupt; TilewrightError for a run that goes bad
    again and again.
    """
    config = run.config
    _prepare_torch(config, crew)
    art, held_out = hold_out(data, config)
    if held_out is None and config.held_out > 0:
        say(
            f"nothing can be held out of {len(data.labels)} tiles in {len(np.unique(data.groups))} groups of "
            "relatives, so overfitting is not watched: more drawings would help"
        )
    together = dataclasses.replace(config, batch=config.batch * crew.size)
    batches = Batches(art, together, run.palette, crew.rank, crew.size)
    watcher = Watcher(config, art, held_out, run.palette) if config.watch and crew.first else None
    keeper = Keeper(run, crew, say, lambda eased: restore_family(run, eased))
    state = keeper.begin(resume)
    clock = _Clock(config, state, crew)
    figures: Figures = {}
    with closing(keeper), _Interrupt() as interrupt:
        while not state.done:
            strength = applied_strength(config, state.care.strength, state.progress)
            batch = batches.draw(state.step, strength).to(crew.device)
            losses = crew.mean(state.family.train_step(batch, state.step, state.progress))
            crew.share_buffers(state.family)
            state.step += 1
            clock.tick(state)
            seen, alarms = look(watcher, state, losses, crew)
            before, state = state, keeper.answer(state, alarms)
            if state is not before:
                figures = {}
                continue
            figures |= losses | seen
            if report is not None:
                report(clock.progress(state, figures))
            stop = crew.any(interrupt.asked)
            keeper.write(state, figures, stop)
            if stop and not state.done:
                raise KeyboardInterrupt
    return state.step


def _prepare_torch(config: Config, crew: Crew) -> None:
    torch.set_num_threads(config.threads or torch.get_num_threads())
    on_cpu = crew.device.type == "cpu"  # a GPU sums in an order of its own: nothing is promised there
    torch.use_deterministic_algorithms(on_cpu)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # it costs 6 %
    torch.backends.mkldnn.deterministic = on_cpu  # type: ignore[assignment]


def hold_out(data: Dataset, config: Config) -> tuple[Dataset, Dataset | None]:
    """(what is trained on, what is kept apart); all and None where nothing can be spared."""
    if config.held_out == 0:
        return data, None
    try:
        return split(data, config.held_out)
    except DataError:
        return data, None


def look(watcher: Watcher | None, state: State, losses: Figures, crew: Crew) -> tuple[Figures, list[Alarm]]:
    """What is seen after a step, and what of it alarms; the first process looks, and all learn of it."""
    alarms = broken(losses)
    if alarms or state.step % LOOK_EVERY:
        return {}, alarms
    found: Figures = {}
    if watcher is not None:
        found, alarms = watcher.look(state.family, state.step, state.care)
    found, rows, care = crew.tell(
        [found, [dataclasses.astuple(alarm) for alarm in alarms], state.care.to_json()]
    )
    state.care = Care.from_json(care)
    return found, [Alarm(*row) for row in rows]


class _Clock:
    """Turns minutes into steps, and steps into what is left of the time."""

    def __init__(self, config: Config, state: State, crew: Crew) -> None:
        self._by_time = config.steps == 0
        self._seconds = config.minutes * 60 * (1.0 - state.progress)  # what a resumed run has left
        self._crew = crew
        self._started, self._taken = time.monotonic(), 0

    def tick(self, state: State) -> None:
        """Once for every step that was taken, also for those that a rescue has undone."""
        self._taken += 1
        first = not state.total and self._taken >= TIMED_STEPS
        again = self._by_time and self._taken % LOOK_EVERY == 0 and 0.0 < state.progress < SETTLED
        if first or again:
            elapsed = time.monotonic() - self._started
            left = (self._seconds - elapsed) * self._taken / elapsed
            state.total = self._crew.tell(state.step + max(1, int(left)))

    def progress(self, state: State, figures: Figures) -> Progress:
        """For a progress bar."""
        seconds = (time.monotonic() - self._started) / self._taken
        return Progress(state.step, state.total, max(0, state.total - state.step) * seconds, figures)


class _Interrupt:
    """While it is open, Ctrl-C only sets `asked`; a second one interrupts at once."""

    def __init__(self) -> None:
        self.asked = False
        self._mine = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> "_Interrupt":
        if self._mine:
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def _ask(self, number: int, frame: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __exit__(self, *exception: object) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, self._before)
