"""Chooses which tasks to ask at which scales of an adapter: some scales follow from their neighbours. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
"""A task's id."""

Answers = Mapping[int, Mapping[T, Hashable]]
"""What is known: by index of the scale, then by task, what the task's outcome there is recognised by."""


def next_questions(scales: int, tasks: Sequence[T], answers: Answers[T]) -> dict[int, tuple[T, ...]]:
    """The tasks to ask next, by index of the scale; empty when all is settled.

    Every task is asked at both ends. Between two known scales where its outcomes are alike nothing is asked; where they
    differ, the scale in the middle is.

    What that assumes: an outcome that leaves one value does not come back to it. A task that is alike at both ends and
    otherwise in between is missed.
    """
    wanted: dict[int, list[T]] = {}
    for task in tasks:
        known = [index for index in range(scales) if task in answers.get(index, {})]
        ends = [end for end in sorted({0, scales - 1}) if end not in known]
        middles = [
            (left + right) // 2
            for left, right in pairwise(known)
            if right - left > 1 and answers[left][task] != answers[right][task]
        ]
        for index in ends or middles:
            wanted.setdefault(index, []).append(task)
    return {index: tuple(found) for index, found in sorted(wanted.items())}


def settled_by(scales: int, task: T, answers: Answers[T]) -> tuple[int, ...]:
    """Returns, for each scale, the index of that whose answer stands for it: its own, or the nearest known below."""
    known = [index for index in range(scales) if task in answers.get(index, {})]
    return tuple(max(index for index in known if index <= at) for at in range(scales))
