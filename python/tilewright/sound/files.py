"""Files of sounds: WAV with the standard library, MIDI with the package mido (the extra `midi`)."""

import io
import wave
from pathlib import Path

import numpy as np

from tilewright.arrays import Int16Array
from tilewright.errors import MachineError, UsageError
from tilewright.files import write_atomically
from tilewright.score import TICKS_PER_BEAT, Score
from tilewright.sound.mixing import RATE, check_rate

_MIDI_TICKS = 480 // TICKS_PER_BEAT  # a beat of 480 ticks, as most programs expect
_DRUM_CHANNEL = 9
_PROGRAMS = {  # of General MIDI, from 0
    "pulse-12": 80,  # square lead
    "pulse-25": 80,
    "pulse-50": 80,
    "pluck": 45,  # pizzicato strings
    "organ": 16,  # drawbar organ
    "bell": 9,  # glockenspiel
    "bass": 38,  # synth bass 1
    "drums": 0,
}


def write_wav(path: Path | str, samples: Int16Array, rate: int = RATE) -> None:
    """Write a WAV file of 16 bits.

    samples: int16 (N,) for mono or (N, 2) for stereo; rate: samples per second, 8000 .. 96000. Raises UsageError for
    others, and MachineError if the file cannot be written.
    """
    check_rate(rate, "sound.write_wav()")
    if not isinstance(samples, np.ndarray) or samples.dtype != np.int16 or samples.ndim not in (1, 2):
        raise UsageError("sound.write_wav(): samples must be an int16 array (N,) or (N, 2)")
    if samples.ndim == 2 and samples.shape[1] != 2:
        raise UsageError(f"sound.write_wav(): samples must be (N,) or (N, 2), not {samples.shape}")
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(samples.ndim)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    write_atomically(Path(path), content.getvalue())


def write_midi(path: Path | str, score: Score) -> None:
    """Write a score as a standard MIDI file of type 1: a track per voice, drums on channel 10.

    Raises MachineError if the package mido is missing or the file cannot be written.
    """
    try:
        import mido
    except ImportError as error:
        raise MachineError(
            "sound.write_midi(): this needs the package mido: pip install 'tilewright[midi]'"
        ) from error
    file = mido.MidiFile(type=1, ticks_per_beat=_MIDI_TICKS * TICKS_PER_BEAT)
    conductor = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=60_000_000 // score.tempo)])
    file.tracks.append(conductor)
    pitched = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
    for number, voice in enumerate(score.voices):
        channel = _DRUM_CHANNEL if voice.instrument == "drums" else pitched[number % len(pitched)]
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=voice.instrument)])
        if voice.instrument != "drums":
            track.append(mido.Message("program_change", channel=channel, program=_PROGRAMS[voice.instrument]))
        velocity = max(1, min(127, voice.volume * 10))
        events = sorted(  # "note_off" comes before "note_on": at one tick, notes end before others begin
            (tick, kind, note.pitch)
            for note in voice.notes
            for tick, kind in ((note.start, "note_on"), (note.start + note.length, "note_off"))
        )
        now = 0
        for tick, kind, pitch in events:
            wait = (tick - now) * _MIDI_TICKS
            track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=wait))
            now = tick
        file.tracks.append(track)
    content = io.BytesIO()
    file.save(file=content)
    write_atomically(Path(path), content.getvalue())
