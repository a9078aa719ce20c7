"""`tilewright train`: read art, train, and show a progress bar."""

import dataclasses
import shlex
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tilewright.errors import DataError, UsageError, escaped
from tilewright.names import plain_name

from ..config import PRESETS, Config, config_from_json, preset
from ..data import sheets, terrain
from ..data.dataset import Dataset
from ..data.tokens import holds_tokens, read_tokens
from ..doctor.choice import choose, look_at, sentence
from ..doctor.size import USUAL, find_size
from ..models import MODELS
from ..size import Size, as_size, is_doubled
from ..watch.words import FALLING, Words
from . import training_loop
from .adapt import begin_from
from .base import Base, check_fit, find_base
from .distributed import ProcessGroup, open_group
from .reading import Reading
from .run_folder import RunFolder
from .samples import sample_path

READ_AT_ONCE = 4096


def start(
    output: Path,
    folders: Sequence[Path],
    size: int | Size | None = None,
    preset_name: str | None = None,
    *,
    reading: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    console: Console | None = None,
    device: str = "auto",
    again: str | None = None,
    base: str | None = None,
) -> RunFolder:
    """Read the art, create the run folder and train to the end.

    size: (height, width) in pixels, or one number for squares; detected if None. preset_name: a row of
    PRESETS; without it and overrides["model"], the art determines the family. reading: further fields of
    Reading; with "terrain", the art is random maps, with "sheets", the frames of characters, with "halve", pictures of
    half the size, and with "upsampler", pictures with their halves.
    overrides: fields of Config. `transparent` follows from the art, and `wrap` is by default set for opaque tiles if
    the family supports it. device: auto, cpu or cuda.
    Under torchrun, every process calls this function, and they train one model together. again: the command line
    that continues an interrupted run, if the training is part of another command. base: the file, run folder or name
    of a base whose weights the training starts from (base.py); it determines the size of the networks.
    """
    console = console or Console(stderr=True)
    chosen = dict(overrides or {})
    reading = dict(reading or {})
    start_from = None if base is None else find_base(base)
    if start_from is not None:
        preset_name, chosen = _of_base(start_from, preset_name, chosen, folders)
    if reading.get("terrain"):
        recipe = Path(reading["terrain"])
        size, preset_name = terrain.usual_size(recipe) if size is None else size, preset_name or "terrain"
    if reading.get("sheets"):
        recipe = Path(reading["sheets"])
        preset_name = preset_name or ("walk-masked" if chosen.get("model") == "diffusion" else "walk")
        if chosen.get("model", PRESETS.get(preset_name, {}).get("model")) == "ar":
            reading["columns"] = chosen["column"] = True
            size = sheets.usual_frame(recipe)
        else:
            size = sheets.usual_size(recipe)
            chosen.setdefault("dilations", sheets.usual_dilations(as_size(size)))
    if reading.get("halve") or reading.get("upsampler"):
        preset_name = _for_two_networks(chosen, reading, preset_name, base)
    if holds_tokens(folders):
        _refuse_beside_tokens(reading, chosen)
        reading["tokens"] = chosen["tokens"] = True
        if size is None:
            size = read_tokens(folders)[0].images.shape[1:3]
        if "model" not in PRESETS.get(preset_name or "", {}):
            model = chosen.setdefault("model", "ar")
            rows = (preset_name, f"{model}-tokens")
            preset_name = next((row for row in rows if row in PRESETS), model)
    by_art = preset_name is None and "model" not in chosen
    edges = as_size(USUAL if size is None else size)
    name = preset_name or chosen.get("model", "gan" if is_doubled(edges) else "diffusion")
    # The size of columns is known when the art is read: here, it is that of a frame.
    small = {"dilations": (1,), "evaluations": 1} if chosen.get("column") else {}
    preset(name, size=edges, **chosen | small)  # reject invalid settings before reading the art
    if size is None:
        size = find_size(folders, Path(reading["kinds"]) if reading.get("kinds") else None)
    how = Reading(tuple(str(f.resolve()) for f in folders), size, **reading)
    with open_group(device) as group:
        console = console if group.first else Console(quiet=True)
        if group.first:
            RunFolder.check_new(output)
        data = _read(how, console)
        if how.halve:
            size = data.images.shape[1:3]
        if data.sheet.column:
            size = data.images.shape[1:3]
            chosen.setdefault("dilations", sheets.usual_column_dilations(data))
        if start_from is not None:
            cell = None if data.kind_maps is None else data.cell
            check_fit(start_from, as_size(size), chosen["model"], len(data.labels), cell, data.sheet)
        if by_art:
            art = look_at(data)
            choice = choose(art, chosen.get("wrap"), chosen.get("max_colours"))
            name = choice.model
        chosen["transparent"] = has_holes(data)
        if data.palette is not None:
            chosen["transparent"] = bool(data.palette[0, 3] < 128)
            chosen["max_colours"] = max(2, len(data.palette))
        draft = preset(name, size=size, **chosen)
        if how.halve and not draft.traits.uses_palette:
            raise UsageError(
                f"train --halve: {draft.model} generates no palette entries: use --model ar, vae or gan"
            )
        if data.kind_maps is not None:
            _check_for_maps(draft)
        repeats = not (draft.tokens or chosen["transparent"] or data.kind_maps is not None)
        chosen.setdefault("wrap", repeats and not draft.traits.why_not_wrap)
        chosen = precision(group.device) | chosen
        _choose_words(chosen, draft, data, name)
        if draft.threads == 0:
            chosen["threads"] = torch.get_num_threads()
        config = preset(name, size=size, **chosen)
        if by_art:
            _print_line(console, sentence(choice, art, config))
        facts = {**training_loop.describe(data, config), "reading": dataclasses.asdict(how)}
        if start_from is not None:
            facts["base"] = start_from.facts()
            facts["sources"] += [
                source for source in start_from.data["sources"] if source not in facts["sources"]
            ]
        run = _one_run(group, output, lambda: RunFolder.create(output, config, facts))
        with run.held() if group.first else nullcontext():
            if start_from is not None and group.first:
                _print_line(console, begin_from(start_from, run, data.images, data.labels))
            _train(run, data, start_from is not None, console, group, again)
    return run


