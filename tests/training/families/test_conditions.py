"""Step networks with a kind per cell and words: training, drawing, and export."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tilewright.engine import Engine
from tilewright.generator import Pack
from tilewright_training.config import preset
from tilewright_training.data.batches import ALL_WORDS_DROPPED, WORD_DROPPED, Batch, Batches, keep_words
from tilewright_training.data.dataset import Dataset
from tilewright_training.export.export import StepReport, export_family
from tilewright_training.families.autoregressive import UNLIMITED, Autoregressive
from tilewright_training.families.diffusion import MaskedDiffusion
from tilewright_training.families.iterative import Iterative, scores

from ...networks import metadata

SIZE, KINDS = 8, ("grass", "water")
WORDS = ("light", "dark")
PALETTE = np.array([[40, 160, 60, 255], [30, 60, 200, 255], [240, 220, 90, 255], [0, 0, 0, 255]], np.uint8)
MAPS = np.stack([np.arange(SIZE) // n % 2 for n in (1, 2, 4)])[:, None].repeat(SIZE, axis=1)
FAMILIES = {"ar": Autoregressive, "diffusion": MaskedDiffusion}


def family_of(name: str, steps: int = 1) -> tuple[Iterative, Batches]:
    config = preset(
        "tiny", model=name, size=SIZE, steps=steps, batch=16, bfloat16=False, evaluations=8, shift_share=0.0
    )
    images = PALETTE[np.random.default_rng(0).integers(0, 4, (20, SIZE, SIZE))]
    batches = Batches(Dataset(images, np.arange(20) % 2, KINDS, (), ""), config, PALETTE)
    torch.manual_seed(0)
    return FAMILIES[name](config, PALETTE, 2, kind_maps=MAPS, words=len(WORDS)), batches


def conditioned(batch: Batch, step: int) -> Batch:
    """Pictures of an entry for each kind, others of dark pictures."""
    rng = np.random.default_rng(step)
    kinds = np.repeat(rng.integers(0, 2, (len(batch.kinds), 1, SIZE)), SIZE, axis=1)
    dark = rng.integers(0, 2, len(kinds))
    indices = torch.from_numpy(kinds + 2 * dark[:, None, None])
    words = torch.from_numpy(np.eye(2, dtype=np.float32)[dark])
    return replace(batch, indices=indices, kinds=torch.from_numpy(kinds), words=words)


def exported(family: Iterative) -> Pack:
    facts = metadata(SIZE, [bytes(colour).hex() for colour in PALETTE], 0, False, False)
    facts |= {"kinds": KINDS, "words": WORDS, "sampler": family.sampler}
    content, report = export_family(family, facts, Path("terrain.onnx"))
    assert isinstance(report, StepReport) and report.core_equals_reference
    assert report.ort_same_scores is None or report.ort_same_scores > 0.999
    assert report.float_same_choice > 0.9
    pack = Pack(report.pack)
    assert pack.has_kind_map and pack.words == WORDS and pack.file.content == content
    return pack


def test_a_network_learns_both_and_is_exported() -> None:
    family, batches = family_of("diffusion", 250)
    for step in range(250):
        family.train_step(conditioned(batches.draw(step), step), step, step / 250)
    pack = exported(family)
    kinds = np.broadcast_to(np.arange(SIZE) // 3 % 2, (SIZE, SIZE))
    for word, expected in (("light", kinds), ("dark", kinds + 2)):
        made = pack.generate(20, kind=kinds, words=word, seed=3).indices
        assert (made == expected).mean() > 0.9, word
    given = torch.from_numpy(kinds.copy()).expand(20, SIZE, SIZE)
    drawn = family.draw(given, 3, 0, torch.eye(2)[[0] * 20])
    assert (drawn.numpy() == kinds).mean() > 0.9


def test_a_causal_network_is_exported() -> None:
    family, _ = family_of("ar")
    with torch.no_grad():
        for parameter in family.ema.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)))
    pack = exported(family)
    assert len(Engine(pack.plan)._executor.groups) < SIZE * SIZE, "the network is not causal"
    assert (pack.generate(5, words="dark").indices != pack.generate(5).indices).any()


@torch.no_grad()
def test_drawing_cell_by_cell_agrees_with_the_whole_network() -> None:
    family, _ = family_of("ar")
    for parameter in family.ema.parameters():
        parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)))
    kinds, words = family.conditions(5, 1)
    assert kinds.shape == (5, SIZE, SIZE) and words is not None
    drawn = family.draw(kinds, 5, 2, words)
    logits = family.ema(drawn, kinds, words=words).flatten(2).mT
    noise = torch.from_numpy(family.draws(5, 2, 5).noise())
    assert torch.equal((scores(logits) + noise).argmax(2), drawn.flatten(1))
    plain = family.ema(drawn, kinds)
    assert not torch.equal(plain, family.ema(drawn, kinds, words=words))
    assert torch.equal(plain, family.ema(drawn, kinds, words=torch.zeros(5, 2)))


@torch.no_grad()
def test_columns_learn_to_choose_among_the_colours_of_their_first_frame() -> None:
    family, batches = family_of("ar")
    family.config = replace(family.config, column=True)
    for parameter in family.ema.logits.parameters():
        parameter.zero_()  # all entries that are not excluded are as likely
    batch = batches.draw(0)
    frames = torch.arange(SIZE)[:, None].expand(SIZE, SIZE) // 4  # two, one above the other
    entries = torch.randint(0, 2, (16, SIZE, SIZE), generator=torch.Generator().manual_seed(0))
    entries[:, -1] = 2  # new in the second frame
    level = torch.arange(16) / 16
    batch = replace(batch, indices=entries, kinds=frames.expand(16, SIZE, SIZE), level=level, words=None)
    unlimited = np.log(4) * UNLIMITED
    limited = (np.log(4) * 4 + np.log(2) * 3) / SIZE * (1 - UNLIMITED)
    assert float(family.loss(batch)) == pytest.approx(unlimited + limited, rel=1e-5)
    family.config = replace(family.config, column=False)
    assert float(family.loss(batch)) == pytest.approx(np.log(4), rel=1e-5)


def test_one_kind_per_picture_is_that_kind_in_each_cell() -> None:
    family, _ = family_of("diffusion")
    cells = torch.randint(0, 5, (3, SIZE, SIZE))
    kinds = torch.tensor([1, 0, 1])
    filled = kinds[:, None, None].expand(3, SIZE, SIZE)
    assert torch.equal(family.ema(cells, kinds), family.ema(cells, filled))


def test_words_are_left_out_one_by_one_and_all_at_once() -> None:
    kept = keep_words(np.random.default_rng(0), 20_000, 3)
    share = (1 - WORD_DROPPED) * (1 - ALL_WORDS_DROPPED)
    np.testing.assert_allclose(kept.mean(0), share, atol=0.02)
    none = ALL_WORDS_DROPPED + (1 - ALL_WORDS_DROPPED) * WORD_DROPPED**3
    assert abs((~kept.any(1)).mean() - none) < 0.02
