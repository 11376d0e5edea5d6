"""What the referee and the worker say to each other, in records of a fixed size.

Not JSON: the worker's own pages are copied when it writes to them after a fork, and encoding and
decoding two small objects touched a third of them.
"""

import struct
from typing import NamedTuple

_ORDER = struct.Struct("=cdQ")
_REPORT = struct.Struct("=ciddddIQ")
ORDER_SIZE, REPORT_SIZE = _ORDER.size, _REPORT.size

BEGIN, USAGE, END = b"b", b"u", b"e"
READY, IDLE, RESTING, AWAKE = b"r", b"i", b"s", b"a"
BY_ITSELF, BY_CPU, BY_MEMORY, BY_ORDER = b"0", b"c", b"m", b"e"


class WorkerOrder(NamedTuple):
    """From the referee. ``kind`` is BEGIN (a program), USAGE (what has it used?) or END (kill it)."""

    kind: bytes
    cpu_s: float = 0.0
    memory_mb: int = 0


class WorkerReport(NamedTuple):
    """From the worker. READY, IDLE (asked about a program that has ended), how it ended, or its usage: RESTING
    while all its threads sleep, AWAKE otherwise.

    ``began_s``, ``ended_s``: when a look at its usage began and ended (``time.monotonic``). ``busy_s``, ``threads``: as
    ``limits.resting`` said, of a resting program. ``peak_kb``: the most memory it ever used, as the kernel kept it.
    """

    kind: bytes
    exit: int = 0
    cpu_s: float = 0.0
    began_s: float = 0.0
    ended_s: float = 0.0
    busy_s: float = 0.0
    threads: int = 0
    peak_kb: int = 0


def pack_order(kind: bytes, cpu_s: float = 0.0, memory_mb: int = 0) -> bytes:
    return _ORDER.pack(kind, cpu_s, memory_mb)


def unpack_order(data: bytes) -> WorkerOrder:
    """Raises ``struct.error`` when it is not one order."""
    return WorkerOrder(*_ORDER.unpack(data))


def pack_report(report: WorkerReport) -> bytes:
    return _REPORT.pack(*report)


def unpack_report(data: bytes) -> WorkerReport:
    """Raises ``struct.error`` when it is not one report."""
    return WorkerReport(*_REPORT.unpack(data))
