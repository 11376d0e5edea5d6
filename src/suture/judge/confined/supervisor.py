"""Watches one program until it ends by itself, at a limit or by order, and removes everything it left running."""

import contextlib
import os
import select
import signal
import time

from . import control as wire
from . import limits

_POLL_FLOOR_S = 0.005
_LOOK_S = 0.01
"""Between two looks at the memory of a program that runs on; what it used in between, the kernel tells at the end."""


class ChildSupervisor:
    """Few objects, made once: whatever is written while a child lives is a page copied."""

    def __init__(self, control: int) -> None:
        self._control = control
        self._base_kb = limits.resident_kb(os.getpid())
        self._cores = os.cpu_count() or 1
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def until_ended(self, process: int, cpu_s: float, memory_mb: int) -> bytes | None:
        """The report on a child; None when the referee is gone. Either way the child is, too."""
        ended = os.pidfd_open(process)
        self._poll.register(ended, select.POLLIN)
        try:
            cause = self._cause(process, ended, cpu_s, self._base_kb + (memory_mb << 10))
        finally:
            self._poll.unregister(ended)
            os.close(ended)
            os.kill(process, signal.SIGKILL)
            _, status, usage = os.wait4(process, 0)
            _sweep()
        if cause is None:
            return None
        # The kernel adds pages in batches: its peak can lie below the size at which the child was seen over its limit.
        seen_kb = (memory_mb << 10) + 1 if cause == wire.BY_MEMORY else 0
        peak_kb = max(seen_kb, usage.ru_maxrss - self._base_kb)
        cpu_s = usage.ru_utime + usage.ru_stime
        return wire.pack_report(wire.WorkerReport(cause, os.waitstatus_to_exitcode(status), cpu_s, peak_kb=peak_kb))

    def _cause(self, process: int, ended: int, cpu_s: float, memory_kb: int) -> bytes | None:
        while True:
            left = cpu_s - limits.cpu_of(process)
            if left <= 0:
                return wire.BY_CPU
            ready = dict(self._poll.poll(min(max(left / self._cores, _POLL_FLOOR_S), _LOOK_S) * 1000))
            if ended in ready:
                return wire.BY_ITSELF
            if self._control in ready:
                message = os.read(self._control, wire.ORDER_SIZE)
                if not message:
                    return None
                if wire.unpack_order(message).kind == wire.END:
                    return wire.BY_ORDER
                os.write(self._control, _usage(process))
            if limits.resident_kb(process) > memory_kb:
                return wire.BY_MEMORY


def _usage(process: int) -> bytes:
    """Said by one clock: however late it is read, no delay counts as the program's sleep."""
    began_s, rest, cpu_s = time.monotonic(), limits.resting(process), limits.cpu_of(process)
    kind, (busy_s, threads) = (wire.AWAKE, (0.0, 0)) if rest is None else (wire.RESTING, rest)
    return wire.pack_report(
        wire.WorkerReport(kind, 0, cpu_s, began_s, time.monotonic(), busy_s=busy_s, threads=threads)
    )


def _sweep() -> None:
    """Kill and reap whatever a program left behind (its orphans are handed to this process)."""
    while True:
        try:
            left, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if left == 0:
            _kill_children()
            time.sleep(0.001)


def _kill_children() -> None:
    if os.getpid() == 1:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    own = f"/proc/self/task/{os.getpid()}/children"
    with contextlib.suppress(OSError), open(own) as listing:  # noqa: PTH123 - called often
        for process in listing.read().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
