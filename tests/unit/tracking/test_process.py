"""A tracker is told what a run did, and whatever becomes of it the run goes on with one line of warning."""

import json
import sys

import pytest

from suture.core.errors import MissingTool, UnknownName, UsageError
from suture.tracking import process
from suture.tracking.process import TrackerProcess
from suture.tracking.target import Target, read_target

KEEPS = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
TARGET = Target("mlflow", "http://127.0.0.1:1")


def tracker(warned, script, *arguments):
    return TrackerProcess(TARGET, warned.append, (sys.executable, "-c", script, *map(str, arguments)))


def tell(tracker):
    tracker.begin("r", "0123", {"train.lr": "1e-4"})
    tracker.metrics({"loss": 0.5}, 1)
    tracker.tags({"decision": "promote"})
    tracker.end("FINISHED")


def test_it_is_told_in_order(tmp_path):
    warned: list[str] = []
    tell(tracker(warned, KEEPS, tmp_path / "kept"))
    assert [json.loads(line) for line in (tmp_path / "kept").read_text().splitlines()] == [
        {"begin": {"name": "r", "run": "0123", "params": {"train.lr": "1e-4"}}},
        {"metrics": {"loss": 0.5}, "step": 1},
        {"tags": {"decision": "promote"}},
        {"end": "FINISHED"},
    ]
    assert warned == []


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import time; time.sleep(60)", "it takes too long"),
        ("raise SystemExit('no route to the server')", "no route to the server"),
        ("import sys; sys.stdin.read(); raise OSError('refused')", "OSError: refused"),
        ("import os; os._exit(3)", "it ended without a word"),
    ],
    ids=["hangs", "dies at once", "dies at the end", "says nothing"],
)
def test_what_goes_wrong_is_one_line_and_nothing_more(monkeypatch, script, why):
    monkeypatch.setattr(process, "SECONDS_AT_THE_END", 0.5)
    warned: list[str] = []
    tell(tracker(warned, script))
    assert warned == [f"not logged in mlflow:http://127.0.0.1:1: {why}"]


def test_a_tracker_that_does_not_read_is_never_waited_for():
    warned: list[str] = []
    slow = tracker(warned, "import time; time.sleep(60)")
    slow.begin("r", "0123", {str(number): "x" * 500 for number in range(1000)})
    assert warned == ["not logged in mlflow:http://127.0.0.1:1: it takes too long"]
    slow.metrics({"loss": 0.5})
    slow.end("FINISHED")
    assert len(warned) == 1


def test_a_run_that_never_begins_starts_nothing():
    warned: list[str] = []
    tracker(warned, "raise SystemExit('started')").end("FAILED")
    assert warned == []


@pytest.mark.parametrize(
    ("written", "error", "says"),
    [
        ("mlfow:http://x", UnknownName, "did you mean 'mlflow'"),
        ("mlflow", UsageError, "does not say where to"),
        ("trackio:", UsageError, "does not say where to"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(written, error, says):
    with pytest.raises(error, match=says) as refusal:
        read_target(written)
    assert "--log" in (refusal.value.mend or "")


def test_a_tracker_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("suture.tracking.target.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match="needs the package trackio"):
        read_target("trackio:mine")
