"""Answers to tasks of kinds that are decided without running anything."""

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.verdict import Verdict
from suture.suites.kinds import kind_of, submission_of
from suture.suites.own_rows import own_task


def own(kind, check, **row):
    """A task of one's own. Raises ValueError as an import does."""
    return own_task({"id": "t", "kind": kind, "prompt": "Answer.", "check": check, **row}, suite="s", origin="o")


def completed(text, finish=FinishReason.STOP):
    return Completion(text=text, finish=finish, prompt_tokens=1, tokens=1)


def verdict(task, text, finish=FinishReason.STOP):
    kind = kind_of(task)
    answer = kind.extract(task, completed(text, finish))
    decided = answer if isinstance(answer, Verdict) else kind.decide(task, answer)
    return kind.settle(completed(text, finish), decided)


def in_sandbox(judge, task, text, finish=FinishReason.STOP):
    """As ``verdict``, for kinds of which answers are run."""
    kind = kind_of(task)
    answer = kind.extract(task, completed(text, finish))
    told = answer if isinstance(answer, Verdict) else kind.decide(task, answer)
    if told is None:
        ((_, told),) = judge.judge([submission_of(task, answer)])
    return kind.settle(completed(text, finish), told)


def trials_of(task):
    return kind_of(task).sandboxing.trials(task)
