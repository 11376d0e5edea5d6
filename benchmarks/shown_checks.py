"""Answers held to what the prompts of their tasks show: see ``counted_by`` of ``suture.suites.kinds.acceptance``."""

from collections.abc import Sequence

from suture.core.measure.attempt import Completion
from suture.core.measure.policy import Grounds
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Judge
from suture.suites.kinds import decided

WEAK = (Grounds.FORM, Grounds.NOTHING)
"""What ``silent: stand`` leaves to the first tier: the form of an answer at most."""


def verdicts(judge: Judge, answered: Sequence[tuple[Task, Completion]]) -> list[Verdict]:
    """Of each answer, by the check beside it: at once where the kind decides, in the judge's sandbox elsewhere."""
    found: dict[int, Verdict] = {}
    waiting = {}
    for at, (test, said) in enumerate(answered):
        one = decided(test, said)
        (found if isinstance(one, Verdict) else waiting)[at] = one
    places = list(waiting)
    for index, verdict in judge.judge(list(waiting.values())):
        found[places[index]] = verdict
    return [found[at] for at in range(len(answered))]
