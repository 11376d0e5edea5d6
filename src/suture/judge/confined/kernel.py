"""The few kernel calls Python has no name for. Linux only; see prctl(2) and landlock(7)."""

import ctypes
import os
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_PRIVATE, MAP_ANONYMOUS = 2, 32
"""Here rather than from the module ``mmap``, which would be one library more to fork."""

_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_ADDR_NO_RANDOMIZE = 0x0040000

_libc = ctypes.PyDLL(None, use_errno=True)  # the lock is kept: nothing here waits, and a child touches fewer pages


def _function(name: str, arguments: int) -> Any:
    """Integers and addresses only, all of one C type: what the first call in a child touches, the next finds ready."""
    function = getattr(_libc, name)
    function.restype = ctypes.c_long
    function.argtypes = [ctypes.c_long] * arguments
    return function


_syscall = _function("syscall", 5)
_prctl = _function("prctl", 5)
_setrlimit = _function("setrlimit", 2)
_mmap, _munmap = _function("mmap", 6), _function("munmap", 2)
_mprotect, _madvise, _mremap = _function("mprotect", 3), _function("madvise", 3), _function("mremap", 5)
_MREMAP_MAYMOVE, _MREMAP_FIXED = 1, 2


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, value: int, address: int = 0) -> int:
    return _checked(_prctl(option, value, address, 0, 0))


def set_limit(limit: int, address: int) -> None:
    """Like ``resource.setrlimit``, from a ``struct rlimit`` that is ready in memory."""
    _checked(_setrlimit(limit, address))


def map_memory(size: int, rights: int, flags: int) -> int:
    """The address."""
    return _checked(_mmap(0, size, rights, flags, -1, 0))


def unmap(address: int, size: int) -> None:
    _checked(_munmap(address, size))


def protect(address: int, size: int, rights: int) -> None:
    _checked(_mprotect(address, size, rights))


def advise(address: int, size: int, advice: int) -> None:
    _checked(_madvise(address, size, advice))


def move(address: int, size: int, target: int) -> None:
    """Move a mapping to ``target``, in place of whatever is there."""
    _checked(_mremap(address, size, size, _MREMAP_MAYMOVE | _MREMAP_FIXED, target))


def fix_addresses() -> None:
    """No address randomisation for what is started from here on: sets of objects keep one order on every run.

    Raises ``OSError`` where it is not allowed (default Docker), which costs no safety.
    """
    _checked(_libc.personality(ctypes.c_ulong(_ADDR_NO_RANDOMIZE)))


def landlock_abi() -> int:
    """0 where the kernel has no Landlock."""
    return max(0, _syscall(_LANDLOCK_CREATE_RULESET, 0, 0, 1, 0))


def landlock_create(attributes: bytes) -> int:
    memory = ctypes.create_string_buffer(attributes, len(attributes))
    return _checked(_syscall(_LANDLOCK_CREATE_RULESET, ctypes.addressof(memory), len(attributes), 0, 0))


def landlock_add_path(ruleset: int, rule: bytes) -> None:
    memory = ctypes.create_string_buffer(rule, len(rule))
    _checked(_syscall(_LANDLOCK_ADD_RULE, ruleset, 1, ctypes.addressof(memory), 0))


def landlock_restrict(ruleset: int) -> None:
    _checked(_syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0, 0, 0))
