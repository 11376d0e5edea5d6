"""The warm process inside the sandbox: for each program it forks, watches, kills and reports.

It never reads a byte a program wrote: program and answers go between the child and the referee on
a socket of their own, which comes with each order and is closed with the child.
"""

import array
import contextlib
import gc
import importlib
import os
import signal
import sys
from _socket import CMSG_SPACE, socket  # the module socket brings more pages to copy at each fork
from typing import Any, NamedTuple

from . import child, kernel, landlock, large_pages, limits, mappings, seccomp, semaphores, warm_up
from . import control as wire
from .supervisor import ChildSupervisor

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

_DESCRIPTORS = 64
"""The worker itself never has as many open."""

ENVIRONMENT = {"PATH": "/nonexistent", "USER": "nobody", "LOGNAME": "nobody", "LANG": "C.UTF-8", "TZ": "UTC"}
"""What programs see: the same everywhere, and nothing of whoever runs them."""


class Confinement(NamedTuple):
    """What a child puts on before it runs a program; made ready once."""

    ruleset: int | None
    filter: seccomp.ChildFilter | None
    limits: limits.ProgramLimits

    def put_on(self, worker: int) -> None:
        if worker != 1:  # the first process of a pid namespace takes the others with it
            _die_with(worker)
            os.setsid()
        self.limits.put_on()
        if self.ruleset is not None:
            kernel.landlock_restrict(self.ruleset)
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
        _be_killed_first()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    limits.apply_common(processes=config["processes"])
    ruleset = landlock.ruleset(config["readable"]) if config["landlock"] else None
    program_limits = limits.ProgramLimits(limits.address_space_now())
    if not config["seccomp"]:
        return Confinement(ruleset, None, program_limits)
    seccomp.confine_worker(read_only_open=ruleset is None)
    return Confinement(ruleset, seccomp.ChildFilter(), program_limits)


def _be_killed_first() -> None:
    """Where memory runs out, a program goes, and not something of its user's."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")


def main(config: dict[str, Any]) -> None:
    control = socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    _warm_up(config["zones"])
    large_pages.share_code()
    mappings.join()
    confinement = prepare(config)
    warm_up.warm_up()
    gc.collect()
    gc.freeze()
    supervisor = ChildSupervisor(control.fileno())
    control.sendall(wire.pack_report(wire.WorkerReport(wire.READY)))
    while True:
        order, descriptors = _next_order(control)
        if order is None:
            return
        if order.kind != wire.BEGIN:  # asked about a program that has ended: the report is on its way
            control.sendall(wire.pack_report(wire.WorkerReport(wire.IDLE)))
            continue
        report = _one_program(supervisor, order, descriptors, confinement)
        if report is None:
            return
        control.sendall(report)


def _no_hook(**_: Any) -> None:
    pass


def _add_builtins_of_site() -> None:
    """``exit``, ``help`` and the like; nothing else of ``site``, which would look for packages."""
    site: Any = importlib.import_module("site")
    site.setquit()
    site.setcopyright()
    site.sethelper()
    del sys.modules["site"]


def _warm_up(zones: str) -> None:
    """Import what programs commonly import; ``random`` without the hook that would reseed it in each child."""
    semaphores.install()
    _add_builtins_of_site()
    if zones:
        os.environ["TZDIR"] = importlib.import_module("sysconfig").get_config_vars()["TZPATH"] = zones
    hook = os.register_at_fork
    os.register_at_fork = _no_hook
    try:
        for name in WARM:
            importlib.import_module(name)
    finally:
        os.register_at_fork = hook
    importlib.import_module("random").seed(0)


def _next_order(control: socket) -> tuple[wire.WorkerOrder | None, list[int]]:
    """One datagram-sized order with its descriptors; None when the referee is gone."""
    message, ancillary, _, _ = control.recvmsg(65536, CMSG_SPACE(3 * 4))
    descriptors = array.array("i")
    for _, _, content in ancillary:
        descriptors.frombytes(content[: len(content) - len(content) % 4])
    return (wire.unpack_order(message) if message else None), list(descriptors)


def _one_program(
    supervisor: ChildSupervisor, order: wire.WorkerOrder, descriptors: list[int], confinement: Confinement
) -> bytes | None:
    worker = os.getpid()
    confinement.limits.prepare(order.cpu_s, order.memory_mb)
    process = os.fork()
    if process == 0:
        _become(descriptors, confinement, worker)
    for descriptor in descriptors:
        os.close(descriptor)
    return supervisor.until_ended(process, order.cpu_s, order.memory_mb)


def _become(descriptors: list[int], confinement: Confinement, worker: int) -> None:
    """The child's side of the fork. Never returns."""
    code = 1
    try:
        data = descriptors[0]
        as_main = len(descriptors) > 1
        for standard, descriptor in enumerate(descriptors[1:]):
            os.dup2(descriptor, standard)
        confinement.put_on(worker)
        os.closerange(3, data)
        os.closerange(data + 1, _DESCRIPTORS)
        child.run(data, as_main=as_main)
        code = 0
    except EOFError:
        code = 0
    finally:
        os._exit(code)
