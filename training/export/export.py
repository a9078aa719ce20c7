"""`tilewright export`: write a run's averaged network as a pack, after checking it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

import tilewright
from tilewright.errors import PackError, TilewrightError, UsageError
from tilewright.files import printable_line, write_atomically
from tilewright.frame_sheets import FrameSheet
from tilewright.json_fields import MAX_TEXT
from tilewright.pack import PackFile, check_pack

from ..config import MOST_TEMPERATURE
from ..data.dataset import ONE_FRAME, Dataset
from ..data.gate import gate_of
from ..data.split import hold_out
from ..families.family import Family
from ..families.iterative import Iterative
from ..run import train
from ..run.run_folder import RunFolder
from ..run.training_loop import restore_family, word_kinds
from ..size import Size
from .check_export import LEAST_AGREEMENT, ExportReport, Report, check_export, silent
from .check_steps import StepReport, check_steps
from .critic import ACCEPTED, check_accepted, suits, with_critic
from .export_onnx import export_generator, export_step_network
from .upsampler import check_upsampler, read_upsampler, with_upsampler

__all__ = ["LEAST_AGREEMENT", "ExportReport", "StepReport", "export_family", "export_run"]

CALIBRATED_CELLS = 128 * 256  # of partly known pictures
LEAST_CALIBRATED = 16  # pictures
CALIBRATION_SEED = 2**63  # far from the seeds that users choose


def export_run(
    run: RunFolder,
    output: Path,
    name: str | None = None,
    report: Report = silent,
    twin: dict[str, Any] | None = None,
    critic: bool = True,
    accepted: float = ACCEPTED,
    upsampler: Path | None = None,
    temperature: float | None = None,
) -> ExportReport | StepReport:
    """Write the newest checkpoint of `run` as a pack to `output` and check it.

    name: the name of the pack, by default the stem of the file. report: a progress callback. twin: figures of a
    network that was trained in the same way on other art (training/release/). critic: whether to train one, if the art
    is where the run read it and suffices. accepted: the share of the draws of a kind that it accepts. upsampler: the
    pack that doubles the size of the pictures. temperature: that of the pack, 0 .. 10, by default that of the run.

    Raises UsageError for an invalid name, upsampler or temperature, and PackError, without writing a file, if the core
    does not reproduce the reference.
    """
    name = name or printable_line(output.stem) or "pack"
    if not name.isprintable() or len(name) > MAX_TEXT:
        raise UsageError(f"export: a pack's name must be printable and of at most {MAX_TEXT} characters")
    check_accepted(accepted, "export: --accepted")
    other = None if upsampler is None else read_upsampler(upsampler)
    family = restore_family(run)
    if temperature is not None:
        if family.sampler is None:
            raise UsageError(f"export: {run.config.model} has no temperature: leave out --temperature")
        if not 0.0 <= temperature <= MOST_TEMPERATURE:
            raise UsageError(f"export: --temperature must be in 0..{MOST_TEMPERATURE:g}, not {temperature}")
        family.sampler["temperature"] = temperature
    steps, _ = run.load_checkpoint(family)
    metadata = metadata_of(run, name, steps, family.sampler)
    if twin is not None:
        metadata["training"]["twin"] = twin
    content, result = export_family(family, metadata, output, report)
    if not result.core_equals_reference:
        raise PackError(f"export: the core does not reproduce the reference on {output}: please report this")
    if other is not None:
        check_upsampler(result.pack, other)
    if critic and suits(result.pack) and (art := _art_of(run)) is not None:
        content = with_critic(content, output, art, accepted, report=report)
    if other is not None:
        content = with_upsampler(content, output, other)
    if content is not result.pack.content:
        result = replace(result, pack=check_pack(content, output))
    write_atomically(output, content)
    return result


def export_family(
    family: Family, metadata: dict[str, Any], path: Path, report: Report = silent
) -> tuple[bytes, ExportReport | StepReport]:
    """Return the bytes of a pack and its comparison. metadata: as pack.py reads it. path: where the pack will
    be written.
    """
    network = family.modules["ema"].eval()
    report("calibrating", 0, 0)
    if isinstance(family, Iterative):
        count = max(LEAST_CALIBRATED, CALIBRATED_CELLS // family.config.cells)
        cells, _, _, kinds, words = family.partly_known(count, CALIBRATION_SEED)
        content, unit = export_step_network(family.ema, cells, kinds, metadata, words)
        return content, check_steps(content, unit, path, family, report)
    content = export_generator(network, metadata["latent_size"], metadata)
    return content, check_export(content, path, family, report)


def lacks_critic(file: PackFile) -> bool:
    """Whether a pack has no critic and might have one."""
    return suits(file) and file.critic is None


def head_of(size: Size, symbols: Sequence[str] = (), sheet: FrameSheet = ONE_FRAME) -> dict[str, Any]:
    """Return the fields of the head: tokens if there are symbols, square pictures, or sheets of frames, of which those
    of one frame need not be square. size: of what the network draws.
    """
    if symbols:
        rows = {"rows": size[0]} if size[0] > 1 else {}
        return {"head": "tokens", "alphabet": list(symbols), "length": size[1], **rows}
    if size[0] == size[1] and sheet.count == 1:
        return {"tile_size": size[0]}
    frame = [edge // count for edge, count in zip(size, sheet.lines, strict=True)]
    return {"head": "frames", "frame_size": frame, **sheet.to_metadata()}


def facts_of_art(run: RunFolder) -> dict[str, Any]:
    """Return the fields `training_pictures` and `word_kinds` of a pack, as far as they suit it.

    A run that does not state them was begun by an earlier version: its art is read again, if that is where it was.
    """
    config, wanted = run.config, []
    if "kind_maps" not in run.data and not config.tokens:
        wanted = ["training_pictures"] * (run.palette is not None) + ["word_kinds"] * bool(config.words)
    found = {name: run.data[name] for name in wanted if name in run.data}
    if len(found) < len(wanted):
        data = _data_of(run)
        if data is None:
            return found
        facts = gate_of(data, config.held_out, run.palette) | word_kinds(data, config.words)
        found = {name: facts[name] for name in wanted if name in facts} | found
    return {name: value for name, value in found.items() if value}


def _data_of(run: RunFolder) -> Dataset | None:
    """Return what a run was trained on and held out, or None if it is not where it was."""
    try:
        return train.read_again(run, (), Console(quiet=True))
    except TilewrightError:
        return None


def _art_of(run: RunFolder) -> Dataset | None:
    """Return what a run was trained on, or None if it is not where it was."""
    data = _data_of(run)
    return None if data is None else hold_out(data, run.config.held_out)[0]


def metadata_of(run: RunFolder, name: str, steps: int, sampler: dict[str, Any] | None) -> dict[str, Any]:
    """Return the metadata of a pack of a run, as pack.py reads it."""
    config, data = run.config, run.data
    palette = None if run.palette is None else [colour.tobytes().hex() for colour in run.palette]
    return {
        "name": name,
        "kinds": data["kinds"],
        **head_of(config.size, data.get("symbols", ()), run.sheet),
        **({"cell": data["cell"]} if data.get("cell", 1) > 1 else {}),
        **({"texture": data["texture"]} if "texture" in data else {}),
        **({"words": list(run.words)} if run.words else {}),
        **({} if config.tokens else {"palette": palette, "palette_size": len(palette or ())}),
        "latent_size": 0 if sampler else config.latents,
        "sampler": sampler,
        **({"training_texts": data["training_texts"]} if "training_texts" in data else {}),
        **facts_of_art(run),
        **({} if config.tokens else {"transparent": config.transparent, "wrap": config.wrap}),
        "sources": data["sources"],
        "data": {"sha256": data["sha256"], "pictures": data["pictures"], "counts": data["counts"]},
        "training": {
            **config.to_json(),
            "steps": steps,
            "tilewright": tilewright.__version__,
            **({"base": data["base"]} if "base" in data else {}),
        },
    }
