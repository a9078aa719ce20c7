"""`tilewright export` shows its progress on a terminal only."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tilewright_training.export import export
from tilewright_training.run import run_folder

from .command import run

STAGES = ("calibrating", "checking whole pictures")


@pytest.mark.parametrize("terminal", [False, True])
def test_progress(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    def export_run(
        folder: object, output: Path, name: str | None, report: export.Report, **options: object
    ) -> object:
        assert options == {"critic": False, "accepted": 0.25, "upsampler": None, "temperature": None}
        for i, stage in enumerate(STAGES):
            report(stage, i, 2 * i)
        return "the report"

    monkeypatch.setattr(export, "export_run", export_run)
    monkeypatch.setattr(run_folder, "RunFolder", lambda path: SimpleNamespace(reads=lambda option: False))
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "120")
    code, out, err = run(capsys, "export", tmp_path, "-o", tmp_path / "p.onnx", "--no-critic")
    assert (code, out.splitlines()[0]) == (0, "the report")
    assert (STAGES[-1] in err) if terminal else (err == "")


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--temperature", "0.8", "a base has no temperature: leave out --temperature"),
        ("--upsampler", "up.onnx", "a base has no upsampler: leave out --upsampler"),
        ("--name", "mine", "the name of a base is that of its file: leave out --name"),
    ],
)
def test_options_of_packs_are_not_those_of_bases(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    value: str,
    text: str,
) -> None:
    monkeypatch.setattr(run_folder, "RunFolder", lambda path: None)
    code, out, err = run(capsys, "export", tmp_path, "-o", tmp_path / "base.safetensors", option, value)
    assert code != 0 and out == "" and text in err
    assert not (tmp_path / "base.safetensors").exists()
