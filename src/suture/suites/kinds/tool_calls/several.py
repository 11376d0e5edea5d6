"""One question for several calls, made of a question for one.

Questions that want several calls are few in what people write down, and a model that has seen few of them makes one
call, or loses count.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from suture.core.measure.task import Task
from suture.suites.kinds.tool_calls.asking import WAYS, Question, Values, Way, in_full
from suture.suites.kinds.tool_calls.copied import Texts, another, asked_otherwise, wanted_calls
from suture.suites.kinds.tool_calls.wanted import Value, places, with_other
from suture.suites.kinds.tool_calls.words import question_of, word

_CALLS = (2, 2, 3, 3, 4)
"""How many calls a question asks for, drawn evenly."""
_SHARE_ALL = 0.5
"""How often every value differs ("for 3 and 5 days in Bern and Oslo, respectively"), where there are several."""
_TRIES = 8


def several_calls(task: Task, copied: Sequence[Value], pool: Texts, lots: random.Random) -> Task | None:
    """The task asked for several calls, with other values in each; None where it wants no single call, is more than one
    question, or no value stands in one place of the question and in one of the call."""
    calls = wanted_calls(task)
    if len(calls) != 1 or sum(message.role == "user" for message in task.messages) != 1:
        return None
    question = _question(question_of(task), calls[0], copied)
    for way in (lots.choice(WAYS), in_full):
        asked = _asked(_varied(question, way, lots), lots.choice(_CALLS), pool, lots)
        text = way(question, asked, lots) if asked else None
        if text is not None:
            wanted = [with_other(calls[0], values) for values in asked]
            return asked_otherwise(task, lambda _, text=text: text, wanted, f"{task.id}~several")
    return None


def _varied(question: Question, way: Way, lots: random.Random) -> Sequence[Value]:
    """What differs between the calls; nothing where the question has nothing for this way."""
    once = list(question.names) if way is in_full else question.alone
    every = len(once) > 1 and lots.random() < _SHARE_ALL
    return once if every or not once else [lots.choice(once)]


def _question(text: str, call: Mapping[str, Any], copied: Sequence[Value]) -> Question:
    parameters: dict[Value, list[str]] = {}
    parts: set[Value] = set()
    for place in places(call):
        parameters.setdefault(place.value, []).append(place.parameter)
        if not place.alone:
            parts.add(place.value)
    said = {value: [found.start() for found in word(value).finditer(text)] for value in copied}
    once = [value for value in copied if len(parameters[value]) == len(said[value]) == 1]
    once.sort(key=said.__getitem__)
    names = {value: parameters[value][0] for value in once}
    return Question(text, copied, names, [value for value in once if value not in parts])


def _asked(values: Sequence[Value], count: int, pool: Texts, lots: random.Random) -> Sequence[Values]:
    """For each call the values to put in place, the first call's own among them; none where they cannot all differ."""
    drawn: dict[Value, list[Value]] = {}
    for value in values:
        each = drawn[value] = [value]
        for _ in range(_TRIES * count):
            if len(each) < count and (new := another(value, pool, lots)) not in each:
                each.append(new)
        if len(each) < count:
            return []
    return [{value: each[number] for value, each in drawn.items()} for number in range(count)] if drawn else []
