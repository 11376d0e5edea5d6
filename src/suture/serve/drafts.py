"""What the door hands over of a request that has ended, and the record that is made of it in another thread."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.served_record import AnswerError, AnswerOutcome, RecordedAnswer, ServedRecord
from suture.core.measure.tools import ToolCall
from suture.serve.api_error import ApiError
from suture.serve.redaction import Redactor
from suture.serve.responder import Begun, Ended, Inquiry

VERSION = version("suture")
OVERHEAD = 2048
"""Bytes that a record takes beside its texts, about."""


@dataclass(frozen=True)
class Origin:
    """Where a request came from.

    Attributes:
        body: as it was read, which makes it JSON.
        interface: ``chat`` or ``completion``.
        key: name of the key that asked.
        wanted: False where the request or its key says that nothing is to be recorded.
    """

    body: bytes
    interface: str
    key: str = ""
    wanted: bool = True


@dataclass(frozen=True)
class AnswerDraft:
    """One answer as far as it came. Attributes are ``RecordedAnswer``'s."""

    asked: Inquiry
    begun: Begun | None
    ended: Ended | None
    text: str
    outcome: AnswerOutcome
    error: ApiError | None = None
    first_seconds: float | None = None
    seconds: float = 0.0
    beside: int = 0


@dataclass(frozen=True)
class Draft:
    """``received``: Unix time."""

    id: str
    received: float
    origin: Origin
    stream: bool
    answers: tuple[AnswerDraft, ...]

    @property
    def size(self) -> int:
        """Bytes that it holds in memory, about."""
        return OVERHEAD + len(self.origin.body) + sum(len(one.text) for one in self.answers)


def record_of(draft: Draft, redactor: Redactor) -> ServedRecord:
    """Raises ValueError: there is something in it that no record can hold."""
    request = json.loads(draft.origin.body)
    before = redactor.count
    kept = redactor.value(request)
    answers = tuple(_answer(one, redactor) for one in draft.answers)
    return ServedRecord(
        id=draft.id,
        received=datetime.fromtimestamp(draft.received, UTC).isoformat(timespec="milliseconds"),
        interface=draft.origin.interface,
        key=draft.origin.key,
        model=draft.answers[0].asked.model,
        stream=draft.stream,
        request=kept,
        request_digest=digest_of(request),
        redactions=redactor.count - before,
        suture=VERSION,
        answers=answers,
    )


def _answer(one: AnswerDraft, redactor: Redactor) -> RecordedAnswer:
    ended, begun = one.ended, one.begun
    how = (ended.how if ended else None) or (begun.how if begun else None)
    calls = ended.calls if ended else ()
    given = how.given if how else None
    return RecordedAnswer(
        outcome=one.outcome,
        model=begun.model if begun else "",
        fingerprint=begun.fingerprint if begun else "",
        sampling=given.sampling if given else one.asked.sampling,
        how=_redacted(how, redactor) if how else None,
        text=redactor.text(one.text),
        text_digest=digest_of_text(one.text),
        calls=tuple(ToolCall(name=call.name, arguments_text=redactor.text(call.arguments)) for call in calls),
        finish=ended.finish if ended else None,
        prompt_tokens=ended.prompt_tokens if ended else 0,
        tokens=ended.tokens if ended else 0,
        error=_error(one.error, redactor) if one.error else None,
        first_seconds=one.first_seconds,
        seconds=one.seconds,
        beside=one.beside,
    )


def _redacted(how: ServedAnswer, redactor: Redactor) -> ServedAnswer:
    said = [{"text": redactor.text(tier.text), "finding": redactor.text(tier.finding)} for tier in how.tiers]
    tiers = tuple(tier.model_copy(update=texts) for tier, texts in zip(how.tiers, said, strict=True))
    return how.model_copy(update={"tiers": tiers, "fallback": redactor.text(how.fallback)})


def _error(error: ApiError, redactor: Redactor) -> AnswerError:
    return AnswerError(status=error.status, code=error.code, message=redactor.text(error.message))
