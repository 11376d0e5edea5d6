"""Your own tasks of any kind, one JSON object a line: a question, a kind, and the check that decides."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from suture.core.errors import UnknownName
from suture.core.frozen import Frozen
from suture.core.json_types import is_list, is_object, is_written_json
from suture.core.measure.checks import Check
from suture.core.measure.checks.tool_calls import BFCL
from suture.core.measure.task import AnswerForm, Message, Task
from suture.core.measure.tools import Tool
from suture.core.surrogates import has_surrogates
from suture.suites.bfcl import tool_in_json_schema
from suture.suites.kinds import kind_of
from suture.suites.kinds.fences import as_answered
from suture.suites.kinds.thoughts import after_thoughts

EXPECTED = {"json": "equals", "tool-calls": "calls", "text": "exact"}
"""The key of a kind's check that ``expected`` stands for."""
OTHER_WORDS = {
    "question": "prompt", "input": "prompt", "instruction": "prompt", "query": "prompt", "text": "prompt",
    "answer": "expected", "output": "expected", "response": "expected", "completion": "expected", "label": "expected",
    "target": "expected", "ideal": "expected", "solution": "reference", "task_id": "id", "name": "id", "type": "kind",
    "functions": "tools", "conversation": "messages", "conversations": "messages", "category": "tags", "tag": "tags",
    "license": "licence", "source": "origin", "grader": "check", "assert": "check",
}  # fmt: skip
"""Fields of other tools' rows, and what they are here."""
_SAID_BY: Mapping[str, Callable[[str], str | None]] = {
    **dict.fromkeys(("json", "sql"), as_answered),
    **dict.fromkeys(("text", "grader"), after_thoughts),
}
"""By kind, what a reference says: like an answer it may stand in a fence, or after reasoning. Other kinds read both."""
KINDS_MEANT = {
    "classification": "text", "label": "text", "labels": "text", "choice": "text", "number": "text", "math": "text",
    "extraction": "json", "tool_calls": "tool-calls", "tools": "tool-calls", "tool": "tool-calls",
    "function": "tool-calls", "function-calling": "tool-calls", "function_calling": "tool-calls", "code": "python",
    "py": "python", "sqlite": "sql", "query": "sql", "custom": "grader",
}  # fmt: skip
"""What jobs are called elsewhere, and the kinds that they are here."""
CHECKS: dict[str, type[BaseModel]] = {
    model.model_fields["kind"].default: model for model in get_args(get_args(Check)[0])
}
"""The type that reads ``check``, by kind."""
_OF_A_TOOL = ("type", "name", "description", "parameters", "parameters_text", "strict")
"""As OpenAI has them; ``strict`` says how a server decodes, and makes no other task."""
_CHECK = TypeAdapter[Any](Check)


