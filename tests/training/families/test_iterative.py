"""Step networks: masks, training targets and sampling."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tilewright.compiler import fast_reference
from tilewright.compiler.sampling_options import read_options
from tilewright.pack import check_pack
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.families.autoregressive import Autoregressive
from tilewright_training.families.diffusion import MaskedDiffusion
from tilewright_training.families.iterative import scores
from tilewright_training.families.step_network import MaskedConv, StepNetwork

from ...step_networks import masked_pack

SIZE, COLOURS = 8, 6
PALETTE = np.array([[40 * i, 9, 9, 255] for i in range(COLOURS)], np.uint8)


def network(wrap: bool = False, causal: bool = False) -> StepNetwork:
    """Two blocks with non-zero weights."""
    torch.manual_seed(0)
    made = StepNetwork(COLOURS, 3, 8, [(1, 1), (2, 2)], wrap, causal)
    for block in made.blocks:
        torch.nn.init.normal_(block.mix.weight, std=0.3)
    return made


def cells(count: int) -> torch.Tensor:
    return torch.randint(0, COLOURS + 1, (count, SIZE, SIZE), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_a_causal_network_sees_only_what_comes_before() -> None:
    made, kinds = network(causal=True), torch.tensor([1])
    before = made(cells(1), kinds).flatten(2)
    for cell in range(0, SIZE * SIZE, 5):
        changed = cells(1).flatten(1)
        changed[0, cell] = (changed[0, cell] + 1) % COLOURS
        after = made(changed.view(1, SIZE, SIZE), kinds).flatten(2)
        differs = (before != after).any(1)[0].nonzero()[:, 0]
        assert (differs > cell).all()
        assert cell == SIZE * SIZE - 1 or cell + 1 in differs or (cell + 1) % SIZE == 0


@torch.no_grad()
def test_a_causal_network_knows_the_kind_from_the_first_cell_on() -> None:
    logits = network(causal=True)(cells(1).expand(3, -1, -1), torch.arange(3))
    assert not torch.equal(logits[0, :, 0, 0], logits[1, :, 0, 0])


@torch.no_grad()
def test_a_wrapping_network_is_the_same_everywhere() -> None:
    made, shown = network(wrap=True), cells(1)
    moved = torch.roll(shown, (3, 5), (1, 2))
    expected = torch.roll(made(shown, torch.tensor([0])), (3, 5), (2, 3))
    torch.testing.assert_close(made(moved, torch.tensor([0])), expected)


def batch_of(family_name: str) -> tuple[MaskedDiffusion | Autoregressive, Batches]:
    config = preset("tiny", model=family_name, size=SIZE, steps=1, batch=12, bfloat16=False, evaluations=9)
    images = PALETTE[np.random.default_rng(0).integers(0, COLOURS, (20, SIZE, SIZE))]
    data = Dataset(images, np.arange(20) % 3, ("a", "b", "c"), (), "")
    kind = MaskedDiffusion if family_name == "diffusion" else Autoregressive
    torch.manual_seed(0)
    return kind(config, PALETTE, 3), Batches(data, config, PALETTE)


def test_diffusion_hides_between_one_cell_and_all() -> None:
    family, batches = batch_of("diffusion")
    counts = []
    for step in range(20):
        batch = batches.draw(step)
        assert batch.indices is not None
        shown, weights = family.hide(batch)
        hidden = shown == COLOURS
        assert torch.equal(shown[~hidden], batch.indices[~hidden])
        assert torch.equal(weights > 0, hidden)
        torch.testing.assert_close(weights.sum((1, 2)), torch.full((12,), 1 / 12))
        counts += hidden.sum((1, 2)).tolist()
    assert min(counts) >= 1 and max(counts) <= SIZE * SIZE
    assert abs(np.mean(counts) - (SIZE * SIZE + 1) / 2) < 1.5  # uniform over every batch


def test_an_untrained_network_knows_nothing() -> None:
    for name in ("diffusion", "ar"):
        family, batches = batch_of(name)
        for parameter in family.ema.logits.parameters():
            parameter.zero_()
        assert float(family.loss(batches.draw(0))) == pytest.approx(np.log(COLOURS), rel=1e-5)


@torch.no_grad()
def test_drawing_cell_by_cell_agrees_with_the_whole_network() -> None:
    family, _ = batch_of("ar")
    for parameter in family.ema.parameters():
        parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)))
    kinds = torch.arange(3)
    drawn = family.draw(kinds, seed=5, start=2)
    logits = family.ema(drawn, kinds).flatten(2).mT
    noise = torch.from_numpy(family.draws(5, 2, 3).noise())
    assert torch.equal((scores(logits) + noise).argmax(2), drawn.flatten(1))


@pytest.mark.parametrize(
    "options", [{}, {"order": "halton", "refine": 8}, {"order": "raster", "refine": 1, "begin": 0.5}]
)
def test_training_draws_as_packs_do(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the scores of a pack in place of the float network, its pictures are those of the pack."""
    plan = check_pack(masked_pack(steps=7, temperature=0.9), Path("masked.onnx")).plan
    assert plan.sampler is not None
    scale = plan.sampler.scale
    config = preset("tiny", model="diffusion", size=SIZE, evaluations=7, temperature=0.9, bfloat16=False)
    family = MaskedDiffusion(config, PALETTE[:5], 3)

    def network(cells: torch.Tensor, kinds: torch.Tensor, words: None = None) -> torch.Tensor:
        shown, labels = cells.numpy().astype(np.uint8), kinds.numpy().astype(np.int32)
        logits = fast_reference.scores(plan, labels, shown).astype(np.float64) * scale
        return torch.from_numpy(logits).permute(0, 3, 1, 2)

    monkeypatch.setattr(family, "ema", network)
    family.sampler = {"method": "masked", "steps": 7, "temperature": 0.9, **options}
    drawn = family.draw(torch.arange(30) % 3, seed=5, start=2**64 - 3).numpy()
    chosen = read_options(
        plan, options.get("order"), options.get("refine"), options.get("begin"), None, name="m", caller="t"
    )
    kinds = np.arange(30, dtype=np.int32) % 3
    ours = fast_reference.run(plan, 30, seed=5, start=2**64 - 3, kinds=kinds, sampling=chosen)["indices"]
    assert (drawn == ours).mean() > 0.99  # noise is rounded to other units


