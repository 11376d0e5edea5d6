"""A JSON Schema as llama.cpp holds answers to it token by token. Pure.

Its grammar (llguidance) refuses a schema with any keyword that it lacks, such as ``uniqueItems``, and then holds the
answer to nothing. So it is told to leave those out; the whole schema is held against the answer afterwards.
"""

import re
from typing import Any

from suture.core.json_types import is_list, is_object

_LENIENT = {"x-guidance": {"lenient": True}}
_NO_GRAMMAR = re.compile(r"\\[bB]|\(\?[=!<]|\\[1-9]")
"""Of patterns: edges of words, looking around, references back."""


def held_schema(schema: Any) -> dict[str, Any]:
    weaker = _without_hard_patterns(schema)
    return (weaker if is_object(weaker) else {}) | _LENIENT


def _without_hard_patterns(node: Any) -> Any:
    if is_list(node):
        return [_without_hard_patterns(inner) for inner in node]
    if not is_object(node):
        return node
    pattern = node.get("pattern")
    hard = isinstance(pattern, str) and _NO_GRAMMAR.search(pattern) is not None
    return {key: _without_hard_patterns(inner) for key, inner in node.items() if not (hard and key == "pattern")}
