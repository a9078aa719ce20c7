"""pack.generate() on the stand-in for a GPU: equal tiles, tiles that stay on the device, and errors."""

import ctypes
import logging
import multiprocessing
import signal
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import devices, engine
from tilewright.plan import Buffer, Input, Plan, Step

from ..networks import dcgan_pack, drawn_palette_pack, palette_pack
from ..step_networks import masked_pack
from ..test_engine import make_plan
from ..test_training_pictures import gated_pack

PACKS = {
    "palette": palette_pack,
    "rgb": dcgan_pack,
    "rgba": lambda: dcgan_pack(transparent=True),
    "drawn-palette": lambda: drawn_palette_pack(transparent=True),
    "masked": masked_pack,
    "gated": lambda: gated_pack()[1],
}


@pytest.fixture
def pack(gpu: ModuleType, tmp_path: Path) -> tw.Pack:
    return write(tmp_path, "palette")


def write(folder: Path, name: str) -> tw.Pack:
    path = folder / f"{name}.onnx"
    path.write_bytes(PACKS[name]())
    return tw.load(path)


@pytest.mark.parametrize("name", ["palette", "gated"])
def test_temperature_of_latents(gpu: ModuleType, tmp_path: Path, name: str) -> None:
    pack = write(tmp_path, name)
    expected = pack.generate(70, seed=5, temperature=0.7, device="cpu")
    made = pack.generate(70, seed=5, temperature=0.7, device="cuda").indices
    np.testing.assert_array_equal(made, expected.indices)  # type: ignore[arg-type]
    there = pack.generate_on_device(70, seed=5, temperature=0.7).indices
    assert there is not None
    np.testing.assert_array_equal(there.to_host(), expected.indices)  # type: ignore[arg-type]
    assert (pack.generate(70, seed=5, device="cuda").indices != expected.indices).any()


@pytest.mark.parametrize("palette", [None, "pico-8"])
@pytest.mark.parametrize("kind", [None, "wall", ("water", "floor", "water")])
@pytest.mark.parametrize("name", PACKS)
def test_a_gpu_gives_the_tiles_of_the_cpu(
    gpu: ModuleType, tmp_path: Path, name: str, kind: Any, palette: str | None
) -> None:
    pack = write(tmp_path, name)
    asked: dict[str, Any] = {"kind": kind, "seed": 5, "start": 2**64 - 1, "palette": palette}
    expected = pack.generate(3, **asked, device="cpu")
    made = pack.generate(3, **asked, device="cuda")
    there = pack.generate_on_device(3, **asked, device="cuda:0")
    assert made.kinds == there.kinds == expected.kinds
    assert len(there) == 3
    np.testing.assert_array_equal(made.rgba, expected.rgba)
    np.testing.assert_array_equal(there.rgba.to_host(), expected.rgba)
    assert (there.indices is None) == (expected.indices is None)
    if there.indices is not None:
        np.testing.assert_array_equal(there.indices.to_host(), expected.indices)
        np.testing.assert_array_equal(there.palettes.to_host(), expected.palettes)


def test_arrays_on_the_device_speak_the_array_interface(pack: tw.Pack) -> None:
    batch = pack.generate_on_device(2)
    facts = batch.rgba.__cuda_array_interface__
    assert facts["version"] == 3 and facts["typestr"] == "|u1" and facts["strides"] is None
    assert facts["shape"] == batch.rgba.shape == (2, 16, 16, 4)
    assert facts["stream"] not in (0, None)
    address, read_only = facts["data"]
    assert not read_only
    assert (
        bytes_at(address, 2 * 16 * 16 * 4) == batch.rgba.to_host().tobytes()
    )  # the stand-in uses host memory


class DLTensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("axes", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class DLManagedTensor(ctypes.Structure):
    pass


DLManagedTensor._fields_ = (
    ("tensor", DLTensor),
    ("context", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(DLManagedTensor))),
)


def bytes_at(address: int, count: int) -> bytes:
    return ctypes.string_at(address, count)


def take(capsule: Any) -> DLManagedTensor:
    """Act like a consumer: read the tensor and rename the capsule."""
    api = ctypes.pythonapi
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = (ctypes.py_object, ctypes.c_char_p)
    api.PyCapsule_SetName.argtypes = (ctypes.py_object, ctypes.c_char_p)
    managed = DLManagedTensor.from_address(api.PyCapsule_GetPointer(capsule, b"dltensor"))
    api.PyCapsule_SetName(capsule, b"used_dltensor")
    return managed


