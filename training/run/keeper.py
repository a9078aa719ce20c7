"""The state of a run between steps: where it begins, what is saved of it, and how it is put back."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tilewright.errors import MachineError, TilewrightError

from ..config import Config
from ..families.family import Family
from ..watch.care import Care, eased, remedy
from ..watch.rules import Alarm, Figures
from .checkpoint import restore, unpack_checkpoint
from .distributed import Crew, to_device
from .run_folder import Logs, RunFolder
from .samples import save_samples

LOG_EVERY = 10
SAVE_SECONDS = 60.0  # a crash costs no more than this, however long `checkpoint_every` takes


@dataclass
class State:
    """Everything that changes from step to step. total is 0 until the length of the run is known."""

    family: Family
    step: int
    total: int
    care: Care

    @property
    def progress(self) -> float:
        """The share of the run that is done."""
        return self.step / self.total if self.total else 0.0

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return bool(self.total) and self.step >= self.total


class Keeper:
    """Begins, saves and rescues a run. Only the first process of a crew writes."""

    def __init__(
        self, run: RunFolder, crew: Crew, say: Callable[[str], None], build: Callable[[Config], Family]
    ) -> None:
        """say: takes a sentence for the user; build: fresh networks for a configuration."""
        self._run, self._crew, self._build = run, crew, build
        self._say = say if crew.first else _silent
        self._logs: Logs | None = None
        self._saved = time.monotonic()
        self._disk_full = False

    def begin(self, resume: bool) -> State:
        """The start of a run, or its newest undamaged checkpoint."""
        content = self._run.newest_whole(self._say) if resume and self._crew.first else b""
        return self._state_from(self._crew.tell_bytes(content), Care(), self._run.config.steps)

    def _state_from(self, content: bytes, care: Care, total: int) -> State:
        """What a checkpoint says, or the start; with the settings of as many rescues as the run has had."""
        step = 0
        checkpoint = unpack_checkpoint(content, str(self._run.path)) if content else None
        if checkpoint is not None and care.rescues == 0:
            care = checkpoint.care
        family = self._build(eased(self._run.config, care.rescues))
        if checkpoint is not None:
            restore(family, checkpoint)
            step, total = checkpoint.step, total or checkpoint.total_steps
        to_device(family, self._crew.device, self._run.config.compile)
        self._crew.join(family)
        self._open_logs(step)
        return State(family, step, total, care)

    def _open_logs(self, step: int) -> None:
        self.close()
        if self._crew.first:
            self._logs = self._run.open_logs(step)

    def write(self, state: State, figures: Figures, asked_to_stop: bool) -> None:
        """Logs, samples and a checkpoint, each when it is due."""
        if not self._crew.first:
            return
        config, step = self._run.config, state.step
        if self._logs is not None and (step % LOG_EVERY == 0 or state.done):
            self._logs.write(step, figures)
        if state.total and (step % config.sample_every == 0 or state.done):
            self._guarded(state, lambda: save_samples(self._run, state.family, step, self._crew.device))
        due = step % config.checkpoint_every == 0 or time.monotonic() - self._saved > SAVE_SECONDS
        if state.total and (due or state.done or asked_to_stop):
            self._guarded(state, lambda: self._save(state))

    def _save(self, state: State) -> None:
        self._run.save_checkpoint(state.family, state.step, state.total, state.care)
        self._saved = time.monotonic()

    def _guarded(self, state: State, write: Callable[[], None]) -> None:
        """A disk that is full does not stop a run before its end: the files that are there stay whole."""
        try:
            write()
            self._disk_full = False
        except MachineError as error:
            if state.done:
                raise
            if not self._disk_full:
                self._say(f"{error}; the run goes on, and tries again at every checkpoint")
                self._run.record(event="cannot write", step=state.step, error=str(error))
            self._disk_full = True
            self._saved = time.monotonic()

    def answer(self, state: State, alarms: list[Alarm]) -> State:
        """Say what is to be said, and return the state to go on from: an earlier one, if that helps.

        TilewrightError if the run has been put back too often for it to help once more.
        """
        most = self._run.config.rescues
        for alarm in alarms:
            if alarm.rescue and state.care.rescues < most:
                return self._put_back(state, alarm)
            if alarm.fatal and (most or alarm.rule.startswith("broken")):
                self._run.record(event="gave up", step=state.step, rule=alarm.rule)
                raise TilewrightError(
                    f"train: at step {state.step} {alarm.sentence}, and {most} rescues did not help: try more "
                    f"art, another --seed or another preset; {self._run.path} keeps the last healthy checkpoint"
                )
            self._say(f"step {state.step}: {alarm.sentence}")
            self._note("noticed", state, alarm)
        return state

    def _put_back(self, state: State, alarm: Alarm) -> State:
        content = self._run.newest_healthy(state.care) if self._crew.first else b""
        content = self._crew.tell_bytes(content)
        step = unpack_checkpoint(content, str(self._run.path)).step if content else 0
        care = state.care.after_rescue(step)
        new = self._state_from(content, care, state.total)
        self._say(
            f"step {state.step}: {alarm.sentence}; put back to step {new.step}, with {remedy(self._run.config)} "
            f"(rescue {care.rescues} of {self._run.config.rescues})"
        )
        if self._crew.first:
            self._note(
                "rescued", state, alarm, back_to=new.step, rescues=care.rescues, strength=care.strength
            )
            self._guarded(new, lambda: self._save(new))
            self._run.drop_after(new.step)
        return new

    def _note(self, event: str, state: State, alarm: Alarm, **more: float) -> None:
        if self._crew.first:
            self._run.record(event=event, step=state.step, rule=alarm.rule, sentence=alarm.sentence, **more)

    def close(self) -> None:
        """Close the logs."""
        if self._logs is not None:
            self._logs.close()
        self._logs = None


def _silent(sentence: str) -> None:
    """For processes that do not speak."""
