"""Pack.generate and related calls: shapes, guarantees, and exact error texts."""

import logging
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import devices, engine

from .networks import dcgan_pack, drawn_palette_pack, palette_pack

NOT_A_PALETTE = (  # the text of as_palette
    'pack.generate(): palette must be a name, a file, 1 to 256 colours such as "#1a1c2c" or (26, 28, 44), '
    "or an array uint8 (K, 3) or (K, 4), "
)


@pytest.fixture
def pack(tmp_path: Path) -> tw.Pack:
    path = tmp_path / "random.onnx"
    path.write_bytes(palette_pack(transparent=True))
    return tw.load(path)


def test_batch(pack: tw.Pack) -> None:
    batch = pack.generate(10, kind="wall", seed=3)
    assert batch.indices is not None and batch.palettes is not None
    assert (batch.indices.shape, batch.indices.dtype) == ((10, 16, 16), np.uint8)
    assert (batch.palettes.shape, batch.palettes.dtype) == ((1, 7, 4), np.uint8)
    assert (batch.rgba.shape, batch.rgba.dtype) == ((10, 16, 16, 4), np.uint8)
    assert set(np.unique(batch.rgba[..., 3])) <= {0, 255}
    assert batch.kinds == ("wall",) * 10
    assert len(batch) == 10
    np.testing.assert_array_equal(batch.rgba[4], batch.palettes[0][batch.indices[4]])


def test_facts(pack: tw.Pack) -> None:
    assert pack.kinds == ("floor", "wall", "water")
    assert (pack.name, pack.tile_size, pack.palette_size, pack.licence) == ("random", 16, 7, "CC0-1.0")
    assert (pack.license, [source.license for source in pack.sources]) == ("CC0-1.0", ["CC0-1.0"])
    assert "conv_transpose2d" in str(pack.plan)
    assert repr(pack) == "<Pack random: 16x16, floor, wall, water>"


def test_a_tile_depends_on_seed_and_number_alone(pack: tw.Pack) -> None:
    whole = pack.generate(30, seed=11)
    part = pack.generate(7, seed=11, start=20)
    np.testing.assert_array_equal(part.rgba, whole.rgba[20:27])
    assert part.kinds == whole.kinds[20:27]
    assert (pack.generate(30, seed=12).rgba != whole.rgba).any()


def test_kinds_differ(pack: tw.Pack) -> None:
    assert (pack.generate(8, kind="wall", seed=1).rgba != pack.generate(8, kind="water", seed=1).rgba).any()


@pytest.mark.parametrize("given", [list, tuple, np.array])
def test_a_kind_for_each_tile(pack: tw.Pack, given: Any) -> None:
    names = ["water", "floor", "floor", "wall", "water"]
    batch = pack.generate(5, kind=given(names), seed=3, start=8)
    assert batch.kinds == tuple(names)
    assert batch.kind_ids.tolist() == [2, 0, 0, 1, 2]
    for i, name in enumerate(names):
        alone = pack.generate(1, kind=name, seed=3, start=8 + i)
        np.testing.assert_array_equal(alone.rgba[0], batch.rgba[i])
    np.testing.assert_array_equal(
        tw.generate_tiles(5, kind=names, pack=pack), pack.generate(5, kind=names).rgba
    )


def test_everything_but_the_count_is_named(pack: tw.Pack) -> None:
    with pytest.raises(TypeError):
        pack.generate(2, "wall")  # type: ignore[misc]
    with pytest.raises(TypeError):
        tw.generate_tiles(2, "wall")  # type: ignore[misc]


@pytest.mark.parametrize("batch", [1, 7, 10, 1000])
@pytest.mark.parametrize("kind", [None, "wall", ["wall", "water"] * 5])
def test_a_stream_has_the_tiles_of_one_call(pack: tw.Pack, batch: int, kind: Any) -> None:
    asked: dict[str, Any] = {"kind": kind, "seed": 6, "start": 2**64 - 4, "palette": "pico-8"}
    whole = pack.generate(10, **asked)
    parts = list(pack.stream(10, batch=batch, **asked))
    assert [len(part) for part in parts[:-1]] == [batch] * (len(parts) - 1)
    np.testing.assert_array_equal(np.concatenate([part.rgba for part in parts]), whole.rgba)
    assert sum((part.kinds for part in parts), ()) == whole.kinds


def test_a_stream_is_checked_at_once_and_made_as_it_is_read(pack: tw.Pack) -> None:
    for wrong, text in (
        ({"batch": 0}, "pack.stream(): batch must be 1 or more, not 0"),
        ({"kind": "wal"}, "pack.stream(): unknown kind 'wal'; random has floor, wall, water"),
        ({"device": "tpu"}, 'pack.stream(): device must be "auto", "cpu", "cuda" or "cuda:N", not \'tpu\''),
    ):
        with pytest.raises(tw.UsageError) as error:
            pack.stream(3, **wrong)  # type: ignore[arg-type]
        assert str(error.value) == text
    endless = pack.stream(2**64 - 1, batch=3)
    assert [len(next(endless)) for _ in range(2)] == [3, 3]
    assert not list(pack.stream(0))


