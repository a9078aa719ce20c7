"""Every family: training, exact resumption, sampling by seed, and export."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tilewright as tw
from tilewright import seeds
from tilewright.compiler import fast_reference
from tilewright.engine import Engine
from tilewright.palette import extract_palette
from tilewright_training.config import Config, preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.export.export import LEAST_AGREEMENT, ExportReport, StepReport, export_family
from tilewright_training.families.family import FAMILIES, Family, build_family
from tilewright_training.models import ITERATIVE_COLOURS, MODELS
from tilewright_training.run.checkpoint import pack_checkpoint, restore, unpack_checkpoint
from tilewright_training.watch.rescue_state import RescueState

from ..drawn import SIZE, SPRITE_KINDS, TILE_KINDS, draw_set

STEPS = 30
ITERATIVE = ("ar", "diffusion")
STAGES = {
    False: ["calibrating", "checking tiles"],
    True: ["calibrating", "checking whole pictures", "checking single evaluations"],
}
LOSS = {"dcgan": "critic", "flow": "error"}
CASES = [
    *((model, True) for model in MODELS),
    *((model, False) for model in ("gan", "vae", "diffusion", "flow")),
]


def art(transparent: bool) -> Dataset:
    """36 drawn tiles or sprites of three kinds."""
    kinds = SPRITE_KINDS if transparent else TILE_KINDS
    return Dataset(np.stack(draw_set(kinds, 12)), np.repeat(np.arange(3), 12), kinds, (), "")


def configuration(model: str, transparent: bool) -> Config:
    wrap = not transparent and not MODELS[model].why_not_wrap
    options = {"batch": 12, "transparent": transparent, "wrap": wrap, "bfloat16": False}
    if model in (*ITERATIVE, "flow"):
        options["lr"] = 1e-2  # the warm-up takes 100 steps, more than this run has
    if model == "flow":
        options["evaluations"] = 2  # the pack contains a network for each
    return preset("tiny", model=model, steps=STEPS, **options)


def begin(model: str, transparent: bool) -> tuple[Family, Batches]:
    data, config = art(transparent), configuration(model, transparent)
    palette = extract_palette(data.images, config.max_colours, transparent)
    batches = Batches(data, config, palette if MODELS[model].uses_palette else None)
    return build_family(config, palette, len(data.kinds)), batches


def train(family: Family, batches: Batches, first: int, last: int) -> list[dict[str, float]]:
    return [family.train_step(batches.draw(step), step, step / STEPS) for step in range(first, last)]


@cache
def trained(model: str, transparent: bool) -> tuple[Family, list[dict[str, float]]]:
    torch.set_num_threads(1)
    family, batches = begin(model, transparent)
    return family, train(family, batches, 0, STEPS)


@pytest.mark.parametrize(
    ("model", "transparent"), CASES, ids=[f"{m}-{'sprites' if t else 'tiles'}" for m, t in CASES]
)
class TestEveryFamily:
    def test_its_loss_falls(self, model: str, transparent: bool) -> None:
        _, figures = trained(model, transparent)
        assert np.isfinite([v for f in figures for v in f.values()]).all()
        losses = [f[LOSS.get(model, "nats")] for f in figures]
        smooth = np.convolve(losses, np.full(5, 0.2), "valid")
        assert smooth.min() < 0.9 * smooth[0]  # a critic's loss rises again as the generator improves

    def test_samples_follow_the_seed(self, model: str, transparent: bool) -> None:
        family, _ = trained(model, transparent)
        kinds = torch.arange(3).repeat(4)
        pictures = family.sample(kinds, 7)
        assert (pictures.shape, pictures.dtype) == ((12, SIZE, SIZE, 4), np.uint8)
        np.testing.assert_array_equal(pictures, family.sample(kinds, 7))
        assert not np.array_equal(pictures, family.sample(kinds, 8))
        assert (pictures[:5] == family.sample(kinds[:5], 7)).mean() > 0.99  # up to rounding
        assert set(np.unique(pictures[..., 3])) <= ({0, 255} if transparent else {255})
        if MODELS[model].uses_palette:
            colours = {tuple(c) for c in art(transparent).images.reshape(-1, 4).tolist()}
            assert {tuple(c) for c in pictures.reshape(-1, 4).tolist()} <= colours

    def test_it_becomes_a_pack(self, model: str, transparent: bool, tmp_path: Path) -> None:
        family, _ = trained(model, transparent)
        told: list[tuple[str, int, int]] = []
        content, report = export_family(
            family,
            metadata(family, model, transparent),
            tmp_path / "p.onnx",
            lambda *stage: told.append(stage),
        )
        assert list(dict.fromkeys(stage for stage, _, _ in told)) == STAGES[isinstance(report, StepReport)]
        assert all(done < of for _, done, of in told[1:])
        assert report.core_equals_reference
        assert "C++ core and reference: identical" in str(report)
        if isinstance(report, StepReport):
            assert model in ITERATIVE
            assert report.ort_same_scores is not None and report.ort_same_scores >= LEAST_AGREEMENT
            assert report.float_same_choice > 0.95
            assert report.int8_nats < 1.02 * report.float_nats + 0.01
        else:
            assert isinstance(report, ExportReport)
            assert report.ort_same_pixels is not None and report.ort_same_pixels >= LEAST_AGREEMENT
            assert report.float_same_pixels > 0.9 or (
                model == "dcgan" and report.float_distance < 6
            )  # of 510
        (tmp_path / "p.onnx").write_bytes(content)
        pack = tw.load(tmp_path / "p.onnx")
        kinds = torch.from_numpy(seeds.draw_kinds(3, 0, 8, 3).astype(np.int64))
        tiles = pack.generate(8, seed=3).rgba
        distance = np.abs(tiles.astype(int) - family.sample(kinds, 3)).mean()
        assert distance < 12  # out of 255: the pack and the network generate the same pictures


def test_every_model_has_a_class() -> None:
    assert list(FAMILIES) == list(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_the_traits_are_those_of_the_class(model: str) -> None:
    family, _ = begin(model, True)
    traits = MODELS[model]
    assert traits.has_critic == ("critic" in family.modules)
    assert traits.has_critic != hasattr(family, "loss")
    assert (traits.most_colours == ITERATIVE_COLOURS) == (family.sampler is not None)


@pytest.mark.parametrize("model", ["vae", "ar"])
def test_a_core_that_differs_is_found(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Detects one differing value in each call, and a fast reference that differs from the plain one."""
    family, _ = begin(model, True)
    given = family, metadata(family, model, True), tmp_path / "p.onnx"
    run, scores = Engine.run, fast_reference.scores

    def differing(self: Engine, count: int, **arguments: Any) -> dict[str, np.ndarray]:
        made = run(self, count, **arguments)
        made["indices"].reshape(-1)[-1] ^= 1
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "run", differing)
        assert not export_family(*given)[1].core_equals_reference
    if model == "ar":
        monkeypatch.setattr(fast_reference, "scores", lambda plan, **given: scores(plan, **given) + 1)
        assert not export_family(*given)[1].core_equals_reference


