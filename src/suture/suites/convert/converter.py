"""What every converter is: a function from a file to items, each a row of Suture's own form or the reason why not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.json_types import is_list, is_object
from suture.core.strict_json import Unclear, read_strictly
from suture.files.rows import located_rows


class Item(NamedTuple):
    """Attributes:
    at: the file, and the line or item in it.
    row: in Suture's own form; None where nothing could be made of it.
    why: why not.
    more: answers of the row that call functions too, and are no tasks.
    laid_out: it is laid out as the format is.
    """

    at: str
    row: dict[str, Any] | None = None
    why: str = ""
    more: int = 0
    laid_out: bool = True


class Made(NamedTuple):
    """A row in Suture's own form; ``more`` as in ``Item``."""

    row: Mapping[str, Any]
    more: int = 0


@dataclass(frozen=True)
class Choices:
    """What a file does not say by itself.

    Attributes:
        prompt, expected: columns of a table, or fields of a row.
        as_kind: how a free text is to be compared; see ``answers.AS``.
        databases: the directory with one directory a database.
        out: where the tasks go, for the command that a remedy proposes.
    """

    prompt: str | None = None
    expected: str | None = None
    as_kind: str | None = None
    databases: Path | None = None
    out: Path | None = None


class NotConverted(Exception):
    """One item cannot be converted; the message is the reason."""


def json_of(text: str, what: str) -> Any:
    """Raises NotConverted: ``what`` (such as "its tools are") is no JSON, or may be meant in two ways."""
    try:
        return read_strictly(text)
    except Unclear as error:
        raise NotConverted(f"{what} unclear: {error}") from None
    except (ValueError, RecursionError):
        raise NotConverted(f"{what} no JSON") from None


class Converter(NamedTuple):
    """Attributes:
    what: the format, for people.
    items: raises BadFile for a file that cannot be read at all.
    fields: what every row has, by which such rows are known.
    knows: whether a row with these fields is such a row.
    needs: options that must be given.
    takes: options that may be given besides.
    """

    what: str
    items: Callable[[Path, Choices], Iterator[Item]]
    fields: Sequence[str] = ()
    needs: Sequence[str] = ()
    takes: Sequence[str] = ()
    knows: Callable[[Mapping[str, Any]], bool] = lambda _: True


def items_of_file(path: Path, convert: Callable[[Any, str], Mapping[str, Any] | Made]) -> Iterator[Item]:
    """One item for each row of a JSON file; ``convert`` is given the row and an id for it, ``FILE/NUMBER``.

    Raises:
        BadFile: no file of JSON rows.
    """
    numbered = (
        (located.at, (located.row, f"{path.stem}/{n}"))
        for n, located in enumerate(located_rows(path, read=partial(read_strictly, digits=False)), start=1)
    )
    return items_of_rows(numbered, lambda pair: convert(*pair))


def items_of_rows(
    located: Iterator[tuple[str, Any]], convert: Callable[[Any], Mapping[str, Any] | Made]
) -> Iterator[Item]:
    """One item for each row; what ``convert`` refuses becomes an item with its reason."""
    for at, row in located:
        try:
            made = convert(row)
            whole = made if isinstance(made, Made) else Made(made)
            yield Item(at, dict(whole.row), more=whole.more)
        except NotConverted as refusal:
            yield Item(at, None, str(refusal))
        except KeyError as error:
            yield Item(at, None, f"not laid out as this format is: it has no field {error}", laid_out=False)
        except (TypeError, AttributeError, ValueError) as error:
            yield Item(at, None, f"not laid out as this format is: {type(error).__name__}: {error}", laid_out=False)


def as_object(value: object) -> dict[str, Any]:
    """Raises TypeError: something else."""
    if not is_object(value):
        raise TypeError(f"{type(value).__name__} where an object should be")
    return value


def as_list(value: object) -> list[Any]:
    """Raises TypeError: something else."""
    if not is_list(value):
        raise TypeError(f"{type(value).__name__} where a list should be")
    return value
