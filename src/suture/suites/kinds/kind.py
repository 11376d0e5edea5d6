"""What differs between sorts of jobs: one implementation a kind, found by ``kind_of``."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks import Check
from suture.core.measure.grounds import Grounds
from suture.core.measure.task import Message, Task
from suture.core.measure.verdict import Outcome, Reason, Verdict


class TaskWriting(Protocol):
    """How a model is made to write more tasks of a kind, and its own answers to them are chosen (rehearsal)."""

    @property
    def between(self) -> str:
        """What stands between two tasks: generation stops there."""
        ...

    @property
    def max_tokens(self) -> int:
        """How long one task may be."""
        ...

    @property
    def wanted(self) -> str:
        """What an example must be, for people."""
        ...

    def is_example(self, task: Task) -> bool:
        """Whether a task can be shown as an example."""
        ...

    def opening_of(self, examples: Sequence[Task]) -> str:
        """A text that the next task would continue."""
        ...

    def task_from(self, continuation: str, *, number: int) -> Task | None:
        """What a model wrote after ``opening_of``, as a task; None when it is none."""
        ...

    def names_of(self, task: Task) -> tuple[str, ...]:
        """What no two tasks may share, in one spelling: a function's name, a wording."""
        ...

    def is_usable(self, verdict: Verdict) -> bool:
        """Whether an answer with this verdict may be trained on: a written task's own tests are often wrong."""
        ...


class Submission(NamedTuple):
    """What the judge's port runs.

    Attributes:
        task: its check is of kind ``python``.
        program: a whole source; with ``DataCalls`` as tests, the answer as it is.
    """

    task: Task
    program: str


class Trial(NamedTuple):
    """A submission that shows whether a task's own check works.

    Attributes:
        must_pass: a task whose trial does not pass is broken; without it only tests that cannot run are.
        otherwise: what is wrong where it does not pass, for people.
    """

    submission: Submission
    must_pass: bool
    otherwise: str


class Shown(NamedTuple):
    """A check made from a prompt alone, and what in the prompt it rests on."""

    check: Check
    grounds: Grounds


class Sandboxing(Protocol):
    """How answers of a kind are judged in the sandbox."""

    def submission(self, task: Task, answer: str) -> Submission:
        """What is run for one answer. Law: equal arguments give equal submissions."""
        ...

    def trials(self, task: Task) -> Sequence[Trial]:
        """What is run before anything is asked of a model."""
        ...


class Varying(Protocol):
    """How more tasks are made of tasks that are taught."""

    def vary(self, tasks: Sequence[Task], count: int, *, seed: int) -> Mapping[str, tuple[Task, ...]]:
        """Variations of each task, by its id: tasks in their own right, with ids of their own.

        Law: the target of a variation passes its check; equal arguments give equal variations.

        Args:
            tasks: all that are taught, and nothing that is held out.
            count: how many are wanted of each; there may be fewer.
        """
        ...


class Words(NamedTuple):
    """What a kind is called in reports and model cards.

    Attributes:
        job: what a model does there, as a heading.
        answers: what its answers are, in the plural.
        losses: what it is to fail in form, and not in skill.
        language: of the fenced block that shows an answer; empty for plain text.
    """

    job: str
    answers: str
    losses: str
    language: str = ""


class Kind(Protocol):
    """Everything that the loop asks of a sort of job. Implementations have no state."""

    @property
    def words(self) -> Words:
        """For people."""
        ...

    @property
    def sandboxing(self) -> Sandboxing | None:
        """None where nothing of this kind is ever run."""
        ...

    @property
    def writing(self) -> TaskWriting | None:
        """None where a model cannot be made to write tasks of this kind."""
        ...

    @property
    def varying(self) -> Varying | None:
        """None where a task of this kind has no values that could be others."""
        ...

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The answer to judge, or the verdict of an answer that has none."""
        ...

    def decide(self, task: Task, answer: str) -> Verdict | None:
        """The verdict, by a pure function of the two; None where ``sandboxing`` must run the answer.

        Laws: equal arguments give equal verdicts; nothing of the answer is ever executed.
        """
        ...

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """A verdict with its real cause, once it is known how the answer ended."""
        ...

    def stated_answer(self, task: Task) -> str | None:
        """A right answer that the check itself states: the reference of a row that gives none. None where a check
        says only what is right about an answer."""
        ...

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        """What a failure is taught, up to and including the closing of the answer form; None without a reference.

        Args:
            template: under which the task is asked: some have a form of their own for what an answer holds.
            restyle: bring the reference nearer to a small model's own style first.
        """
        ...

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        """What an answer that passed teaches: exactly as the model wrote it, and closed."""
        ...

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """A chat that shows the reference and asks for the model's own version; None where that makes no sense."""
        ...

    def shown(self, asked: Asked) -> Shown | None:
        """What an answer can be held to before it is given; None where a prompt of this kind never shows anything.

        Law: an answer that passes a task's own check passes this one, unless the prompt contradicts the check.
        """
        ...

    def complaint(self, task: Task) -> str | None:
        """Why the check cannot be used, as far as that shows without running anything; None when it can."""
        ...


def truncated(completion: Completion, verdict: Verdict, *reasons: Reason) -> Verdict:
    """A loss for one of ``reasons``, in an answer that ran out of tokens, is a truncation: its real cause."""
    if completion.finish is FinishReason.LENGTH and verdict.reason in reasons:
        return verdict.model_copy(update={"reason": Reason.TRUNCATED})
    return verdict


def without_answer(completion: Completion, detail: str) -> Verdict:
    """FAIL no-answer, or truncated where the token budget ran out."""
    cut_off = completion.finish is FinishReason.LENGTH
    return Verdict(outcome=Outcome.FAIL, reason=Reason.TRUNCATED if cut_off else Reason.NO_ANSWER, detail=detail)
