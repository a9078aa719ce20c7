"""From drawn art to tiles: train, export, generate, and check the learned colours."""

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tilewright as tw
from tilewright_training.data.dataset import read_art
from tilewright_training.export import export
from tilewright_training.families import dcgan
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from ..drawn import draw_folder, draw_sprite_folder


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, export.ExportReport]:
    """(the art, the pack's file, its report)."""
    folder = tmp_path_factory.mktemp("road")
    art, run, pack = folder / "art", folder / "run", folder / "drawn.onnx"
    draw_folder(art, per_kind=40)
    overrides = {"steps": 150, "sample_every": 150, "checkpoint_every": 150}
    train.start(run, [art], 16, "tiny", overrides=overrides, console=Console(quiet=True))
    return art, pack, export.export_run(RunFolder(run), pack)


def test_report(road: tuple[Path, Path, export.ExportReport]) -> None:
    _, path, report = road
    assert report.core_equals_reference
    assert report.ort_same_pixels is not None and report.ort_same_pixels >= 0.995
    assert report.float_same_pixels >= 0.9
    assert "C++ core and reference: identical" in str(report)
    assert path.stat().st_size == len(report.pack.content)


def test_every_colour_is_the_arts_own(road: tuple[Path, Path, export.ExportReport]) -> None:
    art, path, _ = road
    data, _ = read_art([art], 16)
    allowed = {tuple(c) for c in data.images.reshape(-1, 4).tolist()}
    tiles = tw.load(path).generate(60, seed=5).rgba
    assert {tuple(c) for c in tiles.reshape(-1, 4).tolist()} <= allowed


def test_kinds_look_like_their_kind(road: tuple[Path, Path, export.ExportReport]) -> None:
    """The colours of generated tiles are closest to the art of their own kind."""
    art, path, _ = road
    data, _ = read_art([art], 16)
    pack = tw.load(path)
    assert pack.kinds == data.kinds
    for number, kind in enumerate(pack.kinds):
        mean = pack.generate(64, kind=kind, seed=3).rgba[..., :3].mean(axis=(0, 1, 2))
        distances = [
            float(np.abs(data.images[data.labels == k][..., :3].mean(axis=(0, 1, 2)) - mean).sum())
            for k in range(len(data.kinds))
        ]
        assert int(np.argmin(distances)) == number, (kind, distances)


def test_tiles_vary(road: tuple[Path, Path, export.ExportReport]) -> None:
    tiles = tw.load(road[1]).generate(64, kind=tw.load(road[1]).kinds[0], seed=9).indices
    assert tiles is not None
    assert len({t.tobytes() for t in tiles}) > 20


@pytest.mark.parametrize("preset", ["tiny", "dcgan"])
@pytest.mark.parametrize(("sprites", "size"), [(False, 8), (False, 16), (True, 8), (True, 32)])
def test_every_kind_of_pack_goes_all_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preset: str, sprites: bool, size: int
) -> None:
    monkeypatch.setattr(dcgan, "BASE_CHANNELS", 16)  # 512 channels at 4x4 pixels take seconds to export
    art, run, path = tmp_path / "art", tmp_path / "run", tmp_path / "p.onnx"
    (draw_sprite_folder if sprites else draw_folder)(art, per_kind=4)
    overrides = {"steps": 2, "batch": 4, "threads": 1}
    train.start(run, [art], size, preset, overrides=overrides, console=Console(quiet=True))
    report = export.export_run(RunFolder(run), path, "named")
    assert report.core_equals_reference
    assert report.ort_same_pixels is not None and report.ort_same_pixels >= export.LEAST_AGREEMENT
    pack = tw.load(path)
    assert pack.name == "named"
    assert pack.file.head.transparent == sprites
    assert pack.file.head.wrap == (preset == "tiny" and not sprites)
    assert pack.generate(3).rgba.shape == (3, size, size, 4)


def test_a_name_that_no_pack_can_have(road: tuple[Path, Path, export.ExportReport], tmp_path: Path) -> None:
    run = RunFolder(road[1].parent / "run")
    with pytest.raises(tw.UsageError, match=r"^export: a pack's name must be printable and of at most 200"):
        export.export_run(run, tmp_path / "p.onnx", "x" * 201)
    assert not list(tmp_path.iterdir())
