"""The parts of each shared library joined into one or two mappings, since every mapping costs each fork.

A library comes in five parts, by what may be done with each. Where all five follow on each other in the file (libc),
the joined mapping can be written and executed. That gives a program nothing: it may change the rights of its own memory
and call what it likes by ``ctypes``; what confines it is the kernel.
"""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from . import kernel
from .kernel import PROT_EXEC, PROT_READ, PROT_WRITE


class Mapping(NamedTuple):
    """A line of proc_pid_maps(5). ``path`` is empty for memory of no file."""

    start: int
    end: int
    rights: bytes
    offset: int
    path: bytes


def own_mappings() -> Iterator[Mapping]:
    """Raises ``OSError`` where there is no ``/proc``."""
    with open("/proc/self/maps", "rb") as lines:  # noqa: PTH123 - pathlib brings a hundred pages to copy at each fork
        for line in lines:
            place, rights, offset, _, _, *path = line.split(maxsplit=5)
            start, end = (int(text, 16) for text in place.split(b"-"))
            yield Mapping(start, end, rights, int(offset, 16), path[0].strip() if path else b"")


def join() -> None:
    """Give parts that follow on each other, in memory and in their file, the same rights: the kernel then joins them.

    Where it refuses (a policy against memory that is written and executed), they stay as they are.
    """
    runs: list[list[Mapping]] = []
    with contextlib.suppress(OSError):
        runs = list(_runs())
    for parts in runs:
        if len({part.rights for part in parts}) > 1:
            rights = b"".join(part.rights for part in parts)
            given = PROT_READ | (PROT_WRITE if b"w" in rights else 0) | (PROT_EXEC if b"x" in rights else 0)
            with contextlib.suppress(OSError):
                kernel.protect(parts[0].start, parts[-1].end - parts[0].start, given)


def _runs() -> Iterator[list[Mapping]]:
    run: list[Mapping] = []
    for part in own_mappings():
        if run and (run[-1].end, run[-1].offset + run[-1].end - run[-1].start, run[-1].path) != (
            part.start,
            part.offset,
            part.path,
        ):
            yield run
            run = []
        if part.path.startswith(b"/"):
            run.append(part)
    if run:
        yield run