@pytest.mark.parametrize("stream", [None, -1, 1])
def test_arrays_on_the_device_speak_dlpack(pack: tw.Pack, stream: int | None) -> None:
    batch = pack.generate_on_device(3, seed=2)
    assert batch.indices.__dlpack_device__() == (2, 0)
    expected = batch.indices.to_host().tobytes()
    managed = take(batch.indices.__dlpack__(stream=stream, max_version=(1, 0)))
    tensor = managed.tensor
    assert (tensor.device_type, tensor.device_id, tensor.code, tensor.bits, tensor.lanes) == (2, 0, 1, 8, 1)
    assert tensor.shape[: tensor.axes] == [3, 16, 16]
    assert not tensor.strides
    del batch  # the tensor keeps the memory alive
    assert bytes_at(tensor.data + tensor.byte_offset, len(expected)) == expected
    managed.release(managed)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"copy": True},
            "DeviceArray.__dlpack__(): copy=True is not served; take it without and copy it there",
        ),
        (
            {"dl_device": (1, 0)},
            "DeviceArray.__dlpack__(): dl_device must be (2, 0), not (1, 0); to_host() copies to the CPU",
        ),
        (
            {"dl_device": (2, 1)},
            "DeviceArray.__dlpack__(): dl_device must be (2, 0), not (2, 1); to_host() copies to the CPU",
        ),
    ],
)
def test_dlpack_refuses_what_it_does_not_serve(pack: tw.Pack, options: dict[str, Any], text: str) -> None:
    array = pack.generate_on_device(3, seed=2).indices
    with pytest.raises(BufferError) as caught:
        array.__dlpack__(**options)
    assert str(caught.value) == text
    with pytest.raises(TypeError):
        array.__dlpack__(colour="red")
    assert array.__dlpack__(dl_device=(2, 0), copy=False, max_version=None) is not None


def test_kinds_that_change_after_the_check_are_clamped(gpu: ModuleType) -> None:
    """The stand-in detects reads outside of a table."""
    plan = make_plan()
    made = engine.DeviceEngine(plan)
    kinds = np.zeros(8, np.int32)
    kinds[1::2] = 1
    running = True

    def spoil() -> None:
        while running:
            kinds[-1] = 10**6
            kinds[-1] = 1

    thread = threading.Thread(target=spoil)
    thread.start()
    try:
        for _ in range(12):
            try:
                made.run(8, kinds=kinds)
            except ValueError as error:  # changed before the check
                assert "is not below" in str(error)
    finally:
        running = False
        thread.join()


def test_a_signal_ends_a_call_between_launches(gpu: ModuleType) -> None:
    plan = Plan(
        (Input("kind", "kind"),),
        (Step("embed", ("kind",), "row", {"table": np.arange(4, dtype=np.uint8).reshape(2, 2)}),),
        {"kind": Buffer("kind", (), "int32"), "row": Buffer("row", (2,))},
        {"row": "row"},
        kinds=2,
    )
    made = engine.DeviceEngine(plan)
    expected = made.run(5, seed=1)
    asked = []

    def handler(*_: object) -> None:
        asked.append(time.process_time())
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for call in (lambda: made.run(1 << 22), lambda: made.time(20, 10**7)):
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                call()
            assert time.process_time() - asked[-1] < 10  # a chunk takes the stand-in seconds
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for name, array in made.run(5, seed=1).items():
        np.testing.assert_array_equal(array, expected[name])


def test_memory_goes_back_with_the_last_who_knows_it(pack: tw.Pack, gpu: ModuleType) -> None:
    pack.generate(1, device="cuda")
    before = gpu.allocated_bytes()
    batch = pack.generate_on_device(64)
    capsule = batch.indices.__dlpack__()
    part = batch.palettes.reshape((1, 7 * 4))
    assert gpu.allocated_bytes() >= before + 64 * 16 * 16
    managed = take(batch.rgba.__dlpack__())
    del batch, part, capsule  # not consumed
    assert before + 64 * 16 * 16 * 4 == gpu.allocated_bytes()
    managed.release(managed)
    assert gpu.allocated_bytes() == before


def test_nothing_is_allocated_per_call(pack: tw.Pack, gpu: ModuleType) -> None:
    pack.generate(1, device="cuda")
    before = gpu.allocated_bytes()
    for count in (1, 100):
        pack.generate(count, device="cuda")
        assert gpu.allocated_bytes() == before


