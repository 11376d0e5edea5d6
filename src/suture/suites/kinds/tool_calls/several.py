"""One question for several calls, made of a question for one: values in it become lists of values.

Questions that want several calls are few in what people write down, and a model that has seen few of them makes one
call, or loses count.
"""

import random
from collections.abc import Sequence
from typing import Any

from suture.core.measure.task import Task
from suture.suites.kinds.tool_calls.copied import (
    Texts,
    Value,
    another,
    asked_with,
    question_of,
    wanted_calls,
    with_other,
    word,
    written,
)

_CALLS = (2, 2, 3, 3, 4)
"""How many calls a question asks for, drawn evenly."""
_ALL = 0.5
"""How often every value becomes a list ("for 3 and 5 days in Bern and Oslo, respectively"), where there are several."""
_TRIES = 8
_QUOTES = ("'", '"', "`")


def several_calls(task: Task, copied: Sequence[Value], pool: Texts, lots: random.Random) -> Task | None:
    """The task asked for several values at once; None where it wants no single call, or nothing in it can be listed."""
    calls = wanted_calls(task)
    question = question_of(task)
    once = [value for value in copied if len(word(value).findall(question)) == 1]
    if len(calls) != 1 or not once:
        return None
    every = len(once) > 1 and lots.random() < _ALL
    varied = once if every else [lots.choice(once)]
    asked = _asked(varied, lots.choice(_CALLS), pool, lots)
    if asked is None:
        return None
    lists = {
        value: _listed([written(others[value]) for others in asked], _quote_around(value, question)) for value in varied
    }
    wanted: list[Any] = [with_other(calls[0], others) for others in asked]
    return asked_with(task, lists, wanted, f"{task.id}~several", ", respectively" if every else "")


def _asked(
    values: Sequence[Value], count: int, pool: Texts, lots: random.Random
) -> Sequence[dict[Value, Value]] | None:
    """For each call the values to put in place, the first call's own among them; None where they cannot all differ."""
    drawn: dict[Value, list[Value]] = {}
    for value in values:
        each = drawn[value] = [value]
        for _ in range(_TRIES * count):
            if len(each) < count and (new := another(value, pool, lots)) not in each:
                each.append(new)
        if len(each) < count:
            return None
    return [{value: each[number] for value, each in drawn.items()} for number in range(count)]


def _quote_around(value: Value, question: str) -> str:
    found = word(value).search(question)
    before, after = (question[found.start() - 1 : found.start()], question[found.end() :][:1]) if found else ("", "")
    return before if before == after and before in _QUOTES else ""


def _listed(texts: Sequence[str], quote: str) -> str:
    between = f"{quote}, {quote}"
    return f"{between.join(texts[:-1])}{quote} and {quote}{texts[-1]}"
