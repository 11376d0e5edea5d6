"""What has to be asked of an engine to get a recorded answer once more: from the record alone."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.attempt import FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.replayed import Replay, Replayed, first_difference
from suture.core.measure.served_answer import TierTried
from suture.core.measure.served_record import RecordedAnswer, ServedRecord
from suture.core.measure.speech import Ending, Piece, Speech, Token
from suture.core.measure.task import AnswerForm
from suture.serve.api_error import ApiError
from suture.serve.chat_fields import ChatFields
from suture.serve.completion_fields import CompletionFields
from suture.serve.fields import choices, read_fields
from suture.serve.promises import shaped
from suture.serve.responder import Called, Ended, Inquiry
from suture.serve.voice import prompt_digest, rendered, speech_of

ALTERNATIVES = 5
"""Likeliest tokens to tell of at each place, to find by how much another one was preferred."""


class CannotAsk(Exception):
    """Why a recorded answer cannot be asked for once more, in one line."""


@dataclass(frozen=True)
class Again:
    """One recorded answer, ready to be asked for.

    Attributes:
        asked: what the client wanted, with the seed that was used.
        tier: whose answer was given.
        form: how the answer is opened, closed and stopped.
        speech: what the engine is asked.
    """

    record: ServedRecord
    choice: int
    asked: Inquiry
    tier: TierTried
    form: AnswerForm
    speech: Speech

    @property
    def answer(self) -> RecordedAnswer:
        return self.record.answers[self.choice]


@dataclass(frozen=True)
class Heard:
    """An answer as it was made now, before it is given its form."""

    parts: tuple[Piece | Ending, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Piece))

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(token for part in self.parts if isinstance(part, Piece) for token in part.tokens)

    @property
    def ending(self) -> Ending:
        """Raises ValueError: it has not ended."""
        ending = next((part for part in self.parts if isinstance(part, Ending)), None)
        if ending is None:
            raise ValueError("an answer without an end")
        return ending


def inquiry_of(record: ServedRecord, choice: int) -> Inquiry:
    """What the client wanted of one choice, with the seed that was used.

    Raises:
        CannotAsk: parts of the request were redacted, or it is none that is taken today.
    """
    if digest_of(record.request) != record.request_digest:
        raise CannotAsk("parts of its request were redacted")
    body = json.dumps(record.request).encode()
    try:
        if record.interface == "chat":
            fields = read_fields(ChatFields, body)
            wanted = choices(fields.to_asked(), fields.n)
        else:
            fields = read_fields(CompletionFields, body)
            wanted = [one for prompt in fields.to_asked() for one in choices(prompt, fields.n)]
    except ApiError as error:
        raise CannotAsk(f"its request is not taken any more: {error.message}") from None
    return wanted[choice].model_copy(update={"sampling": record.answers[choice].sampling})


def again(record: ServedRecord, choice: int, template: ChatTemplate) -> Again:
    """Make ready to ask for one answer.

    Args:
        template: of the pack that gave it.

    Raises:
        CannotAsk: nobody was asked then, or the prompt is not the same any more.
    """
    tier = given_tier(record, choice)
    asked = inquiry_of(record, choice)
    asked = asked.model_copy(update={"sampling": tier.sampling, "max_tokens": tier.max_tokens or asked.max_tokens})
    prompt, form = rendered(asked, tier.form, template)
    if prompt_digest(prompt) != tier.prompt_digest:
        raise CannotAsk("its prompt is rendered otherwise by this version")
    speech = speech_of(asked, prompt, form, adapter=tier.adapter)
    speech = speech.model_copy(update={"stop": tier.stop, "alternatives": ALTERNATIVES})
    return Again(record, choice, asked, tier, form, speech)


def given_tier(record: ServedRecord, choice: int) -> TierTried:
    """The tier whose answer the client got. Raises CannotAsk: there is no such answer, or nobody was asked."""
    if choice >= len(record.answers):
        raise CannotAsk(f"it has {len(record.answers)} choices, counted from 0")
    how = record.answers[choice].how
    tier = how.given if how is not None else None
    if tier is None:
        raise CannotAsk("nobody was asked for it")
    return tier


async def compared(again: Again, heard: Heard, *, asked: str, changed: Sequence[str]) -> Replayed:
    """Whether an answer is the recorded one; of one that was cut off, whether it began so.

    Args:
        asked: in which company it was asked now.
    """
    answer = again.answer
    text, calls = await _shaped(again, heard)
    same = Replayed(
        record=again.record.id,
        choice=again.choice,
        outcome=Replay.SAME,
        asked=asked,
        changed=tuple(changed),
        text=text,
    )
    if answer.calls or calls:
        alike = [(call.name, json.loads(call.arguments)) for call in calls]
        recorded = [(call.name, call.arguments) for call in answer.calls]
        return same if alike == recorded else _differs(same, why="it calls otherwise")
    whole = answer.finish is not None or answer.error is not None
    if digest_of_text(text if whole else text[: len(answer.text)]) == answer.text_digest:
        return same
    if digest_of_text(answer.text) != answer.text_digest:
        return _differs(same, why="where is not known, since the answer was redacted")
    recorded = answer.text.removeprefix(again.form.opening)
    if answer.finish is FinishReason.STOP and again.form.closing:
        recorded = recorded.removesuffix(again.form.closing)
    token, margin = first_difference(recorded, heard.tokens)
    return _differs(same, token=token, margin=margin)


def _differs(same: Replayed, **more: Any) -> Replayed:
    return same.model_copy(update={"outcome": Replay.DIFFERS, **more})


async def _shaped(again: Again, heard: Heard) -> tuple[str, tuple[Called, ...]]:
    """The answer as the client would get it, or as far as it would."""
    text, calls = "", ()
    try:
        async for event in shaped(_parts(heard), again.asked, again.form):
            if isinstance(event, Ended):
                calls = event.calls
            else:
                text += event.text
    except ApiError:
        if again.asked.tools:
            text = heard.text
    return text, calls


async def _parts(heard: Heard) -> AsyncGenerator[Piece | Ending]:
    for part in heard.parts:
        yield part
