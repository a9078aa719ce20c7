"""Art at half its size, pictures with their halves, and the pack of two networks that come of them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

import tilewright as tw
from tilewright.errors import DataError, UsageError
from tilewright.plan import CELLS
from tilewright.sheet import save_png
from tilewright.upsampling import guides, guiding
from tilewright_benchmarks.verify import networks
from tilewright_training.config import Config, preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset, read_art
from tilewright_training.data.halving import guided, halve, halved
from tilewright_training.data.split import split
from tilewright_training.experiments.add_gate import add_gate
from tilewright_training.export import critic, critic_network
from tilewright_training.export.export import export_run
from tilewright_training.families.family import build_family
from tilewright_training.families.iterative import Iterative
from tilewright_training.measures.subject import open_subject, pack_subject
from tilewright_training.run import train

from ...test_heads import changed
from ...test_upsampling import with_upsampler
from ..drawn import SPRITE_KINDS, draw_folder

PALETTE = np.array([(0, 0, 0, 0), (10, 10, 10, 255), (200, 0, 0, 255), (110, 10, 0, 255)], np.uint8)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("art"), 20, SPRITE_KINDS)


@pytest.fixture(scope="module")
def art(folder: Path) -> Dataset:
    return read_art([folder], 16)[0]


@pytest.mark.parametrize(
    ("block", "entry"),
    [
        ((0, 0, 0, 2), 0),  # one opaque pixel
        ((0, 2, 0, 2), 2),
        ((0, 0, 1, 2), 1),  # both are equally near to their mean
        ((1, 1, 2, 2), 1),
        ((2, 2, 3, 1), 2),
        ((1, 1, 1, 1), 1),
    ],
)
def test_a_block_becomes_the_entry_that_weighs_most(block: tuple[int, ...], entry: int) -> None:
    assert halve(np.array(block).reshape(1, 2, 2), PALETTE).tolist() == [[[entry]]]


def test_a_bright_eye_outweighs_the_skin_around_it() -> None:
    """At the distance d from the mean of 4x4 pixels, one weighs (1 + d)^1/2: the eye 13.4, the skin 3 times 3.6."""
    skin = np.full((1, 6, 6), 1)
    skin[0, 2, 3] = 2
    assert halve(skin, PALETTE).tolist() == [[[1, 1, 1], [1, 2, 1], [1, 1, 1]]]
    grey = np.array([(0, 0, 0, 0), (10, 10, 10, 255), (20, 10, 10, 255)], np.uint8)
    assert (halve(skin, grey) == 1).all()  # 3.2 and 3 times 1.3


def test_nothing_beyond_an_edge_weighs() -> None:
    """The mean for a block in a corner is of 9 pixels, at an edge of 12 and elsewhere of 16."""
    corner = np.full((1, 4, 4), 1)
    corner[0, 0, 0] = 2
    near = np.array([(0, 0, 0, 0), (10, 10, 10, 255), (34, 10, 10, 255)], np.uint8)
    # (1 + 24 * 8 / 9)^1/2 is 4.7, 3 times (1 + 24 / 9)^1/2 is 5.7; with 16 pixels 4.8 and 4.7, if pictures wrapped
    assert (halve(corner, near) == 1).all()
    edge = np.full((1, 4, 6), 1)
    edge[0, 0, 2] = 2
    far = np.array([(0, 0, 0, 0), (10, 10, 10, 255), (70, 10, 10, 255)], np.uint8)
    # (1 + 60 * 11 / 12)^1/2 is 7.5, 3 times (1 + 60 / 12)^1/2 is 7.3; 7.3 and 8.7, if the edge were repeated
    assert halve(edge, far).tolist() == [[[1, 2, 1], [1, 1, 1]]]


def test_mirrored_pictures_have_mirrored_halves() -> None:
    pictures = np.random.default_rng(0).integers(0, 4, (50, 12, 12))
    np.testing.assert_array_equal(halve(pictures[:, :, ::-1], PALETTE), halve(pictures, PALETTE)[:, :, ::-1])


def test_blocks_keep_their_places() -> None:
    picture = np.array([[1, 1, 2, 2, 0, 0], [1, 1, 2, 2, 0, 0]], np.uint8)
    assert halve(picture[None], PALETTE).tolist() == [[[1, 2, 0]]]
    opaque = PALETTE[1:]
    assert halve(picture[None].clip(1) - 1, opaque).tolist() == [[[0, 1, 0]]]


def test_halves_are_held_out_with_their_pictures(art: Dataset) -> None:
    half = halved(art)
    assert half.images.shape == (len(art.labels), 8, 8, 4)
    assert half.digest == art.digest and half.kinds == art.kinds
    for share in (0.1, 0.3, 0.5):
        for whole, part, other in zip(
            split(art, share), split(half, share), split(guided(art), share), strict=True
        ):
            np.testing.assert_array_equal(part.groups, whole.groups)
            np.testing.assert_array_equal(part.labels, whole.labels)
            np.testing.assert_array_equal(other.images, whole.images)
    assert {tuple(c) for c in half.images.reshape(-1, 4)} <= {tuple(c) for c in half.palette}


def test_guides_are_the_kinds_of_pixels(art: Dataset) -> None:
    whole, half = guided(art), halved(art)
    np.testing.assert_array_equal(whole.images, art.images)
    np.testing.assert_array_equal(whole.palette, half.palette)
    assert len(whole.kinds) == 4 * len(whole.palette) and whole.kinds[0] == "none-0"
    entries = (half.images[:, :, :, None] == whole.palette).all(-1).argmax(-1).astype(np.uint8)
    np.testing.assert_array_equal(whole.kind_maps, guides(entries))


def upsampler_config(recolour: bool) -> Config:
    overrides = {"model": "ar", "size": 16, "flip": True, "batch": 64, "transparent": True, "shift": 0}
    return preset("tiny", **overrides, recolour=recolour, upsampler=True)


def test_guides_of_mirrored_pictures(art: Dataset) -> None:
    whole = guided(art)
    batch = Batches(whole, upsampler_config(recolour=False), whole.palette).draw(0)
    assert batch.indices is not None
    pictures = batch.indices.numpy().astype(np.uint8)
    np.testing.assert_array_equal(batch.kinds, guides(halve(pictures, whole.palette)))
    known = {picture.tobytes() for picture in art.images}
    assert 0 < sum(picture.tobytes() in known for picture in whole.palette[pictures]) < 64


def test_guides_of_recoloured_pictures(art: Dataset) -> None:
    """A block of one colour has the guide of that colour."""
    whole = guided(art)
    batch = Batches(whole, upsampler_config(recolour=True), whole.palette).draw(0, strength=1.0)
    assert batch.indices is not None and batch.changes.entries is not None
    pictures, entries = batch.indices.numpy(), guiding(batch.kinds.numpy())
    plain = Batches(whole, upsampler_config(recolour=False), whole.palette).draw(0)
    assert plain.indices is not None
    assert (pictures != plain.indices.numpy()).any(axis=(1, 2)).sum() > 16
    corners = np.stack([pictures[:, y::2, x::2] for y in (0, 1) for x in (0, 1)])
    flat = (corners == corners[0]).all(axis=0)
    assert flat.sum() > 1000 and len(np.unique(corners[0][flat])) > 3
    np.testing.assert_array_equal(entries[flat], corners[0][flat])
    np.testing.assert_array_equal(batch.kinds, guides(entries.astype(np.uint8)))


def test_processes_draw_parts_of_a_batch_of_guides(art: Dataset) -> None:
    whole = guided(art)
    config = upsampler_config(recolour=True)
    batch = Batches(whole, config, whole.palette).draw(3, strength=1.0)
    for rank in range(2):
        part = Batches(whole, config, whole.palette, rank, 2).draw(3, strength=1.0)
        assert torch.equal(part.kinds, batch.kinds[rank::2])
        assert part.indices is not None and batch.indices is not None
        assert torch.equal(part.indices, batch.indices[rank::2])


@pytest.mark.parametrize("model", ["ar", "diffusion"])
def test_upsamplers_draw_and_learn_the_colours_of_the_half(art: Dataset, model: str) -> None:
    whole = guided(art)
    config = replace(upsampler_config(recolour=False), model=model)
    batch = Batches(whole, config, whole.palette).draw(0)
    maps = np.asarray(whole.kind_maps[:4])
    network = build_family(config, whole.palette, len(whole.kinds), maps)
    assert isinstance(network, Iterative)
    excluded = network.excluded(batch)
    assert excluded is not None and excluded.shape == (64, len(whole.palette), 16, 16)
    half = guiding(batch.kinds.numpy())
    for picture, lacks in zip(half, excluded[:, :, 0, 0].numpy(), strict=True):
        assert set(np.flatnonzero(~lacks)) == set(np.unique(picture))
    for parameter in network.ema.logits.parameters():
        torch.nn.init.zeros_(parameter)  # all entries that are not excluded are as likely
    if model == "ar":  # the loss of all cells, without those of entries that are excluded
        assert batch.indices is not None
        counts = np.array([len(np.unique(picture)) for picture in half])[:, None, None]
        known = ~excluded.gather(1, batch.indices[:, None])[:, 0].numpy()
        assert known.mean() < 1.0
        assert float(network.loss(batch)) == pytest.approx((np.log(counts) * known).mean(), rel=1e-4)
    drawn = network.draw(batch.kinds[:8], 0, 0).numpy()
    for picture, seen in zip(drawn, half, strict=False):
        assert set(np.unique(picture)) <= set(np.unique(seen))


def test_art_that_has_no_halves(art: Dataset) -> None:
    with pytest.raises(DataError, match="generate squares of even edges, not 15x15 pixels"):
        halved(replace(art, images=art.images[:, :15, :15]))
    noise = np.random.default_rng(0).integers(0, 255, art.images.shape, np.uint8)
    noise[..., 3] = 255
    with pytest.raises(DataError, match="the art has more than 64 colours, transparency included"):
        guided(replace(art, images=noise))


@pytest.fixture(scope="module")
def runs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The packs of two runs of a few steps: the halves, and the upsampler."""
    root = tmp_path_factory.mktemp("runs")
    overrides = {"model": "ar", "steps": 4, "batch": 8, "threads": 1, "flip": True}
    for part in ("halve", "upsampler"):
        run = train.start(
            root / part, [folder], 16, "tiny", reading={part: True}, overrides=overrides, console=QUIET
        )
        if part == "upsampler":
            export_run(run, root / "up.onnx")
    return {"base": root / "halve", "upsampler": root / "up.onnx"}


