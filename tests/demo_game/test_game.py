"""The game without a window: scenes, worlds generated on another thread, self-play."""

import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pygame
import pytest
from PIL import Image

import tilewright as tw
from tilewright_demo import app, main
from tilewright_demo.assets import STYLES, imagine, next_seed, restyle
from tilewright_demo.game import Game
from tilewright_demo.headless import play_headless
from tilewright_demo.view import present

from ..level.drawn_map import overlay_set


@pytest.fixture
def game(packs):
    game = Game(partial(imagine, *packs, {}), seed=7)
    yield game
    game.close()


def pixels(surface):
    return pygame.image.tobytes(surface, "RGB")


def test_a_scene_holds_all_that_a_world_needs(packs):
    scene, again = imagine(*packs, {}, 7), imagine(*packs, {}, 7)
    height, width = scene.level.cells.shape
    assert scene.ground.shape == (4, height * 8, width * 8, 3)
    assert np.array_equal(scene.ground, again.ground)
    assert scene.hero.shape == (8, 8, 4)
    assert len(scene.monsters) == len(scene.items) == 2
    assert not np.array_equal(imagine(*packs, {}, 8).ground, scene.ground)


def test_a_world_in_another_palette(packs, tmp_path, monkeypatch, capsys):
    colours = tw.load_palette("game-boy")
    scene = imagine(*packs, {}, 7, palette=colours)
    allowed = {tuple(colour) for colour in colours[:, :3].tolist()}
    for pictures in (scene.ground, scene.hero, scene.monsters, scene.items):
        opaque = pictures[pictures[..., 3] > 0] if pictures.shape[-1] == 4 else pictures
        assert {
            tuple(colour) for colour in np.unique(opaque[..., :3].reshape(-1, 3), axis=0).tolist()
        } <= allowed
    monkeypatch.setattr(tw, "load", dict(zip(("t", "s"), packs, strict=True)).__getitem__)
    arguments = ["--headless", "--pack", "t", "--sprites", "s", "--seconds", "1", "--out", str(tmp_path)]
    assert main([*arguments, "--palette", "gameboy"]) == 0
    assert main([*arguments, "--palette", "gameboi"]) == 2
    assert "unknown palette 'gameboi': did you mean game-boy?" in capsys.readouterr().err


@pytest.mark.parametrize("style", STYLES)
def test_the_colours_of_a_world_change_and_come_back(packs, style):
    scene = imagine(*packs, {}, 7)
    made = restyle(scene, style)
    assert made.ground.shape == scene.ground.shape and not np.array_equal(made.ground, scene.ground)
    for before, after in (
        (scene.hero, made.hero),
        (scene.monsters, made.monsters),
        (scene.items, made.items),
    ):
        if style != "c64":  # its pixels are two wide
            np.testing.assert_array_equal(after[..., 3], before[..., 3])
    assert restyle(scene, None) is scene


def test_a_key_goes_through_all_styles(game):
    first = pixels(game.draw())
    seen = set()
    for _ in STYLES:
        game.next_style()
        seen.add(pixels(game.draw()))
    assert len(seen) == len(STYLES) and first not in seen
    game.next_style()
    for _ in range(200):
        game.step(0, 0)
    game.new_world()
    assert game.enter_new_world(wait=True)


def test_a_tileset_draws_the_world(packs):
    tileset = overlay_set(cells=False)
    scene = imagine(tileset, packs[1], {"floor": "sand", "lava": "water"}, 7)
    rows, columns = scene.level.cells.shape
    assert scene.ground.shape == (1, rows * 8, columns * 8, 3)
    assert len(np.unique(scene.ground.reshape(-1, 3), axis=0)) <= 4
    changed = restyle(scene, "1bit")
    assert changed.ground.shape == scene.ground.shape


def test_packs_with_other_kinds_are_played_too(other_packs):
    scene = imagine(*other_packs, {}, 3)
    assert scene.hero.shape == (8, 8, 4)
    assert len(scene.monsters) == len(scene.items) == 2
    tiles, sprites = map(str, scene.matched)
    assert tiles.startswith("strange uses 'cheese' for floor (guessed), 'cheese' for wall (guessed)")
    assert sprites == (
        "odd uses 'thing' for hero (guessed), 'thing' for monster (guessed), 'thing' for item (guessed)"
    )


