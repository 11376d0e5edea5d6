"""How values are written in a question: where one stands in it, and in which of several words."""

import json
import re
from collections.abc import Sequence
from typing import Any

from suture.core.measure.task import Task
from suture.suites.kinds.tool_calls.wanted import Value, leaves


def question_of(task: Task) -> str:
    return "\n".join(message.content for message in task.messages if message.role == "user")


def written(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def word(value: Value, flags: int = 0) -> re.Pattern[str]:
    """Where a value stands as a whole word: no letter, digit or decimal beside it."""
    return re.compile(rf"(?<![\w.]){re.escape(written(value))}(?!\w|[.,]\d)", flags)


def states(question: str, value: Any) -> bool:
    """Whether all that a value is made of stands in the question as whole words, large or small. What has no words of
    its own, as ``true`` has none, is never stated."""
    parts = list(leaves(value))
    return bool(parts) and all(_stands(part, question, re.IGNORECASE) for part in parts)


def in_its_words(values: Sequence[Any], question: str) -> Any:
    """Of several values that mean the same, the one that has most of the question's words, written as they are there;
    the first where it states none."""

    def words_of(value: Any) -> tuple[int, bool]:
        parts = list(leaves(value))
        return sum(len(written(part)) for part in parts), all(_stands(part, question) for part in parts)

    return max([value for value in values if states(question, value)] or values[:1], key=words_of)


def _stands(value: Value, question: str, flags: int = 0) -> bool:
    # Most values do not stand there at all, and each has a pattern of its own.
    return written(value).casefold() in question.casefold() and word(value, flags).search(question) is not None