class OwnRow(Frozen):
    """Attributes:
    id: what people call the task.
    kind: the sort of job; the keys of ``check`` are this kind's.
    prompt, messages: the question: one text, or a chat. One of the two.
    tools: functions that the chat offers, each in OpenAI's form or as ``{"name", "description", "parameters"}``.
    check, expected: how an answer is decided: the keys of its kind's check, or the one value it is to be.
    reference: a right answer; it is what a failure is taught, and shows that the check can be passed. Without one it is
        the answer that the check states, where it states one.
    form: how the answer is opened, closed and stopped; by default it is free.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    kind: str
    prompt: str | None = None
    messages: tuple[Message, ...] | None = None
    tools: tuple[Tool, ...] = ()
    check: dict[str, Any] = Field(default_factory=dict)
    expected: Any = None
    reference: str | None = None
    form: AnswerForm = AnswerForm()
    tags: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind not in CHECKS:
            if (meant := KINDS_MEANT.get(kind.lower())) is not None:
                raise ValueError(f"unknown kind {kind!r}; here it is {meant!r}")
            raise ValueError(str(UnknownName("kind", kind, CHECKS)))
        return kind

    @model_validator(mode="after")
    def _one_question(self) -> "OwnRow":
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give the question once: as `prompt`, or as `messages`")
        asked = [self.prompt or ""] if self.messages is None else [message.content for message in self.messages]
        if not any(text.strip() for text in asked):
            raise ValueError("its question is empty")
        return self

    @model_validator(mode="after")
    def _decided_once(self) -> "OwnRow":
        if ("expected" in self.model_fields_set) == bool(self.check):
            raise ValueError("say how an answer is decided once: as `check`, or as `expected`")
        if not self.check and self.kind not in EXPECTED:
            raise ValueError(f"kind {self.kind!r} needs `check`; `expected` is for {', '.join(EXPECTED)}")
        return self


def own_task(row: dict[str, Any], *, suite: str, origin: str) -> Task:
    """A task from a row.

    Raises:
        ValueError: an unknown field, a check that its kind does not know, or one that nothing can pass.
    """
    for name, value in row.items():
        if name not in OwnRow.model_fields:
            if (meant := OTHER_WORDS.get(name.lower())) is not None and meant not in row:
                raise ValueError(f"unknown field {name!r}; here it is {meant!r}")
            raise ValueError(str(UnknownName("field", name, OwnRow.model_fields)))
        if _has_half_a_character(value):
            raise ValueError(f"{name!r} has half a surrogate pair, which is no text: write both halves, or U+FFFD")
    _refuse_unknown_inside(row)
    fields = OwnRow.model_validate(_with_tools_in_json_schema(row))
    check = fields.check or {EXPECTED[fields.kind]: fields.expected}
    if check.get("kind", fields.kind) != fields.kind:
        raise ValueError(f"its kind is {fields.kind!r}, and that of its check {check['kind']!r}")
    known = [name.removesuffix("_text") for name in CHECKS[fields.kind].model_fields]
    for name in check:
        if name.removesuffix("_text") not in known:
            raise ValueError(str(UnknownName(f"field of a {fields.kind} check:", name, known)))
    if fields.kind == "json" and is_written_json(check.get("equals")):
        raise ValueError(
            "it wants a text that is JSON itself: write the object or list, without quotation marks; where the text is "
            "meant, give it as `equals_text`"
        )
    messages = fields.messages or (Message(role="user", content=fields.prompt or ""),)
    task = Task(
        id=fields.id,
        suite=suite,
        messages=messages,
        form=fields.form,
        tools=fields.tools,
        check=_CHECK.validate_python({**check, "kind": fields.kind}),
        reference=fields.reference,
        origin=fields.origin or origin,
        licence=fields.licence,
        tags=(suite, *fields.tags),
    )
    if (complaint := kind_of(task).complaint(task)) is not None:
        raise ValueError(complaint)
    if task.reference is not None and task.check.kind in _SAID_BY:
        said = _SAID_BY[task.check.kind](task.reference)
        return task if said is None else task.model_copy(update={"reference": said})
    if task.reference is None and (stated := kind_of(task).stated_answer(task)) is not None:
        return task.model_copy(update={"reference": stated})
    return task


def _refuse_unknown_inside(row: Mapping[str, Any]) -> None:
    """Raises ValueError: a field of a message or a tool that nobody would read, with the one that may be meant."""
    for at, message in enumerate(_objects(row.get("messages"))):
        _refuse_unknown(f"field of messages[{at}]:", message, Message.model_fields)
    for at, tool in enumerate(_objects(row.get("tools"))):
        function = tool.get("function")
        _refuse_unknown(f"field of tools[{at}]:", tool, ("type", "function") if is_object(function) else _OF_A_TOOL)
        if is_object(function):
            _refuse_unknown(f"field of tools[{at}].function:", function, _OF_A_TOOL)


def _with_tools_in_json_schema(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a task is decided by BFCL's rule, its tools may be written in BFCL's words: ``dict``, ``float``."""
    check = row.get("check")
    if not is_object(check) or check.get("rule") != BFCL or not is_list(row.get("tools")):
        return row
    return {**row, "tools": [tool_in_json_schema(tool) for tool in row["tools"]]}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if is_object(one)] if is_list(value) else []


def _refuse_unknown(what: str, found: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in found:
        if name not in known:
            raise ValueError(str(UnknownName(what, name, list(known))))


def _has_half_a_character(value: object) -> bool:
    return has_surrogates(json.dumps(value, ensure_ascii=False))


def as_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a file of this form."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
