"""Why an answer is not given, before anything is known of a task's tests. Pure."""

import re
from enum import StrEnum
from typing import NamedTuple

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.grounds import Grounds
from suture.core.measure.verdict import Reason, Verdict


class Trigger(StrEnum):
    """What may send a prompt on to the next tier of a policy."""

    EMPTY = "empty"
    """The answer is nothing, or white space."""
    CUT_OFF = "cut-off"
    """It ran out of tokens."""
    UNPARSABLE = "unparsable"
    """It is not what its kind of job asks for: no program, no JSON, broken calls."""
    SCHEMA = "schema"
    """It is not valid by the JSON Schema, or its query does not run on the tables."""
    TOOLS = "tools"
    """It calls what is not offered, or calls it wrongly, or calls nothing where it must."""
    EXAMPLES = "examples"
    """It does not do what the prompt's own examples show."""
    REFUSED = "refused"
    """It says that it will not answer. Off unless it is named: a refusal may be right."""


USUAL_TRIGGERS = tuple(trigger for trigger in Trigger if trigger is not Trigger.REFUSED)
FAILED = "failed"
"""A model that failed instead of answering always sends the prompt on: no trigger can be left out for it."""

_BY_GROUNDS = {
    Grounds.EXAMPLES: Trigger.EXAMPLES,
    Grounds.SCHEMA: Trigger.SCHEMA,
    Grounds.TOOLS: Trigger.TOOLS,
    Grounds.FORM: Trigger.UNPARSABLE,
    Grounds.NOTHING: Trigger.UNPARSABLE,
}
_REFUSAL = re.compile(
    r"(i['’]?m sorry|i am sorry|sorry|i apologi[sz]e|unfortunately)?[,.;]?\s*(but )?(as an ai[^,.]*,\s*)?"
    r"(i|we) (can ?not|can['’]?t|am unable to|am not able to|will not|won['’]?t)\b",
)


class Finding(NamedTuple):
    """``why``: a trigger, or ``failed``. ``detail``: one line for people."""

    why: str
    detail: str = ""


def finding_of(grounds: Grounds, completion: Completion, verdict: Verdict) -> Finding | None:
    """What the check of a prompt found in an answer; None where it holds."""
    if verdict.passed:
        return None
    if verdict.faulted:
        return Finding(FAILED, verdict.detail)
    if not completion.text.strip():
        why = Trigger.EMPTY
    elif verdict.reason is Reason.TRUNCATED:
        why = Trigger.CUT_OFF
    elif verdict.reason in (Reason.SYNTAX, Reason.NO_ANSWER):
        why = Trigger.UNPARSABLE
    else:
        why = _BY_GROUNDS[grounds]
    return Finding(why, verdict.detail)


def plain_finding(completion: Completion) -> Finding | None:
    """What is wrong with an answer to a prompt that shows nothing: it is empty, or was cut off."""
    if not completion.text.strip():
        return Finding(Trigger.EMPTY)
    return Finding(Trigger.CUT_OFF) if completion.finish is FinishReason.LENGTH else None


def refuses(text: str) -> bool:
    """Tell whether an answer begins by saying that it will not answer. By its words alone, so it may be mistaken."""
    return _REFUSAL.match(" ".join(text.split()).casefold()) is not None
