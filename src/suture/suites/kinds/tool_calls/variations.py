"""Variations of tool tasks: the same question with other values in it, and the same calls with those values.

A model that is taught a few hundred questions learns the form of a call sooner than to copy values into it. What varies
is what a call copies: a number or text that stands in the question as it stands in the call, and nowhere in the tools.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from suture.core.digest import digest_of
from suture.core.json_types import json_text
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.task import Task, check_of

Value = int | float | str
Passes = Callable[[Task], bool]

_REFUSALS = 2
"""One task in so many is also asked of the tools of another task, where nothing fits."""
_TRIES = 4
"""Draws for each variation that is wanted: some repeat an earlier one."""


@dataclass(frozen=True)
class ToolVariations:
    """Attributes:
    passes: whether a task's own reference passes its check.
    """

    passes: Passes

    def vary(self, tasks: Sequence[Task], count: int, *, seed: int) -> Mapping[str, tuple[Task, ...]]:
        """See the port. Texts are exchanged among the tasks; numbers are drawn."""
        copied = [copied_values(task) for task in tasks]
        pool = _texts_by_shape(copied)
        return {
            task.id: (*self._other_values(task, values, pool, count, seed), *_refusal(task, tasks, seed))
            for task, values in zip(tasks, copied, strict=True)
        }

    def _other_values(
        self, task: Task, copied: Sequence[Value], pool: Mapping[str, Sequence[str]], count: int, seed: int
    ) -> Iterator[Task]:
        if not copied:
            return
        seen = {task.content_digest}
        lots = random.Random(digest_of([seed, task.content_digest]))  # noqa: S311 - a choice of rows, no secret
        for number in range(count * _TRIES):
            other = {value: _another(value, pool, lots) for value in copied}
            varied = _with_values(task, other, f"{task.id}~{number + 1}")
            if varied.content_digest not in seen and self.passes(varied):
                seen.add(varied.content_digest)
                yield varied
            if len(seen) > count:
                return


def copied_values(task: Task) -> tuple[Value, ...]:
    """What the wanted calls copy from the question: texts and numbers that stand in it as whole words, and nowhere in
    the tools; none where one of them holds another, since neither could then be replaced alone."""
    question, offered = _question(task), " ".join(tool.description + tool.parameters_text for tool in task.tools)
    wanted = dict.fromkeys(_leaves(json.loads(check_of(task, ToolCallsCheck).calls_text)))
    found = [value for value in wanted if _word(value).search(question) and not _word(value).search(offered)]
    texts = [_written(value) for value in found]
    nested = any(one != other and one in other for one in texts for other in texts)
    return () if nested else tuple(found)


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


def _written(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _word(value: Value) -> re.Pattern[str]:
    """Where a value stands as a whole word: no letter, digit or decimal beside it."""
    return re.compile(rf"(?<![\w.]){re.escape(_written(value))}(?!\w|[.,]\d)")


def _question(task: Task) -> str:
    return "\n".join(message.content for message in task.messages if message.role == "user")


def _shape(text: str) -> str:
    """Texts of one shape may stand for each other: as many words, of letters or with digits, written large or small."""
    return " ".join("0" if any(map(str.isdigit, word)) else "A" if word[:1].isupper() else "a" for word in text.split())


def _texts_by_shape(copied: Sequence[Sequence[Value]]) -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for value in chain.from_iterable(copied):
        if isinstance(value, str):
            found[_shape(value)][value] = None
    return {shape: tuple(texts) for shape, texts in found.items()}


def _another(value: Value, pool: Mapping[str, Sequence[str]], lots: random.Random) -> Value:
    """A text of the same shape that another task copies; a number of about the same size, with as many decimals."""
    if isinstance(value, str):
        return lots.choice(pool[_shape(value)])
    if isinstance(value, float):
        decimals = len(json.dumps(value).partition(".")[2])
        return round(lots.uniform(value / 2, value * 2), decimals) if decimals < _EXPONENT else value
    if _YEARS[0] <= value <= _YEARS[1]:
        return lots.randint(*_YEARS)
    return lots.randint(min(value, value // 2 + 1), max(value, 2 * value + 5))


_YEARS = (1900, 2030)
_EXPONENT = 8
"""Decimals from which a float is left as it is: it is written with an exponent, or is no measured quantity."""


def _with_values(task: Task, other: Mapping[Value, Value], task_id: str) -> Task:
    pattern = re.compile("|".join(_word(value).pattern for value in other))
    written = {_written(value): _written(new) for value, new in other.items()}

    def replaced(text: str) -> str:
        return pattern.sub(lambda found: written[found[0]], text)

    messages = tuple(
        message.model_copy(update={"content": replaced(message.content)}) if message.role == "user" else message
        for message in task.messages
    )
    check = check_of(task, ToolCallsCheck)
    calls = json_text(_mapped(json.loads(check.calls_text), other))
    return task.model_copy(
        update={
            "id": task_id,
            "messages": messages,
            "check": check.model_copy(update={"calls_text": calls}),
            "reference": None,
        }
    )


def _mapped(value: Any, other: Mapping[Value, Value]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(inner, other) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_mapped(inner, other) for inner in cast("list[Any]", value)]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return next((new for old, new in other.items() if type(old) is type(value) and old == value), value)


def _refusal(task: Task, tasks: Sequence[Task], seed: int) -> Iterator[Task]:
    """For one task in two: its question beside the tools of another task that shares no function with it."""
    if not check_of(task, ToolCallsCheck).names:
        return
    lot = int(digest_of([seed, "refusal", task.content_digest])[:8], 16)
    if lot % _REFUSALS:
        return
    mine = {tool.name for tool in task.tools}
    strangers = [one for one in tasks if one.tools and mine.isdisjoint(tool.name for tool in one.tools)]
    if not strangers:
        return
    other = strangers[lot // _REFUSALS % len(strangers)]
    check = check_of(task, ToolCallsCheck).model_copy(update={"calls_text": "[]"})
    yield task.model_copy(update={"id": f"{task.id}~none", "tools": other.tools, "check": check, "reference": None})
