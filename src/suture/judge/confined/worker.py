"""The warm process inside the sandbox: for each program it forks, watches, kills and reports.

It never reads a byte a program wrote: program and answers go between the child and the referee on
a socket of their own, which comes with each order and is closed with the child.
"""

import array
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from typing import Any, NamedTuple

from . import child, kernel, landlock, limits, rehearsal, seccomp
from . import control as wire

# What programs commonly import, loaded before the fork so that each pays nothing for it.
WARM = [
    "bisect",
    "cmath",
    "collections",
    "copy",
    "datetime",
    "functools",
    "heapq",
    "itertools",
    "math",
    "operator",
    "random",
    "re",
    "string",
    "typing",
]

_POLL_FLOOR_S = 0.005
_DESCRIPTORS = 64
"""The worker itself never has as many open."""


class Confinement(NamedTuple):
    """What a child puts on before it runs a program; made ready once."""

    ruleset: int | None
    filter: seccomp.ChildFilter | None
    base: int

    def put_on(self, order: wire.Order, worker: int) -> None:
        if worker != 1:  # the first process of a pid namespace takes the others with it
            _die_with(worker)
            os.setsid()
        limits.apply(cpu_s=order.cpu_s, address_space=self.base + (order.memory_mb << 20))
        if self.ruleset is not None:
            kernel.landlock_restrict(self.ruleset)
            os.close(self.ruleset)
        if self.filter is not None:
            self.filter.install()


def _die_with(worker: int) -> None:
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker:
            os._exit(1)  # it went before that was said


def prepare(config: dict[str, Any]) -> Confinement:
    """Raises ``OSError`` or ``KeyError`` when this machine cannot give what was asked."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    limits.apply_common(processes=config["processes"])
    ruleset = landlock.ruleset(config["readable"]) if config["landlock"] else None
    base = limits.address_space_now()
    if not config["seccomp"]:
        return Confinement(ruleset, None, base)
    seccomp.confine_worker(read_only_open=ruleset is None)
    return Confinement(ruleset, seccomp.ChildFilter(), base)


def main(config: dict[str, Any]) -> None:
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    os.environ.clear()
    _warm_up()
    confinement = prepare(config)
    rehearsal.rehearse()
    gc.collect()
    gc.freeze()
    control.sendall(wire.pack_report(wire.READY))
    while True:
        order, descriptors = _next_order(control)
        if order is None:
            return
        if order.kind != wire.BEGIN:  # asked about a program that has ended: the report is on its way
            control.sendall(wire.pack_report(wire.IDLE))
            continue
        report = _one_program(control, order, descriptors, confinement)
        if report is None:
            return
        control.sendall(report)


def _no_hook(**_: Any) -> None:
    pass


def _warm_up() -> None:
    """Import what programs commonly import; ``random`` without the hook that would reseed it in each child."""
    hook = os.register_at_fork
    os.register_at_fork = _no_hook
    try:
        for name in WARM:
            importlib.import_module(name)
    finally:
        os.register_at_fork = hook
    importlib.import_module("random").seed(0)


def _next_order(control: socket.socket) -> tuple[wire.Order | None, list[int]]:
    """One datagram-sized order with its descriptors; None when the referee is gone."""
    message, ancillary, _, _ = control.recvmsg(65536, socket.CMSG_SPACE(3 * 4))
    descriptors = array.array("i")
    for _, _, content in ancillary:
        descriptors.frombytes(content[: len(content) - len(content) % 4])
    return (wire.unpack_order(message) if message else None), list(descriptors)


def _one_program(
    control: socket.socket, order: wire.Order, descriptors: list[int], confinement: Confinement
) -> bytes | None:
    worker = os.getpid()
    process = os.fork()
    if process == 0:
        _become(control, order, descriptors, confinement, worker)
    for descriptor in descriptors:
        os.close(descriptor)
    return _watch(control, process, order.cpu_s)


def _become(
    control: socket.socket, order: wire.Order, descriptors: list[int], confinement: Confinement, worker: int
) -> None:
    """The child's side of the fork. Never returns."""
    code = 1
    try:
        control.close()
        data = descriptors[0]
        as_main = len(descriptors) > 1
        for standard, descriptor in enumerate(descriptors[1:]):
            os.dup2(descriptor, standard)
        data = _alone(data, confinement.ruleset)
        confinement.put_on(order, worker)
        child.run(data, as_main=as_main)
        code = 0
    except EOFError:
        code = 0
    finally:
        os._exit(code)


def _alone(data: int, ruleset: int | None) -> int:
    """Close every descriptor but the standard three, the data socket and the ruleset; where the socket is now."""
    kept = sorted({descriptor for descriptor in (data, ruleset) if descriptor is not None})
    low = 3
    for descriptor in kept:
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, _DESCRIPTORS)
    return data


def _watch(control: socket.socket, process: int, cpu_s: float) -> bytes | None:
    """Until the program has ended, by itself, at its CPU limit, or because the referee is done with it."""
    cause = wire.BY_ITSELF
    ended = os.pidfd_open(process)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)
    cores = os.cpu_count() or 1
    try:
        while True:
            left = cpu_s - limits.cpu_of(process)
            if left <= 0:
                cause = wire.BY_CPU
                break
            ready = dict(poll.poll(max(left / cores, _POLL_FLOOR_S) * 1000))
            if ended in ready:
                break
            if control.fileno() in ready:
                order, _ = _next_order(control)
                if order is None:
                    return None
                if order.kind == wire.END:
                    cause = wire.BY_ORDER
                    break
                control.sendall(wire.pack_report(wire.BUSY, 0, limits.cpu_of(process), limits.busy_of(process)))
    finally:
        os.close(ended)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        _, status, usage = os.wait4(process, 0)
        _sweep()
    return wire.pack_report(cause, os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime)


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
