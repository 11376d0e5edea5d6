"""What a failed command says, in one line, and its exit code."""

import errno
import sqlite3
from collections.abc import Iterator

from suture.cli.mistakes import mistake_in
from suture.cli.output import emit_error
from suture.core.errors import NOT_ALLOWED, ExitCode, Fault, NoPermission, SutureError, UsageError


def fail(error: Exception, *, as_json: bool, debug: bool = False) -> int:
    """Say what is wrong on stderr, and with ``as_json`` on stdout too; return the exit code."""
    told = mistake_in(error) or error
    if not isinstance(told, SutureError):
        told = _of_the_system(told) or _unforeseen(told, debug=debug)
    if any(_not_allowed(cause) for cause in _causes(error)):
        told.exit_code = ExitCode.NO_PERMISSION
    return int(emit_error(told, as_json=as_json))


def _of_the_system(error: Exception) -> SutureError | None:
    """A file that cannot be read or written, where nobody nearer to it has said so."""
    if not isinstance(error, OSError) or error.filename is None:
        return None
    name = str(error.filename)
    if error.errno == errno.ENAMETOOLONG:
        begins = f"{name[:40]!r}..., {len(name):,} characters"
        return UsageError(f"too long for a name of a file: {begins}", mend="name a file, a directory or a model")
    said = f"{name}: {error.strerror or error}"
    if error.errno in NOT_ALLOWED:
        return NoPermission(said, mend="give this user the permission, or name another place")
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError | FileExistsError):
        return UsageError(said, mend="name a file in a directory that is there")
    return None


def _unforeseen(error: Exception, *, debug: bool) -> Fault:
    mend = "report what stands above" if debug else "run it again with --debug and report what it prints"
    return Fault(f"{type(error).__name__}: {error}", mend=mend)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that it came of, told or not."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _not_allowed(error: BaseException) -> bool:
    if isinstance(error, sqlite3.DatabaseError):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY
    return isinstance(error, OSError) and error.errno in NOT_ALLOWED
