"""A policy that answers: its tiers are asked in order, each answer is held to what the prompt shows, and the first that
holds is given. Where none holds, the last greedy tier's answer is given anyway, as in a bench."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from suture.core.errors import Fault
from suture.core.measure.asked import Asked
from suture.core.measure.findings import FAILED
from suture.core.measure.policy import Policy, Tier, speaks_anyway
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.task import AnswerForm
from suture.serve.examiner import Examiner
from suture.serve.responder import Begun, Ended, Event, Inquiry
from suture.serve.tier_answer import Rejected, TierAnswering
from suture.serve.voice import Voice, form_for
from suture.suites.kinds.acceptance import Acceptance, acceptance_of, counted_by


@dataclass(frozen=True)
class Job:
    """What a route says of its prompts.

    Attributes:
        kind: the sort of job; "" where nobody says. With tools or a schema the request itself says it.
        form: how an answer is opened, closed and stopped.
        suite: whose tasks the prompts are like, where tiers are for some suites alone.
        counted: an answer that is given whatever it says is held to its prompt afterwards, so that it can be counted.
    """

    kind: str = ""
    form: AnswerForm = field(default_factory=AnswerForm)
    suite: str = ""
    counted: bool = False

    def asked(self, asked: Inquiry) -> Asked:
        """A client's question, as an acceptance check sees it."""
        kind = "tool-calls" if asked.tools else "json" if asked.schema_text is not None else self.kind
        return Asked(
            kind=kind if asked.messages is not None else "",
            messages=asked.messages or (),
            tools=asked.tools,
            form=form_for(asked, self.form),
            schema_text=asked.schema_text,
        )


class _Try(NamedTuple):
    """A tier that was asked and whose answer was not taken."""

    tier: Tier
    rejected: Rejected


class PolicyAnswers:
    """``voices``: the model of each tier, by the tier's name."""

    def __init__(self, policy: Policy, voices: Mapping[str, Voice], examiner: Examiner, job: Job) -> None:
        self.policy, self.voices, self._examiner, self._job = policy, voices, examiner, job

    async def respond(self, asked: Inquiry, told: ServedAnswer) -> AsyncGenerator[Event]:
        """As of ``Responder``.

        Args:
            told: what is known already of how the answer comes about: route, mode, policy.

        Raises:
            ApiError, SutureError: of the last tier, where none gave an answer.
        """
        seen = self._job.asked(asked)
        acceptance = await self._acceptance(seen)
        counted = acceptance.counted
        grounds = acceptance.grounds if counted is None else counted.grounds
        told = told.model_copy(update={"grounds": grounds, "kind": seen.kind})
        tried: list[_Try] = []
        for tier, number in self._order(acceptance, tried):
            one = TierAnswering(self.voices[tier.name], tier, number, acceptance, self._examiner)
            async with aclosing(one.respond(asked, self._job.form)) as events:
                async for event in events:
                    if isinstance(event, Rejected):
                        tried.append(_Try(tier, event))
                        break
                    yield _with(event, told, tried)
                else:
                    return
        whole = [one for one in tried if one.rejected.error is None]
        if not whole:
            yield self._nobody(told, tried)
            raise (tried[-1].rejected.error if tried else None) or Fault("no tier of the policy was asked")
        for event in _anyway(acceptance, tried, whole):
            yield _with(event, told, tried)

    async def _acceptance(self, seen: Asked) -> Acceptance:
        """What the prompt shows of a sort of job is read in a thread: strangers write prompts of any length."""
        if seen.kind and self.policy.may_choose:
            acceptance = await asyncio.to_thread(acceptance_of, self.policy, seen, self._job.suite)
        else:
            acceptance = acceptance_of(self.policy, seen, self._job.suite)
        if seen.kind and self._job.counted and acceptance.unconditional:
            return replace(acceptance, counted=await asyncio.to_thread(counted_by, seen))
        return acceptance

    def _nobody(self, told: ServedAnswer, tried: list[_Try]) -> Begun:
        """Who was asked in vain, for the record; under the name of the last, as of an answer that fails on its way."""
        voice = self.voices[tried[-1].tier.name if tried else self.policy.tiers[0].name]
        asked = tuple(one.rejected.tried for one in tried)
        why = str(tried[0].rejected.finding.why) if len(asked) > 1 else told.fallback
        how = told.model_copy(update={"tiers": asked, "gave": max(len(asked) - 1, 0), "fallback": why})
        return Begun(voice.name, voice.pack, voice.fingerprint, how)

    def _order(self, acceptance: Acceptance, tried: list[_Try]) -> Iterator[tuple[Tier, int]]:
        """Each tier as often as it may answer; then, where whoever was to answer unconditionally failed, the others."""
        others = [
            tier
            for tier in self.policy.tiers
            if tier.serves(self._job.suite) and tier not in acceptance.tiers and acceptance.unconditional
        ]
        for tier in (*acceptance.tiers, *others):
            for number in range(1 if acceptance.unconditional else tier.answers):
                yield tier, number
                if tried and tried[-1].rejected.finding.why == FAILED:
                    break


def _anyway(acceptance: Acceptance, tried: list[_Try], whole: list[_Try]) -> Iterator[Begun | Event]:
    """The answer given although it does not hold: of the tier that speaks anyway, else the last whole one."""
    first = {one.tier.name: one for one in reversed(tried)}
    blank = [name for name, one in first.items() if one.rejected.error or not one.rejected.tried.text.strip()]
    given = first.get(speaks_anyway(acceptance.tiers, blank).name, whole[-1])
    if given.rejected.error is not None:
        given = whole[-1]
    place = next(at for at, one in enumerate(tried) if one is given)
    yield from (_given_at(event, place) for event in given.rejected.events)


def _given_at(event: Event, place: int) -> Event:
    if isinstance(event, Begun | Ended) and event.how is not None:
        how = event.how.model_copy(update={"gave": place, "tiers": ()})
        return event._replace(how=how) if isinstance(event, Begun) else _ended(event, how)
    return event


def _with(event: Event, told: ServedAnswer, tried: list[_Try]) -> Event:
    """An event that tells the whole way to its answer."""
    if not isinstance(event, Begun | Ended) or event.how is None:
        return event
    before = [one.rejected.tried for one in tried]
    own = event.how.tiers
    gave = len(before) if own else event.how.gave
    if not own:
        before[gave] = before[gave].model_copy(update={"text": ""})
    why = tried[0].rejected.finding.why if tried and gave > 0 else told.fallback
    how = told.model_copy(update={"tiers": (*before, *own), "gave": gave, "fallback": str(why)})
    return event._replace(how=how) if isinstance(event, Begun) else _ended(event, how)


def _ended(event: Ended, how: ServedAnswer) -> Ended:
    return Ended(event.finish, event.prompt_tokens, event.tokens, event.calls, how)
