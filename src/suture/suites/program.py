"""From a completion to what the judge is given: a program, or a verdict that needs no judge."""

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.task import StdinCases, Task
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.answer import defines, extract_code


def program_of(task: Task, completion: Completion) -> str | Verdict:
    """The source to judge, or FAIL no-answer / truncated when there is none."""
    source = extract_code(completion.text, opened=bool(task.answer_prefix), entry_point=task.entry_point)
    if source is None:
        return _no_answer(completion)
    if isinstance(task.tests, StdinCases) or defines(source, task.entry_point):
        return source
    if task.stub and source.lstrip("\r\n")[:1] in (" ", "\t"):
        return task.stub + source  # the answer goes on from the prompt's signature
    return source


def settle(completion: Completion, verdict: Verdict) -> Verdict:
    """A syntax error in an answer that ran out of tokens is a truncation: the same loss, its real cause."""
    if completion.finish is FinishReason.LENGTH and verdict.reason is Reason.SYNTAX:
        return verdict.model_copy(update={"reason": Reason.TRUNCATED})
    return verdict


def _no_answer(completion: Completion) -> Verdict:
    cut_off = completion.finish is FinishReason.LENGTH
    reason = Reason.TRUNCATED if cut_off else Reason.NO_ANSWER
    return Verdict(outcome=Outcome.FAIL, reason=reason, detail="no code block in the answer")
