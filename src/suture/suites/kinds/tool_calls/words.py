"""How values are written in a question, and whether it states one."""

import json
import re
from collections.abc import Sequence
from typing import Any

from suture.core.measure.task import Task
from suture.suites.kinds.tool_calls.wanted import Value, leaves

_ANYTHING = ("all", "any")
_NO_VALUES = re.compile(r"\^\s*-?\d+|(?<!\S)\d+[.)](?=\s)")
"""Exponents, and the numbers of a list."""


def question_of(task: Task) -> str:
    return "\n".join(message.content for message in task.messages if message.role == "user")


def written(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def word(value: Value, flags: int = 0) -> re.Pattern[str]:
    """Where a value stands as a whole word: no letter, digit or decimal beside it."""
    return re.compile(rf"(?<![\w.]){re.escape(written(value))}(?!\w|[.,]\d)", flags)


def states(question: str, value: Any, beside: Sequence[Value] = ()) -> bool:
    """Whether all that a value is made of stands in the question as whole words, large or small, more often than in the
    values ``beside`` it: "flights to 12 islands" states 12 once, whatever takes it.

    What has no words of its own, as ``true`` has none, is never stated; "all" and "any" are said of other things too
    often; and a number that is an exponent or numbers a list is no value.
    """
    parts = list(leaves(value))
    if any(written(part).casefold() in _ANYTHING for part in parts):
        return False
    asked, texts = _NO_VALUES.sub(" ", question), [written(one) for one in beside]
    return bool(parts) and all(_times(part, asked) > sum(_times(part, text) for text in texts) for part in parts)


def _times(value: Value, text: str) -> int:
    # Most values do not stand there at all, and each has a pattern of its own.
    return len(word(value, re.IGNORECASE).findall(text)) if written(value).casefold() in text.casefold() else 0
