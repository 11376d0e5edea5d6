"""What verbs that make a file of tasks have in common: where it may go, and what is said of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from suture.cli.options import require_no_directory
from suture.cli.output import emit, table
from suture.core.errors import ExitCode, UsageError
from suture.files.small_files import write_text
from suture.suites.own_rows import as_lines


class Made(Protocol):
    """Attributes:
    kept: rows in Suture's own form.
    reasons: why the rest fell, and how many for each.
    compared, not_compared: suites that the tasks were compared with, and those that are not at hand.
    """

    @property
    def kept(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def reasons(self) -> Sequence[tuple[str, int]]: ...
    @property
    def compared(self) -> Sequence[str]: ...
    @property
    def not_compared(self) -> Sequence[str]: ...


def require_tasks_file(out: Path) -> None:
    """Raises UsageError: a directory, or a file that is there already and holds something else."""
    require_no_directory(out)
    if out.exists() and out.suffix != ".jsonl":
        raise UsageError(f"{out} exists already, and is no file of tasks", mend=f"--out {out.with_suffix('.jsonl')}")


def write_made(
    out: Path,
    made: Made,
    *,
    of: tuple[int, str],
    about: Mapping[str, Any],
    also: Iterable[str] = (),
    as_json: bool,
) -> int:
    """Write the tasks, if any, and say how many, and why the rest fell; returns the exit code.

    Args:
        of: how many were looked at, and what they are, in words: ``(3, "functions with doctests")``.
        about: what else the JSON says, before what was compared.
        also: further lines for people.
    """
    rows = made.kept
    if rows:
        write_text(out, as_lines(rows))
    total, what = of
    result = {"out": str(out) if rows else None, **about, "kept": len(rows), "dropped": dict(made.reasons)}
    result |= {"compared": list(made.compared), "not_compared": list(made.not_compared)}
    noun = what.split()[0]
    fell = [[why, str(n)] for why, n in made.reasons]
    lines = [table([f"why a {noun.removesuffix('s')} fell", noun], fell)] if fell else []
    if made.not_compared:
        lines.append(f"not compared with suites that are not at hand: {', '.join(made.not_compared)}")
    lines += also
    lines.append(f"kept {len(rows)} of {total} {what}" + (f" in {out}" if rows else ""))
    emit(result, "\n".join(lines), as_json=as_json)
    return int(ExitCode.DONE if rows else ExitCode.REJECTED)
