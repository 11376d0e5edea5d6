"""What is kept of one request to the door: what was asked, what was answered, and how each answer came about."""

from enum import StrEnum
from typing import Any, TypeVar

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.attempt import FinishReason, Sampling
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.tools import ToolCall

T = TypeVar("T")


class AnswerOutcome(StrEnum):
    """How an answer ended. By what the engine said, never by what the client's socket did afterwards."""

    COMPLETE = "complete"
    """The engine said that it ended."""
    LEFT = "left"
    """The client left, or read nothing any more, before it ended."""
    CUT = "cut"
    """The server ended before it did."""
    FAILED = "failed"
    """The engine failed, or the answer broke what the request could count on."""


class AnswerError(Frozen):
    """What the client was told of an answer that failed, in the fields of OpenAI's errors."""

    status: int
    code: str | None
    message: str


class RecordedAnswer(Frozen):
    """One answer, or what there was of it when it was cut off.

    Attributes:
        outcome: how it ended.
        model: the served name of who answered; empty where it failed before anybody did.
        fingerprint: what computed it, as the client was told.
        sampling: as it was used: the seed is the one drawn where the client gave none.
        how: which tiers were asked, with what, and what each check found; None where nobody was asked.
        text: the answer without what was redacted.
        text_digest: SHA-256 of the whole answer.
        calls: tools that it calls.
        first_seconds: from the request to the first piece; None where there was none.
        seconds: from the request to its end.
        beside: other answers that were made when it began.
    """

    outcome: AnswerOutcome
    model: str = ""
    fingerprint: str = ""
    sampling: Sampling = Sampling()
    how: ServedAnswer | None = None
    text: str = ""
    text_digest: str
    calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=lambda value: not value)
    finish: FinishReason | None = None
    prompt_tokens: int = 0
    tokens: int = 0
    error: AnswerError | None = Field(default=None, exclude_if=lambda value: value is None)
    first_seconds: float | None = None
    seconds: float = 0.0
    beside: int = 0


class ServedRecord(Frozen):
    """One request and its answers, which are its choices.

    Attributes:
        id: of the completion; made before the engine was asked.
        received: when it came, in ISO 8601 and UTC.
        interface: ``chat`` or ``completion``.
        key: name of the key that asked; empty where none is asked for.
        model: the name that was asked for.
        request: its body, without what was redacted.
        request_digest: SHA-256 of the whole body in canonical JSON.
        redactions: places that were redacted, in the request and the answers.
        suture: its version.
    """

    schema_version: int = Field(default=1, ge=1, le=1)
    id: str
    received: str
    interface: str
    key: str = ""
    model: str
    stream: bool = False
    request: dict[str, Any]
    request_digest: str
    redactions: int = 0
    suture: str
    answers: tuple[RecordedAnswer, ...]

    def is_of(self, name: str, choice: int) -> bool:
        """Whether a model was asked by this name, or was the one that answered, whatever name was asked for."""
        return name == self.model or (choice < len(self.answers) and name == self.answers[choice].model)


class Gap(Frozen):
    """Answers that were given and not recorded, because too many waited or the file could not be written.

    Attributes:
        since, until: when the first and the last of them ended.
        why: for people.
    """

    since: str
    until: str
    answers: int = Field(gt=0)
    requests: int = Field(gt=0)
    why: str


class Removal(Frozen):
    """The oldest records, removed because they were too old or too many.

    Attributes:
        upto: the last place in the chain that was removed; the chain begins after it.
        head: the chain's hash at that place.
        records, answers, gap_answers, claims: all that was ever removed.
    """

    at: str
    why: str
    upto: int
    head: str
    records: int
    answers: int
    gap_answers: int
    claims: int


class Opinion(StrEnum):
    """What somebody says of an answer."""

    GOOD = "good"
    BAD = "bad"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    """Takes back the last word of the same person that still stands; what they said before it stands again."""


class Claim(Frozen):
    """What somebody says of one answer. Not a truth: it is checked before anything is trained on.

    Attributes:
        record: id of the completion; ``choice``: which of its answers.
        by: name of the key that said so, or of who said it at a terminal; empty where no key is asked for.
        correction: what the answer should have been.
    """

    record: str
    choice: int = Field(default=0, ge=0)
    opinion: Opinion
    by: str
    at: str
    correction: str | None = None
    comment: str = ""


def say(words: list[T], word: T | None) -> None:
    """Add one more word of somebody on an answer; None takes back the last that stands, where there is one."""
    if word is not None:
        words.append(word)
    elif words:
        words.pop()


class Reward(Frozen):
    """What a claim was worth once it was checked: evidence that an answer was right, or that it was wrong.

    Attributes:
        record, choice: which answer.
        value: 1 right, -1 wrong, 0 unstable or undecided.
        why: what decided, for people.
        pack: SHA-256 of the pack that was asked again.
        task: content digest of the task that the answer was held to.
    """

    record: str
    choice: int = 0
    value: int = Field(ge=-1, le=1)
    why: str
    pack: str
    task: str = ""
    at: str
