"""Results that are no file: a mapping, rows, or a data frame, as one side of a comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from suture.core.digest import digest_of
from suture.core.errors import UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.sheet import Sheet
from suture.files.rows import Located
from suture.harnesses import neutral
from suture.harnesses.opened import Choices, Opened


@runtime_checkable
class PandasFrame(Protocol):
    def to_dict(self, orient: Any, /) -> Any: ...


@runtime_checkable
class PolarsFrame(Protocol):
    def to_dicts(self) -> list[dict[str, Any]]: ...


@runtime_checkable
class ArrowTable(Protocol):
    def to_pylist(self) -> list[dict[str, Any]]: ...


Results = Mapping[str, bool | None] | Sequence[Mapping[str, Any]] | PandasFrame | PolarsFrame | ArrowTable
"""``{"task": True}``; rows with ``id`` and ``passed`` or ``score``; or a data frame of such rows."""
NO_VALUES = {"NAType", "NaTType"}
"""pandas' types of what is missing, beside not-a-number."""


def is_results(side: object) -> bool:
    """Tell whether ``side`` is results in memory, and no file and no list of files."""
    if is_list(side):
        return bool(side) and all(is_object(row) for row in side)
    return is_object(side) or isinstance(side, PandasFrame | PolarsFrame | ArrowTable)


def sheets_of_results(results: Any) -> list[Sheet]:
    """Read them as rows of ``docs/ci.md`` are read.

    Raises:
        BadFile: a row without an id or a verdict; names its number.
        StaleEvidence: an id is there twice.
        UsageError: there are no rows.
    """
    rows = _rows(results)
    if not rows:
        raise UsageError("no results: the side is empty")
    located = [Located(f"row {number}", dict(row)) for number, row in enumerate(rows, start=1)]
    opened = Opened(Path("results"), located, digest_of(["in memory", *[_plain(row) for row in rows]]))
    return neutral.read(opened, Choices()).sheets


def _rows(results: Any) -> list[dict[str, Any]]:
    if isinstance(results, PolarsFrame):
        found: Any = results.to_dicts()
    elif isinstance(results, ArrowTable):
        found = results.to_pylist()
    elif is_object(results):
        found = [{"id": task, "passed": passed} for task, passed in results.items()]
    else:
        found = results.to_dict("records") if isinstance(results, PandasFrame) else results
    return [{str(name): _value(value) for name, value in row.items()} for row in found]


def _value(value: Any) -> Any:
    """A number or array of numpy's as Python's own, and what frames write where nothing is as no value."""
    value = value.tolist() if hasattr(value, "tolist") else value
    nothing = type(value).__name__ in NO_VALUES or (isinstance(value, float) and value != value)  # noqa: PLR0124
    return None if nothing else value


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): repr(value) for name, value in row.items()}
