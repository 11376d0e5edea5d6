"""Makes a task of what a stranger asked: held to what the prompt itself shows, or to a correction."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.policy import Grounds
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.suites.kinds import KINDS, kind_of
from suture.suites.kinds.fences import single_block
from suture.suites.kinds.json_values import NotJson, read_value
from suture.suites.kinds.kind import Shown
from suture.suites.kinds.tool_calls.calls import NoCalls
from suture.suites.kinds.tool_calls.reading import read_calls

TELLING = (Grounds.EXAMPLES, Grounds.SCHEMA, Grounds.TOOLS)
"""What says something of an answer's content, and not only of its form."""
SUITE = "served"


def served_id(record: str, choice: int) -> str:
    """Of the task that is made of one served answer."""
    return f"{SUITE}/{record}" + (f".{choice}" if choice else "")


class NoTask(Exception):
    """Why no task can be made, in one line."""


def shown_by(asked: Asked, schema_text: str | None = None) -> tuple[Asked, Shown] | None:
    """What an answer can be held to, and the kind it is then of; None where its prompt shows nothing.

    Args:
        asked: its kind as the route states it; empty where it is to be found.
        schema_text: a JSON Schema that came with the request.
    """
    if schema_text is not None:
        return _of(asked, "json"), Shown(JsonCheck(schema_text=schema_text), Grounds.SCHEMA)
    if not asked.messages:
        return None
    for kind, wanted in _kinds(asked):
        shown = KINDS[kind].shown(_of(asked, kind))
        if shown is not None and (wanted is None or shown.grounds is wanted):
            return _of(asked, kind), shown
    return None


def task_of(asked: Asked, shown: Shown, *, name: str, reference: str | None = None) -> Task:
    """The question as a task of the suite of served answers."""
    return asked.checked_by(shown.check).model_copy(
        update={"id": name, "suite": SUITE, "tags": (SUITE,), "reference": reference, "origin": "served.jsonl"}
    )


def answer_in(task: Task, correction: str) -> str:
    """What a person wrote as a correction, as a reference of the task has it: without a fence, without prose around it.

    Raises:
        NoTask: it has no answer of this kind.
    """
    completion = as_written(task, correction)
    found = kind_of(task).extract(task, completion)
    if isinstance(found, Verdict):
        raise NoTask(f"the correction has no answer of kind {task.check.kind}: {found.detail}")
    return found


def as_written(task: Task, correction: str) -> Completion:
    """A correction as if the model had said it, within the form of the answer."""
    text = correction
    if task.form.opening and text.lstrip().startswith("```"):
        text = single_block(text.strip(), opened=False) or text
    return Completion(text=text, finish=FinishReason.STOP, prompt_tokens=0, tokens=0)


def held_to(asked: Asked, correction: str, *, name: str) -> Task:
    """The question, decided by whether an answer is the correction: the same value, the same calls, or the same text.

    Raises:
        NoTask: the correction is not what the question wants.
    """
    if asked.tools:
        try:
            calls = read_calls(correction, {tool.name for tool in asked.tools})
        except NoCalls as error:
            raise NoTask(f"the correction calls no tool that was offered: {error}") from None
        wanted = [{"name": call.name, "arguments": json.loads(_json(call.arguments))} for call in calls]
        check: Any = ToolCallsCheck.model_validate({"calls": wanted})
        return task_of(_of(asked, "tool-calls"), Shown(check, Grounds.TOOLS), name=name, reference=correction)
    if asked.kind == "json":
        text = correction
        try:
            read_value(text)
        except NotJson as error:
            raise NoTask(f"the correction is no JSON: {error}") from None
        return task_of(asked, Shown(JsonCheck(equals_text=text), Grounds.SCHEMA), name=name, reference=text)
    plain = single_block(correction, opened=False) if asked.form.opening else correction
    exact = TextCheck(exact=(plain or correction).strip())
    return task_of(_of(asked, "text"), Shown(exact, Grounds.NOTHING), name=name, reference=exact.exact)


def _kinds(asked: Asked) -> list[tuple[str, Grounds | None]]:
    """Kinds to try, each with the grounds that it must find: a guess needs more than a form."""
    if asked.tools:
        return [("tool-calls", None)]
    if asked.kind in KINDS:
        return [(asked.kind, None)]
    language = asked.form.opening.strip().removeprefix("```")
    if language in KINDS:
        return [(language, None)]
    return [("python", Grounds.EXAMPLES), ("json", Grounds.SCHEMA), ("sql", Grounds.SCHEMA)]


def _json(arguments: Mapping[str, Any]) -> str:
    """Of arguments whose numbers were read exactly."""

    def number(value: Any) -> int | float:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is no JSON value")
        return int(value) if value == value.to_integral_value() else float(value)

    return json.dumps(arguments, ensure_ascii=False, default=number)


def _of(asked: Asked, kind: str) -> Asked:
    return asked.model_copy(update={"kind": kind})
