"""The few kernel calls Python has no name for. Linux only; see prctl(2) and landlock(7)."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_ADDR_NO_RANDOMIZE = 0x0040000

_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long
_prctl = _libc.prctl
_prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, value: int, data: bytes | None = None) -> int:
    return _checked(_prctl(option, value, data, 0, 0))


def fix_addresses() -> None:
    """No address randomisation for what is started from here on: sets of objects keep one order on every run.

    Raises ``OSError`` where it is not allowed (default Docker), which costs no safety.
    """
    _checked(_libc.personality(ctypes.c_ulong(_ADDR_NO_RANDOMIZE)))


def landlock_abi() -> int:
    """0 where the kernel has no Landlock."""
    return max(0, _syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def landlock_create(attributes: bytes) -> int:
    return _checked(_syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)))


def landlock_add_path(ruleset: int, rule: bytes) -> None:
    _checked(_syscall(_LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0)))


def landlock_restrict(ruleset: int) -> None:
    _checked(_syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0)))
