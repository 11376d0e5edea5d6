"""Options every verb takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


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
