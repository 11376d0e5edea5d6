"""Reads the two sides of a comparison, whoever wrote the files."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.files.looks_like import HEAD
from suture.files.rows import Located, located_rows
from suture.files.small_files import sha256_of
from suture.harnesses import inspect_ai, junit, lm_eval
from suture.harnesses.opened import Choices, Opened, ResultsReading
from suture.harnesses.strangers import stranger
from suture.harnesses.table import CAN_BE_READ, HARNESSES, NEUTRAL, Harness
from suture.harnesses.table_rows import delimiter_of, rows_of_table

FLAGS = {"passed": "pass"}
"""How a choice is called on the command line, where that is another word."""


def read_sides(
    before: Sequence[Path], after: Sequence[Path], choices: Choices, choices_after: Choices | None = None
) -> tuple[list[ResultsReading], list[ResultsReading]]:
    """The measurements of both sides, a reading a file.

    Args:
        choices_after: what to take of the files of the second side, where that differs.

    Raises:
        BadFile: no such file, or none that can be read; says what it looks like.
        UnknownName: what was chosen is not in it.
        UsageError: a task occurs twice where it may not, or a value is neither right nor wrong.
    """
    suite = _one_suite([*before, *after])
    first = [read_results(path, choices, suite=suite) for path in before]
    return first, [read_results(path, choices_after or choices, suite=suite) for path in after]


def read_results(path: Path, choices: Choices | None = None, *, suite: str | None = None) -> ResultsReading:
    """The measurements in one file. ``suite``: what it is taken to be of where neither it nor its name tells.

    Raises: as ``read_sides``.
    """
    choices = choices or Choices()
    rows = _rows(path)
    named = choices.id is not None or choices.passed is not None
    harness = NEUTRAL if named else _harness_of(rows, path)
    for option in (field.name for field in fields(Choices)):
        if getattr(choices, option) is not None and option not in harness.options:
            flags = [f"--{FLAGS.get(name, name)}" for name in harness.options]
            known = f"there: {', '.join(flags)}" if flags else "it has none"
            flag = f"--{FLAGS.get(option, option)}"
            raise UsageError(
                f"{path}: {flag} chooses nothing in a file of {harness.name}; {known}", mend=f"leave {flag} out"
            )
    opened = Opened(path, rows, sha256_of(path), suite)
    try:
        return harness.read(opened, choices).of(path, harness.name)
    except BadFile as error:
        raise BadFile(f"{error} (read as a file of {harness.name})", mend=error.mend) from None


def _rows(path: Path) -> list[Located]:
    if path.is_file() and zipfile.is_zipfile(path):
        return [Located(str(path), inspect_ai.rows_of_archive(path))]
    if path.is_file() and junit.is_junit(_head(path)):
        return junit.rows_of_xml(path)
    if path.is_file() and (delimiter := delimiter_of(path)) is not None:
        return rows_of_table(path, delimiter)
    return list(located_rows(path, mend="suture bench MODEL --suite humaneval --out before.json"))


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD)


def _harness_of(rows: Sequence[Located], path: Path) -> Harness:
    known = next((harness for harness in HARNESSES if harness.knows(rows[0].row)), None)
    if known is None:
        what, mend = stranger(rows[0].row)
        said = f"{rows[0].at}: no results that can be read, but {what}"
        raise BadFile(said, mend=mend.replace("{path}", str(path)) if mend else f"can be read: {CAN_BE_READ}")
    if known.is_one_object and len(rows) > 1:
        raise BadFile(
            f"{path}: {len(rows)} objects; a file of {known.name} is one", mend="give each in a file of its own"
        )
    for row in rows:
        if not known.knows(row.row):
            raise BadFile(
                f"{row.at}: rows of two formats: this is none of {known.name}, as the first is", mend="give two files"
            )
    return known


def _one_suite(paths: Iterable[Path]) -> str | None:
    """The suite that file names tell of, if all that tell agree: a renamed file is taken to be of the same."""
    told = {suite for path in paths if (suite := lm_eval.suite_in(path))}
    return told.pop() if len(told) == 1 else None
