"""Small values of the core types, made by functions that tests call with what matters to them."""

from collections.abc import Callable, Sequence

import pytest
from tasks import python_task

from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.python import CheckFunction
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.task import Message, Task
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity, Outcome, Reason, Verdict
from suture.core.model.registry_events import Action, RegistryEvent
from suture.core.teach.dataset import RowKind, TrainingRow

ENGINE = EngineIdentity(name="scripted", version="1", threads=1, batch=4)
JUDGE = JudgeIdentity(version="1", level=IsolationLevel.L3)


def _task(name: str = "T/1", ask: str = "add", **changes: object) -> Task:
    fields = {
        "id": name,
        "suite": "s",
        "messages": (Message(role="user", content=ask),),
        "entry_point": "f",
        "tests": CheckFunction(source="def check(f): assert f() == 1"),
    }
    return python_task(**(fields | changes))


def _verdict(outcome: str, reason: str = "wrong") -> Verdict:
    if outcome == "pass":
        return Verdict(outcome=Outcome.PASS)
    if outcome == "fault":
        return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT)
    return Verdict(outcome=Outcome.FAIL, reason=Reason(reason))


def _result(
    task_id: str, verdict: Verdict, *, suite: str = "s", split: Split | None = None, seconds: float = 0
) -> Result:
    completion = Completion(text="code", finish=FinishReason.STOP, prompt_tokens=3, tokens=2, seconds=seconds)
    attempt = Attempt(
        task_id=task_id,
        task_digest=f"digest of {task_id}",
        pack="p",
        engine=ENGINE,
        sampling=Sampling(),
        prompt_digest="q",
        completion=completion,
    )
    return Result(attempt=attempt, verdict=verdict, suite=suite, split=split)


def _board(outcomes: Sequence[str] | Sequence[Result], *, pack: str = "p", **changes: object) -> Scoreboard:
    """Of results, or of outcomes (``pass``, ``fail``, ``fault``) of the tasks T/0, T/1, ..."""
    results = tuple(
        _result(f"T/{i}", _verdict(outcome)) if isinstance(outcome, str) else outcome
        for i, outcome in enumerate(outcomes)
    )
    fields = {
        "pack": pack,
        "template": ChatTemplate(source=""),
        "selectors": ("s",),
        "suite_digest": "suite",
        "engine": ENGINE,
        "sampling": Sampling(),
        "judge": JUDGE,
        "results": results,
    }
    return Scoreboard.model_validate(fields | changes)


def _row(digest: str, kind: RowKind = RowKind.FAILURE, target: str = "code\n```") -> TrainingRow:
    return TrainingRow(
        kind=kind,
        task_id=f"T/{digest}",
        task_digest=digest,
        suite="s",
        prompt="ask",
        target=target,
        answer="",
        pack="p",
        attempt="a",
    )


def _event(action: Action, pack: str, *, model: str = "code", **changes: object) -> RegistryEvent:
    fields = {"model": model, "action": action, "pack": pack, "who": "me", "why": "test", "at": "2026-01-01"}
    return RegistryEvent.model_validate(fields | changes)


@pytest.fixture(scope="session")
def task() -> Callable[..., Task]:
    return _task


@pytest.fixture(scope="session")
def verdict() -> Callable[..., Verdict]:
    return _verdict


@pytest.fixture(scope="session")
def result() -> Callable[..., Result]:
    return _result


@pytest.fixture(scope="session")
def board() -> Callable[..., Scoreboard]:
    return _board


@pytest.fixture(scope="session")
def row() -> Callable[..., TrainingRow]:
    return _row


@pytest.fixture(scope="session")
def event() -> Callable[..., RegistryEvent]:
    return _event
