"""Results go to stdout, words to stderr. With ``--json`` stdout carries one JSON object and nothing else."""

import json
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from suture.core.errors import ExitCode, SutureError
from suture.core.measure.verdict import JudgeIdentity
from suture.core.surrogates import joined

LONGEST_WORD = 1_000
"""Characters of a complaint without a space: a path of any system that can be opened is told whole, or nearly."""
LOUD = ("OVERRIDE", "TOUCHED", "DIFFERS")
"""Lines that begin so are red on a terminal."""


def emit(result: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print ``result`` as JSON, or ``text`` for people."""
    if as_json:
        text = json.dumps(result, ensure_ascii=not _encoding(sys.stdout).startswith("utf"))
    _write(sys.stdout, text if as_json else _coloured(text, sys.stdout).rstrip("\n"))


def _coloured(text: str, stream: TextIO) -> str:
    """https://no-color.org is respected."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return "\n".join(f"\x1b[31m{line}\x1b[0m" if line.startswith(LOUD) else line for line in text.split("\n"))


def say(line: str) -> None:
    _write(sys.stderr, line)


def _write(stream: TextIO, text: str) -> None:
    """What the stream's encoding lacks is written as an escape, such as ``\\ud835`` for half a character."""
    encoding = _encoding(stream)
    try:
        stream.write(joined(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:  # whoever reads has enough, as `head` has; what is written at exit goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _encoding(stream: TextIO) -> str:
    return (stream.encoding or "utf-8").lower()


def complain(error: SutureError) -> None:
    """Says on stderr what is wrong, and what mends it."""
    for problem in (error, *error.also):
        say(f"suture: {_short(str(problem))}")
        if problem.mend:
            say(f"  {remedy_word(sys.stderr)}: {_short(problem.mend)}")


def _short(text: str) -> str:
    """What was typed is repeated, and may be a file's whole content that a shell put in the place of its name."""
    return re.sub(rf"\S{{{LONGEST_WORD},}}", lambda word: f"{word[0][:40]}... ({len(word[0]):,} characters)", text)


def emit_error(error: SutureError, *, as_json: bool) -> ExitCode:
    """Says it on stderr, and with ``--json`` on stdout too; returns the exit code."""
    complain(error)
    if as_json:
        problem: dict[str, Any] = {"message": str(error), "mend": error.mend, "exit_code": int(error.exit_code)}
        if error.also:
            problem["also"] = [{"message": str(other), "mend": other.mend} for other in error.also]
        emit({"error": problem}, "", as_json=True)
    return error.exit_code


def remedy_word(stream: TextIO) -> str:
    """Return the word before a remedy: scripts look for ``mend``, people read ``try``."""
    return "try" if stream.isatty() else "mend"


def isolation(judge: JudgeIdentity) -> str:
    """Say how programs were confined; loud when they were not."""
    unsafe = " UNSAFE: programs ran without a sandbox" if judge.unsafe_local else ""
    return f"isolation {judge.level.value}{unsafe}"


def beyond(total: int, shown: int) -> list[str]:
    """One line on those of ``total`` after the first ``shown``; no line where there are none."""
    return [f"... and {total - shown} more; --json names them all"] if total > shown else []


def table(header: list[str], rows: list[list[str]], *, words: bool = False) -> str:
    """Columns aligned with spaces; numbers (all but the first column) to the right.

    Args:
        words: all columns are words, and stand to the left.
    """
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines: list[str] = []
    for row in [header, ["-" * width for width in widths], *rows]:
        put = str.ljust if words else str.rjust
        cells = [row[0].ljust(widths[0]), *(put(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