@pytest.mark.parametrize("model", MODELS)
def test_stopped_and_restored_is_the_same(model: str) -> None:
    first = STEPS // 2
    family, batches = begin(model, True)
    train(family, batches, first, first + 4)
    kept = pack_checkpoint(family, first + 4, STEPS, RescueState())
    ahead = train(family, batches, first + 4, first + 7)
    other, _ = begin(model, True)
    restore(other, unpack_checkpoint(kept, "kept"))
    assert train(other, batches, first + 4, first + 7) == ahead
    for name, module in family.modules.items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, other.modules[name].state_dict()[key]), (name, key)


def metadata(family: Family, model: str, transparent: bool) -> dict[str, object]:
    data, config = art(transparent), configuration(model, transparent)
    palette = extract_palette(data.images, config.max_colours, transparent)
    written = [bytes(colour).hex() for colour in palette.tolist()] if MODELS[model].uses_palette else None
    return {
        "name": model,
        "kinds": list(data.kinds),
        "tile_size": SIZE,
        "palette": written,
        "palette_size": len(written or ()),
        "latent_size": 0 if family.sampler else config.latents,
        "sampler": family.sampler,
        "transparent": transparent,
        "wrap": config.wrap,
        "sources": [],
        "data": {},
        "training": {},
    }
