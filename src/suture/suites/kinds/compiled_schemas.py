"""Compiles JSON Schemas, draft 2020-12 or the draft that one names, and says why one cannot be used."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

from suture.core.errors import MissingTool
from suture.core.json_types import is_object
from suture.machine.installing import install_extra
from suture.suites.kinds.json_schemas import loop_in
from suture.suites.kinds.json_values import NotJson, read_value
from suture.suites.kinds.never_met import is_never_met


def why_unusable(schema: str, assert_format: bool = False) -> str | None:
    """Why no value can be checked by a schema; None where values can."""
    try:
        value = read_value(schema)
        if is_never_met(value):
            return "its schema can never be met"
        if (loop := loop_in(value)) is not None:
            return f"its schema is broken: {loop} refers to itself and describes nothing"
        validator_of(schema, assert_format)
    except NotJson as error:
        return f"its check holds no JSON: {error}"
    except ValueError as error:
        return f"its schema is broken: {first_line(error)}"
    return None


@lru_cache(maxsize=1024)
def validator_of(schema: str, assert_format: bool = False) -> Callable[[Any], str | None]:
    """What is wrong with a value, in one line, or None. Patterns are matched in linear time; nothing is fetched.

    Raises:
        MissingTool: the package jsonschema-rs is not installed.
        ValueError: a broken schema, one with a ``$ref`` to somewhere else, or a pattern that looks around.
    """
    try:
        import jsonschema_rs
    except ImportError:
        raise MissingTool("JSON schemas need the package jsonschema-rs", mend=install_extra("json")) from None
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
        return None if error is None else first_line(error)

    return said


def first_line(error: Exception) -> str:
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
