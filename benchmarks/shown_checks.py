"""Answers held to what the prompts of their tasks show."""

from collections.abc import Sequence

from suture.core.measure.asked import asked_of
from suture.core.measure.attempt import Completion
from suture.core.measure.policy import Grounds
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Judge
from suture.suites.kinds import KINDS, kind_of, submission_of

WEAK = (Grounds.FORM, Grounds.NOTHING)


def shown_test(task: Task) -> Task | None:
    """What the prompt is asked for, with the check that it shows; None where it shows nothing."""
    asked = asked_of(task)
    shown = KINDS[task.check.kind].shown(asked)
    return None if shown is None else asked.checked_by(shown.check)


def shows_form(task: Task) -> bool:
    """Whether the prompt shows the form of its answer at most: what ``silent: stand`` leaves to the first tier."""
    shown = KINDS[task.check.kind].shown(asked_of(task))
    return shown is None or shown.grounds in WEAK


def verdicts(judge: Judge, answered: Sequence[tuple[Task, Completion]]) -> list[Verdict]:
    """Of each answer, by the check beside it: at once where the kind decides, in the judge's sandbox elsewhere."""
    found: dict[int, Verdict] = {}
    waiting: dict[int, str] = {}
    for at, (test, said) in enumerate(answered):
        kind = kind_of(test)
        answer = kind.extract(test, said)
        decided = answer if isinstance(answer, Verdict) else kind.decide(test, answer)
        if decided is not None:
            found[at] = decided
        else:
            waiting[at] = str(answer)
    places = list(waiting)
    for place, verdict in judge.judge([submission_of(answered[at][0], waiting[at]) for at in places]):
        found[places[place]] = verdict
    return [found[at] for at in range(len(answered))]