def _of_base(
    base: Base,
    preset_name: str | None,
    chosen: dict[str, Any],
    folders: Sequence[Path],
) -> tuple[str | None, dict[str, Any]]:
    """Return the preset and the fields of Config for training from a base. Raises UsageError for others."""
    model = chosen.get("model", base.config.model)
    if preset_name is not None:
        raise UsageError("train --from: the base determines the networks: leave out --preset")
    if holds_tokens(folders):
        raise UsageError("train --from: bases are for pictures, not for tokens")
    return None, {**base.fields(), **chosen, "model": model}


def _for_two_networks(
    chosen: dict[str, Any], reading: dict[str, Any], preset_name: str | None, base: str | None
) -> str | None:
    """Settle what packs of two networks require, and return the preset. Raises UsageError for what they cannot have."""
    if reading.get("halve") and reading.get("upsampler"):
        raise UsageError("train: --halve and --upsampler are for two runs: give one of them")
    option = "halve" if reading.get("halve") else "upsampler"
    if chosen.get("wrap"):
        raise UsageError(f"train --{option}: an upsampler does not wrap: leave out --wrap")
    if "max_colours" in chosen:
        raise UsageError(f"train --{option}: the colours are those of the art: leave out --colours")
    chosen["wrap"] = False
    if option == "halve":
        return preset_name
    if base is not None:
        raise UsageError("train --upsampler: no base has its kinds: leave out --from")
    chosen["upsampler"] = True
    return preset_name or (None if "model" in chosen else "upsampler")


def _choose_words(chosen: dict[str, Any], draft: Config, data: Dataset, name: str) -> None:
    """Train with words by default if names of files and folders say more than the kinds."""
    if not data.vocabulary.words:
        if chosen.get("words"):
            raise DataError(
                "train: no word describes five of the pictures or more: name files and folders after what they show, "
                "or leave out --words"
            )
        chosen["words"] = False
    elif draft.traits.takes_words and "words" not in PRESETS[name]:
        chosen.setdefault("words", data.vocabulary.named)


def _refuse_beside_tokens(reading: dict[str, Any], chosen: dict[str, Any]) -> None:
    """Raise UsageError for options that describe pictures."""
    for name in (
        *(name for name, value in reading.items() if value is not None),
        "max_colours",
        "flip",
        "words",
    ):
        if name in reading or name in chosen:
            option = {"max_colours": "colours"}.get(name, name)
            raise UsageError(f"train: --{option} is for pictures, and the folder holds tokens: leave it out")


def precision(device: torch.device) -> dict[str, bool]:
    """Return the fields of Config that a processor without bfloat16 needs."""
    slow = device.type == "cpu" and not torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return {"bfloat16": False} if slow else {}


def _check_for_maps(config: Config) -> None:
    """Raise UsageError for settings that do not suit pictures with a kind for each pixel."""
    if not config.traits.has_kind_maps:
        able = " or ".join(name for name, traits in MODELS.items() if traits.has_kind_maps)
        raise UsageError(f"train: {config.model} cannot be trained on maps of kinds: use --model {able}")
    if config.wrap:
        raise UsageError("train: maps of kinds do not repeat: leave out --wrap")


def has_holes(data: Dataset) -> bool:
    """Whether any pixel is transparent. Works in chunks, because the set may exceed the memory."""
    parts = range(0, len(data.labels), READ_AT_ONCE)
    return any(bool((data.images[i : i + READ_AT_ONCE][..., 3] == 0).any()) for i in parts)


