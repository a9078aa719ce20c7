"""`tilewright release`: measure a twin, and ship a network that was trained on nearly all of the art.

A pack cannot be measured on art that it was trained on. A twin is therefore trained on one half and measured on the
other; the pack is trained in the same way on all but a tenth, and has the figures of the twin.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright.files import read_json, write_atomically
from tilewright.pack import open_pack

from ..data.split import split
from ..doctor.size import find_size
from ..export.export import export_run
from ..measures import command
from ..measures.art import FEWEST
from ..measures.protocol import Protocol
from ..measures.record import read_record
from ..measures.subject import open_subject
from ..run import train
from ..run.reading import Reading
from ..run.run_folder import RunFolder
from ..size import Size, as_size
from .card import card, figures_of

TWIN, PACK = 0.5, 0.1  # shares of the art that are held out
MAX_ARGUMENTS = 1 << 20  # bytes


def release(
    output: Path,
    folders: Sequence[Path],
    name: str,
    size: int | Size | None = None,
    preset_name: str | None = None,
    *,
    reading: dict[str, Any],
    overrides: dict[str, Any],
    protocol: Protocol,
    facts: dict[str, Any],
    again: str,
    device: str = "auto",
    threads: int = 1,
    console: Console | None = None,
    base: str | None = None,
) -> Path:
    """Train and measure a twin, train and export the pack, and write its card. Returns the path of the pack.

    Arguments are those of `train.start`, and of `measures.command.run`. base: must not have seen the art, or the
    figures of the twin are worth nothing. name: of the pack. again: the command line,
    which continues what was interrupted: finished parts in `output` are kept. Raises UsageError if `output` holds a
    release with other arguments, and DataError for too little art to measure a twin.
    """
    console = console or Console(stderr=True)
    size = find_size(folders, _recipe(reading)) if size is None else size
    paths = [str(folder.resolve()) for folder in folders]
    told: dict[str, Any] = {"folders": paths, "name": name, "size": list(as_size(size))}
    told |= {"preset": preset_name, "reading": reading, "overrides": overrides}
    told |= {} if base is None else {"base": base}
    how = Reading(tuple(paths), size, **reading)
    if not (output / "release.json").exists():
        _check_art(how)
    _keep_arguments(output, told)

    def trained(folder: Path, **more: Any) -> RunFolder:
        if (folder / "config.json").exists():
            return train.resume(folder, console=console, device=device, again=again)
        return train.start(
            folder,
            folders,
            size,
            preset_name,
            reading=reading,
            overrides={**overrides, **more},
            console=console,
            device=device,
            again=again,
            base=base,
        )

    twin, pack = output / "twin.onnx", output / f"{name}.onnx"
    run = trained(output / "twin", held_out=TWIN)
    if not twin.exists():
        export_run(run, twin, f"{name}-twin")
    measured = output / "twin.json"
    if not measured.exists():
        command.run(
            str(twin),
            folders,
            protocol,
            reading={**reading, "kinds": _recipe(reading)},
            sampling={},
            held_out=None,
            cache=None,
            grid=output / "twin.png",
            output=measured,
            threads=threads,
            facts=facts,
        )
    record = read_record(measured)
    steps = int(run.newest_checkpoint().stem.removeprefix("step-"))
    whole = trained(output / "pack", held_out=PACK, **{"minutes": 0.0, "steps": steps})
    if not pack.exists():
        # The figures are those of the same procedure: half of the art may be too little for a critic.
        critic = open_pack(twin).critic is not None
        export_run(whole, pack, name, twin=figures_of(record), critic=critic)
    command.save_grid(open_subject(str(pack)), 0, output / f"{name}.png")
    write_atomically(output / "card.md", card(name, record, whole).encode())
    return pack


def _recipe(reading: dict[str, Any]) -> Path | None:
    return Path(reading["kinds"]) if reading.get("kinds") else None


def _check_art(how: Reading) -> None:
    """Raise DataError if a half of the art is too small for an evaluation."""
    data, _ = how.read()
    held = len(split(data, TWIN)[1].labels)
    if held < FEWEST:
        raise DataError(
            f"release: half of the art is {held} pictures, and at least {FEWEST} are needed to measure a twin: "
            "add art, or use train and export"
        )


def _keep_arguments(output: Path, told: dict[str, Any]) -> None:
    file = output / "release.json"
    text = json.dumps(told, indent=1)
    if file.exists():
        if read_json(file, MAX_ARGUMENTS) != json.loads(text):
            raise UsageError(
                f"release: {output} was begun with other arguments: repeat those, or name a new folder with -o"
            )
        return
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"release: {output} holds something else: name a new folder with -o")
    output.mkdir(parents=True, exist_ok=True)
    write_atomically(file, text.encode())
