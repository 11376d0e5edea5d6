"""Resource limits of one program (setrlimit(2)), and what it has used so far."""

import math
import os
import resource
import time
from pathlib import Path

STACK = 64 << 20
"""Recursion through C (sorted keys, lru_cache) needs more than the usual 8 MiB."""
OPEN_FILES = 64


def address_space_now() -> int:
    """Bytes mapped by this process, a base to which a program's memory is added."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 64 << 20
    return pages * resource.getpagesize()


def apply_common(*, processes: int | None) -> None:
    """What is the same for every program: put on the worker, and inherited."""
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, OPEN_FILES)
    _set(resource.RLIMIT_STACK, STACK)
    _set(resource.RLIMIT_MEMLOCK, 0)
    if processes is not None:
        _set(resource.RLIMIT_NPROC, processes)


def apply(*, cpu_s: float, address_space: int) -> None:
    """Hard limits: a program cannot lift them. The CPU limit here is only a second line (whole seconds)."""
    seconds = math.ceil(cpu_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))


def _set(limit: int, value: int) -> None:
    ceiling = resource.getrlimit(limit)[1]
    value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(limit, (value, value))


def cpu_of(process: int) -> float:
    """CPU seconds of all threads of another process (clock_getcpuclockid(3)); 0 when it has just gone."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def busy_of(process: int) -> float:
    """Seconds its threads ran or waited for a core; what is left of the wall time it slept.

    Falls back to CPU time where the kernel does not keep ``schedstat``.
    """
    total = 0
    try:
        tasks = f"/proc/{process}/task"
        for task in os.listdir(tasks):  # noqa: PTH208 - called often
            ran, waited, _ = Path(tasks, task, "schedstat").read_text().split()
            total += int(ran) + int(waited)
    except (OSError, ValueError):
        return cpu_of(process)
    return total / 1e9