def test_none_is_fine(pack: tw.Pack) -> None:
    assert pack.generate(0).rgba.shape == (0, 16, 16, 4)


def test_repainting(pack: tw.Pack) -> None:
    batch = pack.generate(6, palette="game-boy")
    allowed = {tuple(c) for c in tw.load_palette("game-boy").tolist()} | {(0, 0, 0, 0)}
    assert {tuple(c) for c in batch.rgba.reshape(-1, 4).tolist()} <= allowed


@pytest.mark.parametrize("transparent", [False, True])
def test_rgba_head(tmp_path: Path, transparent: bool) -> None:
    path = tmp_path / "dcgan.onnx"
    path.write_bytes(dcgan_pack(transparent=transparent))
    batch = tw.load(path).generate(5, palette="pico-8")
    assert batch.indices is None and batch.palettes is None
    assert batch.rgba.shape == (5, 16, 16, 4)
    assert set(np.unique(batch.rgba[..., 3])) <= {0, 255}


def test_threads_share_a_pack(pack: tw.Pack) -> None:
    expected = pack.generate(40, seed=2).rgba
    results: list[np.ndarray] = []
    workers = [
        threading.Thread(target=lambda: results.append(pack.generate(40, seed=2, threads=2).rgba))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 4
    assert all((r == expected).all() for r in results)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"count": -3}, "pack.generate(): count must be 0 or more, not -3"),
        ({"count": 1.5}, "pack.generate(): count must be an integer, not 1.5"),
        ({"count": 1 << 40}, "pack.generate(): count must be at most 16777216, not 1099511627776"),
        ({"count": 1, "seed": -1}, "pack.generate(): seed must be an integer in 0..2**64-1, not -1"),
        ({"count": 1, "seed": 2**64}, f"pack.generate(): seed must be an integer in 0..2**64-1, not {2**64}"),
        ({"count": 1, "seed": "7"}, "pack.generate(): seed must be an integer in 0..2**64-1, not '7'"),
        ({"count": 1, "start": -1}, "pack.generate(): start must be 0 or more, not -1"),
        ({"count": 1, "threads": -1}, "pack.generate(): threads must be 0 or more, not -1"),
        ({"count": 1, "kind": "wal"}, "pack.generate(): unknown kind 'wal'; random has floor, wall, water"),
        (
            {"count": 3, "kind": ["wall"]},
            "pack.generate(): kind has 1 names for 3 tiles: give one name, or one per tile",
        ),
        (
            {"count": 2, "kind": ["wall", 7]},
            "pack.generate(): kind[1]: unknown kind 7; random has floor, wall, water",
        ),
        (
            {"count": 1, "kind": 7},
            "pack.generate(): kind must be a name, or a sequence with a name per tile, not 7",
        ),
        ({"count": 1, "palette": np.zeros((4, 4))}, NOT_A_PALETTE + "not an array float64 (4, 4)"),
        ({"count": 1, "palette": np.zeros((0, 4), np.uint8)}, NOT_A_PALETTE + "not an array uint8 (0, 4)"),
        (
            {"count": 1, "palette": np.full((1, 4), 100, np.uint8)},
            NOT_A_PALETTE + "with values in 0..255 and alpha 0 or 255",
        ),
        ({"count": 1, "palette": np.zeros((3, 4), np.uint8)}, NOT_A_PALETTE + "not all of it clear"),
        (
            {"count": 1, "device": "tpu"},
            'pack.generate(): device must be "auto", "cpu", "cuda" or "cuda:N", not \'tpu\'',
        ),
    ],
)
def test_wrong_use(pack: tw.Pack, arguments: dict[str, object], text: str) -> None:
    with pytest.raises(tw.UsageError) as error:
        pack.generate(**arguments)  # type: ignore[arg-type]
    assert str(error.value) == text
    assert isinstance(error.value, ValueError)


