"""The training loop of all families: batches, logs, samples, checkpoints and timing."""

import dataclasses
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tilewright.palette import extract_palette
from tilewright.texture import texture_of
from tilewright.training_texts import TrainingTexts

from ..config import Config
from ..data.augment import applied_strength
from ..data.batches import Batches, Indexer, per_pixel
from ..data.dataset import Dataset
from ..data.gate import gate_of
from ..data.split import hold_out
from ..data.tokens import symbol_colours, texts_of
from ..data.vocabulary import kind_counts
from ..families.family import Family, build_family
from ..watch.rescue_state import RescueState
from ..watch.rules import LOOK_EVERY, Alarm, Figures
from ..watch.watcher import Watcher, broken
from .distributed import ALONE, ProcessGroup
from .run_folder import RunFolder
from .supervisor import RunSupervisor, State

TIMED_STEPS = 30  # steps after which `minutes` is converted to a number of steps; repeated regularly
SETTLED = 0.8  # until this share of the run, because steps of another phase, or a busier machine, take longer
RECENT = 4  # times that the number of steps is determined, of whose steps the pace is that of the rest
PALETTE_FROM = 50_000 * 256  # number of pixels, of evenly spaced pictures, that determine the palette
EXAMPLE_MAPS = 16
TEXTURE_FROM = 4096  # pictures


@dataclass(frozen=True)
class Progress:
    """The state of a progress bar. total is 0 until the length of the run is known."""

    step: int
    total: int
    seconds_left: float
    figures: dict[str, float]