def _one_run(group: ProcessGroup, output: Path, make: Callable[[], RunFolder]) -> RunFolder:
    """Return the run that the first process creates or opens, in every process."""
    if group.first:
        run = make()
        group.broadcast([run.config.to_json(), run.data])
        return run
    config, data = group.broadcast(None)
    return RunFolder.of_another(output, config_from_json(config), data)


def resume(
    output: Path,
    folders: Sequence[Path] = (),
    console: Console | None = None,
    device: str = "auto",
    steps: int | None = None,
    again: str | None = None,
) -> RunFolder:
    """Resume a run from its newest checkpoint. Raises DataError if the art has changed.

    folders: the current location of the art, if it has moved. steps: the new end of the run, counted from its
    start; raises UsageError if that step has been reached. Schedules such as the learning rate follow the new
    length at once.
    """
    console = console or Console(stderr=True)
    with open_group(device) as group:
        console = console if group.first else Console(quiet=True)
        run = _one_run(group, output, lambda: _open(output, steps))
        with run.held() if group.first else nullcontext():
            data = read_again(run, folders, console)
            if steps is not None and group.first:
                run.keep_config()
            _train(run, data, True, console, group, again)
    return run


def _open(output: Path, steps: int | None) -> RunFolder:
    run = RunFolder(output)
    if steps is not None:
        run.lengthen(steps)
    return run


def read_again(run: RunFolder, folders: Sequence[Path], console: Console) -> Dataset:
    """Read the art of an existing run."""
    try:
        kept = dict(run.data["reading"])
        kept["folders"] = tuple(str(f.resolve()) for f in folders) or tuple(kept["folders"])
        how = Reading(**kept)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{run.path}/data.json does not say where the art is: start a new run") from error
    data = _read(how, console)
    if data.digest != run.data["sha256"]:
        raise DataError(
            f"train --resume: the art in {', '.join(how.folders)} is not what {run.path} was begun with: "
            "put it back, or start a new run"
        )
    if run.config.words and data.vocabulary.digest != run.data.get("words_sha256"):
        raise DataError(
            f"train --resume: names of files or folders in {', '.join(how.folders)} have changed since {run.path} was "
            "begun, and with them its words: restore them, or start a new run"
        )
    return data


def _train(
    run: RunFolder, data: Dataset, resumed: bool, console: Console, group: ProcessGroup, again: str | None
) -> None:
    columns = (
        BarColumn(16),
        TextColumn("{task.completed}/{task.fields[of]} steps"),
        TextColumn("{task.fields[figures]}"),
        TextColumn("{task.fields[left]} left"),
    )
    words = Words()
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task("training", total=None, of="?", figures="", left="?")

        def show(progress: training_loop.Progress) -> None:
            bar.update(
                task,
                completed=progress.step,
                total=progress.total or None,
                of=progress.total or "?",
                figures=words.read(progress.step, progress.figures),
                left=str(timedelta(seconds=int(progress.seconds_left))) if progress.total else "?",
            )

        def say(sentence: str) -> None:
            _print_line(console, sentence)

        try:
            steps = training_loop.train(run, data, resume=resumed, report=show, say=say, group=group)
        except KeyboardInterrupt:
            bar.stop()
            goes_on = again or f"tilewright train --resume -o {shlex.quote(str(run.path))}"
            _print_line(console, f"stopped; go on with: {goes_on}")
            raise
    for line in _farewell(run, steps, words)[: None if again is None else 1]:
        _print_line(console, line)


def _read(how: Reading, console: Console) -> Dataset:
    """Read the data. Prints what was found and what was skipped."""
    data, summary = how.read()
    for line in summary.splitlines():
        _print_line(console, line)
    return data


def _print_line(console: Console, line: str) -> None:
    """Print one line. Names of folders and kinds may contain line breaks and escape sequences."""
    console.print(escaped(line), highlight=False, markup=False, soft_wrap=True)


def _farewell(run: RunFolder, steps: int, words: Words) -> list[str]:
    """Return the final messages: the results, whether more training would help, and the next command."""
    where, pack = shlex.quote(str(run.path)), shlex.quote(f"{plain_name(run.path)}.onnx")
    lines = [f"{steps} steps done: {run.path}; samples: {sample_path(run, steps)}"]
    if words.trend == FALLING:
        lines.append(
            f"it was still improving; to train twice as long: tilewright train --resume -o {where} --steps {2 * steps}"
        )
    elif words.trend:
        lines.append(f"the last figures were {words.trend}")
    joined = " --upsampler UPSAMPLER.onnx" if run.reads("halve") else ""
    return [*lines, f"next: tilewright export {where}{joined} -o {pack}"]
