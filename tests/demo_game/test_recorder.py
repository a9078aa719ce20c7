"""Recordings: taken in time, written elsewhere, and shown by a sign that they do not contain."""

import threading

import pygame
import pytest
from PIL import Image

import tilewright as tw
from tilewright_demo import recorder as module
from tilewright_demo.recorder import LONGEST, MILLISECONDS, Recorder
from tilewright_demo.view import HEIGHT, WIDTH


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path)
    yield made
    made.close()


def play(recorder, begin, end):
    """Show a screen whose colour tells the time, with the sign."""
    screen = pygame.Surface((WIDTH, HEIGHT))
    for now in range(begin, end, 20):
        screen.fill((now // MILLISECONDS % 10 * 25, 0, 0))
        recorder.frame(screen, now)
        before = pygame.image.tobytes(screen, "RGB")
        recorder.draw(screen, now, 2)
    return pygame.image.tobytes(screen, "RGB") != before


def test_a_recording_has_a_picture_each_tenth_of_a_second_and_no_sign(recorder, tmp_path):
    recorder.toggle(7, 1000)
    assert play(recorder, 1000, 1800), "the sign is shown"
    recorder.toggle(7, 1800)
    recorder.close()
    path = tmp_path / "tilewright-7-1000.gif"
    with Image.open(path) as gif:
        assert gif.n_frames == 8 and gif.info["duration"] == MILLISECONDS
        for number in range(8):
            gif.seek(number)
            assert gif.convert("RGB").getcolors() == [(WIDTH * HEIGHT, (number * 25, 0, 0))]
    recorder.frame(pygame.Surface((WIDTH, HEIGHT)), 2000)
    assert recorder._said.startswith(f"wrote {path.name}")
    assert not play(recorder, 9000, 9100), "the message ends"


def test_frames_go_on_while_a_recording_is_written(recorder, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(module, "save_gif", lambda frames, path, duration: gate.wait())
    recorder.toggle(7, 0)
    play(recorder, 0, 300)
    recorder.toggle(7, 300)
    assert play(recorder, 300, 400) and recorder._writing is not None
    recorder.toggle(7, 400)
    assert recorder._began is None, "one at a time"
    gate.set()


def test_a_recording_ends_by_itself_and_a_full_disk_is_told(recorder, monkeypatch):
    def full(frames, path, duration):
        assert len(frames) == 4
        raise tw.MachineError(f"cannot write {path}: disk full")

    monkeypatch.setattr(module, "save_gif", full)
    recorder.toggle(7, 0)
    screen = pygame.Surface((WIDTH, HEIGHT))
    for now in (0, 200, 400, LONGEST):
        recorder.frame(screen, now)
    assert recorder._began is None
    recorder.close()
    recorder.frame(screen, LONGEST + 50)
    assert recorder._said.startswith("no GIF: cannot write ")
