"""The files of a run: config.json, data.json, losses.jsonl, events.jsonl, TensorBoard events, samples/,
checkpoints/.

Files other than logs are written under a temporary name, flushed to disk and renamed, so a crash leaves the
old file intact. Nothing is pickled.
"""

import dataclasses
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from tilewright.errors import DataError, MachineError, UsageError
from tilewright.files import read_json, read_text, remove_left_over, write_atomically
from tilewright.frame_sheets import FrameSheet

from ..config import Config, config_from_json
from ..data.batches import per_pixel
from ..families.family import Family
from ..watch.rescue_state import RescueState
from .checkpoint import pack_checkpoint, read_checkpoint, restore, unpack_checkpoint
from .run_parts import FOLDERS, check_data, check_parts, sheet_of

KEPT_CHECKPOINTS = 2  # plus those to which a rescue would return
MAX_LOG_BYTES = 1 << 28
MAX_DATA_BYTES = 1 << 23  # of data.json, which lists all kinds and sources
_CHECKPOINT = re.compile(r"step-[0-9]{8}\.safetensors")

if sys.platform != "win32":
    import fcntl


class RunFolder:
    """Reads and writes one run. `create` makes a new folder, the constructor opens an existing one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            check_parts(path)
            self.config = config_from_json(read_json(path / "config.json", follow=False))
            self.data = check_data(read_json(path / "data.json", MAX_DATA_BYTES, follow=False), self.config)
        except (OSError, ValueError) as error:
            why = str(error).removeprefix("train: ")
            raise DataError(f"{path} is not a run folder: {why}. `tilewright train` makes one.") from error

    @classmethod
    def create(cls, path: Path, config: Config, data: dict[str, Any]) -> "RunFolder":
        """Create the folder. Raises UsageError if it already holds a run."""
        cls.check_new(path)
        try:
            for folder in (path, path / "samples", path / "checkpoints"):
                folder.mkdir(parents=True, exist_ok=True)
            check_parts(path)
        except OSError as error:
            raise MachineError(f"train: cannot make the folder {path}: {error.strerror}") from error
        except ValueError as error:
            raise UsageError(f"train: {path} cannot hold a run: {error}: name a new folder") from error
        write_atomically(path / "data.json", json.dumps(data, indent=1).encode())
        cls.of_another(path, config, data).keep_config()
        return cls(path)

    @classmethod
    def of_another(cls, path: Path, config: Config, data: dict[str, Any]) -> "RunFolder":
        """Return a run that another process writes, perhaps on another machine. Reads nothing."""
        run = cls.__new__(cls)
        run.path, run.config, run.data = path, config, data
        return run

    @property
    def palette(self) -> np.ndarray | None:
        """uint8 (K, 4): the colours of the pictures; None for a family with arbitrary colours."""
        return np.array(self.data["palette"], np.uint8) if self.config.traits.uses_palette else None

    @property
    def kind_maps(self) -> np.ndarray | None:
        """uint8 (M, H, W): examples of the kinds of pixels; None if pictures have one kind each."""
        if "kind_maps" not in self.data:
            return None
        return per_pixel(np.array(self.data["kind_maps"], np.uint8), self.data["cell"])

    def reads(self, option: str) -> bool:
        """Whether the run was begun with a flag that is a field of Reading, such as "halve" or "upsampler"."""
        return bool((self.data.get("reading") or {}).get(option))

    @property
    def sheet(self) -> FrameSheet:
        """The frames of a picture."""
        return sheet_of(self.data, self.config)

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary of the network; empty if it takes no words."""
        return tuple(self.data["words"]) if self.config.words else ()

    def lengthen(self, steps: int) -> None:
        """Set the end of the run to `steps`; `keep_config` stores it. Raises UsageError if the run has
        reached that step.
        """
        try:
            reached = int(self.newest_checkpoint().stem.removeprefix("step-"))
        except DataError:
            reached = 0
        if steps <= reached:
            raise UsageError(f"train: {self.path} has {reached} steps already: --steps counts from the start")
        self._set_steps(steps)

    def end_at(self, steps: int) -> None:
        """Make `steps`, which the run has reached, its length, so that a resumed run does not go on."""
        if self.config.steps:
            self._set_steps(steps)
            self.keep_config()

    def _set_steps(self, steps: int) -> None:
        self.config = dataclasses.replace(self.config, steps=steps, minutes=0.0)

    def keep_config(self) -> None:
        """Write config.json again."""
        write_atomically(self.path / "config.json", json.dumps(self.config.to_json(), indent=1).encode())

    @staticmethod
    def check_new(path: Path) -> None:
        """Raise UsageError if `path` is a file or already holds a run."""
        if path.exists() and not path.is_dir():
            raise UsageError(f"train: {path} is a file: name a folder to make")
        if (path / "config.json").exists():
            raise UsageError(
                f"train: {path} already holds a run: go on with --resume, or choose another folder"
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the run within a `with` block. Raises UsageError if another process trains it.

        Removes partial files of a killed process first.
        """
        with ExitStack() as stack:
            try:
                lock = stack.enter_context(_open_own(self.path / "lock"))
                if sys.platform != "win32":  # Windows: concurrent processes of one run are not detected
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for folder in (self.path, *(self.path / name for name in FOLDERS)):
                    if folder.is_dir():
                        remove_left_over(folder)
            except BlockingIOError as error:
                raise UsageError(
                    f"train: another process is training {self.path}: wait for it, or choose another folder"
                ) from error
            except OSError as error:
                raise MachineError(f"train: cannot write to {self.path}: {error.strerror}") from error
            yield

    def open_logs(self, step: int) -> "Logs":
        """Open the logs, truncated to entries before `step`."""
        return Logs(self.path, step)

    def record(self, **event: Any) -> None:
        """Append an event to events.jsonl. The file is never truncated, because a step may be reached twice."""
        try:
            with _open_own(self.path / "events.jsonl") as file:
                file.write(json.dumps(event) + "\n")
        except OSError:
            return  # the caller reports a full disk

    def checkpoints(self) -> list[Path]:
        """Return complete checkpoints, oldest first."""
        found = (self.path / "checkpoints").glob("step-*.safetensors")
        return sorted(path for path in found if _CHECKPOINT.fullmatch(path.name))

    def save_checkpoint(self, family: Family, step: int, total_steps: int, rescue: RescueState) -> None:
        """Write everything that the steps after `step` depend on, then delete obsolete checkpoints."""
        content = pack_checkpoint(family, step, total_steps, rescue)
        write_atomically(self._path_of(step), content)
        found = self.checkpoints()
        kept = found[-KEPT_CHECKPOINTS:]
        for needed in (rescue.healthy_step, rescue.original_step):
            kept += [path for path in found if path.name <= self._path_of(needed).name][-1:]
        for old in found:
            if old not in kept:
                old.unlink()

    def _path_of(self, step: int) -> Path:
        return self.path / "checkpoints" / f"step-{step:08d}.safetensors"

    def load_checkpoint(self, family: Family, path: Path | None = None) -> tuple[int, int]:
        """Restore `family` from the newest checkpoint or `path`. Returns (step, total steps)."""
        path = path or self.newest_checkpoint()
        checkpoint = unpack_checkpoint(read_checkpoint(path), str(path))
        restore(family, checkpoint)
        return checkpoint.step, checkpoint.total_steps

    def newest_checkpoint(self) -> Path:
        """Return the newest checkpoint. Raises DataError if there is none."""
        found = self.checkpoints()
        if not found:
            raise DataError(f"{self.path} holds no checkpoint yet: let the run reach its first one")
        return found[-1]

    def newest_whole(self, say: Callable[[str], None]) -> bytes:
        """Return the bytes of the newest undamaged checkpoint, or b"" if the run has none.

        Damaged ones are renamed to *.damaged and reported. Raises DataError if all are damaged.
        """
        found = self.checkpoints()
        for path in reversed(found):
            try:
                content = read_checkpoint(path)
                unpack_checkpoint(content, str(path))
            except DataError as error:
                if path == found[0]:
                    raise
                say(f"{error}; going on from the one before it")
                self.record(event="damaged checkpoint", file=path.name)
                path.replace(path.with_suffix(".damaged"))
            else:
                return content
        return b""

    def newest_until(self, step: int) -> bytes:
        """Return the bytes of the newest undamaged checkpoint of at most `step` steps, or b"" if there is none."""
        for path in reversed(self.checkpoints()):
            if path.name <= self._path_of(step).name:
                try:
                    content = read_checkpoint(path)
                    unpack_checkpoint(content, str(path))
                except DataError:
                    continue
                return content
        return b""

    def drop_after(self, step: int) -> None:
        """Delete the checkpoints after `step`, when a run is put back."""
        for path in self.checkpoints():
            if path.name > self._path_of(step).name:
                path.unlink()


class Logs:
    """losses.jsonl and TensorBoard events, truncated to `step`, so that a resumed run does not log a step
    twice.

    A full or missing disk does not stop the run: entries that cannot be written are lost.
    """

    def __init__(self, path: Path, step: int) -> None:
        file = path / "losses.jsonl"
        kept = [line for line in _lines(file) if _step_of(line) <= step]
        write_atomically(file, "".join(kept).encode())
        self._jsonl = _open_own(file)
        self._board = SummaryWriter(str(path / "tensorboard"), purge_step=step + 1 if step else None)

    def write(self, step: int, figures: dict[str, float]) -> None:
        """Append one line and one point per curve."""
        try:
            line = {"step": step, **{k: round(v, 6) for k, v in figures.items()}}
            self._jsonl.write(json.dumps(line) + "\n")
            self._jsonl.flush()
            for name, value in figures.items():
                self._board.add_scalar(name, value, step)
        except OSError:
            return

    def close(self) -> None:
        """Flush and close both files."""
        for log in (self._jsonl, self._board):
            try:
                log.close()
            except OSError:
                continue


def _lines(file: Path) -> list[str]:
    return read_text(file, MAX_LOG_BYTES, follow=False).splitlines(keepends=True) if file.exists() else []


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (
        ArithmeticError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ):  # partial last line of a killed run
        return float("inf")


def _open_own(path: Path) -> TextIO:
    """Open a file of the run for appending. Raises OSError for a link, even one created meanwhile."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return open(os.open(path, flags, 0o666), "a", encoding="utf-8")
