"""Sound effects from seeds: a recipe per kind draws the layers of one effect.

A recipe states what makes a kind recognisable and draws the rest: pitches, lengths, wave forms. To add a kind, write a
function and its line in `EFFECTS`; tests/sound/test_effects.py then checks that it differs from the others.
"""

from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

from tilewright.arrays import Int16Array
from tilewright.draws import Draws
from tilewright.errors import UsageError
from tilewright.seeds import check_seed
from tilewright.sound.layers import Layer, mix, ringing
from tilewright.sound.mixing import PEAK, RATE, check_rate, level
from tilewright.streams import Stream

Recipe = Callable[[Draws], tuple[Layer, ...]]

_PULSES = ("pulse-12", "pulse-25", "pulse-50")
_MAJOR = (0, 400, 700, 1200, 1600, 1900, 2400)


def _step(draws: Draws) -> tuple[Layer, ...]:
    """A short, quiet scrape with a thud below."""
    ms, pitch = draws.within(45, 70), draws.within(8200, 9400)
    thud = draws.within(3600, 4300)
    return (
        Layer("noise", ((0, pitch), (ms, pitch - 500)), ringing(ms, 4, draws.within(150, 200))),
        Layer("triangle", ((0, thud), (40, thud - 700)), ringing(40, 2, draws.within(60, 110))),
    )


def _hit(draws: Draws) -> tuple[Layer, ...]:
    """A blow: a burst of noise that falls, over a low tone that falls faster."""
    ms, pitch = draws.within(110, 160), draws.within(8900, 9500)
    low = draws.within(5000, 5600)
    return (
        Layer("noise", ((0, pitch), (ms, pitch - 3000)), ringing(ms, 1)),
        Layer(draws.choose(_PULSES[1:]), ((0, low), (ms, low - 2400)), ringing(ms, 1, 140)),
    )


