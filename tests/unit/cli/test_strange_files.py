"""Whatever is handed in for a file: exit code 2, one line that says what it is, and a way out."""

import gzip
import io
import json
import zipfile

import pytest


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rows.jsonl", "{}")
    return file.getvalue()


STRANGE = {
    "empty": (b"", "an empty file"),
    "blank": (b"\n\n", "no rows"),
    "numbers": (b"[1, 2]", "a number, not an object"),
    "table": (b"task_id,completion\nHumanEval/0,x\n", "a CSV table (columns task_id, completion)"),
    "parquet": (b"PAR1\x15\x04\x15", "a Parquet table"),
    "zip": (zipped(), "a zip archive"),
    "cut gzip": (gzip.compress(bytes(range(256)) * 99)[:99], "cut off"),
    "html": (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer"),
    "python": (b"{'task_id': 'HumanEval/0', 'completion': 'x'}\n", "Python's own notation"),
    "latin-1": ('{"task_id": "é"}\n'.encode("latin-1"), "not UTF-8 text (byte 0xe9)"),
    "prose": (b"Here are the results.\n", "not JSON from column 1 on"),
    "cut": (b'{"task_id": "HumanEval/0", "compl', "line 1: not JSON"),
    "stranger": (b'{"id": "HumanEval/0", "output": "x"}\n', ""),
    "chat": (json.dumps({"messages": [{"role": "user", "content": "x"}]}).encode(), ""),
}
VERBS = {
    "samples": ["judge", "--suite", "humaneval", "rows.jsonl"],
    "tasks": ["bench", "m.gguf", "--suite", "rows.jsonl"],
    "results": ["compare", "rows.jsonl", "rows.jsonl"],
    "sides": ["gate", "--baseline", "rows.jsonl", "--candidate", "rows.jsonl"],
    "scoreboard": ["harvest", "rows.jsonl"],
    "recipe": ["heal", "rows.jsonl"],
}
ROWS = ("samples", "tasks", "results", "sides")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", STRANGE)
def test_it_is_told_as_what_it_is(suture, tmp_path, kind, verb):
    data, what = STRANGE[kind]
    (tmp_path / "rows.jsonl").write_bytes(data)
    said = suture(*VERBS[verb])
    assert said.code == 2
    (line, mend) = said.err.splitlines()
    assert line.startswith("suture: rows.jsonl")
    assert mend.startswith("  mend: ")
    if verb in ROWS:
        of_a_table = kind == "table" and verb in ("results", "sides")  # which may stand in a table
        assert ("samples that were not judged" if of_a_table else what) in line


@pytest.mark.parametrize("verb", VERBS)
def test_a_directory_is_told_with_what_is_in_it(suture, tmp_path, verb):
    (tmp_path / "rows.jsonl").mkdir()
    (tmp_path / "rows.jsonl" / "samples.jsonl").write_text("{}")
    said = suture(*VERBS[verb])
    assert said.code == 2
    assert "rows.jsonl: a directory, and no " in said.err
    assert said.err.splitlines()[0].endswith("; in it: samples.jsonl")


@pytest.mark.parametrize("verb", VERBS)
def test_a_missing_file(suture, verb):
    said = suture(*VERBS[verb])
    assert said.code == 2
    assert "rows.jsonl" in said.err
    assert "mend: " in said.err
