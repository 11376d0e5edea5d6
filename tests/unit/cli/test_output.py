"""What is printed can be printed, whatever the terminal's encoding and whatever a model wrote."""

import io
import json
import shlex
import subprocess
import sys

import pytest

from suture.cli.output import complain, emit, say
from suture.core.errors import UsageError

TEXT = "half \ud835, é, \ud83d\ude00"


def printed(monkeypatch, encoding, write):
    """What ``write`` prints to a terminal of this encoding."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", stream)
    write()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "utf-16"])
def test_json_is_the_same_value_everywhere(monkeypatch, encoding):
    text = printed(monkeypatch, encoding, lambda: emit({"answer": TEXT}, "", as_json=True))
    assert json.loads(text) == {"answer": "half \ud835, é, 😀"}


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "half \\ud835, é, 😀\n"),
        ("utf-16", "half \\ud835, é, 😀\n"),
        ("ascii", "half \\ud835, \\xe9, \\U0001f600\n"),
        ("latin-1", "half \\ud835, é, \\U0001f600\n"),
    ],
)
def test_words_are_shown_as_far_as_they_can_be(monkeypatch, encoding, shown):
    assert printed(monkeypatch, encoding, lambda: emit({}, TEXT, as_json=False)) == shown
    assert printed(monkeypatch, encoding, lambda: say(TEXT)) == shown


def test_a_word_without_end_is_not_repeated_whole(capsys):
    path = "/deep/" * 160
    complain(UsageError(f"{'a' * 5000}: no such file, beside {path}", mend=f"name a file, not {'b' * 1000}"))
    told = capsys.readouterr().err
    assert f"{'a' * 40}... (5,001 characters) no such file, beside {path}\n" in told
    assert f"not {'b' * 40}... (1,000 characters)" in told


@pytest.mark.parametrize("arguments", [["recipe", "schema"], ["suite", "schema"], ["recipe", "show", "--json"]])
def test_a_reader_that_has_enough_is_no_error(arguments):
    command = shlex.join([sys.executable, "-m", "suture", *arguments])
    piped = f"set -o pipefail; {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert done.stdout == "0\n"
    assert done.stderr == ""
