"""Networks that draw in one evaluation, from networks that take several."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import tilewright as tw
from tilewright.errors import UsageError
from tilewright_training.config import preset
from tilewright_training.data.dataset import Dataset
from tilewright_training.experiments.distil import apart, main
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


def test_a_student_draws_whole_pictures_in_one_evaluation(tmp_path: Path) -> None:
    """Without a student, one evaluation gives cells of both colours of a kind, because each is drawn by itself."""
    train(tmp_path / "run", "diffusion", 400)
    pack = tmp_path / "student.onnx"
    how = ["--steps", "400", "--batch", "32", "--rate", "5e-4", "--faster", "4"]
    main([str(tmp_path / "run"), "-o", str(pack), *how])
    student = tw.load(pack)
    assert (student.file.plan.sampler.steps, student.file.plan.sampler.refine) == (1, 0)
    for kind, colours in zip(student.kinds, (COLOURS[:2], COLOURS[2:]), strict=True):
        pixels = student.generate(40, kind=kind, seed=5, gate=False).rgba.reshape(40, -1, 1, 4)
        most = (pixels == colours).all(axis=-1).sum(axis=1).max(axis=1)
        assert np.median(most) > 60, most


@pytest.mark.parametrize("reverse", [0.0, 1.0, 0.3])
def test_the_gradient_is_that_of_the_divergences(reverse: float) -> None:
    torch.manual_seed(1)
    wanted, expected = torch.randn(2, 5, 3, 3), torch.randn(2, 5, 3, 3, requires_grad=True)
    p, q = wanted.log_softmax(1), expected.log_softmax(1)
    loss = (1 - reverse) * F.kl_div(q, p, reduction="sum", log_target=True)
    loss = loss + reverse * F.kl_div(p, q, reduction="sum", log_target=True)
    (truth,) = torch.autograd.grad(loss, expected)
    assert torch.allclose(apart(wanted, expected.detach(), reverse), truth, atol=1e-6)


def test_other_runs_are_refused(tmp_path: Path) -> None:
    train(tmp_path / "run", "ar", 2)
    with pytest.raises(UsageError, match="needs a run of --model diffusion"):
        main([str(tmp_path / "run"), "-o", str(tmp_path / "student.onnx")])