@pytest.mark.parametrize("name", ["diffusion", "ar"])
def test_partly_known_maps_have_every_share(name: str) -> None:
    family, _ = batch_of(name)
    shown, known, whole, kinds, _ = family.partly_known(16, seed=3)
    assert torch.equal(known, shown != COLOURS)
    assert known.flatten(1).sum(1).tolist() == [4 * i for i in range(16)]
    assert torch.equal(shown[known], whole[known])
    assert kinds.tolist() == [i % 3 for i in range(16)]
    if name == "ar":
        assert (known.flatten(1).int().diff(dim=1) <= 0).all()


@pytest.mark.parametrize(("steps", "begin"), [(4, 0.5), (1, 0.5), (1, 1.0)])
def test_unknown_cells_that_begin_as_random_entries_are_not_known(steps: int, begin: float) -> None:
    family, _ = batch_of("diffusion")
    family.sampler |= {"steps": steps, "refine": 0, "begin": begin}
    shown, known, whole, _, _ = family.partly_known(16, seed=3)
    assert known.flatten(1).sum(1).tolist() == ([0] * 16 if steps == 1 else [4 * i for i in range(16)])
    assert torch.equal(shown[known], whole[known])
    share = (shown[~known] != COLOURS).float().mean()
    assert share == 1.0 if begin == 1.0 else 0.4 < share < 0.6


@pytest.mark.parametrize("dilation", [1, 3, 6])
def test_a_causal_convolution_leaves_out_its_masked_row(dilation: int) -> None:
    torch.manual_seed(0)
    layer = MaskedConv(8, (dilation, dilation), wrap=False, before=5)
    x = torch.randn(2, 8, 6, 7)
    expected = F.conv2d(x, layer.masked(), layer.bias, padding=dilation, dilation=dilation)
    torch.testing.assert_close(layer(x), expected)
    layer(x).sum().backward()
    assert layer.weight.grad is not None and (layer.weight.grad[:, :, 2] == 0).all()
