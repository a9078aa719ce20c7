"""Critics that export makes: from drawn art to a pack that draws again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tilewright as tw
from tilewright import engine
from tilewright.compiler import reference
from tilewright.critic import neighbour_codes
from tilewright.errors import DataError, UsageError
from tilewright.generator import Pack, pack_of
from tilewright_training.data.batches import Indexer
from tilewright_training.data.dataset import Dataset, read_art
from tilewright_training.data.split import hold_out
from tilewright_training.export import critic as of_pack
from tilewright_training.export.critic_network import fit_critic, logits_of
from tilewright_training.export.critic_onnx import export_critic
from tilewright_training.export.export import export_run
from tilewright_training.export.export_onnx import with_fields
from tilewright_training.export.orphan_bounds import with_orphan_bounds
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of few steps."""
    folder = tmp_path_factory.mktemp("critic")
    draw_folder(folder / "art", per_kind=100)
    overrides = {"steps": 150, "sample_every": 150, "checkpoint_every": 150, "held_out": 0.2}
    train.start(
        folder / "run", [folder / "art"], 16, "tiny", overrides=overrides, console=Console(quiet=True)
    )
    return RunFolder(folder / "run")


@pytest.fixture(scope="module")
def pack(run: RunFolder) -> Pack:
    path, told = run.path.parent / "judged.onnx", []
    report = export_run(run, path, report=lambda *stage: told.append(stage))
    generated = [(done, of) for stage, done, of in told if stage == "generating pictures for the critic"]
    assert generated == sorted(generated) and generated[-1][0] == generated[-1][1] > 0
    assert ("training the critic", 0, 0) in told
    assert report.pack.critic is not None and path.stat().st_size == len(report.pack.content)
    return tw.load(path)


def entries(pack: Pack, data: Dataset | None) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures uint8 (N, H, W) of palette entries, and their kinds."""
    assert data is not None
    palette = pack.file.head.palette
    assert palette is not None
    return Indexer(palette)(np.asarray(data.images)).astype(np.uint8), data.labels


def scores(pack: Pack, pictures: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    assert pack.file.critic is not None
    return pack.file.critic.on("").scores(pictures, kinds).astype(int)


def test_unseen_art_has_greater_scores_than_generated_pictures(run: RunFolder, pack: Pack) -> None:
    data, _ = read_art([run.path.parent / "art"], 16)
    unseen, kinds = entries(pack, hold_out(data, 0.2)[1])
    plain = pack.generate(200, seed=1, gate=False)
    assert plain.indices is not None
    art, made = scores(pack, unseen, kinds), scores(pack, plain.indices, plain.kind_ids)
    assert (art[:, None] > made[None]).mean() > 0.8
    other = (kinds + 1) % len(pack.kinds)
    assert (art > scores(pack, unseen, other)).mean() > 0.8


def test_a_quarter_of_the_draws_is_accepted(pack: Pack) -> None:
    # What is outside of the bounds is drawn again whatever its score.
    pack = pack_of(with_fields(pack.file.content, {"training_pictures": None}), pack.path)
    assert pack.file.critic is not None
    for number, kind in enumerate(pack.kinds):
        plain = pack.generate(400, kind=kind, seed=2, gate=False)
        gated = pack.generate(400, kind=kind, seed=2)
        least = int(pack.file.critic.least[number])
        enough = [scores(pack, b.indices, b.kind_ids) >= least for b in (plain, gated)]  # type: ignore[arg-type]
        assert 0.05 < enough[0].mean() < 0.5 and enough[1].mean() > 2 * enough[0].mean()


def test_the_file_computes_what_was_trained() -> None:
    """The score is the logit of the network, in steps and within limits."""
    rng = np.random.default_rng(0)
    palette = np.array([[0, 0, 0, 0], [200, 30, 30, 255], [30, 200, 30, 255], [240, 240, 240, 255]], np.uint8)
    noise = rng.integers(0, 4, (150, 16, 24), dtype=np.uint8)
    blocks = noise[:, ::4, ::4].repeat(4, axis=1).repeat(4, axis=2)
    cells, kinds = np.concatenate([blocks, noise]), np.arange(300) % 3
    is_art = np.arange(300) < 150
    network = fit_critic(cells, kinds, is_art, np.ones(300), palette)
    critic = of_pack.Critic.of(export_critic(network, cells, kinds), [0] * 3)
    logits, found = logits_of(network, cells, kinds), critic.on("").scores(cells, kinds).astype(int)
    inside = (found > 0) & (found < 255)
    step, offset = np.polyfit(found[inside], logits[inside], 1)
    assert np.abs(step * found[inside] + offset - logits[inside]).mean() < 0.05 * np.ptp(logits)
    assert (found[is_art].min() > found[~is_art].max()) and inside.mean() > 0.5
    given = {"cells": cells[:5], "kind_maps": neighbour_codes(cells[:5])}
    expected = reference.run(critic.plan, 5, **given)["score"]
    np.testing.assert_array_equal(found[:5], expected[np.arange(5), kinds[:5]])


def test_export_without_a_critic(
    run: RunFolder, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it is not wanted, if the art is gone, or if there is too little of it. The network is the same."""
    plain = export_run(run, tmp_path / "plain.onnx", critic=False).pack
    assert plain.critic is None
    before, after = (p.generate(20, seed=3, gate=False).rgba for p in (tw.load(plain.path), pack))
    np.testing.assert_array_equal(before, after)
    monkeypatch.setattr(of_pack, "FEWEST", 10_000)
    assert export_run(run, tmp_path / "few.onnx").pack.critic is None
    monkeypatch.undo()
    moved = tmp_path / "moved"
    shutil.copytree(run.path, moved)
    data = (moved / "data.json").read_text().replace(str(run.path.parent / "art"), str(tmp_path / "gone"))
    (moved / "data.json").write_text(data)
    assert export_run(RunFolder(moved), tmp_path / "gone.onnx").pack.critic is None


