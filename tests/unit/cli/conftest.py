import json

import pytest

from suture.cli.main import run


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        """stdout, which must be one JSON object and nothing else."""
        return json.loads(self.out)


@pytest.fixture
def suture(capsys, monkeypatch, tmp_path):
    """Run one command line in an empty directory with a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUTURE_HOME", str(tmp_path / "home"))

    def say(*arguments: object) -> Said:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return say
