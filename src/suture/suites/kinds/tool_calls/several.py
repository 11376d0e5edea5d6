"""One question for several calls, made of a question for one: values in it become several, or the question goes on.

Questions that want several calls are few in what people write down, and a model that has seen few of them makes one
call, or loses count.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

from suture.core.measure.task import Task
from suture.suites.kinds.tool_calls.copied import (
    Texts,
    Value,
    another,
    asked_with,
    in_place,
    question_of,
    wanted_calls,
    with_other,
    word,
    written,
)

Other = dict[Value, Value]
"""What stands in the place of each value of the question, in one call."""
Words = tuple[dict[Value, str], str]
"""What stands in the place of each value of the question, in words, and what the question ends with."""
Way = Callable[[str, Sequence[Other], Any, random.Random], Words]
"""Asks for several calls: of a question, the values of each call, and the call that it wants."""

_CALLS = (2, 2, 3, 3, 4)
"""How many calls a question asks for, drawn evenly."""
_ALL = 0.5
"""How often every value differs ("for 3 and 5 days in Bern and Oslo, respectively"), where there are several."""
_TRIES = 8
_QUOTES = ("'", '"', "`")
_THEN = ("then", "and then", "after that", "and also", "next")
_LAST = ("and finally", "then", "and last")
_AGAIN = ("do the same with", "repeat it with", "do it again for", "the same for", "once more with")
_SENTENCES = ("Also, ", "Then, ", "After that, ", "Next, ", "And ")


def several_calls(task: Task, copied: Sequence[Value], pool: Texts, lots: random.Random) -> Task | None:
    """The task asked for several values at once or one after the other; None where it wants no single call, or nothing
    in it can be asked again."""
    calls = wanted_calls(task)
    question = question_of(task)
    once = [value for value in copied if len(word(value).findall(question)) == 1]
    if len(calls) != 1 or not once or sum(message.role == "user" for message in task.messages) != 1:
        return None
    every = len(once) > 1 and lots.random() < _ALL
    varied = once if every else [lots.choice(once)]
    asked = _asked(varied, lots.choice(_CALLS), pool, lots)
    if asked is None:
        return None
    words, end = lots.choice(_WAYS)(question, asked, calls[0], lots)
    return asked_with(task, words, [with_other(calls[0], others) for others in asked], f"{task.id}~several", end)


def _in_lists(question: str, asked: Sequence[Other], call: Any, lots: random.Random) -> Words:
    """ "Weather in Bern and Oslo for 3 and 5 days, respectively." """
    values = list(asked[0])
    words = {
        value: _listed([written(others[value]) for others in asked], _quote_around(value, question)) for value in values
    }
    return words, ", respectively" if len(values) > 1 else ""


def _going_on(question: str, asked: Sequence[Other], call: Any, lots: random.Random) -> Words:
    """ "Weather in Bern for 3 days, then do the same with city Oslo and days 5." """
    names = dict(_named(call))
    named = lots.random() < 0.5
    again = lots.choice(_AGAIN)
    said: list[str] = []
    for number, others in enumerate(asked[1:], 2):
        values = [
            f"{names.get(old, '')} {written(new)}".strip() if named else written(new) for old, new in others.items()
        ]
        joint = lots.choice(_LAST if number == len(asked) > 2 else _THEN)
        said.append(f", {joint} {again} {_listed(values, '')}")
    return {value: written(value) for value in asked[0]}, "".join(said)


def _in_full(question: str, asked: Sequence[Other], call: Any, lots: random.Random) -> Words:
    """ "What is the weather in Bern? Also, what is the weather in Oslo?" """
    sentence = question.strip()
    mark = sentence[-1] if sentence[-1] in ".?!" else ""
    body = sentence.removesuffix(mark)
    said: list[str] = []
    for others in asked[1:]:
        told = in_place({old: written(new) for old, new in others.items()}, body)
        said.append(f"{mark or '.'} {lots.choice(_SENTENCES)}{_within(told, (*dict(_named(call)), *others.values()))}")
    return {value: written(value) for value in asked[0]}, "".join(said)


_WAYS: tuple[Way, ...] = (_in_lists, _going_on, _in_full)


def _named(value: Any, name: str = "") -> Iterator[tuple[Value, str]]:
    """The name, in words, of the parameter that each value stands in."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield from _named(inner, re.sub(r"[\W_]+", " ", key).strip().lower())
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _named(inner, name)
    elif isinstance(value, int | float | str):
        yield value, name


def _asked(values: Sequence[Value], count: int, pool: Texts, lots: random.Random) -> Sequence[Other] | None:
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


def _within(sentence: str, values: Iterable[Value]) -> str:
    """A sentence as what follows a few words: it begins in lower case, unless a name or "I" is what it begins with."""
    named = sentence.partition(" ")[0].partition("'")[0] == "I" or any(map(sentence.startswith, map(written, values)))
    return sentence if named else sentence[:1].lower() + sentence[1:]


def _quote_around(value: Value, question: str) -> str:
    found = word(value).search(question)
    before, after = (question[found.start() - 1 : found.start()], question[found.end() :][:1]) if found else ("", "")
    return before if before == after and before in _QUOTES else ""


def _listed(texts: Sequence[str], quote: str) -> str:
    if len(texts) == 1:
        return texts[0]
    between = f"{quote}, {quote}"
    return f"{between.join(texts[:-1])}{quote} and {quote}{texts[-1]}"
