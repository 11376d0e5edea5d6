"""Tasks that belong together: the same question, the same wanted function, near-duplicates. Pure."""

from collections.abc import Hashable, Iterable, Sequence
from unicodedata import normalize

from suture.core.measure.task import Task

LIKE = "like "
"""Begins a key of ``Task.groups`` that says no more than that two questions resemble each other."""


def connected_groups(tasks: Sequence[Task], *, alike: bool = True) -> list[list[Task]]:
    """Part tasks into the smallest groups that share nothing: no question, no content, no key of ``Task.groups``.

    Args:
        alike: also keep together what only resembles each other.

    Returns:
        Groups in the order of their first tasks; each in the order given.
    """
    leader = list(range(len(tasks)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    first: dict[Hashable, int] = {}
    for at, task in enumerate(tasks):
        for key in _keys(task, alike=alike):
            one, other = sorted((find(first.setdefault(key, at)), find(at)))
            leader[other] = one
    found: dict[int, list[Task]] = {}
    for at, task in enumerate(tasks):
        found.setdefault(find(at), []).append(task)
    return list(found.values())


def question_key(task: Task) -> str:
    """Return the user's words without case, spacing and punctuation."""
    return letters_of(" ".join(message.content for message in task.messages if message.role == "user"))


def letters_of(text: str) -> str:
    """A text without case, spacing and punctuation, as ``folded``."""
    return "".join(letter for letter in folded(text) if letter.isalnum())


def folded(text: str) -> str:
    """A text without case, and without what parts letters that look alike (Unicode's NFKC)."""
    return normalize("NFKC", normalize("NFKC", text).casefold())


def bound_groups(task: Task) -> tuple[str, ...]:
    """Names of what it shares with other tasks; not of those that it only resembles."""
    return tuple(group for group in task.groups if not group.startswith(LIKE))


def _keys(task: Task, *, alike: bool) -> Iterable[Hashable]:
    yield "content", task.content_digest
    if question := question_key(task):
        yield "question", question
    yield from (("group", group) for group in task.groups if alike or not group.startswith(LIKE))
