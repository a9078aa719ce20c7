"""Untrusted run folders, and two processes that train one run."""

import json
import multiprocessing
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from tilewright.errors import DataError, UsageError
from tilewright_training.config import preset
from tilewright_training.data.dataset import Dataset
from tilewright_training.families.family import Family
from tilewright_training.run import train, training_loop
from tilewright_training.run.checkpoint import pack_checkpoint, read_checkpoint, restore, unpack_checkpoint
from tilewright_training.run.run_folder import RunFolder
from tilewright_training.watch.rescue_state import RescueState

from ..drawn import draw_set

KINDS = ("floor", "water")
DATA = Dataset(np.stack(draw_set(KINDS, 6))[:, ::2, ::2].copy(), np.repeat([0, 1], 6), KINDS, (), "drawn")
SMALL = {"size": 8, "batch": 2, "channels": (8, 8), "critic_channels": (8, 8), "threads": 1, "wrap": True}

posix = pytest.mark.skipif(os.name != "posix", reason="links and locks of POSIX")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = preset("tiny", steps=4, checkpoint_every=2, sample_every=2, **SMALL)
    run = RunFolder.create(
        tmp_path_factory.mktemp("run") / "run", config, training_loop.describe(DATA, config)
    )
    training_loop.train(run, DATA)
    return run.path


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_a_run_is_of_an_upsampler_or_not(run: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"upsampler": True}))
    with pytest.raises(DataError, match="do not both describe an upsampler: begin the run again"):
        RunFolder(run)
    data = json.loads((run / "data.json").read_text())
    (run / "data.json").write_text(
        json.dumps(data | {"reading": {"folders": ["art"], "size": 8, "upsampler": True}})
    )
    with pytest.raises(DataError, match="do not both describe an upsampler"):  # the kinds are no guides
        RunFolder(run)


@posix
@pytest.mark.parametrize(
    "part",
    [
        "events.jsonl",
        "losses.jsonl",
        "config.json",
        "data.json",
        "lock",
        "samples",
        "checkpoints",
        "tensorboard",
        "samples/step-00000006.png",
        "checkpoints/step-00000006.safetensors",
    ],
)
def test_no_link_in_a_run_is_followed(run: Path, tmp_path: Path, part: str) -> None:
    place = run / part
    mine = tmp_path / "mine"
    if place.exists():
        place.rename(mine)
    else:
        mine.write_bytes(b"mine")
    place.symlink_to(mine)
    before = sorted((path, path.stat().st_mtime_ns) for path in (mine, *mine.rglob("*")))
    with pytest.raises(DataError, match=f"is not a run folder: .*{part} must be .*, not a link"):
        RunFolder(run)
    if part not in ("config.json", "lock"):
        (run / "config.json").unlink()
    with pytest.raises(UsageError, match=r"cannot hold a run|already holds a run"):
        RunFolder.create(run, preset("tiny", steps=1, **SMALL), {})
    assert sorted((path, path.stat().st_mtime_ns) for path in (mine, *mine.rglob("*"))) == before


@posix
def test_a_link_that_comes_later_is_not_followed_either(run: Path, tmp_path: Path) -> None:
    folder = RunFolder(run)
    (run / "events.jsonl").unlink(missing_ok=True)
    (run / "events.jsonl").symlink_to(tmp_path / "mine")
    folder.record(event="noticed")
    assert not (tmp_path / "mine").exists()


@posix
def test_a_fifo_is_not_waited_for(run: Path) -> None:
    os.mkfifo(run / "events.jsonl")
    with pytest.raises(DataError, match=r"events.jsonl must be a regular file, not something else"):
        RunFolder(run)


def test_only_names_of_checkpoints_are_checkpoints(run: Path) -> None:
    for name in ("step-a$(echo).safetensors", "step-9.safetensors", "step-000000099.safetensors"):
        (run / "checkpoints" / name).write_bytes(b"junk")
    folder = RunFolder(run)
    assert folder.newest_checkpoint().name == "step-00000004.safetensors"
    folder.lengthen(8)
    said: list[str] = []
    assert training_loop.train(folder, DATA, resume=True, say=said.append) == 8
    assert said == []


BAD_CONFIG = [
    ("channels", ["a", "b", "c"], "channels must be of the type list of int, not"),
    ("channels", [-1, 0, 3], r"channels must be in 1..4096, not \(-1, 0, 3\)"),
    ("channels", [], "channels must be 1 to 16 numbers"),
    ("channels", [10**7] * 3, "channels must be in 1..4096"),
    ("channels", [4096] * 16, "channels would make a network of .* weights: use fewer"),
    ("channels", [[8]], "channels must be of the type list of int"),
    ("critic_channels", None, "critic_channels must be of the type list of int"),
    ("lr", "nan", "lr must be of the type float, not 'nan'"),
    ("lr", float("nan"), "lr must be in 1e-09..10.0, not nan"),
    ("lr", True, "lr must be of the type float"),
    ("beta2", 1.0, "beta2 must be in"),
    ("wrap", 1, "wrap must be of the type bool, not 1"),
    ("steps", 2.5, "steps must be of the type int, not 2.5"),
    ("steps", 10**9, "steps must be in 0..99999999"),
    ("seed", None, "seed must be"),
    ("size", "8", "size must be of the type list of int"),
    ("preset", 5, "preset must be of the type str"),
    ("minutes", float("inf"), "minutes"),
    ("rungs_per_size", 10**12, "rungs_per_size must be in 2..64"),
    ("rungs_per_size", 1, "rungs_per_size must be in 2..64"),  # too few for the convolutions of a size
    ("dilations", [1] * 65, "dilations must be 0 to 64 numbers"),
    ("\x1b[31mx", 1, r"unknown fields: '\\x1b\[31mx'"),
]


