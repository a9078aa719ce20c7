"""The loop that every family runs in: batches, logs, samples, checkpoints, the clock."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch

from tilewright.palette import extract_palette
from tilewright.seeds import LATENT_SCALE, draw_latents

from .batches import Batches, to_colour_space
from .config import Config
from .dataset import Dataset
from .gan import Family, build_family
from .run_folder import RunFolder
from .samples import sample_grid

LOG_EVERY = 10
TIMED_STEPS = 30  # after so many steps `minutes` is turned into a number of steps
SAVE_SECONDS = 60.0  # a crash costs no more than this, however long `checkpoint_every` takes


@dataclass(frozen=True)
class Progress:
    """What a progress bar shows. total is 0 until the length of the run is known."""

    step: int
    total: int
    images_per_second: float
    seconds_left: float
    figures: dict[str, float]


def describe(data: Dataset, config: Config) -> dict[str, object]:
    """What a run remembers of its data: all that an export needs, without the art."""
    palette = extract_palette(data.images, config.max_colours, config.transparent)
    return {
        "kinds": list(data.kinds),
        "counts": np.bincount(data.labels, minlength=len(data.kinds)).tolist(),
        "pictures": len(data.images),
        "sha256": data.digest,
        "sources": [{"name": s.name, "licence": s.licence, "author": s.author} for s in data.sources],
        "palette": palette.tolist(),
    }


def restore_family(run: RunFolder) -> Family:
    """The run's networks with freshly drawn weights, ready for `load_checkpoint`."""
    palette = np.array(run.data["palette"], dtype=np.uint8)
    points = torch.from_numpy(to_colour_space(palette, run.config.transparent))
    return build_family(run.config, points, len(run.data["kinds"]))


def train(
    run: RunFolder,
    data: Dataset,
    *,
    resume: bool = False,
    report: Callable[[Progress], None] | None = None,
) -> int:
    """Train `run` on `data` to its end and return the number of steps it took in all.

    resume: go on from the newest checkpoint, or from the start where there is none. The batches, the networks' start
    and the schedule depend on the configuration and the step alone, so on one machine's CPU a run that was stopped
    and resumed ends with the weights of one that was not. Ctrl-C ends the step, writes a checkpoint and raises
    KeyboardInterrupt.
    """
    config = run.config
    torch.set_num_threads(config.threads or torch.get_num_threads())
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # costs 6 % and changes nothing here
    torch.backends.mkldnn.deterministic = True
    family = restore_family(run)
    palette = None if config.model == "dcgan" else np.array(run.data["palette"], dtype=np.uint8)
    batches = Batches(data, config, palette)
    step, total = 0, config.steps
    if resume and run.checkpoints():
        step, total = run.load_checkpoint(family)
    logs = run.open_logs(step)
    first, started = step, time.monotonic()
    saved = started
    figures: dict[str, float] = {}
    with closing(logs), _Interrupt() as interrupt:
        while not total or step < total:
            progress = step / total if total else 0.0
            figures |= family.train_step(batches.draw(step), step, progress)
            step += 1
            elapsed = time.monotonic() - started
            if not total and step - first >= TIMED_STEPS:
                left = config.minutes * 60 - elapsed
                total = step + max(1, int(left * (step - first) / elapsed))
            if step % LOG_EVERY == 0 or step == total:
                logs.write(step, figures)
            if report is not None:
                speed = (step - first) / elapsed
                report(Progress(step, total, speed * config.batch, max(0, total - step) / speed, figures))
            if total and (step % config.sample_every == 0 or step == total):
                save_samples(run, family, step)
            due = step % config.checkpoint_every == 0 or time.monotonic() - saved > SAVE_SECONDS
            if total and (due or step == total or interrupt.asked):
                run.save_checkpoint(family, step, total)
                saved = time.monotonic()
            if interrupt.asked and step != total:
                raise KeyboardInterrupt
    return step


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


def save_samples(run: RunFolder, family: Family, step: int) -> None:
    """Write samples/step-N.png: a row of pictures per kind, from latents that never change."""
    kinds = run.data["kinds"]
    columns = 16
    latents = torch.from_numpy(draw_latents(0, 0, columns, run.config.latent_size).astype(np.float32))
    labels = torch.arange(len(kinds)).repeat_interleave(columns)
    pictures = family.sample((latents * LATENT_SCALE).repeat(len(kinds), 1), labels)
    sample_grid(pictures.float().numpy(), columns, run.path / "samples" / f"step-{step:08d}.png")
