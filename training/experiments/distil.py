"""Distil a network of masked diffusion into one that draws a picture in one evaluation, and write its pack.

    python -m tilewright_training.experiments.distil RUN -o PACK

RUN is a run of `--model diffusion` with a kind for each picture and no words. Zhu et al., "Di[M]O: Distilling masked
diffusion models into one-step generator" (ICCV 2025, arXiv 2503.15457): the student sees a picture of which some cells
are random entries and the others unknown (`begin` of a pack's sampler), and draws all cells at once. An auxiliary
network learns to fill in the student's pictures. Where cells of such a picture are hidden, the student's logits move
from what the auxiliary network expects there to what the teacher expects. No art is needed. Ctrl-C ends the training
and writes the pack.
"""

import argparse
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from tilewright.errors import UsageError
from tilewright.files import write_atomically

from ..config import Config
from ..export.export import export_family, metadata_of
from ..families.diffusion import MaskedDiffusion
from ..families.optimise import adam, average, average_decay, cool, update
from ..run.run_folder import RunFolder
from ..run.training_loop import restore_family

REPORT_EVERY = 50  # steps


@dataclass(frozen=True)
class Settings:
    """begin: share of the cells that start as random entries. reverse: share of the reverse divergence, 0 .. 1, in the
    student's gradient. rate: of the student. faster: learning rate of the auxiliary network over the student's.
    """

    steps: int = 2000
    batch: int = 48
    begin: float = 0.4
    reverse: float = 0.0
    rate: float = 2e-4
    faster: float = 2.0
    seed: int = 0


def distil(teacher: MaskedDiffusion, settings: Settings, report: Callable[[str], None] = print) -> None:
    """Replace the averaged network of `teacher` by the student, and its sampler by one evaluation."""
    config = replace(teacher.config, lr=settings.rate, batch=settings.batch, seed=settings.seed)
    given = teacher.ema.eval()
    student, auxiliary = (copy.deepcopy(given).requires_grad_(True).train() for _ in range(2))
    slow = copy.deepcopy(given)
    learning = adam(student, config, ()), adam(auxiliary, replace(config, lr=config.lr * settings.faster), ())
    try:
        for step in range(settings.steps):
            torch.manual_seed(settings.seed << 32 | step)
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
            update(learning[0], (gradient * logits).sum())
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
    except KeyboardInterrupt:
        report(f"stopped at step {step}")
    teacher.ema.load_state_dict(slow.state_dict())
    teacher.sampler |= {"steps": 1, "refine": 0, "begin": settings.begin, "temperature": 1.0}


def begun(config: Config, colours: int, settings: Settings) -> Tensor:
    """Return what the student sees, int64 (N, H, W)."""
    cells = torch.randint(colours, (settings.batch, *config.size))
    return torch.where(torch.rand(cells.shape) < settings.begin, cells, colours)


def hidden(pictures: Tensor, colours: int) -> tuple[Tensor, Tensor]:
    """Hide 1 .. D cells of each picture. Returns the cells, and the weights of the hidden ones, with sum 1."""
    count, cells = len(pictures), pictures[0].numel()
    most = torch.randint(1, cells + 1, (count, 1))
    mask = (torch.rand(count, cells).argsort(1).argsort(1) < most).view_as(pictures)
    return torch.where(mask, colours, pictures), mask / (most[:, :, None] * count)


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
    torch.set_num_threads(threads)
    folder = RunFolder(run)
    family = restore_family(folder)
    if not isinstance(family, MaskedDiffusion) or folder.words or folder.kind_maps is not None:
        raise UsageError(
            "distil: needs a run of --model diffusion with a kind for each picture and without words"
        )
    folder.load_checkpoint(family)
    settings = Settings(**given)
    distil(family, settings, lambda line: print(line, flush=True))
    metadata = metadata_of(folder, output.stem, settings.steps, family.sampler)
    write_atomically(output, export_family(family, metadata, output)[0])


if __name__ == "__main__":
    main()
