"""What a wanted call copies from its question, and the same question and call with other values in their place."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from suture.core.json_types import json_text
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.task import Task, check_of

Value = int | float | str
Texts = Mapping[str, Sequence[str]]
"""Texts that may stand for each other, by shape."""

_YEARS = (1900, 2030)
_EXPONENT = 8
"""Decimals from which a float is left as it is: it is written with an exponent, or is no measured quantity."""


def copied_values(task: Task) -> tuple[Value, ...]:
    """What the wanted calls copy from the question: texts and numbers that stand in it as whole words, and nowhere in
    the tools; none where one of them holds another, since neither could then be replaced alone."""
    question, offered = question_of(task), " ".join(tool.description + tool.parameters_text for tool in task.tools)
    wanted = dict.fromkeys(_leaves(wanted_calls(task)))
    found = [value for value in wanted if word(value).search(question) and not word(value).search(offered)]
    texts = [written(value) for value in found]
    nested = any(one != other and one in other for one in texts for other in texts)
    return () if nested else tuple(found)


def texts_by_shape(copied: Sequence[Sequence[Value]]) -> Texts:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for value in chain.from_iterable(copied):
        if isinstance(value, str):
            found[_shape(value)][value] = None
    return {shape: tuple(texts) for shape, texts in found.items()}


def another(value: Value, pool: Texts, lots: random.Random) -> Value:
    """A text of the same shape that another task copies; a number of about the same size, with as many decimals."""
    if isinstance(value, str):
        return lots.choice(pool[_shape(value)])
    if isinstance(value, float):
        decimals = len(json.dumps(value).partition(".")[2])
        return round(lots.uniform(value / 2, value * 2), decimals) if decimals < _EXPONENT else value
    if _YEARS[0] <= value <= _YEARS[1]:
        return lots.randint(*_YEARS)
    return lots.randint(min(value, value // 2 + 1), max(value, 2 * value + 5))


def asked_with(task: Task, instead: Mapping[Value, str], calls: Sequence[Any], task_id: str, end: str = "") -> Task:
    """The task with other words in place of values, ``end`` before the mark that its question ends with, and other
    wanted calls."""
    messages = tuple(
        message.model_copy(update={"content": _ended(in_place(instead, message.content), end)})
        if message.role == "user"
        else message
        for message in task.messages
    )
    check = check_of(task, ToolCallsCheck).model_copy(update={"calls_text": json_text(list(calls))})
    return task.model_copy(update={"id": task_id, "messages": messages, "check": check, "reference": None})


def in_place(instead: Mapping[Value, str], text: str) -> str:
    """The text with other words in place of values, all at once: a new one may be another's old one."""
    pattern = re.compile("|".join(word(value).pattern for value in instead))
    words = {written(value): new for value, new in instead.items()}
    return pattern.sub(lambda found: words[found[0]], text)


def wanted_calls(task: Task) -> list[Any]:
    return json.loads(check_of(task, ToolCallsCheck).calls_text)


def with_other(value: Any, other: Mapping[Value, Value]) -> Any:
    """Calls with other values; names of functions and parameters stay."""
    if isinstance(value, dict):
        return {key: with_other(inner, other) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [with_other(inner, other) for inner in cast("list[Any]", value)]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return next((new for old, new in other.items() if type(old) is type(value) and old == value), value)


def written(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def word(value: Value) -> re.Pattern[str]:
    """Where a value stands as a whole word: no letter, digit or decimal beside it."""
    return re.compile(rf"(?<![\w.]){re.escape(written(value))}(?!\w|[.,]\d)")


def question_of(task: Task) -> str:
    return "\n".join(message.content for message in task.messages if message.role == "user")


def _leaves(value: Any) -> Iterator[Value]:
    """Numbers, and texts of at least two characters, of the values of calls; not the names of functions and
    parameters."""
    if isinstance(value, dict):
        for inner in cast("dict[str, Any]", value).values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _leaves(inner)
    elif (isinstance(value, str) and len(value) > 1) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    ):
        yield value


def _shape(text: str) -> str:
    """Texts of one shape may stand for each other: as many words, of letters or with digits, written large or small."""
    return " ".join("0" if any(map(str.isdigit, word)) else "A" if word[:1].isupper() else "a" for word in text.split())


def _ended(text: str, end: str) -> str:
    body = text.rstrip()
    mark = body[-1:] if body[-1:] in {".", "?", "!"} else ""
    return f"{body.removesuffix(mark)}{end}{mark}" if end else text
