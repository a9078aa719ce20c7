"""The screens, the pictures of depths, and the command, without a window."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

import tilewright as tw
from tilewright.generator import Pack
from tilewright.pack import check_pack
from tilewright_demo import app, main, seed_words
from tilewright_demo.assets import STYLES, VILLAGERS, Assets, epitaph, names_of, plan_of, restyle, texts
from tilewright_demo.audio import SOUNDS, Audio, open_mixer
from tilewright_demo.headless import play_headless
from tilewright_demo.rules.run import Run
from tilewright_demo.screens.boxes import Dead, Help, Paused
from tilewright_demo.screens.playing import Playing
from tilewright_demo.screens.title import Title
from tilewright_demo.settings import Settings
from tilewright_demo.view import HEIGHT, WIDTH, View, present
from tilewright_demo.worker import Worker

from ..level.drawn_map import overlay_set
from ..step_networks import walk_pack
from .test_beginning import in_play, pixels

STILL = (0, 0)
_make_level = tw.make_level


@pytest.fixture(scope="module")
def scene():
    from .conftest import SPRITES, TILES

    return Assets(TILES, SPRITES, {}).scene(7, 1)


def pictures_of(scene):
    return [
        scene.ground,
        scene.hero,
        scene.people,
        *scene.monsters.values(),
        *(one[None] for one in scene.items.values()),
    ]


class TestScenes:
    def test_a_scene_has_all_that_its_depth_needs(self, assets, scene):
        again = assets.scene(7, 1)
        for one, two in zip(pictures_of(scene), pictures_of(again), strict=True):
            np.testing.assert_array_equal(one, two)
        rows, columns = scene.level.cells.shape
        assert scene.ground.shape == (len(scene.ground), rows * 8, columns * 8, 4)
        assert set(scene.monsters) == {*scene.biome.monsters, "boss"}
        assert all(looks.shape[1:] == (2, 8, 8, 4) for looks in scene.monsters.values())
        other = assets.scene(7, 1, again=1)
        assert not np.array_equal(other.ground, scene.ground)
        np.testing.assert_array_equal(other.level.cells, scene.level.cells)

    def test_rules_and_pictures_share_one_level(self, assets, monkeypatch):
        made = []
        monkeypatch.setattr(tw, "make_level", lambda *about: made.append(about) or _make_level(*about))
        assert assets.scene(12345, 1).level.start == plan_of(12345, 1).start
        assert len(made) == 1

    def test_a_village_has_people(self, assets):
        assert len(assets.scene(7, 5).people) > 1

    def test_a_palette_for_all_depths(self, packs):
        colours = tw.load_palette("game-boy")
        made = Assets(*packs, {}, colours).scene(7, 2)
        allowed = {tuple(colour) for colour in colours[:, :3].tolist()}
        for pictures in pictures_of(made):
            flat = pictures.reshape(-1, pictures.shape[-1])
            opaque = flat[flat[:, 3] > 0][:, :3] if flat.shape[1] == 4 else flat
            assert {tuple(colour) for colour in np.unique(opaque, axis=0).tolist()} <= allowed

    @pytest.mark.parametrize("style", STYLES)
    def test_the_colours_change_and_come_back(self, scene, style):
        made = restyle(scene, style)
        assert made.ground.shape == scene.ground.shape and not np.array_equal(made.ground, scene.ground)
        assert set(made.monsters) == set(scene.monsters) and set(made.items) == set(scene.items)
        assert restyle(scene, None) is scene

    def test_second_frames_are_generated_from_the_first(self, packs):
        motion = Pack(check_pack(walk_pack(8, (1, 2)), Path("motion.onnx")))
        breathing, made = Assets(*packs, {}).scene(7, 1), Assets(*packs, {}, motion=motion).scene(7, 1)
        for name, looks in made.monsters.items():
            assert looks.shape == breathing.monsters[name].shape
        seen, theirs = made.hero, breathing.hero
        np.testing.assert_array_equal(seen[0], theirs[0])
        assert (seen[1] != theirs[1]).any()
        drafted = Assets(*packs, {}, motion=motion).draft(7, 1)
        np.testing.assert_array_equal(drafted.hero, theirs)

    def test_a_tileset_draws_the_depths(self, packs):
        made = Assets(overlay_set(cells=False), packs[1], {"floor": "sand", "lava": "water"}).scene(7, 1)
        rows, columns = made.level.cells.shape
        assert made.ground.shape == (1, rows * 8, columns * 8, 4)

    def test_sprites_must_fit_the_tiles(self, packs):
        tiles, sprites = packs
        Assets(tiles, replace(sprites, tile_size=4), {})
        with pytest.raises(
            tw.UsageError, match=r"sprites of drawn-sprites have 16 pixels, and the tiles of .* 8"
        ):
            Assets(tiles, replace(sprites, tile_size=16), {})
        with pytest.raises(tw.UsageError, match="have 4 pixels"):
            Assets(tiles, replace(sprites, tile_size=4), {}, lands={})

    def test_packs_with_other_kinds_are_played_too(self, other_packs):
        tiles, sprites = map(str, Assets(*other_packs, {}).scene(3, 1).matched)
        assert tiles.startswith("strange uses 'cheese' for ")
        assert sprites.startswith("odd uses 'thing' for ")


class TestScreens:
    def test_the_title_fills_with_tiles_and_begins_a_run(self, shared):
        title = Title(shared)
        title.step([], STILL)
        first = pixels(title)
        for _ in range(60):
            title.step([], STILL)
        assert pixels(title) != first
        title.step(["act"], STILL)
        assert in_play(title.next).run.seed == 7

    def test_a_typed_seed_serves_one_run(self, shared):
        title = Title(shared)
        for letter in "-" + seed_words.to_words(99):
            assert title.type(letter)
        title.type("\b")
        title.step(["act"], STILL)
        assert title.next is title and shared.notes
        for letter in "99":
            title.type(letter)
        title.step(["act"], STILL)
        playing = in_play(title.next)
        assert playing.run.seed == playing.scene.seed == 99
        playing.run.hero.health = 0
        playing.step([], STILL)
        dead = playing.next
        for _ in range(40):
            dead.step([], STILL)
        dead.step(["act"], STILL)
        again = in_play(dead.next)
        assert again.run.seed == again.scene.seed != 99

    def test_playing_shows_messages_and_the_next_depth_is_made_meanwhile(self, shared):
        playing = Playing(shared, Run(7, plan_of))
        before = pixels(playing)
        for _ in range(40):
            playing.step([], (1, 0))
            playing.step([], (0, 1))
        assert pixels(playing) != before
        playing.run.hero.x, playing.run.hero.y = (
            playing.run.depth.plan.exit[1] * 256 + 128,
            playing.run.depth.plan.exit[0] * 256 + 128,
        )
        playing.step([], STILL)
        assert playing.run.below
        shared.worker.take(playing.place_below)
        shared.worker.request(playing.place_below)
        for _ in range(2000):
            playing.step([], STILL)
            if playing.run.depth.number == 2:
                break
            threading.Event().wait(0.005)
        assert playing.run.depth.number == 2 and playing.scene.depth == 2
        assert shared.save.exists()
        title = Title(shared)
        title.step(["again"], STILL)
        assert in_play(title.next).run.depth.number == 2

    def test_a_depth_is_drawn_anew_in_place(self, shared):
        playing = Playing(shared, Run(7, plan_of))
        state, ground = playing.run.digest(), playing.scene.ground
        playing.step(["regenerate"], STILL)
        shared.worker._futures[playing._place_of_again].result()
        playing.step([], STILL)
        assert not np.array_equal(playing.scene.ground, ground)
        assert playing.run.digest() != state, "the game went on"

    def test_palettes_help_pause_and_figures(self, shared):
        playing = Playing(shared, Run(7, plan_of))
        seen = {pixels(playing)}
        for _ in STYLES:
            playing.step(["palette"], STILL)
            seen.add(pixels(playing))
        assert len(seen) == len(STYLES) + 1
        playing.step(["facts"], STILL)
        playing.step(["help"], STILL)
        assert isinstance(playing.next, Help)
        pages, helped = set(), playing.next
        while playing.next is helped:
            pages.add(pixels(helped))
            helped.step(["act"], STILL)
            if helped.next is playing:
                break
        assert len(pages) > 1 and playing.next is playing
        playing.step(["pause"], STILL)
        paused = playing.next
        assert isinstance(paused, Paused)
        assert any(seed_words.to_words(7) in line for line in paused.lines())
        paused.step(["again"], STILL)
        assert in_play(paused.next).run.clock == 0

    def test_a_depth_is_exported(self, shared):
        playing = Playing(shared, Run(7, plan_of))
        playing.step(["export"], STILL)
        assert tw.load_map(shared.folder / "tilewright-7-1.tmx").shape == playing.scene.map.shape

    def test_a_death_leaves_a_replay_and_no_save(self, shared):
        shared.save.write_text("{}")
        playing = Playing(shared, Run(7, plan_of))
        playing.run.hero.health, playing.run.killer = 0, "trap"
        playing.step([], STILL)
        assert isinstance(playing.next, Dead)
        assert playing.next.lines()[0] == f"{playing.names.hero}, killed by a trap at depth 1"
        told = playing.epitaph()
        assert playing.names.hero in told and told.endswith(
            f"Fell in the {playing.scene.biome.name}, after 0 monsters."
        )
        assert playing.next.replay_path.exists() and not shared.save.exists()
        assert main(["--replay", str(playing.next.replay_path)]) == 0

    def test_villagers_tell_of_the_run(self, shared):
        run = Run(3, plan_of)
        while not run.depth.people:
            run.descend()
        playing = Playing(shared, run)
        person = run.depth.people[0]
        heard = set()
        for _ in range(3):
            run.hero.x, run.hero.y, run.hero.rest = person.x, person.y, 0
            playing.step(["act"], STILL)
            heard.add(" ".join(playing.messages))
        assert len(heard) == 3 and all(
            text.startswith(f"{playing.names.people[0]} the {playing.names.trades[0]}: ") for text in heard
        )

    @pytest.mark.parametrize("killer", ["trap", "shot", "boss", "hunter", "thief"])
    def test_every_epitaph_names_the_hero(self, killer):
        for seed in range(10):
            names = names_of(seed, 3)
            assert names.hero in epitaph(
                texts(seed, 3, names, ["forge"], ["hunter", "boss"], killer), names.hero
            )

    def test_villages_have_different_people(self):
        villages = {names_of(7, depth).trades for depth in (5, 10, 15)}
        assert len(villages) == 3 and all(len(set(trades)) == VILLAGERS for trades in villages)

    def test_sounds_are_made_where_there_is_a_device(self, monkeypatch):
        silent = Audio(7, Settings())
        silent.play("hit")
        monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
        open_mixer()
        try:
            audio = Audio(7, Settings())
            until = time.monotonic() + 30
            while set(audio._made) != set(SOUNDS.values()) and time.monotonic() < until:
                time.sleep(0.01)
            assert set(audio._made) == set(SOUNDS.values())
            audio.play("hit")
            assert set(audio._sounds) == {"hit"} and "hit" not in audio._made
            audio.speak("innkeeper", "Did you come alone?")
        finally:
            pygame.mixer.quit()

    def test_a_damaged_save_is_told(self, shared):
        shared.save.write_text("{")
        title = Title(shared)
        title.step(["again"], STILL)
        assert title.next is title and "is damaged" in shared.notes[0]

    def test_failures_of_the_worker_are_not_lost(self, assets):
        def make(*place):
            raise tw.UsageError("pack.generate(): out of ideas")

        worker = Worker(make)
        with pytest.raises(tw.UsageError, match="out of ideas"):
            worker.take((7, 1, 0))
        worker.close()

    def test_leaving_does_not_wait_for_a_scene(self):
        """A thread that makes a scene ends neither the game nor the process later."""
        code = """if True:
            import threading
            from tilewright_demo.worker import Worker
            begun = threading.Event()
            worker = Worker(lambda *place: (begun.set(), threading.Event().wait()))
            worker.request((7, 1, 0))
            begun.wait()
            worker.close()
        """
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")

    def test_requests_for_another_seed_are_forgotten(self):
        begun, free, made = threading.Event(), threading.Event(), []

        def make(*place):
            begun.set()
            free.wait()
            made.append(place)
            return place

        worker = Worker(make)
        for seed in (1, 2, 3):
            worker.request((seed, 1, 0))
        begun.wait()
        worker.forget()
        free.set()
        assert worker.take((4, 1, 0)) == (4, 1, 0)
        assert made == [(1, 1, 0), (4, 1, 0)], "the first one had begun"
        worker.close()


def test_seeds_in_words():
    assert len(set(seed_words.WORDS)) == 256
    for seed in (0, 1, 2**32 - 1, 305419896):
        assert seed_words.to_seed(seed_words.to_words(seed)) == seed
        assert seed_words.to_seed(seed_words.to_words(seed).upper().replace(" ", "-")) == seed
    assert seed_words.to_seed("18446744073709551615") == 2**64 - 1
    for text in ("", "18446744073709551616", "acorn", "acorn acorn acorn acor", "-1", "1" * 30):
        assert seed_words.to_seed(text) is None


@pytest.mark.parametrize("size", [(1, 1), (WIDTH * 2 + 10, HEIGHT * 3 + 5), (8000, 50)])
def test_windows_of_any_size(scene, size):
    logical, window = pygame.Surface((WIDTH, HEIGHT)), pygame.Surface(size)
    View(scene).draw(Run(7, plan_of), logical)
    present(logical, window)
    if size[0] > WIDTH * 2 and size[1] > HEIGHT:
        shown = window.subsurface(
            ((size[0] - 2 * WIDTH) // 2, (size[1] - 2 * HEIGHT) // 2, 2 * WIDTH, 2 * HEIGHT)
        )
        assert pygame.image.tobytes(shown, "RGB") == pygame.image.tobytes(
            pygame.transform.scale_by(logical, 2), "RGB"
        )


class TestCommand:
    @pytest.fixture(autouse=True)
    def drawn_packs(self, packs, monkeypatch):
        monkeypatch.setattr(tw, "load", {"t": packs[0], "s": packs[1], "names": tw.load("names")}.__getitem__)

    def test_self_play_repeats_and_writes_its_pictures(self, assets, tmp_path):
        first, second = (play_headless(assets, 7, 2, tmp_path / name, scale=2) for name in ("a", "b"))
        assert first.digest == second.digest
        with Image.open(first.png) as png:
            assert png.size == (WIDTH * 2, HEIGHT * 2)
        with Image.open(first.gif) as gif:
            assert gif.size == (WIDTH, HEIGHT) and gif.n_frames == 20

    def test_it_plays_without_a_display(self, tmp_path, monkeypatch, capsys):
        monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
        arguments = ["--pack", "t", "--sprites", "s", "--seconds", "1", "--out", str(tmp_path)]
        assert main(arguments) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[-2:] == [
            "Played itself for 1 s, seed 7, to depth 1.",
            f"Wrote {tmp_path / 'demo.png'} and {tmp_path / 'demo.gif'}",
        ]

    def test_kinds_can_be_chosen_and_the_choice_is_said(self, renamed_packs, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(
            tw, "load", {"t": renamed_packs[0], "s": renamed_packs[1], "names": tw.load("names")}.__getitem__
        )
        arguments = ["--headless", "--pack", "t", "--sprites", "s", "--seconds", "1", "--out", str(tmp_path)]
        assert main([*arguments, "--map", "wall=cliff,floor=ground,monster=orc"]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith("mine uses 'ground' for floor, 'cliff' for wall")
        assert said[1].startswith(
            "folk uses 'orc' for monster, 'potion' for item (guessed), 'knight' for hero"
        )
        assert main([*arguments, "--map", "wall=clif"]) == 2
        assert "mine has no 'clif'" in capsys.readouterr().err

    def test_errors_name_the_command(self, capsys):
        assert main(["--headless", "--pack", "t", "--sprites", "s", "--seed", "-1"]) == 2
        assert capsys.readouterr().err == "tilewright play: seed must be an integer in 0..2**64-1, not -1\n"
        assert main(["--replay", "none.json"]) == 2
        assert capsys.readouterr().err.startswith("tilewright play: none.json cannot be read")

    @pytest.mark.parametrize(
        ("error", "code"), [(tw.UsageError("no such pack"), 2), (tw.MachineError("no such machine"), 1)]
    )
    def test_errors_are_one_line_and_an_exit_code(self, error, code, monkeypatch, capsys):
        def fail(name):
            raise error

        monkeypatch.setattr(tw, "load", fail)
        assert main(["--headless"]) == code
        assert capsys.readouterr().err == f"tilewright play: {error}\n"

    @pytest.mark.parametrize(("option", "most"), [("--scale", 32), ("--seconds", 3600)])
    @pytest.mark.parametrize("number", ["0", "x", "nan", "99999999"])
    def test_options_out_of_range_are_wrong_use(self, option, most, number, capsys):
        with pytest.raises(SystemExit) as caught:
            main([option, number])
        assert caught.value.code == 2
        assert (
            f"argument {option}: must be a whole number, 1 to {most}, not {number}\n"
            in capsys.readouterr().err
        )

    def test_the_window_runs_on_keys(self, assets, tmp_path, monkeypatch):
        """The main loop on SDL's dummy display: space begins, F12 writes a screenshot, Esc and N leave."""
        monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
        presses = [pygame.K_SPACE, pygame.K_RIGHT, pygame.K_F12, pygame.K_ESCAPE, pygame.K_n, pygame.K_ESCAPE]
        waits = iter([key for press in presses for key in (press, None, None, None, None)])

        def events():
            key = next(waits, pygame.K_ESCAPE)
            return [pygame.event.Event(pygame.KEYDOWN, key=key, unicode="")] if key is not None else []

        monkeypatch.setattr(pygame.event, "get", events)
        app.play(assets, 7, 1, tmp_path)
        assert len(list(tmp_path.glob("tilewright-7-*.png"))) == 1


def test_without_pygame_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pygame'] = None; import tilewright_demo; sys.exit(tilewright_demo.main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    expected = "tilewright play: pygame is missing; install it with: pip install pygame-ce (or pygame)\n"
    assert (done.returncode, done.stderr) == (1, expected)
