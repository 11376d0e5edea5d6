"""Tells tasks that resemble tasks of another suite: by the function's name, or by runs of eight words in common."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from suture.core.measure.checks.python import PythonCheck
from suture.core.measure.task import Task

WORDS = 8
MOST_SHARED = 0.5
"""A text resembles another that has this share of its runs."""
MOST_PROSE_RUNS = 3
"""So many runs of a question are no turn of phrase: ten words in a row, at least."""
SHORTEST_NAME = 3
"""Letters of a name that says something: an ``f`` here is not the ``f`` there."""
_DIGITS = re.compile(r"\d+")


class Resemblance:
    """An index of tasks that new ones must not resemble."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._names: dict[str, str] = {}
        self._prose: dict[tuple[str, ...], set[str]] = {}
        self._code: dict[tuple[str, ...], set[str]] = {}
        for task in tasks:
            if isinstance(task.check, PythonCheck) and len(_plain_name(task.check.entry_point)) >= SHORTEST_NAME:
                self._names.setdefault(_plain_name(task.check.entry_point), task.id)
            for message in task.messages:
                for run in _runs(_prose_words(message.content)):
                    self._prose.setdefault(run, set()).add(task.id)
            for run in _runs(_code_tokens(task.reference or "")):
                self._code.setdefault(run, set()).add(task.id)

    def twin_of(self, *, name: str, question: str, body: str) -> str | None:
        """The id of a task that this one resembles, or None.

        Args:
            question: prose, without the wording that all questions share.
            body: the code that answers it.
        """
        if (same_name := self._names.get(_plain_name(name))) is not None:
            return same_name
        prose = _nearest(self._prose, _runs(_prose_words(question)), enough=MOST_PROSE_RUNS)
        return prose or _nearest(self._code, _runs(_code_tokens(body)))


def _nearest(
    index: Mapping[tuple[str, ...], set[str]], runs: Sequence[tuple[str, ...]], *, enough: int | None = None
) -> str | None:
    """The task with most of these runs, where it has half of them, or ``enough``."""
    shared = Counter(task_id for run in runs for task_id in index.get(run, ()))
    if not shared:
        return None
    nearest = max(shared, key=lambda task_id: (shared[task_id], task_id))
    few = shared[nearest] < MOST_SHARED * len(runs) and (enough is None or shared[nearest] < enough)
    return None if few else nearest


def _plain_name(name: str) -> str:
    return name.replace("_", "").lower()


def _prose_words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _code_tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", _DIGITS.sub("0", text))


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[first : first + WORDS]) for first in range(len(words) - WORDS + 1)]
