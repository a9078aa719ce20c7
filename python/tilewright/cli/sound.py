"""`tilewright sound`."""

from pathlib import Path
from typing import Annotated

import typer

from tilewright.checks import check_range
from tilewright.cli.options import Seed, file_to_write
from tilewright.errors import UsageError

MAX_COUNT = 1000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sound")(sound)


def sound(
    kind: Annotated[
        str | None, typer.Argument(help="Kind of effect: coin, door, step ...; without one, list all.")
    ] = None,
    say: Annotated[
        str | None, typer.Option(help="Instead of an effect, the voice of a character: the sentence.")
    ] = None,
    name: Annotated[str, typer.Option(help="The character's name, which determines the voice.")] = "",
    seed: Seed = 0,
    count: Annotated[
        int, typer.Option("--count", "-n", help="Effects, of consecutive seeds: 1 .. 1000.")
    ] = 1,
    rate: Annotated[int, typer.Option(help="Samples per second, 8000 .. 96000.")] = 44_100,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A WAV file; default: KIND.wav or voice.wav.")
    ] = None,
) -> None:
    """Generate sound effects and voices as WAV files.

    Several effects are NAME-1.wav, NAME-2.wav ...

    Example: tilewright sound coin --seed 7 -o coin.wav

    Example: tilewright sound step -n 4 -o step.wav

    Example: tilewright sound --say "Did you come alone?" --name Mira -o mira.wav
    """
    from tilewright import sound as sounds

    check_range(count, "--count", 1, MAX_COUNT, "sound")
    if say is not None:
        if kind is not None or count != 1:
            raise UsageError("sound: --say makes one voice, without a kind of effect and without --count")
        made = [sounds.voice(name, say, rate=rate)]
    elif kind is None:
        print("\n".join(sounds.effect_names()))
        return
    else:
        made = [sounds.effect(kind, seed=seed + i, rate=rate) for i in range(count)]
    target = file_to_write(output or Path(f"{kind or 'voice'}.wav"))
    if target.suffix.lower() != ".wav":
        raise UsageError(f"sound: {target.name} must end with .wav")
    for number, samples in enumerate(made, 1):
        path = target if count == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        sounds.write_wav(path, samples, rate)
        print(f"{path}: {len(samples) * 1000 // rate} ms")