@pytest.mark.parametrize("shares", [(0.0, 0.2), (1.5, 0.2), (0.2, 1.0), (0.2, -0.1), (float("nan"), 0.2)])
def test_shares_out_of_range(pack: Pack, shares: tuple[float, float]) -> None:
    data, _ = read_art([pack.path.parent / "art"], 16)
    with pytest.raises(UsageError, match=r"(accepted|mismatched) must be in [(\[]0, 1[)\]], not "):
        of_pack.with_critic(pack.file.content, pack.path, data, *shares)


def test_bounds_of_orphans_follow_the_art_where_the_pack_can(run: RunFolder, pack: Pack) -> None:
    data, _ = read_art([run.path.parent / "art"], 16)
    known = pack.file.training_pictures
    assert known is not None
    indices, labels = entries(pack, data)
    orphans = engine.picture_figures(indices, len(known.palette), known.holes)[:, 2]
    content = with_orphan_bounds(pack.file.content, pack.path, data, 0.5)
    tight = pack_of(content, pack.path)
    bounds = tight.file.training_pictures
    assert bounds is not None and tight.file.critic is not None
    np.testing.assert_array_equal(bounds.codes, known.codes)
    for number, kind in enumerate(pack.kinds):
        bound = int(np.quantile(orphans[labels == number], 0.5, method="higher"))
        drawn = pack.generate(256, kind=kind, seed=2**63 - 1, gate=False).indices
        assert drawn is not None
        met = (engine.picture_figures(drawn, len(known.palette), known.holes)[:, 2] <= bound).mean() >= 0.5
        before, after = int(known.bounds[number, 5]), int(bounds.bounds[number, 5])
        assert after == (min(before, bound) if met else before)
    with pytest.raises(UsageError, match="must be in"):
        with_orphan_bounds(pack.file.content, pack.path, data, 0.0)
    with pytest.raises(DataError, match="no bounds"):
        bare = with_fields(pack.file.content, {"training_pictures": None})
        with_orphan_bounds(bare, pack.path, data, 0.5)
