"""What a wanted call copies from its question, and the same question and call with other values in their place."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from suture.core.json_types import json_text
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.task import Task, check_of
from suture.suites.kinds.tool_calls.wanted import Value, places
from suture.suites.kinds.tool_calls.words import question_of, word, written

Texts = Mapping[str, Sequence[str]]
"""Texts that may stand for each other, by shape."""

_YEARS = (1900, 2030)
_EXPONENT = 8
"""Decimals from which a float is left as it is: it is written with an exponent, or is no measured quantity."""


def copied_values(task: Task) -> tuple[Value, ...]:
    """What the wanted calls copy from the question: texts and numbers that stand in it as whole words, and nowhere in
    the tools. None where one of them holds another, since neither could then be replaced alone; and not those that are
    written alike, as 55 and "55" are, or equal, as 5 and 5.0."""
    question, offered = question_of(task), " ".join(tool.description + tool.parameters_text for tool in task.tools)
    wanted = {(type(place.value), place.value): place.value for call in wanted_calls(task) for place in places(call)}
    found = [value for value in wanted.values() if word(value).search(question) and not word(value).search(offered)]
    alike = [one for one in found if sum(one == other or written(one) == written(other) for other in found) > 1]
    kept = tuple(value for value in found if value not in alike)
    texts = [written(value) for value in kept]
    nested = any(one != other and one in other for one in texts for other in texts)
    return () if nested else kept


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


def asked_with(task: Task, instead: Mapping[Value, str], calls: Sequence[Any], task_id: str) -> Task:
    """The task with other words in place of values, and other wanted calls."""
    return asked_otherwise(task, lambda question: in_place(instead, question), calls, task_id)


def asked_otherwise(task: Task, otherwise: Callable[[str], str], calls: Sequence[Any], task_id: str) -> Task:
    """The task with other questions, each made of the former one, and other wanted calls."""
    messages = tuple(
        message.model_copy(update={"content": otherwise(message.content)}) if message.role == "user" else message
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


def _shape(text: str) -> str:
    """Texts of one shape may stand for each other: as many words, of letters or with digits, written large or small."""
    return " ".join("0" if any(map(str.isdigit, word)) else "A" if word[:1].isupper() else "a" for word in text.split())