def test_threads_share_a_gpu(pack: tw.Pack) -> None:
    expected = pack.generate(9, seed=2, device="cpu").rgba
    results: list[np.ndarray] = []

    def work() -> None:
        results.append(pack.generate(9, seed=2, device="cuda").rgba)
        results.append(pack.generate_on_device(9, seed=2).rgba.to_host())

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 6
    assert all((r == expected).all() for r in results)


def test_auto_takes_a_gpu_for_large_calls(pack: tw.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = engine.DeviceEngine.run

    def run(self: engine.DeviceEngine, count: int, **given: Any) -> dict[str, np.ndarray]:
        asked.append(count)
        return original(self, count, **given)

    monkeypatch.setattr(engine.DeviceEngine, "run", run)
    least = -(-devices.LEAST_WORK // pack.plan.multiply_adds)
    assert devices.is_worth_a_gpu(pack.plan, least) and not devices.is_worth_a_gpu(pack.plan, least - 1)
    monkeypatch.setattr(devices, "LEAST_WORK", 5 * pack.plan.multiply_adds)
    small, large = pack.generate(4), pack.generate(5)
    assert asked == [5]
    np.testing.assert_array_equal(small.rgba, large.rgba[:4])


TROUBLES = {
    "no device": ({"devices": 0}, "the CUDA runtime says: no CUDA-capable device is detected"),
    "too old": ({"major": 7}, "the stand-in is too old: compute capability 7.0, and 8.0 is needed"),
    "no memory": ({"memory_bytes": 1000}, "no room in the GPU's memory: out of memory"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_is_named_or_avoided(
    pack: tw.Pack,
    gpu: ModuleType,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings, reason = TROUBLES[trouble]
    gpu.configure(**settings)
    with pytest.raises(tw.MachineError) as caught:
        pack.generate(2, device="cuda")
    assert str(caught.value) == f'pack.generate(): device="cuda" is not available: {reason}; use "auto"'
    monkeypatch.setattr(devices, "LEAST_WORK", 0)
    monkeypatch.setattr(devices, "_said", set())
    with caplog.at_level(logging.DEBUG, "tilewright"):
        for _ in range(2):
            assert len(pack.generate(2)) == 2
    assert caplog.messages == [f"pack.generate(): the CPU makes the tiles: {reason}"]


def test_a_gpu_that_is_not_there(pack: tw.Pack) -> None:
    with pytest.raises(
        tw.MachineError, match="this machine has 1 GPUs that this build can use, the first is cuda:0"
    ):
        pack.generate(1, device="cuda:3")


@pytest.mark.parametrize("device", ["cuda:", "cuda:-1", "cuda:x", "gpu", 0])
def test_a_device_that_is_none(pack: tw.Pack, device: Any) -> None:
    text = f'pack.generate(): device must be "auto", "cpu", "cuda" or "cuda:N", not {device!r}'
    with pytest.raises(tw.UsageError) as caught:
        pack.generate(1, device=device)
    assert str(caught.value) == text


@pytest.mark.parametrize("device", ["cpu", "auto", "cuda:x", None])
def test_tiles_stay_on_a_gpu_only(pack: tw.Pack, device: Any) -> None:
    text = f'pack.generate_on_device(): device must be "cuda" or "cuda:N", not {device!r}'
    with pytest.raises(tw.UsageError) as caught:
        pack.generate_on_device(1, device=device)
    assert str(caught.value) == text


def test_the_device_is_timed(pack: tw.Pack) -> None:
    assert engine.time_on_device(pack, 5, 3) == [0.001] * 3  # the stand-in's clock
    assert engine.time_on_device(pack.plan, 1, 1) == [0.001]


def in_the_child(pack: tw.Pack, batch: Any, answers: Any) -> None:
    try:
        pack.generate(1, device="cuda")
    except tw.MachineError as error:
        answers.put(str(error))
    try:
        batch.rgba.to_host()
    except RuntimeError as error:
        answers.put(str(error))
    answers.put(pack.generate(2, seed=4).rgba.tobytes())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork with threads, from Python 3.12 on
def test_the_child_of_a_fork_leaves_the_gpu_alone(pack: tw.Pack) -> None:
    batch = pack.generate_on_device(2)
    expected = pack.generate(2, seed=4, device="cpu").rgba
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=in_the_child, args=(pack, batch, answers))
    child.start()
    reason = "this process was forked from one that uses the GPU already; start it with spawn"
    assert answers.get() == f'pack.generate(): device="cuda" is not available: {reason}; use "auto"'
    assert answers.get() == reason
    assert answers.get() == expected.tobytes()
    child.join()
    assert child.exitcode == 0
