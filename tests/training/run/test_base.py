"""From a base to a run on other art: `tilewright train --from`."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from tilewright.errors import DataError, UsageError
from tilewright.frame_sheets import FrameSheet
from tilewright.pictures import read_picture
from tilewright_training.run import adapt as adapting
from tilewright_training.run import train, training_loop
from tilewright_training.run.adapt import adapt
from tilewright_training.run.architectures import architecture_of
from tilewright_training.run.base import BASES, Base, check_fit, find_base, pack_base, unpack_base
from tilewright_training.run.run_folder import RunFolder
from tilewright_training.run.sealed import seal, unseal

from ..drawn import save

SMALL: dict[str, Any] = {
    **{"channels": (8, 8), "critic_channels": (8, 8), "map_latents": (2,), "rungs_per_size": 2, "threads": 1},
    **{"batch": 8, "steps": 2, "watch": False, "held_out": 0.0, "bfloat16": False, "latent_size": 8},
}
STEP: dict[str, Any] = {"step_channels": 8, "dilations": (1, 2), "dropout": 0.1}
QUIET = Console(quiet=True)


def draw(folder: Path, colours: dict[str, tuple[int, int, int]], count: int = 10, size: int = 8) -> Path:
    """Squares of a colour and their outlines: a kind for each colour, and a word in the names of some pictures."""
    random = np.random.default_rng(0)
    for kind, colour in colours.items():
        (folder / kind).mkdir(parents=True)
        for i in range(count):
            picture = np.zeros((size, size, 4), np.uint8)
            picture[1:7, 1:7] = (*colour, 255)
            picture[random.random((size, size)) < 0.3] = (20, 20, 30, 255)
            save(folder / kind / f"{'amulet' if i % 2 else 'wand'} {i}.png", picture)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    art = draw(tmp_path_factory.mktemp("art"), {"red": (200, 30, 40), "green": (40, 180, 70)})
    path = tmp_path_factory.mktemp("run") / "base"
    return train.start(path, [art], 8, overrides={**SMALL, "model": "vae", "words": True}, console=QUIET)


@pytest.fixture(scope="module")
def content(made: RunFolder) -> bytes:
    return pack_base(made)


def started(tmp_path: Path, content: bytes, art: Path, **overrides: Any) -> RunFolder:
    (tmp_path / "little.safetensors").write_bytes(content)
    chosen = {
        name: value for name, value in SMALL.items() if name not in architecture_of("vae").shape
    } | overrides
    return train.start(
        tmp_path / "run",
        [art],
        8,
        overrides=chosen,
        console=QUIET,
        base=str(tmp_path / "little.safetensors"),
    )


@pytest.mark.parametrize("model", ["vae", "gan"])
def test_a_run_begins_with_the_weights_of_its_base(tmp_path: Path, content: bytes, model: str) -> None:
    art = draw(tmp_path / "art", {"red": (190, 40, 40), "blue": (30, 40, 190)})
    run = started(tmp_path, content, art, model=model, words=True)
    base = unpack_base(content, tmp_path / "little.safetensors")
    assert run.config.channels == (8, 8) and run.config.warm_until == 0.0
    assert run.data["base"] == {"name": "little", "sha256": base.digest, "pictures": 20}
    family = training_loop.restore_family(run)
    assert run.load_checkpoint(family, run.path / "checkpoints" / "step-00000000.safetensors")[0] == 0
    ema, ladder = family.modules["ema"].state_dict(), base.architecture
    for name, value in base.weights.items():
        if name not in {*ladder.colours, *ladder.kinds, *ladder.words}:
            torch.testing.assert_close(ema[name], value, msg=name)
    for name in ("encoder.kinds.weight", "decoder.embedding.weight"):
        kinds, known = run.data["kinds"], base.data["kinds"]
        torch.testing.assert_close(ema[name][kinds.index("red")], base.weights[name][known.index("red")])
    for word in set(run.words) & set(base.words):
        torch.testing.assert_close(
            ema["decoder.words.weight"][:, run.words.index(word)],
            base.weights["decoder.words.weight"][:, base.words.index(word)],
        )
    assert {"amulet", "wand"} <= set(run.words) & set(base.words)


def test_colours_take_the_rows_of_the_nearest_ones(content: bytes) -> None:
    base = unpack_base(content, Path("little.safetensors"))
    assert base.palette[0, 3] == 0 and len(base.palette) == 4
    red = base.palette.tolist().index([200, 30, 40, 255])
    palette = np.array([(0, 0, 0, 0), (205, 30, 40, 255), (190, 30, 40, 255), (255, 0, 255, 255)], np.uint8)
    network = base.architecture.build(base.config, 4, 2, len(base.words))
    images = np.zeros((16, 8, 8, 4), np.uint8)
    found = adapt(base, network, palette, ("a", "b"), base.words, images, np.repeat([0, 1], 8))
    cells = network.encoder.cells.weight
    torch.testing.assert_close(cells[0], base.weights["encoder.cells.weight"][0])
    torch.testing.assert_close(cells[1], base.weights["encoder.cells.weight"][red])
    assert (cells[1] == cells[2]).all() and found.distances.shape == (3,)
    assert found.distances[0] < 0.03 and found.distances[2] > 0.1
    assert "1 of 3 are far, #ff00ff the farthest" in found.sentence(base)
    # two or three entries of one row share its probability
    shared = (palette[:, :3] == (255, 0, 255)).all(1) | (np.arange(4) == 1) | (np.arange(4) == 2)
    logits = base.weights["decoder.logits.bias"][red]
    assert float(network.decoder.logits.bias[1].detach()) == pytest.approx(
        float(logits) - np.log(shared.sum()), abs=1e-5
    )


def test_kinds_begin_as_those_that_explain_their_pictures(content: bytes) -> None:
    base = unpack_base(content, Path("little.safetensors"))
    weights = {name: torch.zeros_like(value) for name, value in base.weights.items()}
    red, other = (base.palette.tolist().index([*colour, 255]) for colour in ((200, 30, 40), (40, 180, 70)))
    # feature 0 of the decoder is that of the embedding, and says red or the other colour
    weights["decoder.embedding.weight"][:, 0] = torch.tensor([1.0, -1.0])
    weights["decoder.mix.weight"][0, base.config.latent_size] = 1.0
    weights["decoder.mix.weight"][1, base.config.latent_size] = -1.0
    weights["decoder.dense.weight"][:, 0] = 1.0
    weights["decoder.dense.weight"][:, 1] = -1.0
    weights["decoder.ups.0.weight"][0, 0] = weights["decoder.ups.0.weight"][1, 0] = 1.0
    weights["decoder.ups.0.weight"][1] *= -1.0
    weights["decoder.logits.weight"][red, 0] = weights["decoder.logits.weight"][other, 1] = 1.0
    made = Base(base.name, base.config, base.data, weights, base.digest)
    images = np.full((8, 8, 8, 4), (200, 30, 40, 255), np.uint8)
    images[:3] = (40, 180, 70, 255)
    assert adapting._styles(made, images, np.array([0] * 3 + [1] * 5)) == [1, 0]
    assert adapting._styles(made, images, np.array([1] * 3 + [0] * 2 + [2] * 3)) == [0, 1, 0]
    assert adapting._styles(made, images[3:], np.array([0, 0, 1, 1, 1])) == [
        0,
        1,
    ]  # distinct, though both are red


def test_a_run_folder_is_a_base(made: RunFolder) -> None:
    assert find_base(str(made.path)).data["kinds"] == ["green", "red"]


def test_sources_and_base_are_named_by_the_pack(tmp_path: Path, content: bytes) -> None:
    from tilewright_training.export.export import metadata_of

    run = started(tmp_path, content, draw(tmp_path / "art", {"blue": (30, 40, 190)}, 16))
    metadata = metadata_of(run, "mine", 2, None)
    assert metadata["training"]["base"]["name"] == "little"
    assert len(metadata["sources"]) == 2  # its own art, and that of the base


def test_what_does_not_fit_a_base(tmp_path: Path, content: bytes) -> None:
    art = draw(tmp_path / "art", {"blue": (30, 40, 190)}, 3)
    with pytest.raises(
        DataError, match=r"^train --from: 3 pictures are too few to learn a style from: draw 16"
    ):
        started(tmp_path, content, art)
    file = str(tmp_path / "little.safetensors")
    with pytest.raises(UsageError, match=r"^train --from: little is for pictures of 8x8, and the art"):
        train.start(tmp_path / "run", [art], 16, console=QUIET, base=file)
    for given, text in (
        ({"overrides": {"model": "ar"}}, "little suits --model vae or gan, not ar"),
        ({"preset_name": "tiny"}, "the base determines the networks: leave out --preset"),
    ):
        with pytest.raises(UsageError, match=f"^train --from: {text}"):
            train.start(tmp_path / "run", [art], 8, console=QUIET, base=file, **given)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "model"), [("base16", "vae"), ("base16-ar", "ar")])
def test_the_bases_of_the_package(name: str, model: str) -> None:
    base = find_base(name)
    assert base.config.size == (16, 16) and base.config.model == model and len(base.words) == 256
    licences = (BASES.parent.parent / "LICENSES.md").read_text()
    authors = {re.split(r",| \(", source["author"])[0] for source in base.data["sources"]}
    assert len(authors) > 8 and all(author in licences for author in authors)


def test_there_is_no_such_base(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"^train --from: there is no base 'base99': name a .safetensors file"
    ):
        find_base("base99")
    with pytest.raises(DataError, match=r"^train --from: cannot read .*none.safetensors: No such file"):
        find_base(str(tmp_path / "none.safetensors"))


def changed(content: bytes, **about: Any) -> bytes:
    tensors, known = unseal(content)
    return seal(tensors, {**known, **about})


def test_damaged_and_hostile_files(content: bytes) -> None:
    tensors, about = unseal(content)
    other = next(iter(tensors))
    large = {**about["config"], "channels": [1024, 512]}
    files = {
        "its checksum is wrong: the file is damaged": content[:-1] + bytes([content[-1] ^ 1]),
        "its header is longer than the file, or than any header": b"\xff" * 64,
        "it is a base of version 2, and this tilewright reads version 1": changed(content, base=2),
        "it is no base, and this tilewright reads version 1": seal(tensors, {"step": 1}),
        "is missing": seal({key: value for key, value in tensors.items() if key != other}, about),
        "'x' is none of its tensors": seal({**tensors, "x": torch.zeros(1).half()}, about),
        f"{other} is torch.float32": seal({**tensors, other: tensors[other].float()}, about),
        "not finite": seal({**tensors, other: tensors[other] * float("inf")}, about),
        "not float16": changed(content, config=large),
        "the configuration is not an object": changed(content, config=7),
        "palette of data.json cannot be": changed(content, data={**about["data"], "palette": []}),
        "bases are of: vae, gan, ar, diffusion": changed(
            content, config={**about["config"], "model": "dcgan", "words": False}
        ),
    }
    for text, file in files.items():
        with pytest.raises(
            DataError, match=rf"^train --from: strange.safetensors cannot be used: .*{text}"
        ) as caught:
            unpack_base(file, Path("strange.safetensors"))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", ["ar", "diffusion"])
def test_iterative_networks_are_bases(tmp_path: Path, model: str) -> None:
    """Their tables have a row more, of cells that are not known."""
    old = draw(tmp_path / "old", {"red": (200, 30, 40), "green": (40, 180, 70)})
    chosen = {**SMALL, **STEP, "model": model, "words": True}
    made = train.start(tmp_path / "base", [old], 8, overrides=chosen, console=QUIET)
    art = draw(tmp_path / "art", {"red": (190, 40, 40), "blue": (30, 40, 190)})
    run = started(tmp_path, pack_base(made), art, model=model, words=True)
    base = find_base(str(tmp_path / "little.safetensors"))
    assert run.config.step_channels == 8 and run.config.dilations == (1, 2)
    family = training_loop.restore_family(run)
    run.load_checkpoint(family, run.path / "checkpoints" / "step-00000000.safetensors")
    ema = family.modules["ema"].state_dict()
    torch.testing.assert_close(ema["blocks.1.spread.weight"], base.weights["blocks.1.spread.weight"])
    torch.testing.assert_close(ema["cells.weight"][-1], base.weights["cells.weight"][-1])
    kinds, known = run.data["kinds"], base.data["kinds"]
    torch.testing.assert_close(
        ema["kinds.weight"][kinds.index("red")], base.weights["kinds.weight"][known.index("red")]
    )
    with pytest.raises(UsageError, match=f"^train --from: little suits --model {model}, not vae"):
        check_fit(base, (8, 8), "vae", 20)


def test_the_style_of_an_iterative_base_is_the_likeliest(tmp_path: Path) -> None:
    old = draw(tmp_path / "old", {"red": (200, 30, 40), "green": (40, 180, 70)})
    chosen = {**SMALL, **STEP, "model": "diffusion", "steps": 1}
    base = find_base(str(train.start(tmp_path / "base", [old], 8, overrides=chosen, console=QUIET).path))
    red, other = (base.palette.tolist().index([*colour, 255]) for colour in ((200, 30, 40), (40, 180, 70)))
    weights = {name: torch.zeros_like(value) for name, value in base.weights.items()}
    # feature 0 says red or the other colour, by the kind alone
    weights["kinds.weight"][:, 0] = torch.tensor([-1.0, 1.0])
    weights["logits.weight"][red, 0], weights["logits.weight"][other, 0] = 1.0, -1.0
    made = Base(base.name, base.config, base.data, weights, base.digest)
    images = np.full((8, 8, 8, 4), (200, 30, 40, 255), np.uint8)
    images[:3] = (40, 180, 70, 255)
    assert adapting._styles(made, images, np.array([0] * 3 + [1] * 5)) == [0, 1]


def draw_walk(folder: Path, directions: str, colour: int) -> Path:
    """Five characters of two frames for each of two directions, and their recipe."""
    folder.mkdir()
    random = np.random.default_rng(colour)
    for i in range(5):
        sheet = np.zeros((8, 8, 4), np.uint8)
        sheet[random.random((8, 8)) < 0.6] = (colour, 40, 40, 255)
        save(folder / f"{i}.png", sheet)
    recipe = folder / "walk.toml"
    recipe.write_text(
        f'frame = 4\nframes = 2\ndirections = {directions}\n[[sheets]]\nfiles = "*.png"\ndown = {directions}\n'
    )
    return recipe


def test_columns_of_other_frames_have_bases(tmp_path: Path) -> None:
    """Art of which frames are copies has shorter columns, and suits a base of art without copies."""
    chosen = {**SMALL, **STEP, "dilations": (1, 4), "model": "ar"}
    old, new = (draw_walk(tmp_path / name, '["down", "up"]', 200) for name in ("old", "new"))
    for picture in new.parent.glob("*.png"):
        still = read_picture(picture)
        still[:, 4:] = still[:, :4]
        save(picture, still)
    made = train.start(
        tmp_path / "base", [old.parent], reading={"sheets": str(old)}, overrides=chosen, console=QUIET
    )
    more = {"batch": 4, "steps": 2, "watch": False, "held_out": 0.0, "bfloat16": False, "threads": 1}
    run = train.start(
        tmp_path / "run",
        [new.parent],
        reading={"sheets": str(new)},
        overrides=more,
        console=QUIET,
        base=str(made.path),
    )
    assert (made.config.size, run.config.size) == ((16, 4), (8, 4))
    assert run.data["copies"] == [[1, 0, False], [3, 2, False]]
    with pytest.raises(
        UsageError,
        match=r"^train --from: base is for frames of 4x4, and the art is of 5x4: choose another base$",
    ):
        sheet = FrameSheet(2, 2, ((1, 0, False), (3, 2, False)), column=True)
        check_fit(find_base(str(made.path)), (8, 5), "ar", 20, 4, sheet)


@pytest.mark.parametrize("model", ["ar", "diffusion"])
def test_animation_sheets_have_bases(tmp_path: Path, model: str) -> None:
    """A direction of the same name has the row of the base, another one the mean of all."""
    chosen = {**SMALL, **STEP, "dilations": (1, 4), "model": model}
    old, new = (
        draw_walk(tmp_path / name, directions, colour)
        for name, directions, colour in (("old", '["down", "up"]', 200), ("new", '["down", "north"]', 190))
    )
    made = train.start(
        tmp_path / "base", [old.parent], reading={"sheets": str(old)}, overrides=chosen, console=QUIET
    )
    (tmp_path / "walk.safetensors").write_bytes(pack_base(made))
    more = {"batch": 4, "steps": 2, "watch": False, "held_out": 0.0, "bfloat16": False, "threads": 1}
    file = str(tmp_path / "walk.safetensors")
    run = train.start(
        tmp_path / "run", [new.parent], reading={"sheets": str(new)}, overrides=more, console=QUIET, base=file
    )
    assert run.config.first_known == (model == "diffusion") and run.config.column == (model == "ar")
    assert run.config.dilations == (1, 4)  # those of the network of the base
    base, family = find_base(file), training_loop.restore_family(run)
    run.load_checkpoint(family, run.path / "checkpoints" / "step-00000000.safetensors")
    rows, known = family.modules["ema"].state_dict()["kinds.weight"], base.weights["kinds.weight"]
    torch.testing.assert_close(rows[:2], known[:2])
    torch.testing.assert_close(rows[2], known.mean(dim=0))
    with pytest.raises(
        UsageError, match="walk is for pictures with a kind for each 4 pixels, and the art has pict"
    ):
        check_fit(base, (8, 8), "diffusion", 20)


def test_a_base_of_another_family_is_refused(tmp_path: Path) -> None:
    art = draw(tmp_path / "art", {"blue": (30, 40, 190)}, 16)
    chosen = {**SMALL, "model": "dcgan"}
    run = train.start(tmp_path / "run", [art], 8, overrides=chosen, console=QUIET)
    with pytest.raises(UsageError, match="is of the family dcgan, and bases are of: vae, gan, ar, diffusion"):
        pack_base(run)
