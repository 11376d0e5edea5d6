"""What the verdicts on a served answer, and on the same asked again, say together."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from suture.core.measure.attempt import Attempt, Completion, FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.prompts import written_calls
from suture.core.measure.served_answer import TierTried
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.serve.asked_again import Again, Heard

MOST_DETAIL = 120
"""Characters of a verdict's detail that are told."""


class Standing(IntEnum):
    """What several verdicts on one answer say together, as a reward has it."""

    WRONG = -1
    UNSTABLE = 0
    RIGHT = 1


class Agreement(NamedTuple):
    standing: Standing
    why: str


def agreed(verdicts: Sequence[Verdict]) -> Agreement:
    """Pure."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if not failed:
        return Agreement(Standing.RIGHT, "it passes what it is held to, as served and asked again twice")
    if len(failed) == len(verdicts):
        why = f"it fails what it is held to, as served and asked again twice: {told(verdicts[0])}"
        return Agreement(Standing.WRONG, why)
    why = f"unstable: {len(failed)} of {len(verdicts)} fail, as served and asked again twice"
    return Agreement(Standing.UNSTABLE, why)


def told(verdict: Verdict) -> str:
    """Why an answer failed, in a line."""
    reason = verdict.reason.value if verdict.reason else verdict.outcome.value
    return f"{reason}: {verdict.detail[:MOST_DETAIL]}" if verdict.detail else reason


def completion_of(heard: Heard) -> Completion:
    """What an engine said just now, as the judge takes it."""
    ending = heard.ending
    return Completion(text=heard.text, finish=ending.finish, prompt_tokens=ending.prompt_tokens, tokens=ending.tokens)


def served_completion(one: Again, task: Task, template: ChatTemplate) -> Completion:
    """The recorded answer as the engine said it: without what its form put around it, calls as they are written."""
    answer = one.answer
    text = answer.text.removeprefix(one.form.opening)
    says_no_call = bool(one.asked.tools) and answer.finish is FinishReason.STOP and not text
    if answer.calls or says_no_call:  # an empty list of calls is told to the client as an empty text
        text = written_calls(task, template, answer.calls)
    if one.form.closing:
        text = text.removesuffix(one.form.closing)
    finish = answer.finish or FinishReason.STOP
    return Completion(text=text, finish=finish, prompt_tokens=answer.prompt_tokens, tokens=answer.tokens)


def attempt_of(task: Task, tier: TierTried, completion: Completion) -> Attempt:
    """An answer to a task, by what a tier was asked."""
    return Attempt(
        task_id=task.id,
        task_digest=task.digest,
        pack=tier.pack,
        engine=tier.engine,
        sampling=tier.sampling,
        prompt_digest=tier.prompt_digest,
        stop=tier.stop,
        max_tokens=tier.max_tokens,
        completion=completion,
    )
