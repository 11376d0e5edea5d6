"""What trackers are told of a whole run, and of one that is stopped."""

import json
import sys

import pytest
from fakes import FakeFoundry
from scripted_cli import prepare, said, scripts

from suture.tracking.process import TrackerProcess
from suture.tracking.target import Target

KEEPS = "import sys; open('kept.jsonl', 'a').write(sys.stdin.read())"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Run a scripted repair with a tracker that keeps what it is told; returns the messages."""
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, "first")
    command = (sys.executable, "-c", KEEPS)
    monkeypatch.setattr("suture.wiring.run_logs.read_target", lambda written: Target("mlflow", written))
    monkeypatch.setattr(
        "suture.wiring.run_logs.TrackerProcess", lambda target, warn: TrackerProcess(target, warn, command)
    )

    def heal(foundry):
        with scripts(foundry):
            code, _, err = said(["heal", "first.yaml", "--log", "mlflow:x"])
        kept = tmp_path / "kept.jsonl"
        messages = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
        kept.unlink(missing_ok=True)
        return code, messages, err

    return heal


def test_a_whole_run(told):
    code, messages, _ = told(FakeFoundry(knows={1, 2}, learns={5}))
    assert code == 0
    begin, *between, end = messages
    assert begin["begin"]["name"] == "first"
    assert begin["begin"]["params"]["splits.repair"] == "1.0"
    assert end == {"end": "FINISHED"}
    metrics = {key: value for message in between for key, value in message.get("metrics", {}).items()}
    assert {name.removeprefix("seconds/") for name in metrics if name.startswith("seconds/")} >= {"train", "total"}
    assert (metrics["gate/repaired"], metrics["gate/lost"], metrics["passed_after/ten.all"]) == (1, 0, 3)
    (tags,) = [message["tags"] for message in between if "tags" in message]
    assert tags["suture.decision"] == "promote" and len(tags["suture.ledger_head"]) == 64


def test_a_run_that_is_stopped_is_told_as_killed_and_goes_on_later(told):
    class Stopped(FakeFoundry):
        def train(self, *_: object, **__: object):
            raise KeyboardInterrupt

    code, messages, _ = told(Stopped(knows={1, 2}, learns={5}))
    assert (code, messages[-1]) == (130, {"end": "KILLED"})
    code, messages, _ = told(FakeFoundry(knows={1, 2}, learns={5}))
    assert (code, messages[-1]) == (0, {"end": "FINISHED"})
    assert not any("seconds/base" in message.get("metrics", {}) for message in messages), "done before, not told again"


def test_a_run_that_fails_is_told_as_failed(told):
    class Broken(FakeFoundry):
        def train(self, *_: object, **__: object):
            raise ValueError("no such thing")

    code, messages, _ = told(Broken(knows={1, 2}, learns={5}))
    assert (code, messages[-1]) == (5, {"end": "FAILED"})


def test_a_recipe_that_cannot_be_run_tells_nothing(told, tmp_path):
    (tmp_path / "first.yaml").write_text("name: first\n")
    code, messages, _ = told(FakeFoundry(knows={1, 2}, learns={5}))
    assert (code, messages) == (2, [])
