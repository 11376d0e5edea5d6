"""Passing answers of the model itself to tasks it had failed: the best training targets."""

from collections.abc import Iterable

from suture.core.frozen import Frozen
from suture.core.teach.dataset import TargetKind


class OwnAnswer(Frozen):
    """A passing answer of the model itself to a task that it failed when it was measured.

    Attributes:
        target: its code and the closing fence, as a row's target.
        attempt: digest of the attempt.
        loglik: of the target after the task's own prompt (no reference in it) under the base, in nats.
    """

    task_digest: str
    kind: TargetKind
    target: str
    attempt: str
    loglik: float


def likeliest(answers: Iterable[OwnAnswer]) -> tuple[OwnAnswer, ...]:
    """One answer a task: a sample before any rewrite, then the likeliest, which moves the model the least."""
    best: dict[str, OwnAnswer] = {}
    for answer in answers:
        known = best.get(answer.task_digest)
        if known is None or _rank(answer) > _rank(known):
            best[answer.task_digest] = answer
    return tuple(best.values())


def _rank(answer: OwnAnswer) -> tuple[bool, float]:
    return answer.kind is TargetKind.OWN_SAMPLE, answer.loglik


class SampleCounts(Frozen):
    """How often the model was asked for one kind of answer. ``solved`` counts tasks with at least one pass: with k
    draws a task, ``solved / asked`` is pass@k and ``passed / drawn`` is pass@1 at that temperature."""

    asked: int
    drawn: int
    passed: int
    solved: int


class OwnAnswersSummary(Frozen):
    """Attributes:
    scoreboard: digest of the scoreboard whose failures were asked again.
    faults: answers without a verdict; with one of them the drawing is not final.
    """

    schema_version: int = 1
    scoreboard: str
    samples: SampleCounts
    rewrites: SampleCounts
    faults: int


class OwnAnswers(OwnAnswersSummary):
    """``answers``: one a task at most."""

    answers: tuple[OwnAnswer, ...]

    @property
    def summary(self) -> OwnAnswersSummary:
        return OwnAnswersSummary.model_validate(self.model_dump(exclude={"answers"}))