def test_cuda_by_name_says_why_not(pack: tw.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cuda_unavailable_reason", lambda: "there is no NVIDIA driver")
    with pytest.raises(tw.MachineError, match=r'device="cuda" is not available: .+; use "auto"') as error:
        pack.generate(1, device="cuda")
    assert isinstance(error.value, RuntimeError)


def test_load_names_what_there_is() -> None:
    with pytest.raises(
        tw.UsageError, match=r"^load\(\): no pack 'nowhere': give the path of an \.onnx file or"
    ):
        tw.load("nowhere")
    for wrong in (lambda: tw.load("nothing.onnx"), lambda: tw.load_palette("nothing.hex")):
        with pytest.raises(FileNotFoundError) as error:
            wrong()
        assert isinstance(error.value, tw.UsageError) and isinstance(error.value, tw.NotFoundError)
        assert (
            "nothing." in str(error.value)
            and pickle.loads(pickle.dumps(error.value)).args == error.value.args
        )


def test_environment_sets_the_threads(pack: tw.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_THREADS", "many")
    with pytest.raises(tw.UsageError, match=r"TILEWRIGHT_THREADS must be a number in 0..1024, not 'many'"):
        pack.generate(1)
    monkeypatch.setenv("TILEWRIGHT_THREADS", "2")
    assert len(pack.generate(1)) == 1


def test_unknown_backend(pack: tw.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_BACKEND", "abacus")
    with pytest.raises(tw.UsageError, match=r"^unknown backend 'abacus'; this machine has .*scalar"):
        tw.load(pack.path)


@pytest.mark.parametrize("palette", [["#0f380f", "9bbc0f"], [(15, 56, 15), (155, 188, 15)]])
def test_palettes_as_lists(pack: tw.Pack, palette: list[str]) -> None:
    expected = np.array([[15, 56, 15], [155, 188, 15]], np.uint8)
    tiles = tw.generate_tiles(6, seed=2, pack=pack, palette=palette)
    np.testing.assert_array_equal(tiles, pack.generate(6, seed=2, palette=expected).rgba)
    assert {tuple(c) for c in tiles.reshape(-1, 4).tolist()} <= {
        (15, 56, 15, 255),
        (155, 188, 15, 255),
        (0,) * 4,
    }


@pytest.mark.parametrize("transparent", [False, True])
def test_a_palette_for_each_picture(tmp_path: Path, transparent: bool) -> None:
    path = tmp_path / "drawn.onnx"
    path.write_bytes(drawn_palette_pack(transparent=transparent))
    batch = tw.load(path).generate(20, seed=1)
    assert batch.palettes is not None
    assert batch.palettes.shape == (20, 5, 4)
    assert (batch.palettes[0] != batch.palettes[1]).any()
    assert set(np.unique(batch.rgba[..., 3])) == ({0, 255} if transparent else {255})


def tiles_of(pack: tw.Pack) -> bytes:
    """Generate in a child process."""
    return pack.generate(5, seed=9).rgba.tobytes()


def test_a_pack_is_pickled_with_its_content(pack: tw.Pack) -> None:
    expected = tiles_of(pack)
    pack.path.unlink()
    again = pickle.loads(pickle.dumps(pack))
    assert tiles_of(again) == expected
    assert (again.name, again.path, again.kinds) == (pack.name, pack.path, pack.kinds)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(tiles_of, (pack,)) == expected


def test_auto_without_a_gpu_says_nothing(pack: tw.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also nothing on stderr, where logging prints records without a handler."""
    records: list[logging.LogRecord] = []
    monkeypatch.setattr(devices, "LEAST_WORK", 0)
    monkeypatch.setattr(devices, "_said", set())
    monkeypatch.setattr(engine, "cuda_unavailable_reason", lambda: "there is no NVIDIA driver")
    monkeypatch.setattr(logging.getLogger("tilewright"), "handle", records.append)
    pack.generate(1)
    assert not records  # at the default level
    logging.getLogger("tilewright").warning("something else")
    assert len(records) == 1
    assert any(isinstance(h, logging.NullHandler) for h in logging.getLogger("tilewright").handlers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_forked_while_threads_paint_runs_on(pack: tw.Pack) -> None:
    program = f"""
import os, signal, threading, time
from pathlib import Path
import tilewright as tw
pack = tw.load(Path({str(pack.path)!r}))
running = True
def work():
    while running:
        pack.generate(400, threads=1).rgba
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
children = []
for _ in range(40):
    time.sleep(0.01)
    child = os.fork()
    if child == 0:
        signal.alarm(10)  # a child that hangs dies
        pack.generate(2, threads=1).rgba
        os._exit(0)
    children.append(child)
codes = [os.waitpid(child, 0)[1] for child in children]
running = False
assert not any(codes), codes
"""
    quiet = [
        "-W",
        "ignore::DeprecationWarning",
    ]  # from Python 3.12 on, fork() warns about threads, which this test needs
    subprocess.run([sys.executable, *quiet, "-c", program], check=True, timeout=120)


def test_a_signal_ends_a_call_and_the_pack_goes_on(pack: tw.Pack) -> None:
    """An exception of the signal handler propagates from the call. pytest runs tests in the main thread."""
    expected = pack.generate(20, seed=4).rgba
    asked = []

    def handler(*_: object) -> None:
        asked.append(time.process_time())
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            pack.generate(1 << 22, threads=2, device="cpu")
        assert time.process_time() - asked[0] < 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    np.testing.assert_array_equal(pack.generate(20, seed=4).rgba, expected)
