"""What a look at a recipe found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from suture.core.errors import SutureError

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One thing that the recipe needs. ``mend``: the command or change that gets it, where it is not ``ok``."""

    name: str
    ok: bool
    found: str
    mend: str = ""


@dataclass
class RecipeCheck:
    """Attributes:
    splits: how many tasks are in each split.
    tasks: ids of those of each split, in the order of the suites.
    proves: what so few or so many tasks can show, in sentences.
    costs: time and disk to expect, in sentences.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    splits: dict[str, int] = field(default_factory=dict[str, int])
    tasks: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    proves: list[str] = field(default_factory=list[str])
    costs: list[str] = field(default_factory=list[str])

    @property
    def ready(self) -> bool:
        return all(finding.ok for finding in self.findings)


def tried(name: str, add: Callable[[Finding], None], look: Callable[[], T], says: Callable[[T], str]) -> T | None:
    """Add what ``look`` found, in the words of ``says``, or what it lacked and the remedy; None then."""
    try:
        found = look()
    except SutureError as error:
        add(Finding(name, False, str(error), error.mend or ""))
        return None
    add(Finding(name, True, says(found)))
    return found
