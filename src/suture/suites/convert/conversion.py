"""Converts a file: every item becomes a task that can be read again, or is left out with its place and reason."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from suture.core.errors import UnknownName, UsageError
from suture.core.measure.task import Task
from suture.core.nearest import nearest
from suture.files.complaints import wrong_value
from suture.suites.convert.answers import AS
from suture.suites.convert.converter import Choices, Item
from suture.suites.convert.layout import is_another, other_layout, require_form
from suture.suites.convert.table import CONVERTERS
from suture.suites.convert.table_file import require_columns, say_how
from suture.suites.counted import counted
from suture.suites.own_rows import own_task

OPTION_NAMES = {"prompt": "--prompt", "expected": "--expected", "as_kind": "--as", "databases": "--databases"}


_MARKS = ".,;:!?…\"'`’‘“”。，！？；：、"


class LeftOut(NamedTuple):
    """Attributes:
    sort: the reason without what it names of this row alone; empty where it names nothing.
    """

    at: str
    why: str
    sort: str = ""


class Further(NamedTuple):
    """A row that became a task and has ``answers`` more that call functions, which are none."""

    at: str
    answers: int


class Conversion(NamedTuple):
    """``tasks`` are those of the rows that are kept."""

    kept: list[dict[str, Any]]
    tasks: list[Task]
    left_out: list[LeftOut]
    further: list[Further]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Counted, the commonest first."""
        return counted(item.sort or item.why for item in self.left_out)


def convert(path: Path, name: str, choices: Choices, *, known: Iterable[Task] = ()) -> Conversion:
    """Convert a file of the format ``name``.

    Args:
        known: tasks of other suites; what asks the same as one of them is left out.

    Raises:
        UnknownName: no such format, or no such way to compare.
        UsageError: an option that the format needs is missing, or one that it does not take is given.
        BadFile: the file is not of this format at all.
    """
    require_choices(path, name, choices)
    elsewhere = {_asked(task): task.id for task in known}
    kept: list[dict[str, Any]] = []
    tasks: list[Task] = []
    left_out: list[LeftOut] = []
    further: list[Further] = []
    seen = _Seen({}, {})
    laid_out = False
    for item in CONVERTERS[name].items(path, choices):
        laid_out = laid_out or item.laid_out
        task, why = _task_of(item)
        known_already = None
        if task is not None:
            said = _asked(task)
            other = elsewhere.get(said) if said else None
            known_already = LeftOut(item.at, f"it asks what {other} asks") if other else seen.like(task, item.at)
        if task is None or known_already:
            left_out.append(known_already or LeftOut(item.at, why))
            continue
        kept.append(item.row or {})
        tasks.append(task)
        if item.more:
            further.append(Further(item.at, item.more))
    if not kept and CONVERTERS[name].fields and is_another(path, name, CONVERTERS, laid_out=laid_out):
        raise other_layout(path, name, CONVERTERS)
    return Conversion(kept, tasks, left_out, further)


class _Seen(NamedTuple):
    """Attributes:
    asked: where each question with its tools stands, and what decides it.
    ids: where each id stands.
    """

    asked: dict[tuple[Any, ...], tuple[str, Any]]
    ids: dict[str, str]

    def like(self, task: Task, at: str) -> LeftOut | None:
        """Why it is left out; None for a task that is none of those before it."""
        if task.id in self.ids:
            return LeftOut(at, f"its id is that of {self.ids[task.id]}", "its id is that of another row")
        turns = tuple((message.role, _plain(message.content)) for message in task.messages)
        key = (turns, tuple(str(tool.as_openai()) for tool in task.tools))
        decides = task.check.evidence
        if key in self.asked:
            first, before = self.asked[key]
            answer = "the same answer" if decides == before else "another answer"
            return LeftOut(
                at, f"it asks what {first} asks, with {answer}", f"it asks what another row asks, with {answer}"
            )
        self.asked[key], self.ids[task.id] = (at, decides), at
        return None


def _asked(task: Task) -> str:
    """The user's words. Unlike ``question_key``, signs within a word or alone count: 5+3 is not 5-3."""
    return " ".join(_plain(message.content) for message in task.messages if message.role == "user")


def _plain(text: str) -> str:
    """Without case, spacing, and marks around words."""
    return " ".join(word for part in text.casefold().split() if (word := part.strip(_MARKS)))


def _task_of(item: Item) -> tuple[Task | None, str]:
    if item.row is None:
        return None, item.why
    try:
        return own_task(item.row, suite="converted", origin="converted"), ""
    except ValidationError as error:
        return None, wrong_value(error)
    except (ValueError, TypeError, RecursionError, UnknownName) as error:
        return None, " ".join(str(error).split())[:300]


def require_choices(path: Path, name: str, choices: Choices) -> None:
    """Raises UnknownName, UsageError, BadFile: as ``convert``, before anything is read but the head of the file."""
    if name not in CONVERTERS:
        raise UnknownName("format", name, CONVERTERS, mend="suture suite convert --help")
    if choices.as_kind is not None and choices.as_kind not in AS:
        near = nearest(choices.as_kind, AS) or AS[0]
        raise UnknownName("way to compare, --as", choices.as_kind, AS, mend=f"--as {near}")
    require_form(path, name, CONVERTERS)
    converter = CONVERTERS[name]
    given = {option for option in OPTION_NAMES if getattr(choices, option) is not None}
    if missing := [OPTION_NAMES[option] for option in converter.needs if option not in given]:
        mend = say_how(path, choices) if name == "csv" and path.is_file() else "suture suite convert --help"
        raise UsageError(f"format {name} needs {' and '.join(missing)}", mend=mend)
    if name == "csv" and path.is_file():
        require_columns(path, choices)
    if extra := sorted(OPTION_NAMES[option] for option in given - {*converter.needs, *converter.takes}):
        raise UsageError(f"format {name} takes no {extra[0]}", mend="leave it out")
