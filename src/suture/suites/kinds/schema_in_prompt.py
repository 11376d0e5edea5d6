"""Finds the JSON Schemas that a prompt asks its answer to fit."""

import json
import re
from collections.abc import Iterator
from typing import Any

from suture.core.json_types import is_object
from suture.core.measure.tools import TYPE_WORDS

_SAYS_MORE = ("properties", "items", "enum", "required", "prefixItems", "additionalProperties", "const")
_MOST_OBJECTS = 64
_ASKS = re.compile(
    r"\b(?:fits?|match(?:es|ing)?|conform(?:s|ing)?|validates?|according to|adher(?:e|es|ing)|satisf(?:y|ies|ying)|"
    r"compl(?:y|ies|iant|ying)|obeys?|valid (?:by|against|under)|follow(?:s|ing)? (?:this|that|the|my|our))\b"
    r"|\b(?:us(?:e|ing)|by|with|in|to|into|against) (?:this|that|the|a|my|our)(?: following)? (?:json[ -])?"
    r"(?:schema|format|form|shape|structure)\b"
    r"|(?:^|[\n.!?:])\W*(?:(?:the|your|json|output|response|answer|result|expected|required|target)[ -]?)*"
    r"(?:schema|format)\W*(?:`\w*\s*)?$",
    re.IGNORECASE,
)
_NEAR = 200
"""Letters before a schema in which a prompt says what it is for. One that is only to be read is no promise."""


def schemas_in(text: str) -> Iterator[str]:
    """The objects in a text that read as a JSON Schema which the answer is to fit, as the text wrote them."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if _is_schema(value) and _ASKS.search(text, max(0, at - _NEAR), at):
                yield text[at:end]
        at = text.find("{", end)


def _is_schema(value: Any) -> bool:
    if not is_object(value):
        return False
    if isinstance(value.get("$schema"), str):
        return True
    stated = value.get("type") in TYPE_WORDS and any(word in value for word in _SAYS_MORE)
    return stated or (is_object(value.get("properties")) and isinstance(value.get("required", []), list))
