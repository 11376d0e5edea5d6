"""Variations of tool tasks: the same question with other values in it, and the same calls with those values.

A model that is taught a few hundred questions learns the form of a call sooner than to copy values into it. What varies
is what a call copies: a number or text that stands in the question as it stands in the call, and nowhere in the tools.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from suture.core.digest import digest_of
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.task import Task, check_of
from suture.suites.kinds.tool_calls.copied import (
    Texts,
    another,
    asked_with,
    copied_values,
    texts_by_shape,
    wanted_calls,
)
from suture.suites.kinds.tool_calls.several import several_calls
from suture.suites.kinds.tool_calls.wanted import Value, with_other
from suture.suites.kinds.tool_calls.words import written

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
        pool = texts_by_shape(copied)
        return {
            task.id: (
                *self._other_values(task, values, pool, count, seed),
                *self._several(task, values, pool, seed),
                *_refusal(task, tasks, seed),
            )
            for task, values in zip(tasks, copied, strict=True)
        }

    def _other_values(self, task: Task, copied: Sequence[Value], pool: Texts, count: int, seed: int) -> Iterator[Task]:
        if not copied:
            return
        seen, calls = {task.content_digest}, wanted_calls(task)
        lots = random.Random(digest_of([seed, task.content_digest]))  # noqa: S311 - a choice of rows, no secret
        for number in range(count * _TRIES):
            other = {value: another(value, pool, lots) for value in copied}
            words = {value: written(new) for value, new in other.items()}
            varied = asked_with(task, words, [with_other(call, other) for call in calls], f"{task.id}~{number + 1}")
            if varied.content_digest not in seen and self.passes(varied):
                seen.add(varied.content_digest)
                yield varied
            if len(seen) > count:
                return

    def _several(self, task: Task, copied: Sequence[Value], pool: Texts, seed: int) -> Iterator[Task]:
        lots = random.Random(digest_of([seed, "several", task.content_digest]))  # noqa: S311 - no secret
        varied = several_calls(task, copied, pool, lots)
        if varied is not None and self.passes(varied):
            yield varied


def _refusal(task: Task, tasks: Sequence[Task], seed: int) -> Iterator[Task]:
    """For one task in two: its question beside the tools of another task that shares no function with it."""
    lot = _lot(task, seed, "refusal")
    if not check_of(task, ToolCallsCheck).names or lot % _REFUSALS:
        return
    mine = {tool.name for tool in task.tools}
    strangers = [one for one in tasks if one.tools and mine.isdisjoint(tool.name for tool in one.tools)]
    if not strangers:
        return
    other = strangers[lot // _REFUSALS % len(strangers)]
    check = check_of(task, ToolCallsCheck).model_copy(update={"calls_text": "[]"})
    yield task.model_copy(update={"id": f"{task.id}~none", "tools": other.tools, "check": check, "reference": None})


def _lot(task: Task, seed: int, use: str) -> int:
    return int(digest_of([seed, use, task.content_digest])[:8], 16)
