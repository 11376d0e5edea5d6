"""A file of results before anybody knows whose it is, and what can be chosen in one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from suture.core.digest import digest_of
from suture.core.errors import UnknownName
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.files.rows import Located, parsed

T = TypeVar("T")
PASSED = Verdict(outcome=Outcome.PASS)


@dataclass(frozen=True)
class Opened:
    """Attributes:
    rows: the JSON objects in it; one where the file is one object.
    sha256: of its bytes.
    suite: what a file that does not name its suite is taken to be of.
    """

    path: Path
    rows: Sequence[Located]
    sha256: str
    suite: str | None = None

    def parsed(self, parse: Callable[[dict[str, Any]], T]) -> list[T]:
        """``parse`` of every row. Raises BadFile with the line of one it refuses."""
        return [parsed(located, parse) for located in self.rows]


@dataclass(frozen=True)
class Choices:
    """What to take where a file holds several. None: the first, which the reading then names."""

    metric: str | None = None
    filter: str | None = None
    scorer: str | None = None
    provider: str | None = None
    prompt: str | None = None
    id: str | None = None
    passed: str | None = None
    suite: str | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class Taken:
    """One of several: its name, and those that were not taken."""

    name: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultsReading:
    """What was read from one file.

    Attributes:
        sheets: the first holds every task; further ones are repeated measurements.
        taken: by option, what was taken of what the file holds.
        notes: what else a person should know.
        board: the scoreboard, where the file is one of Suture's own.
    """

    sheets: list[Sheet]
    taken: dict[str, Taken]
    notes: tuple[str, ...] = ()
    path: Path = Path()
    harness: str = ""
    board: Scoreboard | None = None

    def of(self, path: Path, harness: str) -> "ResultsReading":
        return replace(self, path=path, harness=harness)

    @property
    def says(self) -> str:
        """One line: how the file was read."""
        parts = [f"read as {self.harness}"]
        for option, taken in self.taken.items():
            others = f", not {', '.join(taken.others)} (--{option} chooses)" if taken.others else ""
            parts.append(f"{option} {taken.name}{others}")
        return f"{self.path}: {'; '.join([*parts, *self.notes])}"

    def to_json(self) -> dict[str, Any]:
        taken = {option: {"taken": t.name, "not_taken": list(t.others)} for option, t in self.taken.items()}
        return {"file": str(self.path), "harness": self.harness, **taken, "notes": list(self.notes)}


def take(option: str, wanted: str | None, known: Sequence[str], path: Path) -> Taken:
    """The wanted one of ``known``, or the first. Raises UnknownName: it is not among them."""
    if wanted is not None and wanted not in known:
        raise UnknownName(f"{option} in {path}:", wanted, known, mend=f"--{option} '{known[0]}'")
    name = known[0] if wanted is None else wanted
    return Taken(name, tuple(other for other in known if other != name))


def in_runs(
    entries: Sequence[SheetEntry], subject: str, named: Sequence[str], instrument: dict[str, str]
) -> list[Sheet]:
    """The k-th entry of each task in the k-th sheet.

    Args:
        named: what the digests of the sheets are made of, besides their number.
    """
    runs: list[dict[str, SheetEntry]] = []
    counts: dict[str, int] = {}
    for entry in entries:
        number = counts.get(entry.task_id, 0)
        counts[entry.task_id] = number + 1
        if number == len(runs):
            runs.append({})
        runs[number][entry.task_id] = entry
    return [Sheet(subject, digest_of([*named, number]), instrument, run) for number, run in enumerate(runs)]


def failed(reason: Reason, detail: str = "") -> Verdict:
    return Verdict(outcome=Outcome.FAIL, reason=reason, detail=detail)


def without_verdict(detail: str) -> Verdict:
    """An error of the harness, the engine or the scorer: it counts for nobody and against nobody."""
    return Verdict(outcome=Outcome.FAULT, reason=Reason.FAULT, detail=detail)


def id_of(value: object) -> str | None:
    """A task's id as text, however the file spells a number: 11, 11.0 and "11" are one id. None: no id at all."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value)
