"""Finds the JSON Schemas that a prompt asks its answer to fit."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from suture.core.json_types import is_list, is_object
from suture.core.measure.tools import TYPE_WORDS

_SAYS_MORE = ("properties", "items", "enum", "required", "prefixItems", "additionalProperties", "const")
_SCHEMA_WORDS = frozenset(
    ("title", "description", "type", "oneOf", "anyOf", "allOf", "enum", "$defs", "definitions", *_SAYS_MORE, "not")
)
_MOST_OBJECTS = 64
_ASKS = re.compile(
    r"\b(?:fits?|match(?:es|ing)?|conform(?:s|ing)?|validates?|according to|adher(?:e|es|ing)|satisf(?:y|ies|ying)|"
    r"compl(?:y|ies|iant|ying)|obeys?|valid (?:by|against|under)|follow(?:s|ing)? (?:this|that|the|my|our))\b"
    r"|\b(?:us(?:e|ing)|by|with|in|to|into|against) (?:this|that|the|a|my|our)(?: following)? (?:json[ -])?"
    r"(?:schema|format|form|shape|structure)\b"
    r"|(?:^|[\n.!?:])\W*(?:here is )?(?:(?:the|your|json|output|response|answer|result|expected|required|target)[ -]?)*"
    r"(?:schema|format)\W*(?:`\w*\s*)?$",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:input|inputs|each|every|lists?\s+of|arrays?\s+of|items|does|do|whether|examples?|e\.g\.|for\s+instance|errors|"
    r"(?:,\s*|\binput\s+)which\s+(?:\w+\s+)?(?:fits?|match(?:es)?|conforms?|follows?))\b",
    re.IGNORECASE,
)
"""Of a sentence about a schema which something else fits than the whole answer."""
_OF_ANSWER = re.compile(r"\b(?:output|answer|response|reply|return|respond|result)\b", re.IGNORECASE)
_ABOVE = re.compile(
    r"\b(?:fits?|match(?:es|ing)?|conforms?|validates?|valid (?:by|against|under)|according to|adheres?|follows?|"
    r"use|using)\b[^.\n{]{0,40}\b(?:this|that|the(?: above)?) (?:json[ -])?schema\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?;]\s|\n\s*\n")
_NEAR = 200
"""Letters before a schema in which a prompt says what it is for. One that is only to be read is no promise."""


class _Found(NamedTuple):
    """``before``: what the text says of a schema ahead of it, in the same sentence and as far as the last object."""

    schema: str
    before: str
    after: str


def schema_in(text: str, is_usable: Callable[[str], bool]) -> str | None:
    """The usable JSON Schema which a text asks its answer to fit, as the text wrote it; None where there is none, or
    several may be meant."""
    found = [one for one in _schemas(text) if is_usable(one.schema)]
    asked = [one for one in found if _ASKS.search(one.before) and not _OF_OTHERS.search(_last_sentence(one.before))]
    if not asked and len({one.schema for one in found}) == 1:
        last = found[-1]
        asked = [last] if _ABOVE.search(last.after) and not _OF_OTHERS.search(last.after) else []
    if len({one.schema for one in asked}) > 1:
        asked = [one for one in asked if _OF_ANSWER.search(_last_sentence(one.before))]
    schemas = {one.schema for one in asked}
    return schemas.pop() if len(schemas) == 1 else None


def _last_sentence(before: str) -> str:
    """With the one before it, where it only announces what comes: `Schema:`."""
    *others, last = [""] + [part for part in _SENTENCE.split(before) if re.search(r"\w", part)]
    return f"{others[-1]} {last}" if others and len(last.split()) < 3 else last


def _schemas(text: str) -> Iterator[_Found]:
    decoder = json.JSONDecoder()
    at, last = text.find("{"), 0
    for _ in range(_MOST_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if _reads_as_schema(value):
                yield _Found(text[at:end], text[max(last, at - _NEAR) : at], text[end : end + _NEAR])
                last = end
        at = text.find("{", end)


def _reads_as_schema(value: Any) -> bool:
    try:
        return _is_schema(value)
    except RecursionError:  # nested deeper than anybody writes
        return False


def _is_schema(value: Any) -> bool:
    if not is_object(value) or _has_key(value, "nullable"):  # OpenAPI's, which JSON Schema does not know
        return False
    if isinstance(value.get("$schema"), str):
        return True
    if any(is_list(value.get(word)) for word in ("oneOf", "anyOf", "allOf", "enum")):
        return value.keys() <= _SCHEMA_WORDS
    if isinstance(value.get("$ref"), str) and is_object(value.get("$defs", value.get("definitions"))):
        return True
    types = value.get("type")
    stated = {*types} <= {*TYPE_WORDS} if is_list(types) else types in TYPE_WORDS
    stated = stated and any(word in value for word in _SAYS_MORE)
    return stated or (is_object(value.get("properties")) and isinstance(value.get("required", []), list))


def _has_key(value: Any, key: str) -> bool:
    if is_object(value):
        return key in value or any(_has_key(one, key) for one in value.values())
    return is_list(value) and any(_has_key(one, key) for one in value)