def describe(data: Dataset, config: Config) -> dict[str, Any]:
    """Return the facts about the data that a run stores: all that an export needs besides the weights."""
    some = data.images[:: -(-len(data.labels) * config.cells // PALETTE_FROM)]
    facts: dict[str, Any] = {}
    if config.tokens:
        facts = {"symbols": list(data.symbols)}
        if config.lines == 1:
            known = TrainingTexts.of(texts_of(data), data.labels.tolist(), len(data.kinds))
            facts["training_texts"] = known.to_metadata()
        palette = symbol_colours(len(data.symbols))
    else:
        palette = data.palette
        if palette is None:
            palette = extract_palette(some, config.max_colours, config.transparent)
    if data.kind_maps is not None:
        maps = np.asarray(data.kind_maps)
        facts |= {"cell": data.cell, "kind_maps": _example_maps(maps).tolist()}
        if not config.upsampler:
            facts["texture"] = _texture(data, maps, palette)
        sheet = data.sheet
        facts |= {"sheet": [sheet.rows, sheet.columns], "copies": [list(copy) for copy in sheet.copies]}
    words = data.vocabulary
    return facts | {
        "kinds": list(data.kinds),
        "counts": np.bincount(data.labels, minlength=len(data.kinds)).tolist(),
        "pictures": len(data.images),
        "sha256": data.digest,
        "sources": [{"name": s.name, "licence": s.licence, "author": s.author} for s in data.sources],
        "palette": palette.tolist(),
        **({"words": list(words.words), "words_sha256": words.digest} if config.words else {}),
        **word_kinds(data, config.words),
        **gate_of(data, config.held_out, palette if config.traits.uses_palette else None),
    }


def word_kinds(data: Dataset, words: bool) -> dict[str, object]:
    """Return the field `word_kinds` of data.json and of a pack's metadata, or nothing without words or with maps."""
    if not words or data.kind_maps is not None:
        return {}
    return {"word_kinds": kind_counts(data.labels, len(data.kinds), data.vocabulary.has)}


def _example_maps(maps: np.ndarray) -> np.ndarray:
    """Return some maps of kinds, of those with several kinds if there are any."""
    mixed = np.flatnonzero((maps != maps[:, :1, :1]).any(axis=(1, 2)))
    some = maps[mixed] if len(mixed) else maps
    return some[np.linspace(0, len(some) - 1, EXAMPLE_MAPS).astype(np.int64)]


def _texture(data: Dataset, maps: np.ndarray, palette: np.ndarray) -> list[list[int]]:
    """Return the texture of each kind in evenly spaced pictures."""
    which = np.linspace(0, len(maps) - 1, min(len(maps), TEXTURE_FROM)).astype(np.int64)
    cells = Indexer(palette)(np.asarray(data.images[which])).astype(np.uint8)
    kinds = per_pixel(maps[which], data.cell)
    return texture_of(cells, kinds, len(data.kinds))


def restore_family(run: RunFolder, config: Config | None = None) -> Family:
    """Create the networks of a run, ready for `load_checkpoint`. config: replaces that of the run."""
    palette = np.array(run.data["palette"], dtype=np.uint8)
    kinds = len(run.data["kinds"])
    return build_family(config or run.config, palette, kinds, run.kind_maps, len(run.words))


def train(
    run: RunFolder,
    data: Dataset,
    *,
    resume: bool = False,
    report: Callable[[Progress], None] | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    group: ProcessGroup = ALONE,
) -> int:
    """Train `run` on `data` to its end. Returns the total number of steps.

    resume: continue from the newest checkpoint, if there is one. Batches, initial weights and schedules
    depend only on the configuration and the step. A run with a fixed number of steps that is stopped and
    resumed on the same machine's CPU therefore ends with bit-identical weights. say: receives messages for
    the user, one sentence each. group: the processes that train together; each draws its part of a batch of
    config.batch pictures per process. Ctrl-C finishes the step, writes a checkpoint and raises
    KeyboardInterrupt. Raises TilewrightError if the run fails repeatedly.
    """
    config = run.config
    _prepare_torch(config, group)
    art, held_out = hold_out(data, config.held_out)
    if held_out is None and config.held_out > 0:
        say(
            f"nothing can be held out of {len(data.labels)} tiles in {len(np.unique(data.groups))} groups of "
            "relatives, so overfitting is not watched: more drawings would help"
        )
    together = dataclasses.replace(config, batch=config.batch * group.size)
    batches = Batches(art, together, run.palette, group.rank, group.size)
    watcher = Watcher(config, art, held_out, run.palette) if config.watch and group.first else None
    supervisor = RunSupervisor(run, group, say, lambda eased: restore_family(run, eased))
    state = supervisor.begin(resume)
    clock = _Clock(config, state, group)
    figures: Figures = {}
    with closing(supervisor), _Interrupt() as interrupt:
        while not state.done:
            strength = applied_strength(config, state.rescue.strength, state.progress)
            batch = batches.draw(state.step, strength).to(group.device)
            losses = group.mean(state.family.train_step(batch, state.step, state.progress))
            group.share_buffers(state.family)
            state.step += 1
            clock.tick(state)
            seen, alarms = look(watcher, state, losses, group)
            before, state = state, supervisor.answer(state, alarms)
            if state is not before:
                figures = {}
                continue
            figures |= losses | seen
            if report is not None:
                report(clock.progress(state, figures))
            stop = group.any(interrupt.asked)
            supervisor.write(state, figures, stop)
            if stop and not state.done:
                raise KeyboardInterrupt
    return state.step


def _prepare_torch(config: Config, group: ProcessGroup) -> None:
    torch.set_num_threads(config.threads or torch.get_num_threads())
    # GPUs sum in an undefined order, so there is no promise of determinism
    on_cpu = group.device.type == "cpu"
    torch.use_deterministic_algorithms(on_cpu)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # it costs 6 %
    torch.backends.mkldnn.deterministic = on_cpu  # type: ignore[assignment]


def look(
    watcher: Watcher | None, state: State, losses: Figures, group: ProcessGroup
) -> tuple[Figures, list[Alarm]]:
    """Return the figures and alarms after a step. The first process computes them for all."""
    alarms = broken(losses)
    if alarms or state.step % LOOK_EVERY:
        return {}, alarms
    found: Figures = {}
    if watcher is not None:
        found, alarms = watcher.look(state.family, state.step, state.rescue)
    found, rows, rescue = group.broadcast(
        [found, [dataclasses.astuple(alarm) for alarm in alarms], state.rescue.to_json()]
    )
    state.rescue = RescueState.from_json(rescue)
    return found, [Alarm(*row) for row in rows]


class _Clock:
    """Converts minutes to steps, and steps to remaining time."""

    def __init__(self, config: Config, state: State, group: ProcessGroup) -> None:
        self._by_time = config.steps == 0
        self._seconds = config.minutes * 60 * (1.0 - state.progress)  # remaining time of a resumed run
        self._group = group
        self._started, self._taken = time.monotonic(), 0
        self._marks = deque([(self._started, 0)], maxlen=RECENT)

    def tick(self, state: State) -> None:
        """Count a step, including steps that a rescue undid."""
        self._taken += 1
        first = not state.total and self._taken >= TIMED_STEPS
        again = self._by_time and self._taken % LOOK_EVERY == 0 and 0.0 < state.progress < SETTLED
        if first or again:
            now, (since, taken) = time.monotonic(), self._marks[0]
            pace = (self._taken - taken) / (now - since)
            left = (self._seconds - (now - self._started)) * pace
            state.total = self._group.broadcast(state.step + max(1, int(left)))
            self._marks.append((now, self._taken))

    def progress(self, state: State, figures: Figures) -> Progress:
        """Return the state for a progress bar."""
        seconds = (time.monotonic() - self._started) / self._taken
        return Progress(state.step, state.total, max(0, state.total - state.step) * seconds, figures)


class _Interrupt:
    """While open, Ctrl-C only sets `asked`. A second Ctrl-C interrupts at once."""

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
