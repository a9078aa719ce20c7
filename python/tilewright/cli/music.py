"""`tilewright music`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright.checks import check_range
from tilewright.cli.options import Seed, Threads, file_to_write
from tilewright.errors import UsageError

MAX_COUNT = 1000
SUFFIXES = (".wav", ".mid", ".midi")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("music")(music)


def music(
    mood: Annotated[
        str | None, typer.Argument(help="Mood: calm, merry, tense ...; without one, list all.")
    ] = None,
    bars: Annotated[int, typer.Option(help="Bars of four beats, 1 .. 64.")] = 16,
    key: Annotated[str | None, typer.Option(help="Tonic: C, F#, Bb ...; default: the mood's.")] = None,
    tempo: Annotated[
        int | None, typer.Option(help="Beats per minute, 20 .. 400; default: the mood's.")
    ] = None,
    seed: Seed = 0,
    count: Annotated[int, typer.Option("--count", "-n", help="Tunes of one seed, 1 .. 1000.")] = 1,
    start: Annotated[int, typer.Option(help="Number of the first tune.")] = 0,
    echo: Annotated[int, typer.Option(help="Volume of an echo in WAV files, 0 .. 128.")] = 48,
    rate: Annotated[int, typer.Option(help="Samples per second of WAV files, 8000 .. 96000.")] = 44_100,
    ending: Annotated[
        bool, typer.Option("--ending", help="Let the last notes ring in WAV files, instead of a loop.")
    ] = False,
    pack: Annotated[str, typer.Option(help="Another pack of tunes: the path of an .onnx file.")] = "tunes",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file that ends with .wav or .mid; default: MOOD-SEED.wav."),
    ] = None,
    threads: Threads = None,
) -> None:
    """Compose tunes that loop, as WAV or MIDI files. The samples of a WAV file repeat without a click.

    Several tunes are NAME-1.wav, NAME-2.wav ... MIDI needs the extra midi: pip install 'tilewright[midi]'.

    Example: tilewright music calm --seed 7 -o calm.wav

    Example: tilewright music tense --bars 32 --tempo 140 --key D -n 4 -o battle.mid
    """
    from tilewright import music as tunes
    from tilewright import sound

    if mood is None:
        print("\n".join(tunes.mood_names()))
        return
    check_range(count, "--count", 1, MAX_COUNT, "music")
    target = file_to_write(output or Path(f"{mood}-{seed}.wav"))
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError(f"music: {target.name} must end with .wav or .mid")
    check_range(rate, "--rate", 8_000, 96_000, "music")
    check_range(echo, "--echo", 0, 128, "music")
    scores = tunes.compose_many(
        count, mood, bars=bars, key=key, tempo=tempo, seed=seed, start=start, pack=pack, threads=threads
    )
    for number, score in enumerate(scores, 1):
        path = target if count == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        if target.suffix.lower() == ".wav":
            samples = sound.render(score, rate=rate, loop=not ending, echo=echo)
            sound.write_wav(path, samples, rate)
            print(f"{path}: {bars} bars, {len(samples) / rate:.1f} s")
        else:
            sound.write_midi(path, score)
            print(f"{path}: {bars} bars, {score.tempo} beats per minute")
