"""File access by allow list, TCP by none, signals and abstract sockets only to itself. See landlock(7)."""

import os
import stat
import struct
from collections.abc import Iterable

from . import kernel

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILE_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS = 0b11
_SCOPES = 0b11


def ruleset(readable: Iterable[str]) -> int:
    """A ruleset's descriptor: read below ``readable``, read and write ``/dev/null``, and nothing else.

    Raises:
        OSError: this kernel has no Landlock, or refuses.
    """
    abi = kernel.landlock_abi()
    if abi == 0:
        raise OSError("no Landlock")
    attributes = struct.pack("Q", _FILE_RIGHTS_BY_ABI[min(abi, 5)])
    if abi >= 4:
        attributes += struct.pack("Q", _NET_RIGHTS)
    if abi >= 6:
        attributes += struct.pack("Q", _SCOPES)
    descriptor = kernel.landlock_create(attributes)
    for path in readable:
        _allow(descriptor, path, _READ_FILE | _READ_DIR)
    _allow(descriptor, "/dev/null", _READ_FILE | _WRITE_FILE)
    return descriptor


def _allow(descriptor: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(target).st_mode):
            rights &= ~_READ_DIR
        kernel.landlock_add_path(descriptor, struct.pack("=Qi", rights, target))
    finally:
        os.close(target)
