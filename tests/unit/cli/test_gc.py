"""``suture gc`` shows first, removes when told to, and never beside another process."""

import subprocess
import sys

import pytest

from suture.files.small_files import write_text
from suture.store.home import Home

AT_WORK = """
import sys
from suture.cli.options import Common
from suture.cli.open_store import open_store
with open_store(Common()):
    print("at work", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def orphan(suture, tmp_path):
    suture("registry", "list")
    path = Home().pack("a" * 64)
    write_text(path, "x" * 1_500_000)
    return path


def test_shows_first_and_removes_when_told(suture, orphan):
    said = suture("gc", "--json")
    (item,) = said.json["items"]
    assert (item["path"], item["bytes"], said.json["removed"]) == (f"packs/{orphan.name}", 1_500_000, False)
    words = suture("gc").out
    assert "1.5 MB  no alias ever pointed at this pack" in words
    assert "nothing was removed: `suture gc --yes` does it" in words
    assert orphan.exists()
    assert "removed 1 things, 1.5 MB" in suture("gc", "--yes").out
    assert not orphan.exists()
    assert suture("gc", "--json").json["items"] == []


def test_nothing_is_removed_beside_another_process(suture, orphan):
    with subprocess.Popen([sys.executable, "-c", AT_WORK], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "at work\n"
        said = suture("gc", "--yes")
        assert (said.code, "another process is at work in" in said.err) == (2, True)
        assert suture("gc", "--json").json["bytes"] == 1_500_000
        other.stdin.close()
    assert orphan.exists()
    assert suture("gc", "--yes").code == 0
    assert not orphan.exists()