@pytest.mark.parametrize(("field", "value", "why"), BAD_CONFIG, ids=range(len(BAD_CONFIG)))
def test_every_field_of_the_configuration_is_checked(run: Path, field: str, value: object, why: str) -> None:
    values = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**values, "steps": 4, "minutes": 0, field: value}))
    if field == "minutes":
        (run / "config.json").write_text(json.dumps({**values, "steps": 0, field: value}))
    with pytest.raises(DataError, match=f"is not a run folder: .*{why}") as error:
        RunFolder(run)
    assert "\x1b" not in str(error.value)


def test_every_field_has_a_type_that_is_checked(run: Path) -> None:
    """None is invalid for every field, so new fields are covered automatically."""
    values = json.loads((run / "config.json").read_text())
    for field in values:
        (run / "config.json").write_text(json.dumps({**values, field: None}))
        with pytest.raises(DataError, match=f"is not a run folder: {field} must be"):
            RunFolder(run)


BAD_DATA = [
    ("palette", "aa"),
    ("palette", [[-1, 0, 0, 255]] * 4),
    ("palette", []),
    ("palette", [[0, 0, 0, 0], [1, 2, 3, 255]]),  # the first entry is transparent, but the art is opaque
    ("palette", [[1, 2, 3, 255]] * 257),
    ("palette", [[1, 2, 3]]),
    ("kinds", []),
    ("kinds", ["a", "a"]),
    ("kinds", ["a", "\x1b[31m"]),
    ("kinds", {"a": 1}),
    ("counts", [1]),
    ("counts", ["1", 2]),
    ("pictures", None),
    ("sha256", 7),
    ("sources", [{"name": "x"}]),
    ("sources", [{"name": "x", "licence": "y", "author": "\u200d"}]),
    ("sources", [{"name": "x" * 201, "licence": "y", "author": "z"}]),
    ("reading", {"folders": "art"}),
    ("reading", {"folders": ["art"], "size": "8"}),
    ("reading", {"folders": [7], "size": 8}),
]


@pytest.mark.parametrize(("key", "value"), BAD_DATA, ids=range(len(BAD_DATA)))
def test_every_value_of_the_data_is_checked(run: Path, key: str, value: object) -> None:
    values = json.loads((run / "data.json").read_text())
    (run / "data.json").write_text(json.dumps({**values, key: value}))
    with pytest.raises(DataError, match=f"is not a run folder: {key} of data.json cannot be"):
        RunFolder(run)


@pytest.mark.parametrize("name", ["config.json", "data.json"])
@pytest.mark.parametrize(
    "text",
    ["", "[]", "[" * 100_000, "9" * 5000, " " * (1 << 20) + "{}"],
    ids=["", "list", "deep", "digits", "long"],
)
def test_json_that_is_none(run: Path, name: str, text: str) -> None:
    (run / name).write_text(text)
    with pytest.raises(DataError, match="is not a run folder: "):
        RunFolder(run)


def test_a_log_of_a_stranger(run: Path) -> None:
    lines = ['{"step": []}', "[]", "9" * 5000, '{"step": 2}', "[" * 5000]
    (run / "losses.jsonl").write_text("\n".join(lines) + "\n")
    folder = RunFolder(run)
    folder.lengthen(6)
    training_loop.train(folder, DATA, resume=True)
    steps = [json.loads(line)["step"] for line in (run / "losses.jsonl").read_text().splitlines()]
    assert steps == [2, 6]


def strange(run: Path, change: object, rescue: RescueState | None = None) -> Path:
    """Write the newest checkpoint of a run with other tensors and a valid checksum."""
    path = RunFolder(run).newest_checkpoint()
    tensors = safetensors.torch.load(path.read_bytes())
    change(tensors)  # type: ignore[operator]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tilewright_training.run.checkpoint._tensors", lambda family: tensors)
        path.write_bytes(pack_checkpoint(None, 4, 4, rescue or RescueState()))  # type: ignore[arg-type]
    return path


