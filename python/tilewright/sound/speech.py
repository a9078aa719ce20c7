"""Speech as in games without recorded voices: a short blip for every other letter, with the melody of a sentence."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from tilewright.arrays import Int16Array, Int32Array
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.sound.layers import Layer
from tilewright.sound.mixing import RATE, check_rate, level
from tilewright.streams import Stream

MAX_LETTERS = 2_000
_LOUDNESS, _PEAK = 3_600, 18_000
_PAUSES = {",": 3, ";": 4, ":": 4, ".": 6, "!": 6, "?": 6, "\n": 6}  # in letters
_DARK = frozenset("ouwmnhbOUWMNHB")
_SCALES = ((0, 200, 400, 700, 900), (0, 300, 500, 700, 1000), (0, 200, 500, 700, 900))


@dataclass(frozen=True)
class Speaker:
    """What the blips of one character have in common. pitch: cents; letter, blip: ms."""

    pitch: int
    bright: str
    dark: str
    letter: int
    blip: int
    scale: tuple[int, ...]
    slide: int
    vibrato: tuple[int, int]


def speaker(name: str) -> Speaker:
    """Return the voice of a character, which its name alone determines."""
    draws = Draws(_number(name), 0, Stream.SOUND)
    bright, dark = draws.choose(
        (
            ("pulse-12", "pulse-25"),
            ("pulse-25", "pulse-50"),
            ("pulse-12", "triangle"),
            ("pulse-25", "triangle"),
        )
    )
    letter = draws.within(34, 52)
    return Speaker(
        pitch=100 * draws.within(50, 79),
        bright=bright,
        dark=dark,
        letter=letter,
        blip=letter * draws.within(15, 19) // 10,
        scale=draws.choose(_SCALES),
        slide=draws.within(-250, 250),
        vibrato=(draws.choose((0, 0, 25, 60)), draws.within(12, 24)),
    )


def voice(name: str, sentence: str, *, rate: int = RATE) -> Int16Array:
    """Return a character's voice for a sentence: int16 (N,), mono.

    name: any text; one character always has the same timbre. sentence: 1 .. 2000 characters; a question rises at its
    end, an exclamation is higher and wider, punctuation pauses. rate: samples per second, 8000 .. 96000.
    Raises UsageError for other values.
    """
    check_rate(rate, "sound.voice()")
    times = letter_times(name, sentence)
    who = speaker(name)
    total = np.zeros((times[-1] + 2 * who.blip) * rate // 1000 + 1, dtype=np.int32)
    for start, end in _phrases(sentence):
        _speak(who, sentence, start, end, times, rate, total)
    return level(total, _LOUDNESS, _PEAK)


def letter_times(name: str, sentence: str) -> list[int]:
    """Return when each character of the sentence is spoken, in ms, and when the sentence ends.

    A game that shows the text while it is spoken shows character i at time i. Raises UsageError as `voice` does.
    """
    if not isinstance(name, str) or not isinstance(sentence, str):
        raise UsageError("sound.voice(): name and sentence must be texts")
    if not 1 <= len(sentence) <= MAX_LETTERS:
        raise UsageError(
            f"sound.voice(): a sentence has 1..{MAX_LETTERS} characters, not {len(sentence)}: split a longer text"
        )
    letter, times = speaker(name).letter, [0]
    for character in sentence:
        times.append(times[-1] + letter * _PAUSES.get(character, 1))
    return times


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _phrases(sentence: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end; the last character of each gives its melody."""
    ends = [i for i, character in enumerate(sentence) if character in ".!?\n"]
    if not ends or ends[-1] != len(sentence) - 1:
        ends.append(len(sentence) - 1)
    return [(start, end) for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]


def _speak(
    who: Speaker, text: str, start: int, end: int, times: list[int], rate: int, total: Int32Array
) -> None:
    """Add the blips of one phrase: every other letter, and the first letter of every word."""
    mood = text[end]
    letters = max(end - start, 1)
    spoken = True
    for place in range(start, end + 1):
        character = text[place]
        spoken = character.isalnum() and (not spoken or not text[max(place - 1, start)].isalnum())
        if not spoken:
            continue
        done = 100 * (place - start) // letters  # percent of the phrase
        line = 2 * max(done - 60, 0) * 10 if mood == "?" else -3 * done
        step = who.scale[_number(character.lower()) % len(who.scale)] * (3 if mood == "!" else 2) // 2
        pitch = who.pitch + step + line + (300 if mood == "!" else 0)
        blip = Layer(
            who.dark if character in _DARK else who.bright,
            ((0, pitch), (who.blip, pitch + who.slide)),
            ((0, 0), (4, 230), (who.blip // 2, 190), (who.blip, 0)),
            vibrato=who.vibrato,
        ).render(rate)
        at = times[place] * rate // 1000
        total[at : at + len(blip)] += blip
