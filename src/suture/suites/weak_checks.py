"""Finds checks that wrong answers pass easily. Such a task is not broken; a pass of it says little."""

import json
import re
import string
from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any, cast

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.checks.sql import SqlCheck
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.task import Task
from suture.suites.kinds.json import JsonKind
from suture.suites.kinds.kind import Submission
from suture.suites.kinds.sql.kind import SqlKind
from suture.suites.kinds.sql.reading import without_end
from suture.suites.kinds.text.kind import difference
from suture.suites.kinds.text.normal import has_words, normal
from suture.suites.kinds.tool_calls.kind import reference_of

EMPTY_VALUES = ("{}", "[]", "null", '""')
ONE_CHARACTER = string.ascii_letters + string.digits + ".,-!?"
MOST_OF_ONE_CHARACTER = 3
"""More different answers of one character than a letter in two cases and a variant of it."""
UNRELATED = (
    "yes",
    "No.",
    "blue",
    "garbage",
    "I do not know.",
    "the capital of France",
    "Sorry, I cannot help with that request.",
    "Once upon a time there was a fox in the woods.",
    "42",
    "-3.5",
    "2024-01-02",
    "A) a horse",
    "ann@example.org",
    "https://example.org/x?y=1",
    "SELECT 1",
    "def f(x):\n    return x",
    '{"name": "Ann"}',
    "[1, 2, 3]",
    "AB-12",
    "one, two; three",
)
"""Answers that have nothing in common: no question has ten of them as right answers."""

ONE_ROW = "one database and a reference of one row: a query that holds the guessed row passes; give `setup` several"


def why_weak(task: Task) -> str | None:
    """Why a wrong answer passes easily, in one line; None where that does not show without running anything."""
    find = _OF_KIND.get(task.check.kind)
    return None if find is None else find(task, task.check)


def one_row_trial(task: Task) -> Submission | None:
    """What shows, in the sandbox, that a query's check is weak: it passes where one database and a reference of one row
    are all that decides, so that a guessed row passes. None for tasks that need no such trial."""
    check = task.check
    if not isinstance(check, SqlCheck) or len(check.setup) != 1:
        return None
    counted = f"SELECT count(*) FROM (\n{without_end(check.reference)}\n)"  # noqa: S608 - the task's own query, in the sandbox
    changed = check.model_copy(update={"reference": counted, "ties": "refused"})
    return SqlKind.sandboxing.submission(task.model_copy(update={"check": changed}), "SELECT 1")


def _of_text(task: Task, check: TextCheck) -> str | None:
    if check.contains is not None and not check.not_contains:
        return "`contains` alone: an answer that says the opposite in the same words passes"
    if check.one_of is not None and check.target is None and _lists_all(task, check):
        return "`one_of` without `target`: the question lists its labels, and each of them passes"
    if check.regex is not None:
        short = sum(difference(check, letter) is None for letter in ONE_CHARACTER)
        if short > MOST_OF_ONE_CHARACTER:
            return f"its pattern fits {short} different answers of one character"
        fitting = sum(difference(check, text) is None for text in UNRELATED)
        if fitting * 2 >= len(UNRELATED):
            return f"its pattern fits {fitting} of {len(UNRELATED)} answers that have nothing in common"
    size = abs(check.number or 0)
    if size and max(check.abs_tol, check.rel_tol * size) >= size:
        return "its tolerance is as large as the number: 0 passes"
    return None


def _lists_all(task: Task, check: TextCheck) -> bool:
    """Whether the question lists what is right, one label after the other. Ways to write one answer are no labels:
    they stand within one another, or the question has but one of them."""
    ignore = ("case", "punctuation")
    asked = normal(" ".join(message.content for message in task.messages), ignore)
    labels = {normal(text, ignore) for text in check.one_of or ()}
    if len(labels) < 2 or any(has_words(one, other) for one, other in permutations(labels, 2)):
        return False
    one = f"(?:{'|'.join(map(re.escape, labels))})"
    listed = re.search(rf"(?<!\w){one}(?:(?: and| or)? {one}){{{len(labels) - 1}}}(?!\w)", asked)
    return listed is not None and all(has_words(listed[0], label) for label in labels)


def _of_json(task: Task, check: JsonCheck) -> str | None:
    """An empty value may be what is wanted; otherwise it is the first thing that a model without a clue writes."""
    if check.equals_text is not None and not check.subset:
        return None
    passing = next((text for text in EMPTY_VALUES if JsonKind().decide(task, text).passed), None)
    if passing is None:
        return None
    what = "its schema alone decides" if check.equals_text is None else f"it wants a `subset` of {check.equals_text}"
    return f"{what}, and {passing} passes"


def _of_tool_calls(task: Task, check: ToolCallsCheck) -> str | None:
    """A call without arguments says something only where the right one of several functions had to be found."""
    calls = cast("list[dict[str, Any]]", json.loads(reference_of(task)))
    if not calls or any(call["arguments"] for call in calls):
        return None
    without = {tool.name for tool in task.tools if not tool.properties}
    if len(task.tools) > 1 and all(call["name"] in without for call in calls):
        return None
    names = ", ".join(dict.fromkeys(call["name"] for call in calls))
    return f"a call of {names} without any argument passes"


def _of_grader(task: Task, _: object) -> str | None:
    return "its grader was never seen to pass an answer: give a reference" if task.reference is None else None


_OF_KIND: Mapping[str, Callable[[Task, Any], str | None]] = {
    "text": _of_text,
    "json": _of_json,
    "tool-calls": _of_tool_calls,
    "grader": _of_grader,
}
