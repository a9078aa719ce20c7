"""The game in a real window of a virtual X server, with keys that the server sends. Skips without Xvfb and libXtst."""

import ctypes
import ctypes.util
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

_X11, _XTST = (ctypes.util.find_library(name) for name in ("X11", "Xtst"))
pytestmark = pytest.mark.skipif(
    None in (shutil.which("Xvfb"), _X11, _XTST), reason="Xvfb or libXtst is not installed"
)
_SECONDS = 60  # until the game must have reacted
# Key symbols of X
_KEYS = {"right": 0xFF53, "f12": 0xFFC9, "o": 0x6F, "escape": 0xFF1B}


class Keyboard:
    """Sends key events to an X server."""

    def __init__(self, display):
        self._x11, self._xtst = ctypes.CDLL(_X11), ctypes.CDLL(_XTST)
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        self._xtst.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self._x11.XFlush.argtypes = self._x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
        self._display = self._x11.XOpenDisplay(display.encode())
        assert self._display, "the X server does not answer"

    def press(self, key, seconds=0.1):
        code = self._x11.XKeysymToKeycode(self._display, _KEYS[key])
        for down in (1, 0):
            self._xtst.XTestFakeKeyEvent(self._display, code, down, 0)
            self._x11.XFlush(self._display)
            time.sleep(seconds)

    def close(self):
        self._x11.XCloseDisplay(self._display)


@pytest.fixture
def display():
    read, write = os.pipe()
    with open(read, encoding="ascii") as numbers:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        try:
            yield f":{numbers.readline().strip()}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def until(condition, press=lambda: None):
    end = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < end, "the game does not react"
        press()
        time.sleep(0.2)


def test_keys_reach_the_game_in_a_window(display, tmp_path):
    """F12 writes a screenshot of the title; O, arrow and Esc change a setting; Esc closes the window."""
    environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}
    code = "import sys, tilewright_demo; sys.exit(tilewright_demo.main(sys.argv[1:]))"
    game = subprocess.Popen(
        [
            sys.executable,
            "-c",
            code,
            "--seed",
            "7",
            "--pack",
            "dawn-tiles",
            "--scale",
            "1",
            "--out",
            str(tmp_path),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    keyboard = Keyboard(display)
    try:
        until(lambda: list(tmp_path.glob("tilewright-7-*.png")), lambda: keyboard.press("f12"))
        keyboard.press("o")
        settings = tmp_path / "tilewright-settings.json"
        until(settings.exists, lambda: keyboard.press("right"))
        assert json.loads(settings.read_bytes())["text"] == 3
        keyboard.press("escape")
        until(lambda: game.poll() is not None, lambda: keyboard.press("escape"))
        assert game.returncode == 0, game.communicate()[0]
    finally:
        game.kill()
        game.communicate()
        keyboard.close()
