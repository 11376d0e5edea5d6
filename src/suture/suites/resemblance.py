"""Tells tasks that resemble tasks of another suite: by the question, by the wanted function's name, or by runs of eight
words in common."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.core.measure.groups import folded, question_key
from suture.core.measure.task import Task

WORDS = 8
MOST_SHARED = 0.5
"""A text resembles another that has this share of its runs."""
MOST_PROSE_RUNS = 3
"""So many runs of a question are no turn of phrase: ten words in a row, at least."""
SHORTEST_NAME = 3
"""Letters of a name that says something: an ``f`` here is not the ``f`` there."""
LONG_NAME = 6
"""Letters of a name that a question cannot have by chance: ``sum(`` and ``count`` are words."""
MOST_SHARING = 20
"""A run that more tasks share is how a suite asks, and no question."""
MOST_TOLD = 3
"""A run of more tasks tells none of them from the others: it is a turn of phrase."""
FEWEST_SHARING = 3
"""A run of fewer tasks is never wording."""
QUESTION, FUNCTION, WORDS_SHARED, CODE_SHARED = "the question", "the function", "words", "code"
_NAMED = re.compile(r"\b([^\W\d]\w*)\(|`([^\W\d]\w*)`|\b([^\W\d_]+(?:_[^\W_]+)+)\b")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0e7f]|[^\W\d_]+")
"""A word, or a letter of a script that puts no spaces between words."""
_SENTENCE_ENDS = re.compile(r"[.:;!?`\"(){}\[\]\u3002\uff01\uff1f]|\n\s*\n")
_DIGITS = re.compile(r"\d+")
_Index = Mapping[tuple[str, ...], set[str]]
"""Ids of the tasks with a run."""


class Twin(NamedTuple):
    """Attributes:
    task_id: of the task that was looked at.
    twin, suite: the task it resembles.
    how: what the two share, in words.
    """

    task_id: str
    twin: str
    suite: str
    how: str


class Resemblance:
    """An index of tasks that new ones must not resemble.

    Args:
        parts: the tasks may be a few of a suite: what most of them share is then how that suite asks.
    """

    def __init__(self, tasks: Iterable[Task], *, parts: bool = False) -> None:
        self._tasks, self._parts = list(tasks), parts
        self._suites = {task.id: task.suite for task in self._tasks}

    def twin_of(self, *, name: str, question: str, body: str) -> str | None:
        """The id of a task that this one resembles, or None.

        Args:
            question: prose, without the wording that all questions share.
            body: the code that answers it.
        """
        if (same_name := self._functions.get(("python", _plain_name(name)))) is not None:
            return same_name
        prose = _nearest(self._prose, _runs(_prose_words(question)), enough=MOST_PROSE_RUNS)
        return prose or _nearest(self._code, _runs(_code_tokens(body)))

    def twin_of_task(self, task: Task) -> Twin | None:
        """The task that this one resembles and what they share: the question, else the function it wants, else runs of
        words or code. Wording that many tasks of a suite share, such as an instruction, does not count."""
        asked = " ".join(message.content for message in task.messages if message.role == "user")
        found = (
            (QUESTION, self._questions.get(question_key(task))),
            (FUNCTION, next((self._functions[name] for name in _asked_for(task) if name in self._functions), None)),
            (
                WORDS_SHARED,
                _nearest(self._prose, _runs(_prose_words(asked)), enough=MOST_PROSE_RUNS, sharing=MOST_SHARING),
            ),
            (CODE_SHARED, _nearest(self._code, _runs(_code_tokens(task.reference or ""))) if _is_code(task) else None),
        )
        return next((Twin(task.id, twin, self._suites[twin], how) for how, twin in found if twin is not None), None)

    def twin_of_words(self, text: str) -> str | None:
        """The id of a task that shares a run of eight words with a text, where that run tells it from other tasks."""
        return _nearest(self._told, _runs_of_sentences(text), enough=1, sharing=MOST_TOLD)

    @cached_property
    def _questions(self) -> dict[str, str]:
        return {key: task.id for task in reversed(self._tasks) if (key := question_key(task))}

    @cached_property
    def _functions(self) -> dict[tuple[str, str], str]:
        return {name: task.id for task in reversed(self._tasks) for name in _wanted(task)}

    @cached_property
    def _prose(self) -> _Index:
        runs = ((task.id, _runs(_prose_words(said.content))) for task in self._tasks for said in task.messages)
        index = _index(runs)
        return self._without_wording(index) if self._parts else index

    @cached_property
    def _told(self) -> _Index:
        return _index((task.id, _runs_of_sentences(said.content)) for task in self._tasks for said in task.messages)

    def _without_wording(self, index: _Index) -> _Index:
        """Without runs that most tasks of a suite have: they are how it asks, however few it has here."""
        sizes = Counter(self._suites.values())

        def asks(ids: set[str]) -> bool:
            if len(ids) < FEWEST_SHARING:
                return False
            having = Counter(self._suites[task_id] for task_id in ids)
            return any(is_wording(n, sizes[suite]) for suite, n in having.items())

        return {run: ids for run, ids in index.items() if not asks(ids)}

    @cached_property
    def _code(self) -> _Index:
        return _index((task.id, _runs(_code_tokens(task.reference or ""))) for task in self._tasks)


def is_wording(sharing: int, tasks: int) -> bool:
    """Whether a run that so many of a suite's tasks share is how the suite asks."""
    return sharing >= FEWEST_SHARING and sharing > MOST_SHARED * tasks


def prose_runs(task: Task) -> list[tuple[str, ...]]:
    """Runs of eight words of a task's question, without numbers."""
    return _runs(_prose_words(" ".join(message.content for message in task.messages if message.role == "user")))


def _is_code(task: Task) -> bool:
    return isinstance(task.check, PythonCheck)


def _wanted(task: Task) -> Iterator[tuple[str, str]]:
    """Functions that the answer defines or calls, each with the kind of the task."""
    if isinstance(task.check, PythonCheck):
        names = [_plain_name(task.check.entry_point)]
    elif isinstance(task.check, ToolCallsCheck):
        names = [_plain_name(name) for name in task.check.names]
    else:
        names = []
    yield from ((task.check.kind, name) for name in names if len(name) >= SHORTEST_NAME)


def _asked_for(task: Task) -> Iterator[tuple[str, str]]:
    """As ``_wanted``; a question in plain words may name a function too: with a bracket, in backticks, in parts."""
    yield from _wanted(task)
    if not isinstance(task.check, PythonCheck | ToolCallsCheck):
        said = " ".join(message.content for message in task.messages if message.role == "user")
        names = (_plain_name(found) for groups in _NAMED.findall(said) for found in groups if found)
        yield from ((PythonCheck.model_fields["kind"].default, name) for name in names if len(name) >= LONG_NAME)


def _index(runs_of_tasks: Iterable[tuple[str, list[tuple[str, ...]]]]) -> _Index:
    found: dict[tuple[str, ...], set[str]] = {}
    for task_id, runs in runs_of_tasks:
        for run in runs:
            found.setdefault(run, set()).add(task_id)
    return found


def _nearest(
    index: _Index, runs: Sequence[tuple[str, ...]], *, enough: int | None = None, sharing: int | None = None
) -> str | None:
    """The task with most of these runs, where it has half of them, or ``enough``.

    Args:
        sharing: a run of more tasks than this does not count.
    """
    having = [index[run] for run in runs if run in index]
    shared = Counter(task_id for tasks in having if sharing is None or len(tasks) <= sharing for task_id in tasks)
    if not shared:
        return None
    nearest = max(shared, key=lambda task_id: (shared[task_id], task_id))
    few = shared[nearest] < MOST_SHARED * len(runs) and (enough is None or shared[nearest] < enough)
    return None if few else nearest


def _plain_name(name: str) -> str:
    return name.replace("_", "").lower()


def _prose_words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _code_tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", _DIGITS.sub("0", text))


def _runs_of_sentences(text: str) -> list[tuple[str, ...]]:
    """Runs that lie in one sentence: one that goes from how a suite asks into a question says little of either."""
    return [run for part in _SENTENCE_ENDS.split(text) for run in _runs(_prose_words(part))]


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[first:] for first in range(WORDS)), strict=False))
