"""From autotiles to a pack that paints: reading, training, resuming, export."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from rich.console import Console

import tilewright as tw
from tilewright.errors import DataError, UsageError
from tilewright_training.config import preset
from tilewright_training.data.batches import Batches
from tilewright_training.data.dataset import Dataset
from tilewright_training.data.split import split
from tilewright_training.data.terrain import read_terrain
from tilewright_training.data.windows import Windows
from tilewright_training.export.export import export_run
from tilewright_training.families.diffusion import MaskedDiffusion
from tilewright_training.run import train
from tilewright_training.run.run_folder import RunFolder

from .test_terrain_set import GRASS, HEAD, LAKE, SAND, write_art

QUIET = Console(quiet=True)
TWO_SETS = HEAD + "held_out = ['other']\n" + GRASS + SAND + LAKE
TWO_SETS += GRASS.replace("grass", "moss").replace("[[terrain]]", '[[terrain]]\nset = "other"')
SMALL = {
    "batch": 4,
    "checkpoint_every": 4,
    "sample_every": 6,
    "threads": 1,
    "dilations": (1, 2),
    "evaluations": 4,
}


def begin(folder: Path, run: Path, size: int | None = None, **overrides: Any) -> RunFolder:
    recipe = write_art(folder, TWO_SETS)
    given = {**SMALL, "model": "diffusion", **overrides}
    return train.start(
        run, [folder], size, "tiny", reading={"terrain": str(recipe)}, overrides=given, console=QUIET
    )


def both_ways(data: Dataset) -> set[tuple[bytes, bytes]]:
    """Return pictures and their kinds, and the same mirrored."""
    pairs = list(zip(data.images[:], data.kind_maps[:], strict=True))
    mirrored = [(picture[:, ::-1], kinds[:, ::-1]) for picture, kinds in pairs]
    return {(picture.tobytes(), kinds.tobytes()) for picture, kinds in pairs + mirrored}


def test_windows_read_like_an_array() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 6, 8, 4), np.uint8)
    windows = Windows(pictures, (4, 2), 2)
    assert windows.shape == (2 * 2 * 4, 4, 2, 4) and len(windows) == 16
    expected = np.stack(
        [pictures[m, y : y + 4, x : x + 2] for m in (0, 1) for y in (0, 2) for x in (0, 2, 4, 6)]
    )
    np.testing.assert_array_equal(np.asarray(windows), expected)
    np.testing.assert_array_equal(windows[5], expected[5])
    np.testing.assert_array_equal(windows[3:9:2], expected[3:9:2])
    np.testing.assert_array_equal(windows[np.array([15, 0])], expected[[15, 0]])


def test_a_picture_comes_with_the_kinds_of_its_cells(tmp_path: Path) -> None:
    data = read_terrain(tmp_path, write_art(tmp_path, TWO_SETS), (12, 8), maps=5)
    assert data.kinds == ("grass", "lake", "sand")  # without those of the set that is held out
    assert data.images.shape[1:] == (12, 8, 4) and data.kind_maps.shape == (len(data.labels), 3, 2)
    assert data.cell == 4 and len(np.unique(data.groups)) == 5
    sheet = np.asarray(tw.pictures.read_picture(tmp_path / "s.png"))
    grass = {sheet[:4, :4].tobytes(), sheet[:4, 4:8].tobytes()}
    for picture, kinds in zip(data.images[::7], data.kind_maps[::7], strict=True):
        tiles = picture.reshape(3, 4, 2, 4, 4).swapaxes(1, 2)
        assert all((tiles[y, x].tobytes() in grass) == (kinds[y, x] == 0) for y in range(3) for x in range(2))
    cells = np.bincount(data.kind_maps[:].ravel(), minlength=3)
    for label, kinds in zip(data.labels, data.kind_maps[:], strict=True):
        assert label in kinds and cells[label] <= cells[np.unique(kinds)].max()
    again = read_terrain(tmp_path, tmp_path / "r.toml", (12, 8), maps=5)
    assert again.digest == data.digest
    learnt, held = split(data, 0.3)
    assert not set(learnt.groups) & set(held.groups) and len(held.kind_maps) == len(held.labels) > 0


def test_a_batch_has_a_kind_for_each_pixel_and_no_changes(tmp_path: Path) -> None:
    data = read_terrain(tmp_path, write_art(tmp_path, TWO_SETS), (12, 12), maps=3)
    config = preset("tiny", model="diffusion", size=12, steps=1, batch=16, flip=True, recolour=False)
    palette = np.unique(data.images[:].reshape(-1, 4), axis=0)
    batch = Batches(data, config, palette).draw(3, strength=1.0)
    assert batch.indices is not None and batch.kinds.shape == (16, 12, 12)
    assert not batch.changes.label.any()
    known = both_ways(data)
    for indices, kinds in zip(batch.indices.numpy(), batch.kinds.numpy(), strict=True):
        cells = kinds[::4, ::4].astype(np.uint8)
        np.testing.assert_array_equal(cells.repeat(4, axis=0).repeat(4, axis=1), kinds)
        assert (palette[indices].tobytes(), cells.tobytes()) in known
    config = preset("tiny", model="diffusion", size=12, steps=1, batch=16)
    cells, weights = MaskedDiffusion(config, palette, 3, batch.kinds.numpy()).hide(batch)
    hidden = cells == len(palette)
    torch.testing.assert_close((weights > 0), hidden)
    blocks = hidden[::3, :8, :8]
    assert (blocks == blocks[:, :1, :1]).all() and hidden[1::3].any() and not hidden.all()


def test_a_run_is_resumed_and_becomes_a_pack_that_paints(tmp_path: Path) -> None:
    whole = begin(tmp_path, tmp_path / "whole", steps=12)
    shutil.copytree(whole.path, tmp_path / "part")
    part = RunFolder(tmp_path / "part")
    part.newest_checkpoint().unlink()
    train.resume(part.path, console=QUIET)
    first, second = (safetensors.torch.load_file(run.newest_checkpoint()) for run in (whole, part))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert whole.config.size == (12, 12) and not whole.config.wrap
    facts = json.loads((tmp_path / "whole" / "data.json").read_text())
    assert facts["cell"] == 4 and np.shape(facts["kind_maps"]) == (16, 3, 3)
    assert len(list((tmp_path / "whole" / "samples").iterdir())) == 2
    report = export_run(whole, tmp_path / "small.onnx")
    assert report.core_equals_reference
    pack = tw.load(tmp_path / "small.onnx")
    assert np.array_equal(pack.file.texture, facts["texture"]) and np.any(facts["texture"])
    assert (pack.kinds, pack.cell, pack.has_kind_map) == (("grass", "lake", "sand"), 4, True)
    kinds = np.array([[0, 0, 2, 2, 1], [0, 2, 2, 1, 1]])
    assert pack.paint(kinds, seed=2).rgba.shape == (1, 8, 20, 4)
    facts["kind_maps"][3][0][0] = 3
    (tmp_path / "whole" / "data.json").write_text(json.dumps(facts))
    with pytest.raises(DataError, match=r"kind_maps of data\.json cannot be"):
        RunFolder(tmp_path / "whole")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"model": "vae", "size": 16}, "train: vae cannot be trained on maps of kinds: use --model ar or diffusion"),
        ({"wrap": True}, "train: maps of kinds do not repeat: leave out --wrap"),
    ],
)  # fmt: skip
def test_settings_that_maps_do_not_suit_are_refused(
    tmp_path: Path, overrides: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        begin(tmp_path, tmp_path / "run", steps=2, **overrides)
    assert not (tmp_path / "run" / "config.json").exists()


def test_bad_sizes_and_bad_sets_are_refused(tmp_path: Path) -> None:
    recipe = write_art(tmp_path, TWO_SETS)
    with pytest.raises(UsageError, match="whole cells of 4 pixels, at least two: --size 12 or 16, not 10"):
        read_terrain(tmp_path, recipe, (10, 10))
    write_art(tmp_path, TWO_SETS.replace("'other'", "'others'"))
    with pytest.raises(DataError, match=r"held_out must be a list of its sets, art, other, not \['others'\]"):
        read_terrain(tmp_path, recipe, (12, 12))
    write_art(tmp_path, TWO_SETS.replace("'other'", "'other', 'art'"))
    with pytest.raises(DataError, match="held_out names every set; leave one to train on"):
        read_terrain(tmp_path, recipe, (12, 12))
