"""Tunes for tests: random notes of a pentatonic scale over a bass and drums."""

from tilewright.draws import Draws
from tilewright.score import Note, Score, Voice

SCALE = (0, 2, 4, 7, 9)


def tune(seed: int, bars: int = 16, tempo: int = 120) -> Score:
    """A tune whose notes end at its end, like those of music packs."""
    draws, length = Draws(seed), bars * 16
    lead, tick = [], 0
    while tick < length:
        long = min(draws.choose((2, 2, 4, 4, 8)), length - tick)
        lead.append(Note(tick, long, 69 + draws.choose(SCALE) + draws.choose((0, 12))))
        tick += long
    middle = [Note(t, 4, 57 + draws.choose(SCALE)) for t in range(0, length, 4)]
    bass = [Note(t, 4, 36 + draws.choose(SCALE)) for t in range(0, length, 4)]
    drums = [Note(t, 1, (36, 42, 38, 42)[t // 2 % 4]) for t in range(0, length, 2)]
    return Score(
        (
            Voice("pulse-25", tuple(lead)),
            Voice("pulse-12", tuple(middle), 6),
            Voice("bass", tuple(bass)),
            Voice("drums", tuple(drums), 6),
        ),
        length,
        tempo,
    )
