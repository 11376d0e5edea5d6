"""``suture suite from-model``: rows that a suite can be read from, reasons for the rest, and mistakes in one line."""

import json
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from fakes import FakeFoundry, scripted_workshop, write_suite

from suture.suites.catalog import load_jsonl


@pytest.fixture
def teacher(tmp_path, monkeypatch):
    """A model that writes tasks 101 to 103 and can answer the first."""
    monkeypatch.chdir(tmp_path)
    write_suite(tmp_path / "ten.jsonl", 10)
    (tmp_path / "teacher.gguf").write_text("[101]")

    @contextmanager
    def open_workshop(home=None, **_: object):
        workshop = scripted_workshop(Path())
        with closing(workshop.store.ledger):
            yield workshop

    monkeypatch.setattr("suture.wiring.suite_from_model.open_workshop", open_workshop)
    monkeypatch.setattr(
        "suture.wiring.suite_from_model.TorchFoundry", lambda progress: FakeFoundry(knows=set(), learns=set())
    )
    return ["suite", "from-model", "teacher.gguf", "--like", "ten.jsonl", "--engine", "scripted", "--out", "made.jsonl"]


def test_what_agrees_is_written_as_tasks_of_ones_own(suture, teacher):
    said = suture(*teacher, "--count", "40", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert (told["kept"], told["asked"], sum(told["dropped"].values())) == (1, 40, 39)
    (task,) = load_jsonl(Path("made.jsonl"))
    assert (task.id, task.check.entry_point, task.reference) == ("made/1", "f_101", "def f_101():\n    return 101")
    assert task.origin == f"written by teacher.gguf, SHA-256 {told['teacher'][:12]}"
    assert task.tags == ("made", "agreed 4")
    assert task.form.opening == "```python\n"


def test_nothing_that_agrees_leaves_no_file(suture, teacher):
    Path("teacher.gguf").write_text("[]")
    said = suture(*teacher, "--count", "10")
    assert said.code == 1
    assert "kept 0 of 10 tasks" in said.out and "too few answers pass its tests" in said.out
    assert not Path("made.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--agree", "5"], "no task can come of --count 200, --answers 4, --agree 5"),
        (["--count", "0"], "no task can come of --count 0"),
        (["--temperature", "0"], "--temperature 0"),
    ],
)
def test_what_can_come_to_nothing_is_refused_before_anybody_is_asked(suture, teacher, words, says):
    said = suture(*teacher, *words)
    assert said.code == 2
    assert says in said.err