def test_kinds_can_be_chosen_and_the_choice_is_said(renamed_packs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tw, "load", dict(zip(("t", "s"), renamed_packs, strict=True)).__getitem__)
    arguments = ["--headless", "--pack", "t", "--sprites", "s", "--seconds", "1", "--out", str(tmp_path)]
    assert main([*arguments, "--map", "wall=cliff,floor=ground,monster=orc"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("mine uses 'ground' for floor, 'cliff' for wall")
    assert said[1] == ("folk uses 'knight' for hero (guessed), 'orc' for monster; --map chooses others")
    assert main([*arguments, "--map", "wall=clif"]) == 2
    assert capsys.readouterr().err == (
        "tilewright play: wall=clif is not possible: mine has no 'clif', only ground, cliff, grass, "
        "water, lava, floor: did you mean 'cliff'?\n"
    )
    assert main([*arguments, "--map", "wall"]) == 2
    assert capsys.readouterr().err == (
        "tilewright play: --map: a map must be like wall=cliff,floor=ground, each kind once, not 'wall'\n"
    )


def test_walls_are_lit_where_they_face_the_player(packs):
    scene = imagine(*packs, {}, 15)
    assert scene.level.style == "dungeon"
    walls = scene.level.cells == scene.level.kinds.index("wall")
    blocks = scene.ground[0].reshape(*walls.shape[:1], 8, walls.shape[1], 8, 3).mean(axis=(1, 3, 4))
    faces = walls[:-1] & ~walls[1:]
    tops = walls[1:-1] & walls[2:] & ~walls[:-2]
    assert blocks[:-1][faces].mean() > 1.3 * blocks[1:-1][tops].mean()


def test_a_new_world_has_a_new_seed_and_the_old_one_stays_in_play(packs):
    gate = threading.Event()

    def slowly(seed):
        if seed != 7:
            assert gate.wait(10)
        return imagine(*packs, {}, seed)

    game = Game(slowly, seed=7)
    game.new_world()
    game.new_world()  # a second call has no effect
    before = pixels(game.draw())
    assert game.imagining
    assert not game.enter_new_world()
    for _ in range(30):
        game.step(1, 0)
    assert game.seed == 7
    assert game.world.clock == 30
    assert pixels(game.draw()) != before
    gate.set()
    assert game.enter_new_world(wait=True)
    assert game.seed == next_seed(7)
    assert game.world.clock == 0
    assert not game.imagining
    game.close()


def test_failures_of_the_worker_are_not_lost(packs):
    def imagine_once(seed):
        if seed != 7:
            raise tw.UsageError("pack.generate(): out of ideas")
        return imagine(*packs, {}, seed)

    game = Game(imagine_once, seed=7)
    game.new_world()
    with pytest.raises(tw.UsageError, match="out of ideas"):
        game.enter_new_world(wait=True)
    game.close()


def test_enlarging_keeps_every_pixel_square(game):
    logical = game.draw()
    window = pygame.Surface((logical.get_width() * 3 + 10, logical.get_height() * 2 + 5))
    present(logical, window)
    shown = window.subsurface(
        (
            (window.get_width() - 2 * logical.get_width()) // 2,
            2,
            2 * logical.get_width(),
            2 * logical.get_height(),
        )
    )
    assert pixels(shown) == pixels(pygame.transform.scale_by(logical, 2))


def test_self_play_repeats_and_writes_its_pictures(packs, tmp_path):
    runs = []
    for name in ("a", "b"):
        game = Game(partial(imagine, *packs, {}), seed=7)
        runs.append(play_headless(game, 2, tmp_path / name, scale=3))
        game.close()
    first, second = runs
    assert first.seeds == second.seeds == (7, next_seed(7))
    assert first.digest == second.digest
    with Image.open(first.png) as png:
        assert png.size == (160 * 3, (96 + 8) * 3)
    with Image.open(first.gif) as gif:
        assert gif.size == (160, 104)
        assert gif.n_frames > 10
    assert first.gif.stat().st_size < 3_000_000


def test_the_command_plays_without_a_display(packs, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tw, "load", dict(zip(("t", "s"), packs, strict=True)).__getitem__)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    arguments = ["--pack", "t", "--sprites", "s", "--seconds", "1", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Played itself for 1 s, seeds 7 and {next_seed(7)}.",
        f"Wrote {tmp_path / 'demo.png'} and {tmp_path / 'demo.gif'}",
    ]


@pytest.mark.parametrize(
    ("error", "code"), [(tw.UsageError("no such pack"), 2), (tw.MachineError("no such machine"), 1)]
)
def test_errors_are_one_line_and_an_exit_code(error, code, monkeypatch, capsys):
    def fail(name):
        raise error

    monkeypatch.setattr(tw, "load", fail)
    assert main(["--headless"]) == code
    assert capsys.readouterr().err == f"tilewright play: {error}\n"


def test_errors_name_the_command_and_no_function(packs, monkeypatch, capsys):
    monkeypatch.setattr(tw, "load", dict(zip(("t", "s"), packs, strict=True)).__getitem__)
    assert main(["--headless", "--pack", "t", "--sprites", "s", "--seed", "-1"]) == 2
    assert capsys.readouterr().err == "tilewright play: seed must be an integer in 0..2**64-1, not -1\n"
    monkeypatch.undo()
    assert main(["--headless", "--pack", "no\x1bpack"]) == 2
    assert capsys.readouterr().err.startswith(
        "tilewright play: no pack 'no\\x1bpack': give the path of an .onnx"
    )


@pytest.mark.parametrize(("option", "most"), [("--scale", 32), ("--seconds", 3600)])
@pytest.mark.parametrize("number", ["0", "x", "nan", "99999999"])
def test_options_out_of_range_are_wrong_use(option, most, number, capsys):
    with pytest.raises(SystemExit) as caught:
        main([option, number])
    assert caught.value.code == 2
    assert (
        f"argument {option}: must be a whole number, 1 to {most}, not {number}\n" in capsys.readouterr().err
    )


def test_the_window_runs_on_keys(game, tmp_path, monkeypatch):
    """The main loop on SDL's dummy display: the keys R, F12 and Esc work."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    presses = iter([pygame.K_r, pygame.K_F12, None, None, pygame.K_ESCAPE])

    def events():
        key = next(presses)
        return [pygame.event.Event(pygame.KEYDOWN, key=key)] if key is not None else []

    monkeypatch.setattr(pygame.event, "get", events)
    app.play(game, 2, tmp_path)
    assert len(list(tmp_path.glob("tilewright-7-*.png"))) == 1
    assert game.imagining or game.seed == next_seed(7)


def test_without_pygame_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pygame'] = None; import tilewright_demo; sys.exit(tilewright_demo.main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    expected = "tilewright play: pygame is missing; install it with: pip install pygame-ce (or pygame)\n"
    assert (done.returncode, done.stderr) == (1, expected)
