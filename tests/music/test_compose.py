"""Composed tunes: determinism, repetition, keys and modes, arrangements, and wrong use."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import music
from tilewright.generator import Pack
from tilewright.music.compose import LONGEST, LONGEST_OF_MELODY, _too_long, arrange, generate_grids
from tilewright.music.moods import DRUMS, KEYS, MODES, MOODS
from tilewright.pack import check_pack
from tilewright.score import Note, Score

from ..step_networks import grid_tokens_pack

FINGERPRINT = "03e5f18e809d25fc0fb420c8f46ab804aac0471933616cf471a571e1a3b365bb"
NOTES = ("-", ".", *map(str, range(60, 72)))


@pytest.fixture(scope="module")
def pack() -> Pack:
    """A pack of tunes with random weights."""
    return Pack(check_pack(grid_tokens_pack((4, 64), NOTES), Path("random.onnx")))


PITCHES = np.array([-1, -2, *range(60, 72)])


def mood(**changes: object) -> music.Mood:
    """The mood `calm` with a kind of the random pack."""
    return music.Mood(**{**vars(MOODS["calm"]), "kind": "wall", **changes})  # type: ignore[arg-type]


def rows(score: Score) -> list[tuple[Note, ...]]:
    return [voice.notes for voice in score.voices if voice.instrument != "drums"]


def test_a_seed_gives_the_same_notes(pack: Pack) -> None:
    """Alone or among others, with one thread or two."""
    tunes = music.compose_many(5, mood(), bars=9, seed=7, pack=pack, threads=1)
    assert tunes == music.compose_many(5, mood(), bars=9, seed=7, pack=pack, threads=2)
    assert tunes[0] == music.compose(mood(), bars=9, seed=7, pack=pack)
    assert tunes[3:] == music.compose_many(2, mood(), bars=9, seed=7, start=3, pack=pack)
    assert len(set(map(repr, tunes))) == 5
    assert music.compose_many(0, mood(), pack=pack) == []


def test_fingerprint_of_the_bundled_pack() -> None:
    tune = music.compose("tense", bars=5, seed=7)
    assert (tune.length, tune.tempo, len(tune.voices)) == (80, 116, 5)
    assert hashlib.sha256(repr(tune).encode()).hexdigest() == FINGERPRINT


def test_motifs_are_repeated_and_bars_follow_what_is_given(pack: Pack) -> None:
    grids = generate_grids(pack, PITCHES, "wall", 2, 16, 3, 0, 1)
    bars = grids.reshape(2, 4, 16, 16)
    for phrase in (1, 3):
        np.testing.assert_array_equal(bars[:, :, 4 * phrase : 4 * phrase + 2], bars[:, :, :2])
    assert (bars[:, :, 8:10] != bars[:, :, :2]).any() and (bars[:, :, 6] != bars[:, :, 2]).any()
    # The last two bars are what the pack generates between the motif and the first bar.
    given = np.concatenate([bars[:, :, 13:16], bars[:, :, :1]], axis=2).reshape(2, 4, 64)
    mask = np.zeros((4, 64), bool)
    mask[:, 16:48] = True
    step = 2 * 5 * 0x9E3779B97F4A7C15 % 2**64
    again = pack.inpaint(given, mask, kind="wall", seed=3 + step, refine=12).indices
    assert again is not None
    np.testing.assert_array_equal(again, given)


def test_no_note_stands_still() -> None:
    """Long notes are given way to by others, which the pack chooses; other cells stay."""
    held = np.full((1, 4, 64), -1)
    held[0, :, 0] = 60
    held[0, 3, 20] = -2
    ticks = [np.flatnonzero(row).tolist() for row in _too_long(held)[0]]
    assert ticks == [list(range(8, 64, 8)), [16, 32, 48], [16, 32, 48], [16]]
    for mood_of_tune in ("calm", "sad"):  # the slow ones
        for tune in music.compose_many(3, mood_of_tune, bars=8, seed=5):
            first = tune.voices[0].notes
            assert all(note.length < 3 * LONGEST for voice in tune.voices[:4] for note in voice.notes)
            assert np.mean([note.length <= LONGEST_OF_MELODY + 8 for note in first]) > 0.9


def test_keys_and_modes_move_pitches(pack: Pack) -> None:
    """Rhythms stay; pitches move by the interval of the keys, and those that a mode alters by a semitone more."""
    plain = rows(music.compose(mood(key="C", mode="major"), bars=2, seed=1, pack=pack))
    for key, up in KEYS.items():
        moved = rows(music.compose(mood(mode="major"), bars=2, key=key, seed=1, pack=pack))
        interval = {
            b.pitch - a.pitch
            for one, two in zip(plain, moved, strict=True)
            for a, b in zip(one, two, strict=True)
        }
        assert interval == {(up + 5) % 12 - 5}
    for name, (tonic, altered) in MODES.items():
        key = next(key for key, pitch in KEYS.items() if pitch == tonic)
        moved = rows(music.compose(mood(key=key, mode=name), bars=2, seed=1, pack=pack))
        for a, b in zip(sum(plain, ()), sum(moved, ()), strict=True):
            assert (b.start, b.length, b.pitch - a.pitch) == (a.start, a.length, altered.get(a.pitch % 12, 0))


def test_notes_are_held_over_bars_and_over_the_end() -> None:
    grid = np.array(
        [[-1, -1, 60, -1, -2, -1, 62, -1], [-1] * 8, [-2] * 8, [130, -1, -7 + 12, -1, -1, -1, -1, -1]]
    )
    part = tuple(music.Part("pulse-25", 8, octaves) for octaves in (0, 0, 0, -1))
    first, held, silent, low = rows(arrange(grid, mood(parts=part), 90))
    assert first == (Note(2, 2, 60), Note(6, 4, 62))
    assert held == silent == ()
    assert low == (Note(0, 2, 118), Note(2, 6, 5))


def test_drums_follow_the_pattern(pack: Pack) -> None:
    beats = music.compose(mood(drums="k" + "." * 15, fill="." * 15 + "s"), bars=5, seed=1, pack=pack).voices[
        -1
    ]
    kicks = [Note(16 * bar, 1, DRUMS["k"]) for bar in range(3)]
    assert beats.notes == (*kicks, Note(63, 1, DRUMS["s"]), Note(79, 1, DRUMS["s"]))


def test_every_mood_fits_the_bundled_pack() -> None:
    assert music.mood_names() == tuple(MOODS)
    kinds = set()
    for name in MOODS:
        score = music.compose(name, bars=1, seed=2)
        assert score.length == 16 and score.tempo == MOODS[name].tempo
        kinds.add(MOODS[name].kind)
    assert kinds == set(tw.load("tunes").kinds)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"bars": 0}, "bars must be 1 or more, not 0"),
        ({"bars": 10_000}, "bars must be at most 64, not 10000"),
        ({"bars": 2.5}, "bars must be an integer, not 2.5"),
        ({"mood": "angry"}, "unknown mood 'angry': choose calm, home, bright"),
        ({"mood": None}, "unknown mood None: choose calm"),
        ({"key": "H"}, "unknown key 'H': choose C, C#, Db"),
        ({"key": ["C"]}, "unknown key ['C']: choose C"),
        ({"tempo": 5}, "tempo must be 20 or more, not 5"),
        ({"seed": -1}, "seed must be an integer in 0..2**64-1, not -1"),
        ({"pack": "names"}, "names does not generate tunes, which are grids of 4x64 notes: use the bundled pack tunes"),
        ({"pack": "dawn-tiles"}, "dawn-tiles does not generate tunes"),
        ({"mood": mood(kind="jolly")}, "the mood needs the kind 'jolly'; tunes has merry, peaceful, sad, tense"),
        ({"threads": -1}, "threads must be 0 or more, not -1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(tw.UsageError) as caught:
        music.compose(**arguments)  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"music.compose(): {told}"), caught.value


def test_a_count_out_of_range_and_bad_moods_are_refused() -> None:
    with pytest.raises(tw.UsageError, match=r"^music.compose_many\(\): count must be 0 or more, not -1$"):
        music.compose_many(-1)
    for changes, told in (
        ({"key": "H"}, "unknown key 'H': choose C"),
        ({"mode": "locrian"}, "unknown mode 'locrian': choose major, lydian"),
        ({"drums": "kk"}, "drums must be 16 letters of kshocrlmtx and dots, not 'kk'"),
        ({"drums": 5}, "drums must be 16 letters of kshocrlmtx and dots, not 5"),
        ({"key": []}, "unknown key []: choose C"),
        ({"kind": 3}, "kind must be a name, not 3"),
        ({"tempo": 1000}, "tempo must be at most 400, not 1000"),
        ({"parts": 4}, "parts must be a tuple of a Part for each voice, not 4"),
        ({"fill": "z" * 16}, "drums must be 16 letters of kshocrlmtx and dots, not 'zzz"),
    ):
        with pytest.raises(tw.UsageError) as caught:
            mood(**changes)
        assert str(caught.value).startswith(f"music.Mood(): {told}")
    with pytest.raises(
        tw.UsageError, match=r"^music.Part\(\): unknown instrument 'kazoo': choose pulse-12, "
    ):
        music.Part("kazoo")
    with pytest.raises(tw.UsageError, match=r"^music.Part\(\): octaves must be at most 10, not 99$"):
        music.Part("bass", 8, 99)


@pytest.mark.parametrize("alphabet", [("60", "62"), ("-", "60"), (".", "60"), ("-", ".", "-", "127", "0")])
def test_packs_without_silence_or_held_notes_compose_too(alphabet: tuple[str, ...]) -> None:
    pack = Pack(check_pack(grid_tokens_pack((4, 64), alphabet), Path("few.onnx")))
    score = music.compose(mood(), bars=3, seed=1, pack=pack)
    assert all(0 <= note.pitch <= 127 for voice in score.voices for note in voice.notes)


def test_packs_without_pitches_generate_no_tunes() -> None:
    pack = Pack(check_pack(grid_tokens_pack((4, 64), ("-", ".")), Path("none.onnx")))
    with pytest.raises(tw.UsageError, match=r"^music.compose\(\): random does not generate tunes"):
        music.compose(mood(), pack=pack)
