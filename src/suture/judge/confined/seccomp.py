"""The system call filters, as classic BPF. See seccomp(2) and Documentation/userspace-api/seccomp_filter.rst.

Two, because the kernel evaluates a new filter for every call number when it is installed: the long
allow list goes on the worker once and is inherited; the short one, which takes the worker's own
privileges away again and names the one process a program may signal (itself), goes on each child.
"""

import array
import ctypes
import os
import struct
from collections.abc import Mapping, Sequence

from . import kernel
from .syscalls import CLONE3, MACHINES

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS, _ENOTTY = 1, 38, 25
_NUMBER, _ARCH = 0, 4
_X32_BIT = 0x40000000

_CLONE_THREAD, _CLONE_VM = 0x10000, 0x100
_CLONE_VFORK = 0x4000
"""Who calls so waits for the other, in a state in which nobody can tell that it sleeps."""
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF
_IOCTLS = (0x5401, 0x5421, 0x541B, 0x5450, 0x5451)
"""TCGETS (isatty), FIONBIO, FIONREAD, FIONCLEX, FIOCLEX."""
_PRCTLS = (15, 16)
"""PR_SET_NAME, PR_GET_NAME."""
_FCNTLS = (0, 1, 2, 3, 4, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no owners, no signals, no leases."""
_STOPS = (19, 20, 21, 22)
"""SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: a program has no reason to stop itself."""
_OPEN_FOR_WRITING = 0x3 | 0x40 | 0x200 | 0x400
"""O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND."""

_Rule = list[tuple[int, int, int, int]]
_REFUSE: _Rule = [(_RETURN, 0, 0, _ERRNO | _EPERM)]


def _argument(index: int) -> int:
    """Offset of the low half of an argument in ``struct seccomp_data``."""
    return 16 + 8 * index


def _only(index: int, allowed: Sequence[int], error: int = _EPERM, *, mask: int | None = None) -> _Rule:
    """Allow the call when the low half of an argument (after ``mask``) is one of the values."""
    rule: _Rule = [(_LOAD, 0, 0, _argument(index))]
    if mask is not None:
        rule.append((_AND, 0, 0, mask))
    rule += [(_JUMP_EQUAL, len(allowed) - at, 0, value) for at, value in enumerate(allowed)]
    return [*rule, (_RETURN, 0, 0, _ERRNO | error), (_RETURN, 0, 0, _ALLOW)]


def _signal_rule(process: int, signal_argument: int) -> _Rule:
    """Only to ``process``, and none that stops."""
    stops: _Rule = [(_JUMP_EQUAL, len(_STOPS) - at, 0, number) for at, number in enumerate(_STOPS)]
    return [
        (_LOAD, 0, 0, _argument(0)),
        (_JUMP_EQUAL, 0, len(_STOPS) + 2, process),
        (_LOAD, 0, 0, _argument(signal_argument)),
        *stops,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
    ]


def for_worker(machine: str, *, read_only_open: bool) -> bytes:
    """The allow list, for the worker and what it forks.

    Args:
        machine: as ``os.uname().machine`` names it.
        read_only_open: also refuse to open files for writing (where Landlock is not there to do it).

    Raises:
        KeyError: no table for this machine.
    """
    arch, table, own = MACHINES[machine]
    rules: dict[str, _Rule] = {
        "ioctl": _only(1, _IOCTLS, _ENOTTY),
        "fcntl": _only(1, _FCNTLS),
        "socketpair": [
            (_LOAD, 0, 0, _argument(0)),
            (_JUMP_EQUAL, 0, 3, _AF_UNIX),
            (_LOAD, 0, 0, _argument(1)),
            (_AND, 0, 0, _SOCK_TYPE),
            (_JUMP_EQUAL, 1, 0, _SOCK_STREAM),
            *_REFUSE,
            (_RETURN, 0, 0, _ALLOW),
        ],
    }
    if read_only_open:
        rules["open"] = _only(1, (0,), mask=_OPEN_FOR_WRITING)
        rules["openat"] = _only(2, (0,), mask=_OPEN_FOR_WRITING)
    allowed = {**table, **own}
    program = [
        *_preamble(arch),
        (_JUMP_EQUAL, 0, 1, CLONE3),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    for name, number in allowed.items():
        if name not in rules:
            program += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    return _assembled([*program, *_branches(rules, allowed), *_REFUSE])


def for_child(machine: str, process: int) -> bytes:
    """Takes away what only the worker needs; ``process`` is the one that may be signalled."""
    arch, table, own = MACHINES[machine]
    thread = _CLONE_THREAD | _CLONE_VM
    rules: dict[str, _Rule] = {name: _REFUSE for name in own if name != "close_range"}
    rules |= {
        "clone": _only(0, (thread,), mask=thread | _CLONE_VFORK),
        "kill": _signal_rule(process, 1),
        "tgkill": _signal_rule(process, 2),
        "prctl": _only(0, _PRCTLS),
        "prlimit64": _only(0, (0, process)),
    }
    return _assembled([*_preamble(arch), *_branches(rules, {**table, **own}), (_RETURN, 0, 0, _ALLOW)])


def _preamble(arch: int) -> _Rule:
    return [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]


def _branches(rules: Mapping[str, _Rule], table: Mapping[str, int]) -> _Rule:
    """Each rule behind its call's number; every rule ends in a return."""
    program: _Rule = []
    for name, rule in rules.items():
        if name in table:
            program += [(_JUMP_EQUAL, 0, len(rule), table[name]), *rule]
    return program


def _assembled(program: _Rule) -> bytes:
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


class _Installable:
    """Code in memory with its ``struct sock_fprog``."""

    def __init__(self, code: bytes) -> None:
        self.words = array.array("I", code)
        program = struct.pack("HxxxxxxP", len(code) // 8, self.words.buffer_info()[0])
        self._program = ctypes.create_string_buffer(program, len(program))
        self._address = ctypes.addressof(self._program)

    def install(self) -> None:
        kernel.prctl(kernel.PR_SET_SECCOMP, kernel.SECCOMP_MODE_FILTER, self._address)


class ChildFilter:
    """Made ready before the fork: a program pays for a few patched words and one system call."""

    _STAND_IN = 0x7EADBEEF

    def __init__(self) -> None:
        self._filter = _Installable(for_child(os.uname().machine, self._STAND_IN))
        self._patches = [at for at, word in enumerate(self._filter.words) if word == self._STAND_IN]

    def install(self) -> None:
        own, words = os.getpid(), self._filter.words
        for at in self._patches:
            words[at] = own
        self._filter.install()


def confine_worker(*, read_only_open: bool) -> None:
    _Installable(for_worker(os.uname().machine, read_only_open=read_only_open)).install()
