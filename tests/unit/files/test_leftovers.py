import os
import subprocess
import sys

import pytest

from suture.files.atomic import whole_directory, whole_file


@pytest.fixture
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_process_left_is_cleared(tmp_path, dead):
    (tmp_path / f".out.partial-{dead}").mkdir()
    (tmp_path / f".out.partial-{dead}" / "junk").write_text("x")
    with whole_directory(tmp_path / "out") as partial:
        (partial / "file").write_text("y")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file"]


def test_what_a_living_process_writes_is_let_be(tmp_path):
    theirs = tmp_path / f".out.partial-{os.getppid()}"
    theirs.write_text("half")
    with whole_file(tmp_path / "out") as partial:
        partial.write_text("whole")
    assert theirs.read_text() == "half"


def test_a_directory_that_exists_is_not_replaced(tmp_path):
    from suture.core.errors import UsageError

    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists already"), whole_directory(tmp_path / "out"):
        pass
