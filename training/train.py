"""`tilewright train`: art in, a run folder out, with a progress bar."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tilewright.errors import DataError

from . import training_loop
from .config import preset
from .dataset import Dataset, read_art
from .run_folder import RunFolder


@dataclasses.dataclass(frozen=True)
class Reading:
    """How the art is read: the arguments of `read_art`, kept in data.json so that a run can be resumed."""

    folders: tuple[str, ...]
    size: int
    kinds: str | None = None
    margin: int | None = None
    spacing: int | None = None
    transparent: bool | None = None

    def read(self, console: Console) -> Dataset:
        """The data set; prints what was found and what was skipped."""
        data, report = read_art(
            [Path(folder) for folder in self.folders],
            self.size,
            kinds=Path(self.kinds) if self.kinds else None,
            margin=self.margin,
            spacing=self.spacing,
            transparent=self.transparent,
        )
        console.print(str(report), highlight=False, markup=False)
        return data


def start(
    output: Path,
    folders: Sequence[Path],
    size: int,
    preset_name: str = "gan",
    *,
    reading: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    console: Console | None = None,
) -> RunFolder:
    """Read the art, make the run folder, train to the end.

    reading: further fields of Reading; overrides: fields of Config. `transparent` follows from the art as it was
    read; `wrap`, where it is not given, too: opaque tiles are made on a torus, but for DCGAN.
    """
    console = console or Console(stderr=True)
    how = Reading(tuple(str(f.resolve()) for f in folders), size, **(reading or {}))
    chosen = dict(overrides or {})
    draft = preset(preset_name, size=size, **chosen)  # refuse what is wrong before the art is read
    RunFolder.check_new(output)
    data = how.read(console)
    chosen["transparent"] = bool((data.images[..., 3] == 0).any())
    chosen.setdefault("wrap", not chosen["transparent"] and draft.model != "dcgan")
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        chosen.setdefault("bfloat16", False)
    if draft.threads == 0:
        chosen["threads"] = torch.get_num_threads()
    config = preset(preset_name, size=size, **chosen)
    facts = {**training_loop.describe(data, config), "reading": dataclasses.asdict(how)}
    run = RunFolder.create(output, config, facts)
    _train(run, data, False, console)
    return run


def resume(output: Path, folders: Sequence[Path] = (), console: Console | None = None) -> RunFolder:
    """Go on with a run from its newest checkpoint; DataError if the art has changed since.

    folders: where the art lies now, if it has moved.
    """
    console = console or Console(stderr=True)
    run = RunFolder(output)
    try:
        kept = dict(run.data["reading"])
        kept["folders"] = tuple(str(f.resolve()) for f in folders) or tuple(kept["folders"])
        how = Reading(**kept)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{output}/data.json does not say where the art is: start a new run") from error
    data = how.read(console)
    if data.digest != run.data["sha256"]:
        raise DataError(
            f"train --resume: the art in {', '.join(how.folders)} is not what {output} was begun with: "
            "put it back, or start a new run"
        )
    _train(run, data, True, console)
    return run


def _train(run: RunFolder, data: Dataset, resumed: bool, console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.fields[of]} steps"),
        TextColumn("{task.fields[speed]:.0f} images/s"),
        TextColumn("critic {task.fields[critic]:.3f}  generator {task.fields[generator]:.3f}"),
        TextColumn("{task.fields[left]} left"),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task("training", total=None, of="?", speed=0.0, critic=0.0, generator=0.0, left="?")

        def show(progress: training_loop.Progress) -> None:
            bar.update(
                task,
                completed=progress.step,
                total=progress.total or None,
                of=progress.total or "?",
                speed=progress.images_per_second,
                critic=progress.figures["critic"],
                generator=progress.figures["generator"],
                left=str(timedelta(seconds=int(progress.seconds_left))) if progress.total else "?",
            )

        try:
            steps = training_loop.train(run, data, resume=resumed, report=show)
        except KeyboardInterrupt:
            bar.stop()
            console.print(f"stopped; go on with: tilewright train --resume -o {run.path}", markup=False)
            raise
    console.print(f"{steps} steps done: {run.path}", markup=False)
