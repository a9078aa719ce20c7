"""The state of a run between steps: start, checkpoints, and rescues."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tilewright.errors import MachineError, TilewrightError

from ..config import Config
from ..families.family import Family
from ..watch.rescue_state import RescueState, eased, remedy
from ..watch.rules import Alarm, Figures
from .checkpoint import restore, unpack_checkpoint
from .distributed import ProcessGroup, to_device
from .run_folder import Logs, RunFolder
from .samples import save_samples

LOG_EVERY = 10
SAVE_SECONDS = 60.0  # upper limit for the time between checkpoints, whatever `checkpoint_every` is


@dataclass
class State:
    """The state that changes from step to step. total is 0 until the length of the run is known."""

    family: Family
    step: int
    total: int
    rescue: RescueState

    @property
    def progress(self) -> float:
        """The completed share of the run."""
        return self.step / self.total if self.total else 0.0

    @property
    def done(self) -> bool:
        """Whether the run is complete."""
        return bool(self.total) and self.step >= self.total


class RunSupervisor:
    """Starts, saves and rescues a run. Only the first process of a group writes."""

    def __init__(
        self,
        run: RunFolder,
        group: ProcessGroup,
        say: Callable[[str], None],
        build: Callable[[Config], Family],
    ) -> None:
        """say: receives messages for the user. build: creates networks for a configuration."""
        self._run, self._group, self._build = run, group, build
        self._say = say if group.first else _silent
        self._logs: Logs | None = None
        self._saved = time.monotonic()
        self._disk_full = False

    def begin(self, resume: bool) -> State:
        """Return the initial state of a run, or its newest undamaged checkpoint."""
        content = self._run.newest_whole(self._say) if resume and self._group.first else b""
        return self._state_from(self._group.broadcast_bytes(content), RescueState(), self._run.config.steps)

    def _state_from(self, content: bytes, rescue: RescueState, total: int) -> State:
        """Return the state of a checkpoint, or the initial state, with the settings after the rescues so far."""
        step = 0
        checkpoint = unpack_checkpoint(content, str(self._run.path)) if content else None
        if checkpoint is not None and rescue.rescues == 0:
            rescue = checkpoint.rescue
        family = self._build(eased(self._run.config, rescue.rescues))
        if checkpoint is not None:
            restore(family, checkpoint)
            step, total = checkpoint.step, total or checkpoint.total_steps
        to_device(family, self._group.device, self._run.config.compile)
        self._group.join(family)
        self._open_logs(step)
        return State(family, step, total, rescue)

    def _open_logs(self, step: int) -> None:
        self.close()
        if self._group.first:
            self._logs = self._run.open_logs(step)

    def write(self, state: State, figures: Figures, asked_to_stop: bool) -> None:
        """Write logs, samples and a checkpoint when each is due."""
        if not self._group.first:
            return
        config, step = self._run.config, state.step
        if self._logs is not None and (step % LOG_EVERY == 0 or state.done):
            self._logs.write(step, figures)
        if state.total and (step % config.sample_every == 0 or state.done):
            self._guarded(state, lambda: save_samples(self._run, state.family, step, self._group.device))
        due = step % config.checkpoint_every == 0 or time.monotonic() - self._saved > SAVE_SECONDS
        if state.total and (due or state.done or asked_to_stop):
            self._guarded(state, lambda: self._save(state))

    def _save(self, state: State) -> None:
        self._run.save_checkpoint(state.family, state.step, state.total, state.rescue)
        self._saved = time.monotonic()

    def _guarded(self, state: State, write: Callable[[], None]) -> None:
        """Run `write`, and report a full disk instead of stopping before the end. Existing files stay
        complete.
        """
        try:
            write()
            self._disk_full = False
        except MachineError as error:
            if state.done:
                raise
            if not self._disk_full:
                self._say(f"{error}; training continues and tries again at every checkpoint")
                self._run.record(event="cannot write", step=state.step, error=str(error))
            self._disk_full = True
            self._saved = time.monotonic()

    def answer(self, state: State, alarms: list[Alarm]) -> State:
        """Report alarms and return the state to continue from: an earlier one after a rescue.

        Raises TilewrightError if the run has used up its rescues.
        """
        most = self._run.config.rescues
        for alarm in alarms:
            if alarm.rescue and state.rescue.rescues < most:
                return self._put_back(state, alarm)
            original = state.rescue.original_step  # 0: the weights before the first step are of no use
            if alarm.ends and most and original and (content := self._newest_until(original)):
                return self._end_before(state, alarm, content)
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
        content = self._newest_until(state.rescue.healthy_step)
        step = unpack_checkpoint(content, str(self._run.path)).step if content else 0
        rescue = state.rescue.after_rescue(step)
        new = self._state_from(content, rescue, state.total)
        self._say(
            f"step {state.step}: {alarm.sentence}; put back to step {new.step}, with {remedy(self._run.config)} "
            f"(rescue {rescue.rescues} of {self._run.config.rescues})"
        )
        if self._group.first:
            self._note(
                "rescued", state, alarm, back_to=new.step, rescues=rescue.rescues, strength=rescue.strength
            )
            self._guarded(new, lambda: self._save(new))
            self._run.drop_after(new.step)
        return new

    def _newest_until(self, step: int) -> bytes:
        return self._group.broadcast_bytes(self._run.newest_until(step) if self._group.first else b"")

    def _end_before(self, state: State, alarm: Alarm, content: bytes) -> State:
        """Return the state of the checkpoint `content` as the end of the run."""
        new = self._state_from(content, RescueState(), state.total)
        new.total = new.step
        self._say(f"step {state.step}: {alarm.sentence}; the run ends with the weights of step {new.step}")
        if self._group.first:
            self._note("ended", state, alarm, back_to=new.step)
            self._run.end_at(new.step)
            self._guarded(new, lambda: save_samples(self._run, new.family, new.step, self._group.device))
            self._guarded(new, lambda: self._save(new))
            self._run.drop_after(new.step)
        return new

    def _note(self, event: str, state: State, alarm: Alarm, **more: float) -> None:
        if self._group.first:
            self._run.record(event=event, step=state.step, rule=alarm.rule, sentence=alarm.sentence, **more)

    def close(self) -> None:
        """Close the logs."""
        if self._logs is not None:
            self._logs.close()
        self._logs = None


def _silent(sentence: str) -> None:
    """Discard a message, in processes other than the first."""
