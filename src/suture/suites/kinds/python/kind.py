"""Kind ``python``: the answer is a program, and its tests run in the judge's sandbox."""

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.python import PythonCheck, StdinCases
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Reason, Verdict
from suture.suites.kinds.kind import Shown, Submission, Trial, Words, truncated, without_answer
from suture.suites.kinds.python.answer import defines, extract_code
from suture.suites.kinds.python.exercises import ExerciseWriting
from suture.suites.kinds.python.normalise import normalise
from suture.suites.kinds.python.rewrite import rewrite_messages
from suture.suites.kinds.python.shown import shown_check


class _Programs:
    def submission(self, task: Task, answer: str) -> Submission:
        return Submission(task, answer)

    def trials(self, task: Task) -> tuple[Trial]:
        """The reference; without one an empty program, which shows only whether the tests can run."""
        submission = Submission(task, task.reference or "")
        return (Trial(submission, task.reference is not None, "its reference does not pass its own tests"),)


class PythonKind:
    words = Words(
        "Code generation", "programs", "no code, the wrong function name, cut off, or a syntax error", "python"
    )
    writing = ExerciseWriting()
    varying = None
    sandboxing = _Programs()

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The source to judge, or FAIL no-answer / truncated when there is none."""
        check = check_of(task, PythonCheck)
        source = _code(task, completion.text)
        if source is None:
            return without_answer(completion, "no code in the answer")
        if isinstance(check.tests, StdinCases) or defines(source, check.entry_point):
            return source
        if check.stub and source.lstrip("\r\n")[:1] in (" ", "\t"):
            return check.stub + source  # the answer goes on from the prompt's signature
        return source

    def decide(self, task: Task, answer: str) -> None:
        """None: programs are run, and only in the sandbox."""

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """A syntax error in an answer that ran out of tokens is a truncation: the same loss, its real cause."""
        return truncated(completion, verdict, Reason.SYNTAX)

    def stated_answer(self, task: Task) -> None:
        """None: what decides is a program, and no answer."""

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        shown = shown_reference(task, restyle=restyle)
        return None if shown is None else shown.strip("\n") + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        return (_code(task, text) or text).rstrip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        shown = shown_reference(task, restyle=restyle)
        return None if shown is None else rewrite_messages(task, shown, check_of(task, PythonCheck).entry_point)

    def shown(self, asked: Asked) -> Shown | None:
        return shown_check(asked)

    def complaint(self, task: Task) -> str | None:
        """None: whether tests can run is found by running them, with the reference, in the sandbox."""


def shown_reference(task: Task, *, restyle: bool) -> str | None:
    """The task's solution, restyled where that is wanted and it is Python."""
    if task.reference is None or not restyle:
        return task.reference
    try:
        return normalise(task.reference)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return task.reference  # whether it is a good reference is for the judge to say, before anything is taught


def _code(task: Task, text: str) -> str | None:
    return extract_code(text, opened=bool(task.form.opening), entry_point=check_of(task, PythonCheck).entry_point)
