"""The system call filter a judged program runs under, as classic BPF.

Built once; ``for_process`` patches in the one process it may signal: itself. See seccomp(2) and
Documentation/userspace-api/seccomp_filter.rst.
"""

import ctypes
import os
import struct
from collections.abc import Sequence

from . import kernel
from .syscalls import CLONE3, MACHINES

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS, _ENOTTY = 1, 38, 25
_NUMBER, _ARCH = 0, 4
_X32_BIT = 0x40000000

_CLONE_THREAD, _CLONE_VM = 0x10000, 0x100
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF
_IOCTLS = (0x5401, 0x5421, 0x541B, 0x5450, 0x5451)
"""TCGETS (isatty), FIONBIO, FIONREAD, FIONCLEX, FIOCLEX."""
_PRCTLS = (15, 16)
"""PR_SET_NAME, PR_GET_NAME."""
_FCNTLS = (0, 1, 2, 3, 4, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no owners, no signals, no leases."""
_OPEN_FOR_WRITING = 0x3 | 0x40 | 0x200 | 0x400
"""O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND."""

_Rule = list[tuple[int, int, int, int]]


def _argument(index: int) -> int:
    return 16 + 8 * index


def _only(index: int, allowed: Sequence[int], error: int = _EPERM, *, mask: int | None = None) -> _Rule:
    """Allow the call when the low half of an argument (after ``mask``) is one of the values."""
    rule: _Rule = [(_LOAD, 0, 0, _argument(index))]
    if mask is not None:
        rule.append((_AND, 0, 0, mask))
    rule += [(_JUMP_EQUAL, len(allowed) - at, 0, value) for at, value in enumerate(allowed)]
    return [*rule, (_RETURN, 0, 0, _ERRNO | error), (_RETURN, 0, 0, _ALLOW)]


def _rules(process: int, *, read_only_open: bool) -> dict[str, _Rule]:
    """The calls that are allowed only with certain arguments."""
    thread = _CLONE_THREAD | _CLONE_VM
    rules = {
        "clone": _only(0, (thread,), mask=thread),
        "kill": _only(0, (process,)),
        "tgkill": _only(0, (process,)),
        "ioctl": _only(1, _IOCTLS, _ENOTTY),
        "prctl": _only(0, _PRCTLS),
        "fcntl": _only(1, _FCNTLS),
        "prlimit64": _only(0, (0, process)),
        "socketpair": [
            (_LOAD, 0, 0, _argument(0)),
            (_JUMP_EQUAL, 0, 3, _AF_UNIX),
            (_LOAD, 0, 0, _argument(1)),
            (_AND, 0, 0, _SOCK_TYPE),
            (_JUMP_EQUAL, 1, 0, _SOCK_STREAM),
            (_RETURN, 0, 0, _ERRNO | _EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ],
    }
    if read_only_open:
        rules["open"] = _only(1, (0,), mask=_OPEN_FOR_WRITING)
        rules["openat"] = _only(2, (0,), mask=_OPEN_FOR_WRITING)
    return rules


def build(machine: str, process: int, *, read_only_open: bool) -> bytes:
    """The filter for one process, as an array of ``struct sock_filter``.

    Args:
        machine: as ``platform.machine()`` names it.
        process: the process id that ``kill`` and ``tgkill`` may name.
        read_only_open: also refuse to open files for writing (where Landlock is not there to do it).

    Raises:
        KeyError: no table for this machine.
    """
    arch, table = MACHINES[machine]
    rules = _rules(process, read_only_open=read_only_open)
    program: _Rule = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
        (_JUMP_EQUAL, 0, 1, CLONE3),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    for name, number in table.items():
        if name not in rules:
            program += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for name, rule in rules.items():
        if name in table:
            program += [(_JUMP_EQUAL, 0, len(rule), table[name]), *rule]
    program.append((_RETURN, 0, 0, _ERRNO | _EPERM))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


class Filter:
    """A filter made ready before the fork, so that a program pays for one system call only."""

    _STAND_IN = 0x7EADBEEF

    def __init__(self, *, read_only_open: bool) -> None:
        self._code = build(os.uname().machine, self._STAND_IN, read_only_open=read_only_open)

    def for_process(self, process: int) -> bytes:
        return self._code.replace(struct.pack("I", self._STAND_IN), struct.pack("I", process))

    def install(self) -> None:
        """From here on this process, and every thread of it, is under the filter."""
        code = self.for_process(os.getpid())
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
        kernel.prctl(kernel.PR_SET_SECCOMP, kernel.SECCOMP_MODE_FILTER, program)