CRITIC = "optimizer/critic/0/"
CHANGES = {
    "exp_avg is a scalar": ({CRITIC + "exp_avg": torch.zeros(())}, "exp_avg is torch.float32 ()"),
    "exp_avg is missing": ({CRITIC + "exp_avg": None}, "exp_avg is missing"),
    "exp_avg of another type": ({CRITIC + "exp_avg": torch.float64}, "exp_avg is torch.float64"),
    "step is no scalar": ({CRITIC + "step": torch.zeros(2)}, "step is torch.float32"),
    "step of another type": (
        {CRITIC + "step": torch.tensor(1e308, dtype=torch.float64)},
        "step is torch.float64",
    ),
    "step is negative": ({CRITIC + "step": torch.tensor(-1.0)}, "step is negative"),
    "a square is negative": ({CRITIC + "exp_avg_sq": -1.0}, "exp_avg_sq is negative"),
    "a field too many": ({CRITIC + "max_exp_avg_sq": torch.zeros(())}, "max_exp_avg_sq' is none of theirs"),
    "a network too many": ({"strange/weight": torch.zeros(())}, "'strange/weight' is none of theirs"),
    "a weight of another type": ({"first": torch.float16}, "is torch.float16"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_right_checksum_and_wrong_content(run: Path, name: str) -> None:
    changes, why = CHANGES[name]

    def change(tensors: dict[str, torch.Tensor]) -> None:
        for key, value in changes.items():
            key = min(k for k in tensors if k.startswith("generator/")) if key == "first" else key
            if value is None:
                del tensors[key]
            elif isinstance(value, torch.dtype):
                tensors[key] = tensors[key].to(value)
            elif isinstance(value, float):
                tensors[key] = torch.full_like(tensors[key], value)
            else:
                tensors[key] = value

    path = strange(run, change)
    family = training_loop.restore_family(RunFolder(run))
    before = {k: v.clone() for k, v in family.modules["generator"].state_dict().items()}
    with pytest.raises(DataError, match=f"does not fit this run's networks: .*{why}"):
        restore(family, unpack_checkpoint(read_checkpoint(path), path.name))
    assert all(torch.equal(v, before[k]) for k, v in family.modules["generator"].state_dict().items())
    with pytest.raises(DataError, match="does not fit this run's networks"):
        training_loop.train(RunFolder(run), DATA, resume=True)


@pytest.mark.parametrize(
    ("rescue", "why"),
    [
        (RescueState(rescues=2000), "its rescue state has rescues 2000"),
        (RescueState(strength=5e15), "its rescue state has strength 5000000000000000"),
        (RescueState(best=float("nan")), "its rescue state has best nan"),
        (RescueState(streaks={"collapse": "x"}), "its rescue state has streaks"),  # type: ignore[dict-item]
        (RescueState(said=[1]), "its rescue state has said"),  # type: ignore[list-item]
        (RescueState(healthy_step=True), "its rescue state has healthy_step True"),
    ],
)
def test_a_rescue_state_of_a_stranger(run: Path, rescue: RescueState, why: str) -> None:
    path = strange(run, lambda tensors: None, rescue)
    with pytest.raises(DataError, match=f"is not a readable checkpoint: {why}"):
        unpack_checkpoint(read_checkpoint(path), path.name)


@pytest.mark.parametrize("model", ["gan", "dcgan", "vae", "ar", "diffusion", "flow"])
def test_every_family_is_restored(model: str) -> None:
    """`restore` accepts the checkpoint that is written after a step."""
    config = preset("tiny", model=model, steps=1, **{**SMALL, "wrap": False})
    palette = np.array(training_loop.describe(DATA, config)["palette"], np.uint8)
    families: list[Family] = [training_loop.build_family(config, palette, 2) for _ in range(2)]
    batches = training_loop.Batches(DATA, config, None if model == "dcgan" else palette, 0, 1)
    families[0].train_step(batches.draw(0, 0.0), 0, 0.0)
    content = pack_checkpoint(families[0], 1, 1, RescueState())
    restore(families[1], unpack_checkpoint(content, "own"))
    assert pack_checkpoint(families[1], 1, 1, RescueState()) == content


def hold(path: str, ready: object, go: object) -> None:
    with RunFolder(Path(path)).held():
        ready.set()  # type: ignore[attr-defined]
        go.wait()  # type: ignore[attr-defined]


@posix
def test_a_run_is_trained_by_one_process_at_a_time(run: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    process = context.Process(target=hold, args=(str(run), ready, go))
    process.start()
    assert ready.wait(120)
    before = (run / "config.json").read_bytes()
    with pytest.raises(UsageError, match=f"another process is training {run}: wait for it"):
        train.resume(run, steps=9)
    assert (run / "config.json").read_bytes() == before
    process.kill()  # the lock ends with its process
    process.join()
    with RunFolder(run).held():
        pass


def test_what_a_killed_process_left_is_removed(run: Path) -> None:
    left = [
        "samples/.step-00000002.png.0123abcd.tmp",
        ".config.json.0123abcd.tmp",
        "checkpoints/.step.ffffffff.tmp",
    ]
    for name in left:
        (run / name).write_bytes(b"half")
    with RunFolder(run).held():
        assert not [name for name in left if (run / name).exists()]
    assert RunFolder(run).newest_checkpoint().exists()
