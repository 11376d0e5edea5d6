"""A JSON Schema as llama.cpp holds answers to it token by token. Pure.

Its grammar (llguidance) refuses a schema with any keyword that it lacks, such as ``uniqueItems``, and then holds the
answer to nothing. So it is told to leave those out, and what it does not tell by itself, patterns it cannot read, is
left out here; the whole schema is held against the answer afterwards.
"""

import re
from typing import Any

from suture.core.json_types import SCHEMAS_DATA, is_list, is_object

_GUIDANCE = "x-guidance"
_NO_GRAMMAR = re.compile(r"\\[bBc1-9]|\(\?[=!<]|\(\?[a-z]*m|(?<!^)(?<![\[\\])\^")
"""Of patterns: edges of words and of lines, control characters, looking around, references back."""


def held_schema(schema: Any) -> dict[str, Any]:
    weaker = _weaker(schema)
    held = weaker if is_object(weaker) else {}
    asked = held.get(_GUIDANCE)
    return held | {_GUIDANCE: (asked if is_object(asked) else {}) | {"lenient": True}}


def _weaker(node: Any) -> Any:
    """The schema without patterns that no grammar has."""
    if is_list(node):
        return [_weaker(inner) for inner in node]
    if not is_object(node):
        return node
    return {key: _kept(key, inner) for key, inner in node.items() if not (key == "pattern" and _is_hard(inner))}


def _kept(key: str, inner: Any) -> Any:
    if key in SCHEMAS_DATA:
        return inner
    if key == "patternProperties" and is_object(inner):
        return {pattern: _weaker(one) for pattern, one in inner.items() if not _is_hard(pattern)}
    if key in ("properties", "$defs", "definitions", "dependentSchemas") and is_object(inner):
        return {name: _weaker(one) for name, one in inner.items()}  # names of one's own, such as `pattern` or `const`
    return _weaker(inner)


def _is_hard(pattern: object) -> bool:
    return isinstance(pattern, str) and _NO_GRAMMAR.search(pattern) is not None
