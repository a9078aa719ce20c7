"""Networks that draw in one evaluation, from networks that take several."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import tilewright as tw
from tilewright_training.config import preset
from tilewright_training.data.dataset import Dataset
from tilewright_training.experiments.distil import apart, hidden, main
from tilewright_training.run import training_loop
from tilewright_training.run.run_folder import RunFolder

COLOURS = np.array([[255, 0, 0, 255], [0, 0, 255, 255], [0, 255, 0, 255], [255, 255, 0, 255]], np.uint8)


def train(path: Path, model: str, steps: int) -> None:
    """Make a run on pictures of one colour, of two colours for each of two kinds."""
    labels = np.repeat([0, 0, 1, 1], 12)
    images = np.broadcast_to(COLOURS[np.repeat(range(4), 12)][:, None, None], (48, 8, 8, 4)).copy()
    data = Dataset(images, labels, ("warm", "cold"), (), "drawn")
    chosen = {"model": model, "size": 8, "steps": steps, "batch": 16, "step_channels": 16, "words": False}
    config = preset(
        "tiny", **chosen, dilations=(1, 2, 4), held_out=0.0, watch=False, threads=1, transparent=False
    )
    run = RunFolder.create(path, config, training_loop.describe(data, config))
    training_loop.train(run, data)


def most_of_one(pack: Path) -> np.ndarray:
    """Return how many cells of pictures have the first and the second colour of their kind, int (2, 40, 2)."""
    student = tw.load(pack)
    sampler = student.file.plan.sampler
    assert sampler is not None and (sampler.steps, sampler.refine) == (1, 0)
    pictures = [student.generate(40, kind=kind, seed=5, gate=False).rgba for kind in student.kinds]
    colours = COLOURS.reshape(2, 1, 1, 2, 4)
    counts: np.ndarray = (np.stack(pictures).reshape(2, 40, -1, 1, 4) == colours).all(axis=-1).sum(axis=2)
    return counts


def test_a_student_draws_whole_pictures_in_one_evaluation(tmp_path: Path) -> None:
    """After a step it is still the teacher, whose cells do not agree on a colour in a single evaluation."""
    train(tmp_path / "run", "diffusion", 400)
    medians = {}
    for steps in 1, 400:
        pack = tmp_path / f"student{steps}.onnx"
        how = ["--steps", str(steps), "--batch", "32", "--rate", "5e-4"]
        main([str(tmp_path / "run"), "-o", str(pack), *how])
        assert tw.load(pack).file.training["distilled"]["steps"] == steps
        medians[steps] = np.median(most_of_one(pack).max(axis=-1), axis=1)
    assert (medians[1] < 55).all() and (medians[400] > 60).all(), medians


def test_cells_are_hidden_with_the_same_weight_for_each_picture() -> None:
    torch.manual_seed(0)
    pictures = torch.randint(4, (64, 8, 8))
    shown, weights = hidden(pictures, 4)
    assert torch.equal(weights > 0, shown == 4) and torch.equal(shown[shown < 4], pictures[shown < 4])
    torch.testing.assert_close(weights.sum(dim=(1, 2)), torch.full((64,), 1 / 64))
    counts = (shown == 4).flatten(1).sum(1)
    assert counts.min() >= 1 and counts.max() > 48 and counts.min() < 16


@pytest.mark.parametrize("reverse", [0.0, 1.0, 0.3])
def test_the_gradient_is_that_of_the_divergences(reverse: float) -> None:
    torch.manual_seed(1)
    wanted, expected = torch.randn(2, 5, 3, 3), torch.randn(2, 5, 3, 3, requires_grad=True)
    p, q = wanted.log_softmax(1), expected.log_softmax(1)
    loss = (1 - reverse) * F.kl_div(q, p, reduction="sum", log_target=True)
    loss = loss + reverse * F.kl_div(p, q, reduction="sum", log_target=True)
    (truth,) = torch.autograd.grad(loss, expected)
    assert torch.allclose(apart(wanted, expected.detach(), reverse), truth, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ([], "distil: needs a run of --model diffusion"),
        (["--steps", "0"], "distil: steps and batch must be 1 or more"),
        (["--begin", "2"], "distil: begin and reverse must be in 0..1"),
        (["--rate", "nan"], "distil: rate and faster must be above 0"),
    ],
)
def test_what_is_not_possible_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], error: str
) -> None:
    train(tmp_path / "run", "ar", 2)
    with pytest.raises(SystemExit):
        main([str(tmp_path / "run"), "-o", str(tmp_path / "student.onnx"), *given])
    assert error in capsys.readouterr().err
    assert not (tmp_path / "student.onnx").exists()
