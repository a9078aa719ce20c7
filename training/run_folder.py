"""A run on disk: config.json, data.json, losses.jsonl, TensorBoard events, samples/ and checkpoints/.

Every file but the two logs is written under a temporary name, flushed to the disk and renamed, so that a crash
leaves the old one whole. Nothing is pickled.
"""

import json
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from tilewright.errors import DataError, MachineError, UsageError
from tilewright.files import write_atomically

from .config import Config, config_from_json
from .gan import Family

KEPT_CHECKPOINTS = 2
DATA_KEYS = ("kinds", "counts", "pictures", "sha256", "sources", "palette")


class RunFolder:
    """Reads and writes one run. `create` makes a new one, the constructor opens one that is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.config = config_from_json(json.loads((path / "config.json").read_text()))
            self.data: dict[str, Any] = dict(json.loads((path / "data.json").read_text()))
            missing = [key for key in DATA_KEYS if key not in self.data]
            if missing:
                raise KeyError(f"data.json lacks {', '.join(missing)}")
        except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise DataError(f"{path} is not a run folder: {error}. `tilewright train` makes one.") from error

    @classmethod
    def create(cls, path: Path, config: Config, data: dict[str, Any]) -> "RunFolder":
        """Make the folder; UsageError if it already holds a run."""
        cls.check_new(path)
        try:
            for folder in (path, path / "samples", path / "checkpoints"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MachineError(f"train: cannot make the folder {path}: {error.strerror}") from error
        write_atomically(path / "data.json", json.dumps(data, indent=1).encode())
        write_atomically(path / "config.json", json.dumps(config.to_json(), indent=1).encode())
        return cls(path)

    @staticmethod
    def check_new(path: Path) -> None:
        """UsageError if `path` already holds a run, or is a file."""
        if path.exists() and not path.is_dir():
            raise UsageError(f"train: {path} is a file: name a folder to make")
        if (path / "config.json").exists():
            raise UsageError(
                f"train: {path} already holds a run: go on with --resume, or choose another folder"
            )

    def open_logs(self, step: int) -> "Logs":
        """The logs, cut back to what was written before `step`."""
        return Logs(self.path, step)

    def checkpoints(self) -> list[Path]:
        """Finished checkpoints, oldest first."""
        return sorted((self.path / "checkpoints").glob("step-*.safetensors"))

    def save_checkpoint(self, family: Family, step: int, total_steps: int) -> None:
        """Write everything that the steps after `step` depend on, then drop all but the newest checkpoints."""
        tensors = _family_tensors(family)
        metadata = {"step": str(step), "total_steps": str(total_steps)}
        content = safetensors.torch.save(tensors, metadata)
        write_atomically(self.path / "checkpoints" / f"step-{step:08d}.safetensors", content)
        for old in self.checkpoints()[:-KEPT_CHECKPOINTS]:
            old.unlink()

    def load_checkpoint(self, family: Family, path: Path | None = None) -> tuple[int, int]:
        """Restore `family` from the newest checkpoint (or `path`); return its (step, total steps)."""
        path = path or self.newest_checkpoint()
        tensors, step, total = _read(path)
        _restore(family, tensors, path)
        return step, total

    def newest_checkpoint(self) -> Path:
        """The newest checkpoint; DataError if there is none yet."""
        found = self.checkpoints()
        if not found:
            raise DataError(f"{self.path} holds no checkpoint yet: let the run reach its first one")
        return found[-1]


def _read(path: Path) -> tuple[dict[str, Tensor], int, int]:
    """A checkpoint's tensors, step and total steps."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        return tensors, int(metadata["step"]), int(metadata["total_steps"])
    except Exception as error:  # the library's own, OSError, and whatever strange metadata leads to
        raise DataError(f"{path} is not a readable checkpoint: {error}") from error


def _family_tensors(family: Family) -> dict[str, Tensor]:
    tensors = {
        f"{name}/{key}": value.contiguous()
        for name, module in family.modules.items()
        for key, value in module.state_dict().items()
    }
    for name, optimizer in family.optimizers.items():
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                tensors[f"optimizer/{name}/{index}/{key}"] = torch.as_tensor(value).contiguous()
    return tensors


def _restore(family: Family, tensors: dict[str, Tensor], path: Path) -> None:
    try:
        for name, module in family.modules.items():
            prefix = f"{name}/"
            module.load_state_dict(
                {key.removeprefix(prefix): v for key, v in tensors.items() if key.startswith(prefix)}
            )
        for name, optimizer in family.optimizers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in tensors.items():
                if key.startswith(f"optimizer/{name}/"):
                    _, _, index, field = key.split("/")
                    state.setdefault(int(index), {})[field] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    except (KeyError, RuntimeError, ValueError) as error:
        raise DataError(f"{path} does not fit this run's networks: {error}") from error


class Logs:
    """losses.jsonl and TensorBoard, cut back to `step` so that a resumed run does not tell a story twice."""

    def __init__(self, path: Path, step: int) -> None:
        file = path / "losses.jsonl"
        kept = [line for line in _lines(file) if _step_of(line) <= step]
        write_atomically(file, "".join(kept).encode())
        self._jsonl = file.open("a")
        self._board = SummaryWriter(str(path / "tensorboard"), purge_step=step + 1 if step else None)

    def write(self, step: int, figures: dict[str, float]) -> None:
        """Append one line and one point per curve."""
        self._jsonl.write(json.dumps({"step": step, **{k: round(v, 6) for k, v in figures.items()}}) + "\n")
        self._jsonl.flush()
        for name, value in figures.items():
            self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Flush and close both."""
        self._jsonl.close()
        self._board.close()


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines(keepends=True) if file.exists() else []


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError):  # the half-written last line of a killed run
        return float("inf")
