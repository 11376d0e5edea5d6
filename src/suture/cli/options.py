"""Options that several verbs take, and what they mean."""

import re
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.core.errors import UsageError

SUITE_HELP = (
    "humaneval, mbpp:11-110, bfcl:multiple, json-repair:test, extraction, basics, path/to/tasks.jsonl: docs/suites.md."
)
SOURCE_HELP = "A local file for an official suite, such as mbpp=PATH."
ON_HELP = "Answer and judge on a cluster: ray (on this machine) or ray=HOST:PORT; docs/howto/several-machines.md."
MOST_PORT = 65_535
ENGINE_FLAGS = {
    "name": "engine",
    "eager": "engine-eager",
    "context": "engine-context",
    "gpu_memory": "engine-gpu-memory",
    "url": "engine-url",
    "model": "engine-model",
}
"""How the fields of ``EngineChoice`` are called where they stand beside other flags."""


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    json: Annotated[bool, Parameter(negative="")] = False
    """Print one JSON object on stdout and nothing else there."""
    home: Path | None = None
    """The store; default $SUTURE_HOME, else the nearest .suture from this directory upwards."""
    debug: Annotated[bool, Parameter(negative="")] = False
    """Show a traceback when something fails."""


def require_at_least(least: int, **flags: float | None) -> None:
    """Raises UsageError: one of these flags has a lower number, or none."""
    for name, number in flags.items():
        if number is not None and not least <= number < inf:
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} {number:g}: a number from {least} on", mend=f"{flag} {max(least, 1)}")


def require_port(port: int) -> None:
    """Raises UsageError: no port has this number."""
    if not 0 <= port <= MOST_PORT:
        raise UsageError(f"--port {port}: a number from 0 to {MOST_PORT}", mend="--port 0, for any that is free")


@Parameter(name="*")
@dataclass(frozen=True)
class Judging:
    unsafe_local: Annotated[bool, Parameter(negative="")] = False
    """Judge programs without a sandbox. Every report says so."""


def points(written: str, option: str) -> float:
    """A share of all tasks, however it is written: ``2pt``, ``2%`` and ``0.02`` are the same.

    Raises:
        UsageError: no number, or not between 0 and 1 (100 points).
    """
    matched = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*(pt|pts|points?|pp|%|)\s*", written, re.IGNORECASE)
    share = float(matched[1]) / (100 if matched[2] else 1) if matched else 0.0
    if not 0 < share < 1:
        said = f"{option} {written}: not a part of all tasks"
        hint = (
            f"{option} {float(matched[1]):g}pt" if matched and 1 <= share < 100 and not matched[2] else f"{option} 2pt"
        )
        raise UsageError(said, mend=hint)
    return share


def require_new(path: Path) -> None:
    """Raises UsageError when something is there already: said before the work, not after it."""
    if path.exists():
        raise UsageError(f"{path} exists already", mend="remove it or choose another name")


def require_no_directory(path: Path) -> None:
    """Raises UsageError when a file is to be written where a directory stands."""
    if path.is_dir():
        raise UsageError(f"--out {path} is a directory", mend="name a file in it")


def parse_sources(written: list[str] | None) -> dict[str, Path]:
    """``["mbpp=PATH"]`` to ``{"mbpp": Path}``. Raises UsageError for anything else."""
    sources: dict[str, Path] = {}
    for entry in written or []:
        name, equals, path = entry.partition("=")
        if not (name and equals and path):
            raise UsageError(f"--source {entry!r} is not NAME=PATH", mend="--source mbpp=path/to/mbpp.jsonl")
        sources[name] = Path(path)
    return sources
