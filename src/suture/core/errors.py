"""Every error Suture raises on purpose.

SutureError                 exit code 5 unless a child says otherwise
+-- UsageError              2   the user can mend it: wrong name, broken file, missing extra
|   +-- UnknownName         2   with "did you mean"
|   +-- BadRecipe           2   with key and line
|   +-- BadFile             2   a file that is missing, cut off or not what it says
|   +-- MissingTool         2   a program or package that is not installed
|   +-- NoPermission        6   this user may not read or write that; so too any error above that came of it
|   +-- DiskFull            2   nothing half-written is left under its final name
|   +-- StaleEvidence       4   measurements that cannot carry a decision: another instrument, other tasks held out
+-- Fault                   5   Suture's or the machine's own failure: never held against a model
+-- Interrupted           130   the user stopped it; the next run goes on from there
"""

import errno
from collections.abc import Iterable, Sequence
from enum import IntEnum

from suture.core.nearest import nearest

MOST_KNOWN = 20
"""Names that an error lists; of a suite's thousand ids a few show how they are made."""


class ExitCode(IntEnum):
    """How a command ended, as `docs/exit-codes.md` explains it."""

    DONE = 0
    REJECTED = 1
    USAGE = 2
    HELD = 3
    STALE = 4
    FAULT = 5
    NO_PERMISSION = 6
    INTERRUPTED = 130


class SutureError(Exception):
    """What is wrong and where (the message), and the command or change that mends it (``mend``).

    ``also``: what else was found wrong on the way, each with a remedy of its own.
    """

    exit_code: ExitCode = ExitCode.FAULT

    def __init__(self, message: str, *, mend: str | None = None, also: "Sequence[SutureError]" = ()) -> None:
        super().__init__(message)
        self.mend = mend
        self.also = tuple(also)


class UsageError(SutureError):
    exit_code = ExitCode.USAGE


class BadRecipe(UsageError):
    pass


class BadFile(UsageError):
    pass


class DiskFull(UsageError):
    pass


class MissingTool(UsageError):
    pass


RAN_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of an OSError that mean that the disk, or this user's part of it, is full."""
NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""Numbers of an OSError that mean that this user may not."""


class NoPermission(UsageError):
    exit_code = ExitCode.NO_PERMISSION


class StaleEvidence(UsageError):
    exit_code = ExitCode.STALE


class UnknownName(UsageError):
    """A name that is not among the known ones; the message offers the nearest."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, mend: str | None = None) -> None:
        choices = sorted(known)
        near = nearest(name, choices, cutoff=0.5)
        more = f" and {len(choices) - MOST_KNOWN} more" if len(choices) > MOST_KNOWN else ""
        listed = f"known: {', '.join(choices[:MOST_KNOWN])}{more}" if choices else "there is none yet"
        hint = listed if near is None else f"did you mean {near!r}?"
        super().__init__(f"unknown {kind} {name!r}; {hint}", mend=mend)
        self.kind = kind


class Fault(SutureError):
    exit_code = ExitCode.FAULT


class Interrupted(SutureError):
    exit_code = ExitCode.INTERRUPTED
