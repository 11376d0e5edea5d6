"""Resource limits of one program (setrlimit(2)), and what it has used so far."""

import array
import math
import os
import resource
import time

from . import kernel

STACK = 64 << 20
"""Recursion through C (sorted keys, lru_cache) needs more than the usual 8 MiB; a program may ask for more still."""
UNTOUCHED = 4 << 30
"""Address space that a program may have besides its memory: thread stacks and maps, of which it touches little.

Memory is watched as it is used (``resident_kb``). This is only a bound for what outruns the watch.
"""
OPEN_FILES = 64
_AWAKE = (b"R", b"D")
"""States of a thread that does not sleep of its own will (proc_pid_stat(5)): it runs or is ready to, or waits for the
machine, such as for a page."""
_COUNTS_WAITS = os.path.exists("/proc/self/schedstat")  # noqa: PTH110 - as in ``_words``
_CPU, _SPACE = resource.RLIMIT_CPU, resource.RLIMIT_AS
_PAGE = resource.getpagesize()


def address_space_now() -> int:
    """Bytes mapped by this process, a base to which a program's memory is added."""
    try:
        pages = int(_words("/proc/self/statm")[0])
    except OSError:
        return 64 << 20
    return pages * _PAGE


def resident_kb(process: int) -> int:
    """KiB of memory that a process really uses; 0 when it has just gone."""
    try:
        return int(_words(f"/proc/{process}/statm")[1]) * _PAGE >> 10
    except (OSError, IndexError):
        return 0


def apply_common(*, processes: int | None) -> None:
    """Set the limits that are the same for every program: put on the worker, and inherited."""
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, OPEN_FILES)
    _set(resource.RLIMIT_STACK, STACK, hard=resource.getrlimit(resource.RLIMIT_STACK)[1])
    _set(resource.RLIMIT_MEMLOCK, 0)
    if processes is not None:
        _set(resource.RLIMIT_NPROC, processes)


class ProgramLimits:
    """Hard limits of one program, which it cannot lift: made ready before the fork, put on after it.

    The CPU limit here is only a second line (whole seconds).
    """

    def __init__(self, base: int) -> None:
        """``base``: bytes of address space that are there before a program has any."""
        self._base = base
        self._pairs = array.array("Q", [0] * 4)
        self._cpu = self._pairs.buffer_info()[0]
        self._space = self._cpu + 2 * self._pairs.itemsize

    def prepare(self, cpu_s: float, memory_mb: int) -> None:
        seconds, space = math.ceil(cpu_s) + 1, self._base + (memory_mb << 20) + UNTOUCHED
        self._pairs[0], self._pairs[1], self._pairs[2], self._pairs[3] = seconds, seconds + 1, space, space

    def put_on(self) -> None:
        kernel.set_limit(_CPU, self._cpu)
        kernel.set_limit(_SPACE, self._space)


def _set(limit: int, value: int, *, hard: int | None = None) -> None:
    ceiling = resource.getrlimit(limit)[1]
    value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(limit, (value, value if hard is None else hard))


def cpu_of(process: int) -> float:
    """CPU seconds of all threads of another process (clock_getcpuclockid(3)); 0 when it has just gone."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def resting(process: int) -> tuple[float, int] | None:
    """Seconds that its threads ran or waited for a core, and a number that stands for which threads they are.

    None while any of them runs, is ready to, or has just ended: the kernel adds a wait to its account when it ends.
    Where the kernel keeps no ``schedstat`` the seconds are CPU time.
    """
    total, threads = 0, 0
    try:
        tasks = f"/proc/{process}/task"
        for task in os.listdir(tasks):  # noqa: PTH208 - called often
            with open(f"{tasks}/{task}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - as in ``_words``
                state = file.read().rpartition(b")")[2].split(maxsplit=1)[0]
            if state in _AWAKE:
                return None
            if _COUNTS_WAITS:
                ran, waited, _ = _words(f"{tasks}/{task}/schedstat")
                total += int(ran) + int(waited)
            threads = (threads * 31 + int(task)) & 0xFFFFFFFF
    except (OSError, ValueError, IndexError):
        return None
    return (total / 1e9 if _COUNTS_WAITS else cpu_of(process)), threads


def _words(path: str) -> list[bytes]:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib brings a hundred pages to copy at each fork
        return file.read().split()