def _hurt(draws: Draws) -> tuple[Layer, ...]:
    """A rough cry: a tone that falls and shakes."""
    ms, pitch = draws.within(210, 300), draws.within(6700, 7300)
    fall = draws.within(1300, 1900)
    shake = (draws.within(110, 180), draws.within(22, 30))
    curve = ((0, 0), (8, 256), (ms * 2 // 3, 190), (ms, 0))
    return (
        Layer(
            draws.choose(_PULSES[:2]), ((0, pitch), (30, pitch + 200), (ms, pitch - fall)), curve, 0, shake
        ),
        Layer("noise", ((0, 8600), (90, 7600)), ringing(90, 1, 130)),
    )


def _pick_up(draws: Draws) -> tuple[Layer, ...]:
    """Two short notes that rise, and a short slide from one to the other."""
    wave, low = draws.choose(_PULSES[1:]), 100 * draws.within(67, 74)
    up, ms = 100 * draws.choose((4, 5, 7)), draws.within(45, 60)
    pitch = ((0, low), (ms, low), (ms + 20, low + up), (4 * ms, low + up))
    return (Layer(wave, pitch, ((0, 0), (2, 230), (ms, 210), (3 * ms, 90), (4 * ms, 0))),)


def _coin(draws: Draws) -> tuple[Layer, ...]:
    """A grace note, then a high note that rings."""
    low = 100 * draws.within(81, 87)
    up, grace, ring = 100 * draws.choose((4, 5, 7)), draws.within(50, 75), draws.within(420, 560)
    wave = draws.choose(_PULSES[1:])
    return (
        Layer(wave, ((0, low),), ((0, 0), (2, 200), (grace, 190), (grace + 3, 0))),
        Layer(wave, ((0, low + up),), ringing(ring, 2, 230), grace),
    )


def _door(draws: Draws) -> tuple[Layer, ...]:
    """Hinges that creak upwards, then a thud."""
    ms, pitch = draws.within(260, 380), draws.within(4700, 5300)
    shake = (draws.within(90, 160), draws.within(9, 14))
    creak = ((0, pitch), (ms // 2, pitch + draws.within(150, 350)), (ms, pitch + draws.within(500, 800)))
    return (
        Layer("metal", creak, ((0, 0), (30, 60), (ms * 3 // 4, 90), (ms, 20), (ms + 5, 0)), 0, shake),
        Layer("triangle", ((0, 4700), (80, 3000)), ringing(170, 1), ms),
        Layer("noise", ((0, 7600), (60, 6600)), ringing(90, 1, 200), ms),
    )


def _chest(draws: Draws) -> tuple[Layer, ...]:
    """A latch that clicks, then a slow chord that opens upwards."""
    root, step = 100 * draws.within(57, 63), draws.within(75, 105)
    wave, chord = draws.choose(_PULSES[1:]), draws.choose(((0, 700, 1200, 1900), (0, 500, 1200, 1700)))
    notes = tuple(
        Layer(wave, ((0, root + up),), ringing(620 - 60 * i, 8, 110), 110 + step * i)
        for i, up in enumerate(chord)
    )
    return (Layer("metal", ((0, draws.within(7400, 8200)),), ringing(45, 1, 160)), *notes)


def _menu(draws: Draws) -> tuple[Layer, ...]:
    """One dry tick: the cursor moves."""
    pitch, ms = draws.within(7600, 8200), draws.within(24, 36)
    return (Layer(draws.choose(_PULSES[1:]), ((0, pitch),), ((0, 0), (1, 200), (ms // 2, 140), (ms, 0))),)


def _select(draws: Draws) -> tuple[Layer, ...]:
    """Two even notes, the second a fifth or an octave higher."""
    low, ms = 100 * draws.within(72, 77), draws.within(70, 85)
    wave, up = draws.choose(_PULSES[1:]), draws.choose((700, 1200))
    beat = ((0, 0), (2, 200), (ms - 12, 150), (ms, 0))
    return (Layer(wave, ((0, low),), beat), Layer(wave, ((0, low + up),), ringing(2 * ms, 2, 200), ms))


def _back(draws: Draws) -> tuple[Layer, ...]:
    """Two even notes, the second lower."""
    high, ms = 100 * draws.within(67, 72), draws.within(60, 75)
    wave, down = draws.choose(_PULSES[1:]), draws.choose((500, 700))
    beat = ((0, 0), (2, 200), (ms - 12, 150), (ms, 0))
    return (
        Layer(wave, ((0, high),), beat),
        Layer(wave, ((0, high - down),), ringing(ms * 3 // 2, 2, 180), ms),
    )


def _jump(draws: Draws) -> tuple[Layer, ...]:
    """A tone that slides up without a step."""
    ms, low = draws.within(150, 210), draws.within(5500, 6000)
    up = draws.within(1500, 2000)
    curve = ((0, 0), (4, 210), (ms // 2, 200), (ms, 0))
    return (Layer(draws.choose(_PULSES), ((0, low), (ms // 3, low + up // 4), (ms, low + up)), curve),)


def _shoot(draws: Draws) -> tuple[Layer, ...]:
    """A tone that falls fast from a great height."""
    ms, high = draws.within(130, 190), draws.within(9400, 10000)
    fall = draws.within(3000, 3800)
    pitch = ((0, high), (ms // 3, high - fall * 3 // 5), (ms, high - fall))
    return (Layer(draws.choose(_PULSES[:2]), pitch, ringing(ms, 1, 220)),)


def _magic(draws: Draws) -> tuple[Layer, ...]:
    """A shimmer: two tones that rise with a wide vibrato, a little apart."""
    ms, low = draws.within(480, 640), draws.within(7000, 7600)
    up, apart = draws.within(1000, 1600), draws.within(15, 30)
    shake = (draws.within(180, 300), draws.within(11, 15))
    curve = ((0, 0), (ms // 4, 150), (ms * 2 // 3, 130), (ms, 0))
    return (
        Layer("pulse-12", ((0, low), (ms, low + up)), curve, 0, shake),
        Layer("triangle", ((0, low + 1200 + apart), (ms, low + up + 1200 + apart)), curve, 40, shake),
    )


def _heal(draws: Draws) -> tuple[Layer, ...]:
    """A soft chord of triangles, one note after the other."""
    root, step = 100 * draws.within(69, 74), draws.within(70, 100)
    order = draws.choose((_MAJOR[:4], (0, 700, 1200, 1600), (0, 400, 900, 1200)))
    return tuple(
        Layer("triangle", ((0, root + up),), ((0, 0), (25, 130), (260, 90), (520, 0)), step * i, (12, 6))
        for i, up in enumerate(order)
    )


def _level_up(draws: Draws) -> tuple[Layer, ...]:
    """A fanfare: a fast major arpeggio in pulses, and a held third at its top."""
    root, step = 100 * draws.within(60, 66), draws.within(70, 90)
    wave, held = draws.choose(_PULSES[1:]), draws.within(420, 560)
    beat = ((0, 0), (2, 180), (step - 10, 150), (step, 0))
    run = draws.choose(((0, 400, 700), (0, 700, 400), (700, 0, 400)))
    rise = tuple(
        Layer(wave, ((0, root + up + octave),), beat, step * (3 * i + j))
        for i, octave in enumerate((0, 1200))
        for j, up in enumerate(run)
    )
    end = ((0, 0), (3, 140), (held * 2 // 3, 120), (held, 0))
    top = tuple(Layer(wave, ((0, root + up),), end, 6 * step, (14, 6)) for up in (2400, 1600))
    return (*rise, *top)


def _explosion(draws: Draws) -> tuple[Layer, ...]:
    """A long burst of noise that sinks, over a rumble."""
    ms, pitch = draws.within(800, 1200), draws.within(7700, 8300)
    sink = draws.within(3200, 3700)
    rumble = draws.within(3400, 4000)
    return (
        Layer("noise", ((0, pitch), (ms // 4, pitch - sink // 2), (ms, pitch - sink)), ringing(ms, 3)),
        Layer("triangle", ((0, rumble), (ms // 2, rumble - 900)), ringing(ms // 2, 3, 220)),
    )


def _splash(draws: Draws) -> tuple[Layer, ...]:
    """Bright noise that swells and fades, and drops that rise."""
    ms, pitch = draws.within(300, 420), draws.within(11300, 12000)
    drops = tuple(
        Layer("triangle", ((0, low), (45, low + 1100)), ringing(50, 3, 120), ms * 2 // 3 + 70 * i)
        for i, low in enumerate([draws.within(7600, 8600) for _ in range(draws.within(2, 3))])
    )
    swell = ((0, 0), (50, 170), (ms // 2, 90), (ms, 0))
    return (Layer("noise", ((0, pitch - 900), (50, pitch), (ms, pitch - 1500)), swell), *drops)


def _stairs(draws: Draws) -> tuple[Layer, ...]:
    """Four or five footsteps, each lower than the one before."""
    count, step, pitch = draws.within(4, 5), draws.within(115, 145), draws.within(9000, 9500)
    return tuple(
        Layer(wave, ((0, top - 230 * i),), ringing(70, 3, (200 - 25 * i) * loud >> 8), step * i)
        for i in range(count)
        for wave, top, loud in (("noise", pitch, 256), ("triangle", 4700, 200))
    )


def _death(draws: Draws) -> tuple[Layer, ...]:
    """Slow notes of a minor scale that fall, and a last one that sinks."""
    root, step = 100 * draws.within(57, 62), draws.within(150, 190)
    wave, scale = draws.choose(_PULSES), draws.choose(((1200, 1000, 700), (1200, 700, 300), (1000, 800, 700)))
    beat = ((0, 0), (5, 190), (step - 25, 150), (step, 0))
    falls = tuple(Layer(wave, ((0, root + up),), beat, step * i, (18, 6)) for i, up in enumerate(scale))
    end = ((0, 0), (5, 190), (350, 150), (850, 0))
    return (*falls, Layer(wave, ((0, root), (200, root), (850, root - 1200)), end, 3 * step, (35, 6)))


EFFECTS: dict[str, tuple[Recipe, int]] = {
    "step": (_step, 9_000),
    "stairs": (_stairs, 13_000),
    "hit": (_hit, 26_000),
    "hurt": (_hurt, 22_000),
    "death": (_death, 20_000),
    "pick-up": (_pick_up, 17_000),
    "coin": (_coin, 17_000),
    "chest": (_chest, 20_000),
    "door": (_door, 20_000),
    "menu": (_menu, 11_000),
    "select": (_select, 15_000),
    "back": (_back, 15_000),
    "jump": (_jump, 17_000),
    "shoot": (_shoot, 19_000),
    "magic": (_magic, 17_000),
    "heal": (_heal, 17_000),
    "level-up": (_level_up, 20_000),
    "splash": (_splash, 17_000),
    "explosion": (_explosion, PEAK),
}
"""The recipe of each kind, and its largest sample: a step is quieter than an explosion."""


def effect_names() -> tuple[str, ...]:
    """Return the kinds of effects."""
    return tuple(EFFECTS)


@lru_cache(maxsize=32)  # 40 kB each
def _effect(kind: str, seed: int, rate: int) -> Int16Array:
    recipe, peak = EFFECTS[kind]
    samples = level(mix(recipe(Draws(seed, crc32(kind.encode()), Stream.SOUND)), rate), 1 << 15, peak)
    samples.setflags(write=False)
    return samples


def effect(kind: str, *, seed: int = 0, rate: int = RATE) -> Int16Array:
    """Return a sound effect: int16 (N,), mono, read-only.

    kind: one of `effect_names()`; seed: 0 .. 2**64 - 1, each of which gives another sound of the kind; rate: samples
    per second, 8000 .. 96000. Raises UsageError for other values.
    """
    if kind not in EFFECTS:
        raise UsageError(f"sound.effect(): unknown effect {kind!r:.60}: choose {', '.join(EFFECTS)}")
    return _effect(kind, check_seed(seed, "sound.effect()"), check_rate(rate, "sound.effect()"))
