"""`tilewright inpaint`, `variations`, `interpolate`, `upsample` and `paint` write what the methods of a pack return."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilewright as tw
from tilewright.sheet import make_sheet, save_png

from ..step_networks import autoregressive_pack, conditioned_pack, masked_pack, upsampler_pack
from ..test_upsampling import with_upsampler
from .command import run


@pytest.fixture
def masked(tmp_path: Path) -> Path:
    path = tmp_path / "masked.onnx"
    path.write_bytes(masked_pack())
    return path


@pytest.fixture
def land(tmp_path: Path) -> Path:
    path = tmp_path / "land.onnx"
    path.write_bytes(conditioned_pack(cell=2))
    return path


@pytest.fixture
def sheet(masked: Path, tmp_path: Path) -> Path:
    """Twelve pictures of the masked pack, four in a row."""
    path = tmp_path / "sheet.png"
    save_png(make_sheet(tw.load(masked).generate(12, seed=3).rgba, 4), path)
    return path


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """White in the upper half; the rest is black, dark grey and transparent white."""
    rgba = np.full((8, 8, 4), 255, np.uint8)
    rgba[4:6, :, :3], rgba[6, :, :3], rgba[7, :, 3] = 0, 127, 0
    save_png(rgba, tmp_path / "mask.png")
    return tmp_path / "mask.png"


def tiles(path: Path, edge: int) -> np.ndarray:
    """The tiles of a sheet, uint8 (N, edge, edge, 4)."""
    with Image.open(path) as picture:
        rgba = np.asarray(picture)
    rows, columns = rgba.shape[0] // edge, rgba.shape[1] // edge
    return rgba.reshape(rows, edge, columns, edge, 4).swapaxes(1, 2).reshape(-1, edge, edge, 4)


def test_inpaint(
    capsys: pytest.CaptureFixture[str], masked: Path, sheet: Path, mask: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    options = ("--tile", 5, "-n", 3, "--kind", "wall", "--seed", 9, "--columns", 3, "-o", output)
    code, out, err = run(capsys, "inpaint", masked, sheet, "--mask", mask, *options)
    assert (code, err) == (0, "")
    assert out == f"3 tiles of random, seed 9, 32 pixels of each generated: {output}\n"
    pack, given = tw.load(masked), tiles(sheet, 8)[5]
    where = np.zeros((8, 8), bool)
    where[:4] = True
    expected = pack.inpaint(np.stack([given] * 3), where, kind="wall", seed=9).rgba
    np.testing.assert_array_equal(tiles(output, 8), expected)
    np.testing.assert_array_equal(tiles(output, 8)[:, 4:], np.stack([given] * 3)[:, 4:])


def test_upsample(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    two, picture, output = tmp_path / "two.onnx", tmp_path / "small.png", tmp_path / "out.png"
    two.write_bytes(with_upsampler(autoregressive_pack(), upsampler_pack()))
    (tmp_path / "one.onnx").write_bytes(autoregressive_pack())
    small = tw.load(tmp_path / "one.onnx").generate(6, seed=3).rgba
    save_png(make_sheet(small, 3), picture)
    code, out, err = run(capsys, "upsample", two, picture, "--seed", 9, "--columns", 3, "-o", output)
    assert (code, err) == (0, "")
    assert out == f"6 pictures at twice their size by random, seed 9: {output}\n"
    np.testing.assert_array_equal(tiles(output, 12), tw.load(two).upsample(small, seed=9).rgba)
    code, _, err = run(capsys, "upsample", two, output, "-o", tmp_path / "other.png")
    assert code == 0  # a picture of 36x24 is a sheet of 6x6, too
    code, _, err = run(capsys, "upsample", tmp_path / "one.onnx", picture)
    assert code == 2 and "random has no upsampler" in err and len(err.splitlines()) == 1


def test_foreign_colours_are_told(
    capsys: pytest.CaptureFixture[str], masked: Path, mask: Path, tmp_path: Path
) -> None:
    palette = tw.load(masked).file.head.palette
    assert palette is not None
    rgba = np.broadcast_to(palette[1], (8, 8, 4)).copy()
    rgba[0, 0, :3] = np.where(rgba[0, 0, :3] < 128, rgba[0, 0, :3] + 4, rgba[0, 0, :3] - 4)
    save_png(rgba, tmp_path / "picture.png")
    _, out, _ = run(capsys, "variations", masked, tmp_path / "picture.png", "-o", tmp_path / "out.png")
    _, distance = tw.load(masked).to_indices(rgba)
    assert distance >= 1
    told = f"{tmp_path / 'picture.png'}: colours become the nearest of random, at most {distance:.0f} of 441 away"
    assert out.splitlines()[0] == told


def test_variations(
    capsys: pytest.CaptureFixture[str], masked: Path, sheet: Path, pack: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.png"
    options = ("-n", 8, "--strength", 0.5, "--seed", 4, "-o", output)
    assert run(capsys, "variations", masked, sheet, "--tile", 2, *options)[0] == 0
    expected = tw.load(masked).variations(tiles(sheet, 8)[2], 8, strength=0.5, seed=4).rgba
    np.testing.assert_array_equal(tiles(output, 8), expected)
    code, out, _ = run(capsys, "variations", pack, 7, *options)
    assert (code, out) == (0, f"8 tiles of random like 7, seed 4: {output}\n")
    np.testing.assert_array_equal(
        tiles(output, 16), tw.load(pack).variations(7, 8, strength=0.5, seed=4).rgba
    )


def test_interpolate(capsys: pytest.CaptureFixture[str], pack: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.png"
    code, out, _ = run(capsys, "interpolate", pack, 5, 6, "-n", 8, "--kind", "wall", "-o", output)
    assert (code, out) == (0, f"8 tiles of random from seed 5 to seed 6: {output}\n")
    np.testing.assert_array_equal(tiles(output, 16), tw.load(pack).interpolate(5, 6, 8, kind="wall").rgba)


KINDS = np.array([[0, 0, 1, 2], [0, 1, 1, 2], [2, 2, 0, 0]])
COLOURS = np.array([[64, 160, 64, 255], [32, 80, 192, 255], [0, 0, 0, 0]], np.uint8)
LEGEND = "floor=#40a040,wall=2050c0ff,water=#00000000"


@pytest.fixture
def coarse(tmp_path: Path) -> Path:
    path = tmp_path / "map.png"
    save_png(COLOURS[KINDS], path)
    return path


def test_paint(capsys: pytest.CaptureFixture[str], land: Path, coarse: Path, tmp_path: Path) -> None:
    output = tmp_path / "world.png"
    options = ("--pack", land, "--seed", 5, "--origin", "3,-2", "-o", output)
    code, out, err = run(capsys, "paint", coarse, "--legend", LEGEND, *options)
    assert (code, out, err) == (0, f"4x3 cells of random, seed 5: {output}\n", "")
    expected = tw.load(land).paint(KINDS, seed=5, origin=(3, -2)).rgba[0]
    with Image.open(output) as picture:
        np.testing.assert_array_equal(np.asarray(picture), expected)
    text = tmp_path / "map.txt"
    text.write_text("..#~\r\n,##~\r\n~~..\r\n\r\n".replace(",", "_"))
    code, *_ = run(capsys, "paint", text, "--legend", "floor=.,floor=_,wall=#,water=~", *options)
    with Image.open(output) as picture:
        np.testing.assert_array_equal(np.asarray(picture), expected)
    code, *_ = run(capsys, "paint", coarse, "--legend", LEGEND, "--outside", "wall", *options)
    with Image.open(output) as picture:
        around = tw.load(land).paint(KINDS, seed=5, origin=(3, -2), outside="wall").rgba[0]
        np.testing.assert_array_equal(np.asarray(picture), around)


def test_paint_between_tiles_of_ones_own(
    capsys: pytest.CaptureFixture[str], land: Path, coarse: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    own = {kind: rng.integers(0, 256, (2, 2, 2, 4), np.uint8) for kind in ("floor", "wall", "water")}
    options = ["--legend", LEGEND, "--pack", land, "--seed", 5, "-o", tmp_path / "world.png"]
    save_png(np.zeros((2, 4, 4), np.uint8), tmp_path / "empty.png")
    for kind, of_kind in own.items():
        of_kind[..., 3] = 255
        save_png(make_sheet(of_kind, 3), tmp_path / f"{kind}.png")  # the last place is empty
        options += ["--tile", f"{kind}={tmp_path / kind}.png"]
    code, out, err = run(capsys, "paint", coarse, *options)
    assert (code, out, err) == (0, f"4x3 cells of random, seed 5: {tmp_path / 'world.png'}\n", "")
    with Image.open(tmp_path / "world.png") as picture:
        expected = tw.load(land).paint_borders(KINDS, own, seed=5)
        np.testing.assert_array_equal(np.asarray(picture), expected)
    for more, told in (
        (("--tile", "floor"), "paint: --tile must be KIND=PICTURE, each kind once, not 'floor'"),
        (("--tile", f"floor={coarse}"), "paint: --tile must be KIND=PICTURE, each kind once, not 'floor="),
        (
            ("--tile", f"lava={tmp_path / 'empty.png'}"),
            f"paint: {tmp_path / 'empty.png'} is empty: lava needs a tile",
        ),
        (("--outside", "wall"), "paint: --origin, --outside and --insides-first are for maps without --tile"),
        (("--insides-first",), "paint: --origin, --outside and --insides-first are for maps without --tile"),
    ):
        code, _, err = run(capsys, "paint", coarse, *options, *more)
        assert (code, len(err.splitlines())) == (2, 1) and err.startswith(f"tilewright: {told}")
    code, _, err = run(capsys, "paint", coarse, *options[:6], "--new-colours")
    assert (code, err) == (2, "tilewright: paint: --new-colours is for maps with --tile\n")
    code, _, err = run(capsys, "paint", coarse, *options[:6], "--tile", f"floor={coarse}")
    assert code == 2 and "map.png has 4x3 pixels, which is no sheet of tiles of 2x2 for floor" in err


@pytest.mark.parametrize(
    ("legend", "told"),
    [
        ("floor=#40a040,wall=#2050c1,water=#00000000", "map.png has #2050c0 in row 0, column 2, which is not in"
         " the legend; the nearest colour is #2050c1 (wall)"),
        ("floor=#40a040,wall=#2050c0", "map.png has #00000000 in row 0, column 3, which is not in the legend;"),
        ("floor=g", "it has no colours: --legend names the kind of each of #00000000, #2050c0, #40a040"),
        ("flor=#40a040", "--legend has the kind 'flor', which is none of floor, wall, water: write floor=#40a040"),
        ("floor=#40a04", "--legend must give floor a colour such as #40a040 or one letter, not '#40a04'"),
        ("floor", "--legend must give floor a colour such as #40a040 or one letter, not ''"),
        ("floor=g,wall=g", "--legend gives g to floor and to wall"),
    ],
)  # fmt: skip
def test_bad_legends(
    capsys: pytest.CaptureFixture[str], land: Path, coarse: Path, tmp_path: Path, legend: str, told: str
) -> None:
    output = tmp_path / "world.png"
    code, _, err = run(capsys, "paint", coarse, "--pack", land, "--legend", legend, "-o", output)
    assert (code, len(err.splitlines())) == (2, 1)
    assert err.startswith("tilewright: paint: ") and told in err
    assert not output.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"..#\n.#\n", "map.txt: row 1 has 2 letters, but row 0 has 3"),
        (b"..x\n", "map.txt has 'x' in row 0, column 2, which is not in the legend; it has '.' (floor), '#' (wall)"),
        (b"", "the map has no cells: 0 x 0"),
        (b"\xff\xfe\x00", "map.txt is neither a picture (.png, .gif, .bmp, .webp) nor text"),
        (b"\x1b[31m", "map.txt has '\\x1b' in row 0, column 0"),
    ],
)  # fmt: skip
def test_bad_texts(
    capsys: pytest.CaptureFixture[str], land: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "map.txt"
    path.write_bytes(content)
    code, _, err = run(capsys, "paint", path, "--pack", land, "--legend", "floor=.,wall=#")
    assert (code, len(err.splitlines())) == (2, 1)
    assert told in err


def test_without_a_legend_kinds_have_their_first_letters(tmp_path: Path) -> None:
    from tilewright.coarse_map import map_of_rows, read_legend

    legend = read_legend(None, ("grass", "water"), "paint")
    np.testing.assert_array_equal(map_of_rows(["gw", "ww"], legend, "m"), [[0, 1], [1, 1]])
    with pytest.raises(tw.UsageError, match=r"it has no letters: --legend names them, as in grass=\."):
        map_of_rows(["ww"], read_legend(None, ("water", "wall"), "paint"), "m")


def test_bad_requests(
    capsys: pytest.CaptureFixture[str], masked: Path, pack: Path, sheet: Path, mask: Path, tmp_path: Path
) -> None:
    output, odd, not_one = tmp_path / "out.png", tmp_path / "odd.png", tmp_path / "not.png"
    save_png(np.zeros((8, 9, 4), np.uint8), odd)
    not_one.write_bytes(b"GIF89a")
    cases = [
        (("inpaint", masked, odd, "--mask", mask), f"{odd} has 9x8 pixels, which is no sheet of the 8x8 that r"),
        (("inpaint", masked, sheet, "--mask", odd), f"{odd} has 9x8 pixels, which is no sheet"),
        (("inpaint", masked, not_one, "--mask", mask), f"inpaint: {not_one}: damaged, truncated or not a PNG"),
        (("inpaint", masked, sheet, "--mask", mask, "-n", -1), "count must be 0 or more, not -1"),
        (("inpaint", masked, sheet, "--mask", mask, "--tile", 12), f"--tile must be in 0..11 for {sheet}, not 12"),
        (("inpaint", masked, sheet, "--mask", mask, "--columns", 0), "inpaint: --columns must be in 1..4096, not 0"),
        (("inpaint", "names", sheet, "--mask", mask), "inpaint: names generates tokens, not pictures: call pack.inpa"),
        (("variations", masked, 7), "variations: 7: a broken link, or a file that cannot be opened"),
        (("variations", masked, sheet, "--strength", 2), "strength must be in 0..1, not 2.0"),
        (("interpolate", masked, 5, 6), "random has no latents"),
        (("interpolate", pack, 5, 6, "-n", 1), "count must be 2 or more, not 1"),
        (("paint", sheet, "--pack", masked), "random cannot paint maps: that takes a sampler and a kind per cell"),
    ]  # fmt: skip
    for arguments, told in cases:
        code, _, err = run(capsys, *arguments, "-o", output)
        assert (code, len(err.splitlines())) == (2, 1), err
        assert told in err, err
        assert not output.exists()
