"""Keeps of tasks from elsewhere what is like none of a run's own, and like nothing kept before."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from unicodedata import normalize

from suture.core.digest import canonical_json
from suture.core.measure.groups import bound_groups, letters_of, question_key
from suture.core.measure.task import Task
from suture.suites.resemblance import QUESTION, WORDS_SHARED, Resemblance, Twin

SHORTEST_PART = 16
"""Letters of a question that says something by itself; of scripts that write a syllable or a word as a letter fewer."""
_DENSE, _DENSE_WEIGHT = 0x2E80, 3
"""From this code point on, such scripts; one of their letters says as much as so many others."""
_MARKS = re.compile(r"[,;!?\"'`\u3002\u3001]|\.(?=\s|$)")
"""What parts sentences, and is no sign of anything."""
_BEGINNING = 6
"""Letters by which the questions that a text may hold are looked up."""


class Unlike(NamedTuple):
    """Attributes:
    kept: in the order given.
    twins: of those left out because of one of the run's tasks, one each.
    repeated: how many ask what one before them asks.
    """

    kept: tuple[Task, ...]
    twins: tuple[Twin, ...]
    repeated: int


def unlike(tasks: Sequence[Task], own: Sequence[Task]) -> Unlike:
    """Leave out what shares its content, its group, its question, its wanted function or a telling run of eight words
    with a task of ``own``, what is a part of such a question or holds one, and what asks the same again."""
    measured = Measured(own)
    kept: dict[str, Task] = {}
    twins: list[Twin] = []
    repeated = 0
    for task in tasks:
        asked = _asked(task)
        if asked in kept:
            repeated += 1
        elif (twin := measured.twin_of(task)) is not None:
            twins.append(twin)
        else:
            kept[asked] = task
    return Unlike(tuple(kept.values()), tuple(twins), repeated)


class Measured:
    """Tasks that nothing from elsewhere may be like."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = {task.id: task for task in reversed(tasks)}
        self._resemblance = Resemblance(tasks, parts=True)
        self._contents = {task.content_digest: task.id for task in reversed(tasks)}
        self._groups = {group: task.id for task in reversed(tasks) for group in bound_groups(task)}
        self._keys = {key: task.id for task in reversed(tasks) if _says_something(key := question_key(task))}
        self._beginnings = defaultdict[str, list[str]](list)
        for key in self._keys:
            self._beginnings[key[:_BEGINNING]].append(key)
        self._asked = "\n".join(self._keys)
        self._in_order = list(self._keys.values())

    def twin_of(self, task: Task) -> Twin | None:
        """A task that this one is like, and what they share."""
        return next(
            (Twin(task.id, twin, self._tasks[twin].suite, how) for how, twin in self._found(task) if twin), None
        )

    def _found(self, task: Task) -> Iterator[tuple[str, str | None]]:
        yield "the task", self._contents.get(task.content_digest)
        yield "what it is made of", next((self._groups[one] for one in bound_groups(task) if one in self._groups), None)
        yield QUESTION, self._whole_of(question_key(task))
        for message in task.messages:  # one of several turns, or a system's text, may be the question itself
            yield QUESTION, self._held_in(letters_of(message.content))
        resembles = self._resemblance.twin_of_task(task)
        yield ("", None) if resembles is None else (resembles.how, resembles.twin)
        for message in task.messages:
            yield WORDS_SHARED, self._resemblance.twin_of_words(message.content)

    def twin_of_text(self, text: str) -> str | None:
        """The id of a task whose question, or a telling run of whose words, is in a text."""
        return self._held_in(letters_of(text)) or self._resemblance.twin_of_words(text)

    def _whole_of(self, key: str) -> str | None:
        """A task of whose question ``key`` is a part."""
        at = self._asked.find(key) if _says_something(key) else -1
        return None if at < 0 else self._in_order[self._asked.count("\n", 0, at)]

    def _held_in(self, key: str) -> str | None:
        """A task whose question is a part of ``key``."""
        for at in range(len(key) - _BEGINNING + 1):
            for question in self._beginnings.get(key[at : at + _BEGINNING], ()):
                if key.startswith(question, at):
                    return self._keys[question]
        return None


def _asked(task: Task) -> str:
    """The same for tasks that ask the same: what differs in a sign, or in what the system says, is another question."""
    said = [[one.role, _plain(one.content)] for one in task.messages]
    return canonical_json([said, [tool.to_json() for tool in task.tools]])


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", normalize("NFKC", text)).casefold().split())


def _says_something(key: str) -> bool:
    return sum(_DENSE_WEIGHT if ord(letter) >= _DENSE else 1 for letter in key) >= SHORTEST_PART
