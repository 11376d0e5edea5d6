"""The interpreter's code on huge pages, which every child shares.

A child faults in the text it runs page by page, and drops it page by page when it ends. Copied once into anonymous huge
pages, that is a few entries to copy at the fork and none to fault in. Node's ``--use-largepages`` does the same.
"""

import contextlib
import ctypes

from . import kernel
from .kernel import MAP_ANONYMOUS, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE
from .mappings import own_mappings

_HUGE = 2 << 20
_MADV_HUGEPAGE = 14


def share_code() -> None:
    """Does nothing where huge pages cannot be had."""
    with contextlib.suppress(OSError):
        start, end = _read_only_around(ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value or 0)
        low, high = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if low < high:
            _replace(low, high - low)


def _replace(code: int, size: int) -> None:
    room = kernel.map_memory(size + _HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
    copy = -(-room // _HUGE) * _HUGE
    if copy > room:
        kernel.unmap(room, copy - room)
    kernel.unmap(copy + size, room + _HUGE - copy)
    try:
        kernel.advise(copy, size, _MADV_HUGEPAGE)
        ctypes.memmove(copy, code, size)
        kernel.protect(copy, size, PROT_READ | PROT_EXEC)
        if _huge_bytes(copy) < size:
            raise OSError("no huge pages")
    except OSError:
        kernel.unmap(copy, size)
        raise
    kernel.move(copy, size, code)


def _read_only_around(address: int) -> tuple[int, int]:
    """The run of mappings of one file, none of them writable, that an address is in; (0, 0) for none."""
    start = end = 0
    path = b""
    for part in own_mappings():
        if b"w" in part.rights or not part.path or (part.start, part.path) != (end, path):
            if start <= address < end:
                break
            start, path = part.start, part.path
        end = part.start if b"w" in part.rights or not part.path else part.end
    return (start, end) if start <= address < end else (0, 0)


def _huge_bytes(start: int) -> int:
    """How much of the mapping that starts there is on huge pages."""
    here = False
    with open("/proc/self/smaps", "rb") as lines:  # noqa: PTH123 - as in ``mappings``
        for line in lines:
            first, *rest = line.split()
            if b"-" in first:
                here = first.startswith(b"%x-" % start)
            elif here and first == b"AnonHugePages:":
                return int(rest[0]) << 10
    return 0
