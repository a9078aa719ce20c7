"""Run the command as a shell would."""

import pytest

from tilewright import cli


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run one command in this process. Returns (exit code, stdout, stderr)."""
    with pytest.raises(SystemExit) as leaving:
        cli.main([str(a) for a in arguments])
    captured = capsys.readouterr()
    code = leaving.value.code
    return (0 if code is None else int(code)), captured.out, captured.err
