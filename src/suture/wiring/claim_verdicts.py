"""What the verdicts on a served answer, and on the same asked again, say together."""

from collections.abc import Sequence

from suture.core.measure.attempt import Attempt, Completion
from suture.core.measure.served_answer import TierTried
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.serve.asked_again import Heard

MOST_DETAIL = 120
"""Characters of a verdict's detail that are told."""


def agreed(verdicts: Sequence[Verdict]) -> tuple[int, str]:
    """1 right, -1 wrong, 0 unstable; and why."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if not failed:
        return 1, "it passes what it is held to, as served and asked again twice"
    if len(failed) == len(verdicts):
        return -1, f"it fails what it is held to, as served and asked again twice: {told(verdicts[0])}"
    return 0, f"unstable: {len(failed)} of {len(verdicts)} fail, as served and asked again twice"


def told(verdict: Verdict) -> str:
    """Why an answer failed, in a line."""
    reason = verdict.reason.value if verdict.reason else verdict.outcome.value
    return f"{reason}: {verdict.detail[:MOST_DETAIL]}" if verdict.detail else reason


def completion_of(heard: Heard) -> Completion:
    """What an engine said just now, as the judge takes it."""
    ending = heard.ending
    return Completion(text=heard.text, finish=ending.finish, prompt_tokens=ending.prompt_tokens, tokens=ending.tokens)


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
