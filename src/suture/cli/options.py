"""Options every verb takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.core.errors import UsageError


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    json: Annotated[bool, Parameter(negative="")] = False
    """Print one JSON object on stdout and nothing else there."""
    home: Path | None = None
    """The store; default $SUTURE_HOME, else .suture in this directory."""
    debug: Annotated[bool, Parameter(negative="")] = False
    """Show a traceback when something fails."""


@Parameter(name="*")
@dataclass(frozen=True)
class Judging:
    unsafe_local: Annotated[bool, Parameter(negative="")] = False
    """Judge programs without a sandbox. Every report says so."""


def parse_sources(written: list[str] | None) -> dict[str, Path]:
    """``["mbpp=PATH"]`` to ``{"mbpp": Path}``. Raises UsageError for anything else."""
    sources: dict[str, Path] = {}
    for entry in written or []:
        name, equals, path = entry.partition("=")
        if not (name and equals and path):
            raise UsageError(f"--source {entry!r} is not NAME=PATH", mend="--source mbpp=path/to/mbpp.jsonl")
        sources[name] = Path(path)
    return sources
