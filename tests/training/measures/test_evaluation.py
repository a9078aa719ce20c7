"""From a generator to a table: the three candidates, the record, docs/results.md."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tilewright.errors import DataError, UsageError
from tilewright_training.data.dataset import Dataset
from tilewright_training.data.split import split
from tilewright_training.measures import results
from tilewright_training.measures.art import divide
from tilewright_training.measures.evaluation import STAGES, Evaluation, evaluate
from tilewright_training.measures.figures import FIGURES, ROWS, Value
from tilewright_training.measures.protocol import Protocol
from tilewright_training.measures.record import make_record, read_record
from tilewright_training.measures.subject import Subject

from .damage import TINY, art

SHORT = dataclasses.replace(TINY, kinds_steps=30, c2st_steps=8, seeds=(0, 1))


@pytest.fixture(scope="module")
def data() -> Dataset:
    drawn = art(30)
    return Dataset(drawn.images, drawn.labels, drawn.kinds, (), "whole")


def memoriser(data: Dataset, digest: str) -> Subject:
    """A subject that returns the training art of `data`."""
    training, _ = split(data, 0.4)

    def sample(labels: np.ndarray, seed: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        chosen = [random.choice(np.flatnonzero(training.labels == label)) for label in labels]
        return training.images[chosen]

    return Subject("memoriser", data.kinds, (16, 16), None, digest, 0.0, sample)


@pytest.fixture(scope="module")
def evaluation(data: Dataset) -> Evaluation:
    subject = memoriser(data, "whole")
    said: list[str] = []
    found = evaluate(subject, divide(data, subject, 0.4, SHORT), SHORT, report=said.append)
    assert len(said) == 1 + len(STAGES) * 2
    return found


def test_a_memoriser_is_flagged(evaluation: Evaluation) -> None:
    made, floor, copy = (evaluation.rows[row] for row in ROWS)
    assert made["exact_copies"].mean == copy["exact_copies"].mean == 100.0
    assert made["pixel_ratio"].mean == 0.0
    assert floor["exact_copies"].mean == 0.0
    assert floor["pixel_ratio"].mean == pytest.approx(1.0, abs=0.2)


def test_every_figure_has_a_value_for_each_seed(evaluation: Evaluation) -> None:
    sprites = {"seam_ratio", "words"}  # some pictures are sprites, and none has words
    for row, values in evaluation.rows.items():
        absent = {f.key for f in FIGURES if len(values[f.key].values) != 2}
        assert absent == (sprites if row == "generated" else sprites | {"c2st_seen"}), row
    assert evaluation.pairs == {"generated": 72, "floor": 36, "copy": 72, "seen": 108}
    assert evaluation.compared == 36


def test_the_same_for_a_seed(data: Dataset) -> None:
    subject, protocol = memoriser(data, ""), dataclasses.replace(SHORT, seeds=(5,))
    one, two = (evaluate(subject, divide(data, subject, 0.4, protocol), protocol) for _ in range(2))
    assert one == two


def test_one_kind_leaves_out_what_needs_two() -> None:
    drawn = art(60, kinds=("wall",))
    data = Dataset(drawn.images, drawn.labels, drawn.kinds, (), "whole")
    subject, protocol = memoriser(data, ""), dataclasses.replace(SHORT, seeds=(0,))
    values = evaluate(subject, divide(data, subject, 0.4, protocol), protocol).rows["generated"]
    assert not values["frechet"].values and not values["cas"].values
    assert values["c2st"].values and values["pixel_ratio"].values and values["seam_ratio"].values


def test_what_the_subject_has_seen(data: Dataset) -> None:
    whole = memoriser(data, "whole")
    for subject, share, seen in (
        (whole, 0.4, "all"),
        (dataclasses.replace(whole, held_out=0.4), 0.4, "none"),
        (dataclasses.replace(whole, held_out=0.4), None, "none"),
        (dataclasses.replace(whole, held_out=0.1), 0.4, "some"),
        (dataclasses.replace(whole, art="other"), 0.4, "unknown"),
    ):
        found = divide(data, subject, share, SHORT)
        assert found.seen == seen
        assert (len(found.training), len(found.held_out)) == (108, 72)
        assert any("figures to be rough" in note for note in found.notes)


def test_what_does_not_go_together(data: Dataset) -> None:
    subject = memoriser(data, "")
    with pytest.raises(UsageError, match="makes 32x32 pixels, the art has 16x16"):
        divide(data, dataclasses.replace(subject, size=(32, 32)), 0.4, SHORT)
    with pytest.raises(UsageError, match=r"has the kinds lava, the art has floor.*recipe"):
        divide(data, dataclasses.replace(subject, kinds=("lava",)), 0.4, SHORT)
    with pytest.raises(DataError, match="of 180 pictures are held out, and at least 20 are needed"):
        divide(data, subject, 0.05, SHORT)
    found = divide(data, dataclasses.replace(subject, kinds=("slime", "wall")), 0.4, SHORT)
    assert found.training.kinds == ("wall", "slime")
    assert set(found.held_out.labels.tolist()) == {0, 1}
    assert "has no floor, water, hero, potion" in " ".join(found.notes)


def test_no_more_training_art_than_the_protocol_allows(data: Dataset) -> None:
    found = divide(data, memoriser(data, ""), 0.4, dataclasses.replace(SHORT, training_at_most=80))
    assert len(found.training) == 80
    assert "80 of 108 training pictures were drawn" in " ".join(found.notes)


@pytest.mark.parametrize(
    "wrong", [{"seeds": ()}, {"seeds": (1, 1)}, {"pairs": 3}, {"folds": 1}, {"few": 0}, {"seeds": (-1,)}]
)
def test_a_protocol_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="evaluate"):
        Protocol(**wrong)


def test_mean_and_spread() -> None:
    assert Value((1.0, 2.0, 3.0)).text(1) == "2.0 ± 1.0"
    assert (Value((2.0,)).text(2), Value(()).text(2)) == ("2.00", "-")


def test_results_are_written_from_records(
    data: Dataset, evaluation: Evaluation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = memoriser(data, "whole")
    found = divide(data, subject, 0.4, SHORT)
    files = []
    for name in ("one", "two"):
        facts = {"command": f"tilewright evaluate {name}", "grid": str(tmp_path / "images" / f"{name}.png")}
        record = make_record(name, found, evaluation, SHORT, facts | {"versions": {"torch": "9"}})
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(record))
    output = tmp_path / "results.md"
    results.main([*map(str, files), "-o", str(output)])
    text = output.read_text()
    assert text.count("\n## ") == 1  # one split and one protocol give one table
    assert "| one | two | *floor* | *copy* |" in text
    assert "| exact copies (%) | 100.0 ± 0.0 | 100.0 ± 0.0 | 0.0 ± 0.0 | 100.0 ± 0.0 |" in text
    assert "](images/one.png)" in text
    assert "`tilewright evaluate two`" in text and "torch 9" in text
    assert "seam ratio" not in text
    files[0].write_text("{}")
    with pytest.raises(DataError, match="is no file of `tilewright evaluate --json`"):
        read_record(files[0])
    with pytest.raises(SystemExit, match=r"results: .* is no file of"):
        results.main([str(files[0]), "-o", str(output)])
