"""Distil a network of masked diffusion into one that draws a picture in one evaluation, and write its pack.

    python -m tilewright_training.experiments.distil RUN -o PACK

RUN is a run of `--model diffusion` with a kind for each picture and no words. Zhu et al., "Di[M]O: Distilling masked
diffusion models into one-step generator" (ICCV 2025, arXiv 2503.15457): the student sees a picture of which some cells
are random entries and the others unknown (`begin` of a pack's sampler), and draws all cells at once. An auxiliary
network learns to fill in the student's pictures. Where cells of such a picture are hidden, the student's logits move
from what the auxiliary network expects there to what the teacher expects. No art is needed. Ctrl-C ends the training
and writes the pack. Its network cannot complete pictures that are partly given.

--begin is the share of cells that start as random entries, --reverse the share of the reverse divergence in the
student's gradient, --rate the student's learning rate, and --faster that of the auxiliary network, as a multiple.
"""

import argparse
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from rich.console import Console
from torch import Tensor
from torch.nn import functional as F

from tilewright.errors import PackError, TilewrightError, UsageError
from tilewright.files import write_atomically

from ..config import Config
from ..export.export import export_family, metadata_of
from ..families.diffusion import MaskedDiffusion, chosen
from ..families.optimise import adam, average, average_decay, cool, update
from ..run.run_folder import RunFolder
from ..run.training_loop import restore_family

REPORT_EVERY = 50  # steps
# Weight of the squared logits. The gradient does not vanish where logits are large, so they grew without bounds.
SMALL = 2e-3


@dataclass(frozen=True)
class Settings:
    """What the module describes. Raises UsageError for values that are not possible."""

    steps: int = 2000
    batch: int = 48
    begin: float = 0.4
    reverse: float = 0.0
    rate: float = 2e-4
    faster: float = 4.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or not 0 <= self.seed < 1 << 32:
            raise UsageError("distil: steps and batch must be 1 or more, and seed in 0..4294967295")
        if not 0.0 <= self.begin <= 1.0 or not 0.0 <= self.reverse <= 1.0:
            raise UsageError("distil: begin and reverse must be in 0..1")
        if not self.rate > 0.0 or not self.faster > 0.0:
            raise UsageError("distil: rate and faster must be above 0")


def distil(teacher: MaskedDiffusion, settings: Settings, report: Callable[[str], None] = print) -> int:
    """Replace the averaged network of `teacher` by the student, and its sampler by one evaluation. Returns the number
    of steps.
    """
    config = replace(teacher.config, lr=settings.rate)
    given = teacher.ema.eval()
    # Without dropout: the student draws with the network that the pack has.
    student, auxiliary = (copy.deepcopy(given).requires_grad_(True) for _ in range(2))
    slow = copy.deepcopy(given)
    learning = adam(student, config), adam(auxiliary, config)
    step = 0
    try:
        while step < settings.steps:
            torch.manual_seed(settings.seed << 31 ^ step)
            progress = step / settings.steps
            for optimizer, rate in zip(learning, (1.0, settings.faster), strict=True):
                cool(optimizer, config, progress, rate)
            kinds = torch.randint(given.kinds.num_embeddings, (settings.batch,))
            logits = student(begun(config, given.colours, settings), kinds, progress >= config.round_from)
            pictures = torch.distributions.Categorical(logits=logits.detach().movedim(1, -1)).sample()
            shown, weights = hidden(pictures, given.colours)
            expected = auxiliary(shown, kinds)
            with torch.no_grad():
                wanted = given(shown, kinds)
                gradient = apart(wanted, expected, settings.reverse) * weights[:, None]
            update(learning[0], (gradient * logits).sum() + SMALL * logits.square().sum(1).mean())
            losses = F.cross_entropy(expected, pictures, reduction="none")
            update(learning[1], (losses * weights).sum())
            average(slow, student, average_decay(config, step))
            if step % REPORT_EVERY == 0:
                nats = F.kl_div(
                    expected.log_softmax(1), wanted.log_softmax(1), reduction="none", log_target=True
                )
                report(
                    f"step {step}: {(nats.sum(1) * weights).sum():.3f} nats a cell from the teacher, "
                    f"{(losses * weights).sum():.3f} of the auxiliary network"
                )
            step += 1
    except KeyboardInterrupt:
        report(f"stopped at step {step}")
    teacher.ema.load_state_dict(slow.state_dict())
    teacher.sampler |= {"steps": 1, "refine": 0, "begin": settings.begin, "temperature": 1.0}
    return step


def begun(config: Config, colours: int, settings: Settings) -> Tensor:
    """Return what the student sees, int64 (N, H, W)."""
    cells = torch.randint(colours, (settings.batch, *config.size))
    return torch.where(torch.rand(cells.shape) < settings.begin, cells, colours)


def hidden(pictures: Tensor, colours: int) -> tuple[Tensor, Tensor]:
    """Hide 1 .. D cells of each picture. Returns the cells, and the weights of the hidden ones, with sum 1."""
    count, cells = len(pictures), pictures[0].numel()
    counts = torch.randint(1, cells + 1, (count,))
    mask = chosen(torch.rand(count, cells), counts).view_as(pictures)
    return torch.where(mask, colours, pictures), mask / (counts[:, None, None] * count)


def apart(wanted: Tensor, expected: Tensor, reverse: float) -> Tensor:
    """Return the gradient for `expected` of its divergences from `wanted`, both logits (N, K, H, W)."""
    log_p, log_q = wanted.log_softmax(1), expected.log_softmax(1)
    q = log_q.exp()
    forward = q - log_p.exp()
    if not reverse:
        return forward
    more = log_q - log_p
    return (1.0 - reverse) * forward + reverse * q * (more - (q * more).sum(1, keepdim=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--output", "-o", type=Path, required=True)
    for name, value in vars(Settings()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--threads", type=int, default=1)
    given = vars(parser.parse_args(arguments))
    run, output, threads = (given.pop(name) for name in ("run", "output", "threads"))
    try:
        settings = Settings(**given)
        torch.set_num_threads(threads)
        folder = RunFolder(run)
        family = restore_family(folder)
        if not isinstance(family, MaskedDiffusion) or folder.words or folder.kind_maps is not None:
            raise UsageError(
                "distil: needs a run of --model diffusion with a kind for each picture and without words"
            )
        trained, _ = folder.load_checkpoint(family)
        steps = distil(family, settings, lambda line: print(line, flush=True))
        metadata = metadata_of(folder, output.stem, trained, family.sampler)
        metadata["training"]["distilled"] = vars(settings) | {"steps": steps}
        content, result = export_family(family, metadata, output)
        if not result.core_equals_reference:
            raise PackError(
                f"distil: the core does not reproduce the reference on {output}: please report this"
            )
        write_atomically(output, content)
    except TilewrightError as error:
        Console(stderr=True).print(str(error), markup=False)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
