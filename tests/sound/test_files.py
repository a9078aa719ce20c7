"""WAV and MIDI files, read again by other readers."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import sound

from .tunes import tune


def test_wav_files_hold_the_samples(tmp_path: Path) -> None:
    mono = sound.effect("coin", rate=22_050)
    stereo = np.stack([mono, mono[::-1]], axis=1)
    for samples in (mono, stereo):
        sound.write_wav(tmp_path / "a.wav", samples, 22_050)
        with wave.open(str(tmp_path / "a.wav")) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (
                samples.ndim,
                2,
                22_050,
            )
            read = np.frombuffer(file.readframes(len(mono)), "<i2")
        assert np.array_equal(read, samples.ravel())


def test_midi_files_hold_the_notes(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    score = tune(3, 2, 132)
    sound.write_midi(tmp_path / "a.mid", score)
    file = mido.MidiFile(tmp_path / "a.mid")
    assert file.length == pytest.approx(score.length / 4 * 60 / 132, rel=1e-4)
    assert [m.tempo for m in file.tracks[0] if m.type == "set_tempo"] == [60_000_000 // 132]
    for voice, track in zip(score.voices, file.tracks[1:], strict=True):
        tick, begun, notes = 0, {}, []
        for message in track:
            tick += message.time
            if message.type == "note_on":
                begun[message.note] = tick
                assert (message.channel == 9) == (voice.instrument == "drums")
            elif message.type == "note_off":
                start = begun.pop(message.note)
                notes.append((start // 120, (tick - start) // 120, message.note))
        assert sorted(notes) == sorted(voice.notes) and not begun


def test_without_mido_one_line_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mido", None)
    with pytest.raises(tw.MachineError) as caught:
        sound.write_midi(tmp_path / "a.mid", tune(0, 1))
    assert str(caught.value) == (
        "sound.write_midi(): this needs the package mido: pip install 'tilewright[midi]'"
    )


@pytest.mark.parametrize("samples", [np.zeros(4), np.zeros((4, 3), np.int16), [1, 2]])
def test_other_samples_are_refused(tmp_path: Path, samples) -> None:
    with pytest.raises(tw.UsageError, match=r"^sound.write_wav\(\): samples must be"):
        sound.write_wav(tmp_path / "a.wav", samples)
