"""One answer of one tier: given at once where nothing can be held against it, else held until it is accepted."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import NamedTuple

from suture.core.errors import SutureError
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.findings import FAILED, Finding, Trigger, finding_of
from suture.core.measure.policy import Tier
from suture.core.measure.served_answer import ServedAnswer, TierTried
from suture.core.measure.speech import Ending, Piece
from suture.core.measure.task import AnswerForm
from suture.serve.api_error import ApiError
from suture.serve.examiner import Examiner
from suture.serve.promises import shaped
from suture.serve.responder import Begun, Ended, Event, Inquiry
from suture.serve.voice import Question, Voice
from suture.suites.kinds.acceptance import Acceptance

MOST_DETAIL = 300
"""Characters of a finding that are told."""


class Rejected(NamedTuple):
    """An answer that was not taken.

    Attributes:
        tried: what is told of it.
        finding: why.
        events: what the client gets of it if it is given all the same; none with ``error``.
        error: why there is no answer that could be given.
    """

    tried: TierTried
    finding: Finding
    events: Sequence[Event]
    error: ApiError | SutureError | None


class TierAnswering:
    def __init__(self, voice: Voice, tier: Tier, number: int, acceptance: Acceptance, examiner: Examiner) -> None:
        self._voice, self._tier, self._number = voice, tier, number
        self._acceptance, self._examiner = acceptance, examiner

    async def respond(self, asked: Inquiry, form: AnswerForm) -> AsyncGenerator[Event | Rejected]:
        """Yield the events of an answer that is taken, or one ``Rejected``.

        Raises:
            ApiError, SutureError: after the first piece was given out.
        """
        tier = self._tier
        try:
            question = self._voice.question(
                asked, form, tier=tier.name, sampling=tier.sampling(self._number), adapter=tier.adapter
            )
        except SutureError as error:  # its template refuses the chat; another's may not
            engine = self._voice.speaker.identity
            tried = TierTried(tier=tier.name, pack=self._voice.pack, engine=engine, prompt_digest="")
            yield self._failed(tried, error, time.monotonic())
            return
        at_once = self._acceptance.unconditional or (self._acceptance.test is None and asked.streamed)
        async with aclosing((self._streamed if at_once else self._held)(asked, question)) as events:
            async for event in events:
                yield event

    async def _streamed(self, asked: Inquiry, question: Question) -> AsyncGenerator[Event | Rejected]:
        """From the first piece on that says something; an answer that never does so is held like any other."""
        began, waiting, opened = time.monotonic(), list[Piece](), False
        whole: list[Piece | Ending] = []
        try:
            async with (
                aclosing(_kept(question.answer(), whole)) as said,
                aclosing(shaped(said, asked, question.form)) as parts,
            ):
                async for part in parts:
                    if isinstance(part, Piece) and not opened:
                        waiting.append(part)
                        if not self._acceptance.unconditional and not _says(waiting, question.form):
                            continue
                    if not opened and (isinstance(part, Piece) or self._acceptance.unconditional):
                        opened = True
                        yield self._begun(question.tried)
                        for piece in waiting:
                            yield piece
                        if isinstance(part, Piece):
                            continue
                    if isinstance(part, Ended):
                        tried = _spent(question.tried, part.prompt_tokens, part.tokens, began)
                        ended = replace(part, how=_alone(await self._counted(tried, whole)))
                        if opened:
                            yield ended
                        else:
                            finding = Finding(Trigger.EMPTY)
                            yield self._rejected(tried, finding, [self._begun(tried), *waiting, ended])
                    else:
                        yield part
        except (ApiError, SutureError) as error:
            if opened:
                raise
            yield self._failed(question.tried, error, began)

    async def _held(self, asked: Inquiry, question: Question) -> AsyncGenerator[Event | Rejected]:
        """Nothing is given out before the answer is whole and was held to what the prompt shows."""
        began, parts = time.monotonic(), list[Piece | Ending]()
        try:
            async with aclosing(question.answer()) as said:
                async for part in said:
                    parts.append(part)
            completion = _completion(parts, time.monotonic() - began)
            test = self._acceptance.test
            verdict = None if test is None else await self._examiner.verdict(test, completion)
            finding = self._acceptance.finding(completion, verdict, limited=asked.max_tokens is not None)
        except SutureError as error:
            yield self._failed(question.tried, error, began)
            return
        tried = _spent(question.tried, completion.prompt_tokens, completion.tokens, began)
        try:
            events = [event async for event in shaped(_again(parts), asked, question.form)]
        except ApiError as error:
            broken = finding or Finding(_PROMISES.get(error.code or "", FAILED), error.message)
            told = tried.model_copy(update={"text": completion.text})
            yield self._rejected(told, broken, [], error)
            return
        whole = [replace(event, how=_alone(tried)) if isinstance(event, Ended) else event for event in events]
        if finding is None:
            for event in (self._begun(tried), *whole):
                yield event
        else:
            told = tried.model_copy(update={"text": completion.text})
            yield self._rejected(told, finding, [self._begun(tried), *whole])

    async def _counted(self, tried: TierTried, whole: Sequence[Piece | Ending]) -> TierTried:
        """What is found of an answer that was given whatever it says, where its policy is counted."""
        counted = self._acceptance.counted
        if counted is None:
            return tried
        completion = _completion(whole, tried.seconds)
        verdict = await self._examiner.verdict(counted.test, completion)
        return _with_finding(tried, finding_of(counted.grounds, completion, verdict))

    def _begun(self, tried: TierTried) -> Begun:
        return Begun(self._voice.name, self._voice.pack, self._voice.fingerprint, _alone(tried))

    def _failed(self, tried: TierTried, error: ApiError | SutureError, began: float) -> Rejected:
        said = error.message if isinstance(error, ApiError) else str(error)
        spent = tried.model_copy(update={"seconds": time.monotonic() - began})
        return self._rejected(spent, Finding(FAILED, said), [], error)

    def _rejected(
        self, tried: TierTried, finding: Finding, events: Sequence[Event], error: ApiError | SutureError | None = None
    ) -> Rejected:
        return Rejected(_with_finding(tried, finding), finding, events, error)


_PROMISES = {"invalid_answer": Trigger.SCHEMA, "no_tool_call": Trigger.TOOLS}


def _says(pieces: Sequence[Piece], form: AnswerForm) -> bool:
    return bool("".join(piece.text for piece in pieces).removeprefix(form.opening).strip())


def _completion(parts: Sequence[Piece | Ending], seconds: float) -> Completion:
    text = "".join(part.text for part in parts if isinstance(part, Piece))
    ending = parts[-1] if parts and isinstance(parts[-1], Ending) else Ending(FinishReason.STOP, 0, 0)
    return Completion(
        text=text,
        finish=ending.finish,
        prompt_tokens=ending.prompt_tokens,
        tokens=ending.tokens,
        seconds=max(seconds, 0.0),
    )


async def _again(parts: Sequence[Piece | Ending]) -> AsyncIterator[Piece | Ending]:
    for part in parts:
        yield part


async def _kept(said: AsyncGenerator[Piece | Ending], whole: list[Piece | Ending]) -> AsyncGenerator[Piece | Ending]:
    """The same parts, of which each is remembered."""
    async with aclosing(said):
        async for part in said:
            whole.append(part)
            yield part


def _with_finding(tried: TierTried, finding: Finding | None) -> TierTried:
    if finding is None:
        return tried
    said = f"{finding.why}: {finding.detail[:MOST_DETAIL]}" if finding.detail else str(finding.why)
    return tried.model_copy(update={"accepted": False, "finding": said})


def _spent(tried: TierTried, prompt_tokens: int, tokens: int, began: float) -> TierTried:
    seconds = time.monotonic() - began
    return tried.model_copy(update={"prompt_tokens": prompt_tokens, "tokens": tokens, "seconds": seconds})


def _alone(tried: TierTried) -> ServedAnswer:
    """Completed by whoever knows the rest of the way."""
    return ServedAnswer(policy="", tiers=(tried,))
