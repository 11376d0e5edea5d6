"""Where the files of a recipe lie: every path in it is relative to the recipe."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.suites.catalog import is_file_selector
from suture.suites.from_code.modules import path_of_package
from suture.suites.questions import FROM_CODE, SERVED

FILE = re.compile(r"\.(jsonl|json|gz|txt)(:|$)")


def placed(selectors: Iterable[str], place: Path) -> tuple[str, ...]:
    """The selectors as the working directory has them: those that name files, from ``place`` on.

    Raises:
        BadFile: such a file is not beside the recipe, but in the working directory; says how it is written.
    """
    return tuple(_placed(selector, place) if is_file_selector(selector) else selector for selector in selectors)


def placed_question_sources(written: Iterable[str], place: Path) -> tuple[str, ...]:
    """As ``placed``, for what questions are read from: files of prompts and code bases as well.

    Raises:
        BadFile: as ``placed``.
    """
    return tuple(_placed_question_source(source, place) for source in written)


def placed_sources(written: Mapping[str, str], place: Path) -> dict[str, Path]:
    """The files that official suites are read from, by suite name; absolute, since a plan keeps them."""
    return {name: (place / path).absolute() for name, path in written.items()}


def placed_directories(written: Iterable[str], place: Path) -> dict[str, Path]:
    """Directories by the names they are written under."""
    return {name: place / name for name in written}


def _placed_question_source(source: str, place: Path) -> str:
    if source == SERVED:
        return source
    if source.startswith(FROM_CODE):
        return f"{FROM_CODE}{_placed_code(source.removeprefix(FROM_CODE), place)}"
    return placed([source], place)[0]


def _placed_code(target: str, place: Path) -> str:
    """What is no path beside the recipe is a package, whatever the working directory holds."""
    if target.strip() and (place / target).exists():
        return str(place / target)
    if not target.strip() or not Path(target).exists():
        return target
    try:
        return str(path_of_package(target))
    except UsageError:
        raise _not_beside(target, place) from None


def _placed(selector: str, place: Path) -> str:
    joined = str(place / selector)
    if not (_there(joined) or _there(selector) or "/" in selector or FILE.search(selector)):
        return selector  # no suite and no file: the name itself is wrong
    if not _there(joined) and _there(selector) and place.resolve() != Path().resolve():
        raise _not_beside(selector, place)
    return joined


def _not_beside(path: str, place: Path) -> BadFile:
    return BadFile(
        f"{path}: no such file beside the recipe, in {place}; paths in a recipe are relative to it",
        mend=f"write {os.path.relpath(path, place)} in the recipe, or copy the file there",
    )


def _there(selector: str) -> bool:
    """The file of a selector, with or without the part of it that is wanted."""
    return Path(selector).exists() or Path(selector.rpartition(":")[0] or selector).exists()
