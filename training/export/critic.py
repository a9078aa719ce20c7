"""Make the critic of a pack: train it on the art and on pictures of the pack, and choose what it accepts."""

from pathlib import Path

import numpy as np

from tilewright.arrays import Uint8Array
from tilewright.critic import Critic
from tilewright.errors import UsageError
from tilewright.generator import Pack, pack_of
from tilewright.heads import Frames
from tilewright.pack import PackFile

from ..data.batches import Indexer
from ..data.dataset import ONE_FRAME, Dataset
from ..data.mixing import Mixer
from .check_export import Report, silent
from .critic_network import MISMATCHED, fit_critic
from .critic_onnx import export_critic
from .export_onnx import with_fields

ACCEPTED = 0.25  # share of the draws of a kind
GENERATED = 4  # pictures for each one of the art
LEAST_GENERATED = 64  # pictures of a kind
MOST = 4096  # pictures of the art
FEWEST = 150  # pictures of the art: a critic that has seen few knows them by heart; 199 sufficed (items)
FEWEST_DRAWINGS = 50  # of animation sheets, each with its mirror images, other feet and recolours
CALIBRATED = 512  # pictures of each side
SEED = 2**63  # far from the seeds that users choose
CHUNK = 256  # pictures generated at once


def suits(file: PackFile) -> bool:
    """Whether a pack may have a critic: it generates pictures in a palette, of a kind each, or animation sheets."""
    palette = getattr(file.head, "palette", None)
    one_kind = not file.kind_map or file.frame_kinds is not None
    return palette is not None and len(palette) > 1 and one_kind


def suffices(art: Dataset) -> bool:
    """Whether a critic learns from the art, instead of knowing it by heart."""
    if art.sheet == ONE_FRAME:
        return len(art.labels) >= FEWEST
    return len(np.unique(art.groups)) >= FEWEST_DRAWINGS


def check_accepted(accepted: float, name: str) -> None:
    """Raise UsageError for a share of draws that no critic can accept."""
    if not 0.0 < accepted <= 1.0:
        raise UsageError(f"{name} must be in (0, 1], not {accepted}")


def with_critic(
    content: bytes,
    path: Path,
    art: Dataset,
    accepted: float = ACCEPTED,
    mismatched: float = MISMATCHED,
    report: Report = silent,
) -> bytes:
    """Return a pack with a critic instead of the one that it has; unchanged for too little art. Its network stays.

    path: is used in errors only. art: the pictures on which the pack was trained. accepted: the share of its draws of a
    kind that the critic accepts; a smaller one takes longer, and is closer to the art. mismatched: see `fit_critic`.
    report: called with a stage, and how much of it is done.
    Raises UsageError for shares out of range.
    """
    check_accepted(accepted, "accepted")
    if not 0.0 <= mismatched < 1.0:
        raise UsageError(f"mismatched must be in [0, 1), not {mismatched}")
    pack = pack_of(with_fields(content, {"critic": None}), path)
    critic = critic_of(pack, art, accepted, mismatched, report)
    return content if critic is None else with_fields(content, {"critic": critic.to_metadata()})


def critic_of(
    pack: Pack, art: Dataset, accepted: float, mismatched: float, report: Report = silent
) -> Critic | None:
    """Return a critic for a pack, or None for too little art."""
    if not suffices(art):
        return None
    head = pack.file.head
    palette = head.palette
    assert palette is not None
    random = np.random.default_rng(0)
    chosen = np.sort(random.permutation(len(art.labels))[:MOST])
    real: Uint8Array = Indexer(palette)(np.asarray(art.images[chosen])).astype(np.uint8)
    if isinstance(head, Frames) and pack.file.frame_kinds is not None:
        real = head.sheet.with_copies(head.sheet.from_drawn(real))
        labels, counts = np.zeros(len(real), np.int64), np.array([len(real)])
        height, width = head.frame
        # of mixed characters, because the network knows by heart how those of the art walk
        fronts = Mixer(art, 1.0).draw(random, chosen)[:, :height, :width]
        made = _complete(pack, fronts, report)
        made_of = np.zeros(len(made), np.int64)
    else:
        labels = art.labels[chosen]
        counts = np.bincount(labels, minlength=len(pack.kinds))
        made_of = np.repeat(np.arange(len(counts)), np.maximum(GENERATED * counts, LEAST_GENERATED))
        made = _generate(pack, made_of, report)
    report("training the critic", 0, 0)
    cells, kinds = np.concatenate([real, made]), np.concatenate([labels, made_of])
    is_art = np.arange(len(cells)) < len(real)
    network = fit_critic(cells, kinds, is_art, _balanced(kinds, is_art), palette, mismatched)
    sides = [random.permutation(np.flatnonzero(side))[:CALIBRATED] for side in (is_art, ~is_art)]
    measured = np.concatenate(sides)
    critic = Critic.of(export_critic(network, cells[measured], kinds[measured]), np.zeros(len(counts)))
    scores = critic.on("").scores(made, made_of)
    least = [_least(scores[made_of == kind], accepted) for kind in range(len(counts))]
    return Critic(critic.network, critic.plan, np.array(least, np.uint8))


def _generate(pack: Pack, kinds: np.ndarray, report: Report) -> np.ndarray:
    """Return pictures uint8 (N, H, W) of kinds, int64 (N,), ascending."""
    parts, done = [], 0
    for kind, count in enumerate(np.bincount(kinds)):
        for start in range(0, count, CHUNK):
            batch = pack.generate(
                min(CHUNK, count - start), kind=pack.kinds[kind], seed=SEED, start=start, threads=0
            )
            assert batch.indices is not None
            parts.append(batch.indices)
            done += len(batch.indices)
            report("generating pictures for the critic", done, len(kinds))
    return np.concatenate(parts)


def _complete(pack: Pack, fronts: Uint8Array, report: Report) -> Uint8Array:
    """Return GENERATED sheets uint8 (M, H, W) for each first frame uint8 (N, h, w, 4): half of them have these first
    frames, and half are generated.
    """
    parts, total = [], GENERATED * len(fronts)
    for seed in range(SEED, SEED + GENERATED // 2):
        for start in range(0, len(fronts), CHUNK):
            some = fronts[start : start + CHUNK]
            for batch in (
                pack.animate(some, seed=seed, start=start, threads=0),
                pack.generate(len(some), seed=seed, start=start, threads=0),
            ):
                assert batch.indices is not None
                parts.append(batch.indices)
            report("generating pictures for the critic", sum(map(len, parts)), total)
    return np.concatenate(parts)


def _balanced(kinds: np.ndarray, is_art: np.ndarray) -> np.ndarray:
    """Return weights float (N,) that draw both sides of a kind equally often, and kinds as often as the art does."""
    art = np.bincount(kinds[is_art], minlength=kinds.max() + 1)
    made = np.bincount(kinds[~is_art], minlength=kinds.max() + 1)
    return np.where(is_art, 1.0, art[kinds] / np.maximum(made[kinds], 1))


def _least(scores: np.ndarray, accepted: float) -> int:
    """Return the greatest score that at least the share `accepted` of the scores uint8 (N,) reach."""
    return int(np.sort(scores)[int((1.0 - accepted) * len(scores))])
