"""Counts answers and verdicts that change when the same pack is asked the same tasks in different batches or order."""

from collections.abc import Mapping
from typing import Protocol

from suture.core.frozen import Frozen
from suture.core.measure.verdict import Verdict

PINNED = "asked again"
"""The condition that changes nothing: what flips there is no matter of rounding."""


class JudgedText(Protocol):
    """One measurement's answer and verdict: what is compared."""

    @property
    def text(self) -> str: ...

    @property
    def verdict(self) -> Verdict: ...


class Flips(Frozen):
    """Attributes:
    condition: what differed from the scoreboard, such as ``batches of 16``.
    tasks: how many were compared.
    outputs: how many answers were another text.
    verdicts: ids of tasks with another outcome; one without a verdict on either side counts.
    """

    condition: str
    tasks: int
    outputs: int
    verdicts: tuple[str, ...]


def count_flips(condition: str, first: Mapping[str, JudgedText], other: Mapping[str, JudgedText]) -> Flips:
    """Count flips of the tasks that both hold, by id."""
    both = [task for task in first if task in other]
    return Flips(
        condition=condition,
        tasks=len(both),
        outputs=sum(first[task].text != other[task].text for task in both),
        verdicts=tuple(task for task in both if _flips(first[task].verdict, other[task].verdict)),
    )


def _flips(one: Verdict, other: Verdict) -> bool:
    return one.faulted or other.faulted or one.passed is not other.passed
