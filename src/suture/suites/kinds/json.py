"""Kind ``json``: the answer is one JSON value, equal to another, valid by a schema, or both. Nothing is run."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn

from suture.core.errors import MissingTool
from suture.core.json_types import is_object
from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.policy import Grounds
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.kinds.fences import single_block
from suture.suites.kinds.json_schemas import loop_in
from suture.suites.kinds.json_values import Equality, NotJson, read_value
from suture.suites.kinds.kind import Shown, Words, truncated, without_answer
from suture.suites.kinds.schema_in_prompt import schema_in

NEVER_VALID: tuple[Any, ...] = (False, {"not": {}}, {"not": True}, {"enum": []})


class JsonKind:
    words = Words("JSON", "JSON values", "not one JSON value, or cut off", "json")
    writing = None
    sandboxing = None

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The fenced block or the whole answer, as text."""
        text = single_block(completion.text, opened=bool(task.form.opening))
        if text is None or not text.strip():
            return without_answer(completion, "no single value in the answer")
        return text.strip()

    def decide(self, task: Task, answer: str) -> Verdict:
        """FAIL syntax for what is no JSON, FAIL wrong for another value."""
        check = check_of(task, JsonCheck)
        try:
            value = read_value(answer)
        except NotJson as error:
            return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail=f"not one JSON value: {error}")
        if check.equals_text is not None:
            equality = Equality(check.subset, check.unordered, Decimal(str(check.abs_tol)), Decimal(str(check.rel_tol)))
            if (said := equality.difference(_wanted(check.equals_text), value)) is not None:
                return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)
        try:
            said = None if check.schema_text is None else _validator(check.schema_text, check.assert_format)(value)
        except ValueError as error:
            said = f"it cannot be held against the schema: {_line(error)}"
        if said is not None:
            return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)
        return Verdict(outcome=Outcome.PASS)

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """Broken JSON in an answer that ran out of tokens is a truncation: the same loss, its real cause."""
        return truncated(completion, verdict, Reason.SYNTAX)

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        return None if task.reference is None else task.reference.strip() + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        block = single_block(text, opened=bool(task.form.opening))
        return (text if block is None else block).strip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: a value has no version of the model's own."""

    def shown(self, asked: Asked) -> Shown:
        """The JSON Schema that the last message carries; else only that the answer is JSON."""
        schema = schema_in(asked.messages[-1].content if asked.messages else "")
        if schema is None or _why_unusable(schema) is not None:
            return Shown(JsonCheck(schema_text="true"), Grounds.FORM)
        return Shown(JsonCheck(schema_text=schema), Grounds.SCHEMA)

    def complaint(self, task: Task) -> str | None:
        """Why the schema or the wanted value cannot be used. Raises MissingTool without the extra ``[json]``."""
        check = check_of(task, JsonCheck)
        try:
            wanted = None if check.equals_text is None else _wanted(check.equals_text)
            if check.schema_text is None:
                return None
            if (said := _why_unusable(check.schema_text, check.assert_format)) is not None:
                return said
            said = _validator(check.schema_text, check.assert_format)(wanted)
        except NotJson as error:
            return f"its check holds no JSON: {error}"
        if check.equals_text is None or said is None:
            return None
        return f"the value it wants is not allowed by its own schema: {said}"


def _why_unusable(schema: str, assert_format: bool = False) -> str | None:
    """Why no value can be checked by a schema; None where values can."""
    try:
        value = read_value(schema)
        if value in NEVER_VALID:
            return "its schema can never be met"
        if (loop := loop_in(value)) is not None:
            return f"its schema is broken: {loop} refers to itself and describes nothing"
        _validator(schema, assert_format)
    except NotJson as error:
        return f"its check holds no JSON: {error}"
    except ValueError as error:
        return f"its schema is broken: {_line(error)}"
    return None


@lru_cache(maxsize=1024)
def _wanted(text: str) -> Any:
    return read_value(text)


@lru_cache(maxsize=1024)
def _validator(schema: str, assert_format: bool) -> Callable[[Any], str | None]:
    """What is wrong with a value, in one line, or None. Patterns are matched in linear time; nothing is fetched.

    Raises:
        MissingTool: the package jsonschema-rs is not installed.
        ValueError: a broken schema, one with a ``$ref`` to somewhere else, or a pattern that looks around.
    """
    try:
        import jsonschema_rs
    except ImportError:
        raise MissingTool("JSON schemas need the package jsonschema-rs", mend="pip install 'suture[json]'") from None
    value: Any = read_value(schema)
    if not is_object(value) and not isinstance(value, bool):
        raise ValueError("a schema is an object, true or false")
    try:
        validator = jsonschema_rs.validator_for(
            value,
            validate_formats=assert_format,
            ignore_unknown_formats=not assert_format,
            pattern_options=jsonschema_rs.RegexOptions(),
            retriever=_refuse_remote,
        )
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(str(error)) from None

    def said(value: Any) -> str | None:
        error = next(validator.iter_errors(value), None)
        return None if error is None else _line(error)

    return said


def _line(error: Exception) -> str:
    """The first line: what follows repeats the schema."""
    text = " ".join(str(error).partition("\n")[0].split())[:200]
    if text.endswith(' is not a "regex"'):
        pattern = text.removesuffix(' is not a "regex"')
        return f"the pattern {pattern} does not compile, looks around, refers back, or is too large"
    if text.endswith("is not valid under any of the schemas listed in the 'anyOf' keyword"):
        return f"{text.split(' is not valid')[0]} is no type or value that JSON Schema knows there"
    for found, meaning in _MEANING:
        if named := found.match(text):
            return meaning.format(named[1])
    return text


_MEANING = (
    (re.compile(r"Resource '(.*?)' is not present"), "it refers to {}, and nothing is fetched: put it under $defs"),
    (re.compile(r"Pointer '(.*?)' does not exist"), "it refers to #{}, which it does not have"),
    (re.compile(r"Unknown meta-schema: '(.*?)'"), "$schema is {}, no draft that is known; without it, draft 2020-12"),
    (re.compile(r"Unknown format: '(.*?)'"), "the format {!r} is unknown, so it cannot be asserted"),
)
"""What the library's words mean for who wrote the schema."""


def _refuse_remote(uri: str) -> NoReturn:
    raise ValueError(f"it refers to {uri}, and nothing is fetched")
