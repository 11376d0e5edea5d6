"""Converts a file: every item becomes a task that can be read again, or is left out with its place and reason."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from suture.core.errors import UnknownName, UsageError
from suture.core.measure.groups import question_key
from suture.core.measure.task import Task
from suture.core.nearest import nearest
from suture.files.complaints import wrong_value
from suture.suites.convert.answers import AS
from suture.suites.convert.converter import Choices, Item
from suture.suites.convert.table import CONVERTERS
from suture.suites.convert.table_file import require_columns, say_how
from suture.suites.counted import counted
from suture.suites.own_rows import own_task

OPTION_NAMES = {"prompt": "--prompt", "expected": "--expected", "as_kind": "--as", "databases": "--databases"}


class LeftOut(NamedTuple):
    at: str
    why: str


class Conversion(NamedTuple):
    """``tasks`` are those of the rows that are kept."""

    kept: list[dict[str, Any]]
    tasks: list[Task]
    left_out: list[LeftOut]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Counted, the commonest first."""
        return counted(item.why for item in self.left_out)


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
    elsewhere = {question_key(task): task.id for task in known}
    kept: list[dict[str, Any]] = []
    tasks: list[Task] = []
    left_out: list[LeftOut] = []
    asked: dict[tuple[str, str], tuple[str, str]] = {}
    ids: dict[str, str] = {}
    for item in CONVERTERS[name].items(path, choices):
        task, why = _task_of(item)
        if task is not None:
            key = question_key(task), str([tool.as_openai() for tool in task.tools])
            first, content = asked.get(key, ("", ""))
            if task.id in ids:
                why = f"its id is that of {ids[task.id]}"
            elif key[0] in elsewhere:
                why = f"it asks what {elsewhere[key[0]]} asks"
            elif first:
                same = "the same answer" if content == task.content_digest else "another answer"
                why = f"it asks what {first} asks, with {same}"
            else:
                asked[key], ids[task.id] = (item.at, task.content_digest), item.at
        if task is None or why:
            left_out.append(LeftOut(item.at, why))
        else:
            kept.append(item.row or {})
            tasks.append(task)
    return Conversion(kept, tasks, left_out)


def _task_of(item: Item) -> tuple[Task | None, str]:
    if item.row is None:
        return None, item.why
    try:
        return own_task(item.row, suite="converted", origin="converted"), ""
    except ValidationError as error:
        return None, wrong_value(error)
    except (ValueError, RecursionError, UnknownName) as error:
        return None, " ".join(str(error).split())[:300]


def require_choices(path: Path, name: str, choices: Choices) -> None:
    """Raises UnknownName, UsageError: as ``convert``, before anything is read but the head of a table."""
    if name not in CONVERTERS:
        raise UnknownName("format", name, CONVERTERS, mend="suture suite convert --help")
    if choices.as_kind is not None and choices.as_kind not in AS:
        near = nearest(choices.as_kind, AS) or AS[0]
        raise UnknownName("way to compare, --as", choices.as_kind, AS, mend=f"--as {near}")
    converter = CONVERTERS[name]
    given = {option for option in OPTION_NAMES if getattr(choices, option) is not None}
    if missing := [OPTION_NAMES[option] for option in converter.needs if option not in given]:
        mend = say_how(path) if name == "csv" and path.is_file() else "suture suite convert --help"
        raise UsageError(f"format {name} needs {' and '.join(missing)}", mend=mend)
    if name == "csv" and path.is_file():
        require_columns(path, choices)
    if extra := sorted(OPTION_NAMES[option] for option in given - {*converter.needs, *converter.takes}):
        raise UsageError(f"format {name} takes no {extra[0]}", mend="leave it out")
