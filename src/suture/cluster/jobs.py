"""What a crew is given to do, what it does it with, and what came of it."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol


class Unfit(Exception):
    """A node that can do no work of this sort: the job goes elsewhere, and the node is asked for no more of it."""


class Seat(Protocol):
    """One process that does one job at a time. ``node``: the id of where it is; ``host`` is for people."""

    node: str
    host: str

    def close(self) -> None: ...


@dataclass
class Tally:
    """Attributes:
    done: jobs with an answer.
    again: jobs begun again because a seat was lost.
    twice: jobs given to a second node because the first was slow.
    compared, flips: second answers that came in, and those that differ from the first.
    """

    done: int = 0
    again: int = 0
    twice: int = 0
    compared: int = 0
    flips: int = 0


@dataclass(eq=False)
class Job:
    work: Callable[[Any], Any]
    same: Callable[[Any, Any], bool]
    future: "Future[Any]" = field(default_factory=Future[Any])
    losses: int = 0
    failures: int = 0
    failed: list[Any] = field(default_factory=list[Any])
    """Seats whose engine or judge failed at it."""
    on: list[str] = field(default_factory=list[str])
    """Nodes that are at it."""
    began: float = 0.0
    first: Any = None