def test_a_pack_of_two_networks(runs: dict[str, Path], folder: Path, tmp_path: Path) -> None:
    run = train.RunFolder(runs["base"])
    assert run.config.size == (8, 8)
    export_run(run, tmp_path / "plain.onnx", critic=False)
    report = export_run(run, tmp_path / "both.onnx", critic=False, upsampler=runs["upsampler"])
    assert report.core_equals_reference and report.pack.upsampler is not None
    pack, plain = tw.load(tmp_path / "both.onnx"), tw.load(tmp_path / "plain.onnx")
    assert (pack.shape, plain.shape, pack.kinds) == ((16, 16), (8, 8), SPRITE_KINDS)
    small = plain.generate(6, seed=3)
    np.testing.assert_array_equal(
        pack.generate(6, seed=3).indices, pack.upsample(small.indices, seed=3).indices
    )
    assert pack.sources == plain.sources
    assert Counter(pack.generate(6, seed=3).kinds) == Counter(small.kinds)
    subject = pack_subject(pack)
    assert subject.size == (16, 16) and subject.art == read_art([folder], 16)[0].digest


def test_figures_are_of_art_that_neither_network_has_seen(runs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "both.onnx"
    export_run(train.RunFolder(runs["base"]), path, critic=False, upsampler=runs["upsampler"])
    other = changed(runs["upsampler"].read_bytes(), data={"sha256": "of other art"})
    path.write_bytes(with_upsampler(path.read_bytes(), other))
    assert pack_subject(tw.load(path)).art == ""


@pytest.mark.parametrize(
    ("reading", "overrides", "base", "text"),
    [
        ("halve", {"model": "vae", "wrap": True}, None, "an upsampler does not wrap: leave out --wrap"),
        ("upsampler", {"max_colours": 8}, None, "the colours are those of the art: leave out --colours"),
        ("upsampler", {}, "base16-ar", "train --upsampler: no base has its kinds: leave out --from"),
        ("halve", {"model": "dcgan"}, None, "dcgan generates no palette entries: use --model ar, vae or gan"),
    ],
)
def test_runs_that_no_pack_of_two_could_use(
    folder: Path, tmp_path: Path, reading: str, overrides: dict[str, Any], base: str | None, text: str
) -> None:
    with pytest.raises(UsageError, match=text):
        train.start(
            tmp_path / "run", [folder], 16, reading={reading: True}, overrides={"steps": 1, **overrides},
            console=QUIET, base=base,
        )  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_halves_of_art_with_few_transparent_pixels(tmp_path: Path, art: Dataset) -> None:
    """No block has three transparent pixels, but the palette has an entry for them."""
    solid = np.where(art.images[..., 3:] == 0, np.array([90, 90, 90, 255], np.uint8), art.images)
    solid[:, 0, 0] = 0
    (tmp_path / "art").mkdir()
    for number, picture in enumerate(solid):
        save_png(picture, tmp_path / "art" / f"{number}.png")
    overrides = {"model": "ar", "steps": 1, "batch": 4, "threads": 1}
    for part in ("halve", "upsampler"):
        run = train.start(
            tmp_path / part,
            [tmp_path / "art"],
            16,
            "tiny",
            reading={part: True},
            overrides=overrides,
            console=QUIET,
        )
        assert run.config.transparent and run.palette[0].tolist() == [0, 0, 0, 0]


def test_upsamplers_of_other_art_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    run = train.RunFolder(runs["base"])
    export_run(run, tmp_path / "plain.onnx", critic=False)
    with pytest.raises(UsageError, match="is no upsampler for this run: it does not have "):
        export_run(run, tmp_path / "both.onnx", upsampler=tmp_path / "plain.onnx")
    assert not (tmp_path / "both.onnx").exists()


def test_a_gate_is_that_of_the_first_network(
    runs: dict[str, Path], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(critic, "FEWEST", 10)
    monkeypatch.setattr(critic_network, "TRAINING", replace(critic_network.TRAINING, steps=5))
    path, output = tmp_path / "both.onnx", tmp_path / "gated.onnx"
    export_run(train.RunFolder(runs["base"]), path, critic=False, upsampler=runs["upsampler"])
    add_gate(str(path), [folder], None, output, accepted=0.5)
    before, after = tw.load(path).file, tw.load(output).file
    assert before.critic is None and after.critic is not None
    assert after.critic.plan.input_shape(CELLS) == (8, 8)
    assert before.upsampler is not None and after.upsampler is not None
    assert before.upsampler.content == after.upsampler.content
    assert tw.load(output).generate(4, seed=1).indices.shape == (4, 16, 16)
    assert {name: file.shape for name, file in networks(str(output)).items()} == {
        str(output): (8, 8),
        f"{output} (upsampler)": (16, 16),
    }


def test_an_upsampler_may_be_masked(runs: dict[str, Path], folder: Path, tmp_path: Path) -> None:
    overrides = {"model": "diffusion", "steps": 2, "batch": 8, "threads": 1}
    run = train.start(
        tmp_path / "up", [folder], 16, "tiny", reading={"upsampler": True}, overrides=overrides, console=QUIET
    )
    export_run(run, tmp_path / "up.onnx")
    path = tmp_path / "both.onnx"
    export_run(train.RunFolder(runs["base"]), path, critic=False, upsampler=tmp_path / "up.onnx")
    two = tw.load(path)
    assert two.file.upsampler is not None and two.file.upsampler.plan.sampler.method == "masked"
    whole = two.generate(5, seed=2).indices
    np.testing.assert_array_equal(two.generate(2, seed=2, start=3).indices, whole[3:])


def test_half_of_a_pack_is_not_evaluated(runs: dict[str, Path]) -> None:
    for part in ("halve", "upsampler"):
        with pytest.raises(
            UsageError, match="is half of a pack of two networks: export both, and evaluate the pack"
        ):
            open_subject(str(runs["base"].parent / part))


def test_a_run_of_halves_can_be_resumed(runs: dict[str, Path]) -> None:
    for part in (runs["base"], runs["base"].parent / "upsampler"):
        assert train.resume(part, console=QUIET, steps=6).config.steps == 6
