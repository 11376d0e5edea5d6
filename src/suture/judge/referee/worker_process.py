"""The sandboxed worker as the referee sees it: started, given orders, killed, replaced."""

import contextlib
import os
import select
import socket
import struct
import subprocess
from typing import NamedTuple

from suture.judge.confined import control as wire
from suture.judge.sandbox import Sandbox, command, environment

START_TIMEOUT_S = 60.0
REPORT_TIMEOUT_S = 120.0
"""For a busy machine: nothing a program does can make the worker late, only starvation can."""
_CAUSES = {wire.BY_ITSELF: None, wire.BY_CPU: "cpu", wire.BY_MEMORY: "memory", wire.BY_ORDER: "end"}


class WorkerLost(Exception):
    """The worker could not be started or has gone: the judge's own failure."""


class Ending(NamedTuple):
    """Attributes:
    cause: ``cpu`` when the worker stopped it at that limit, ``memory`` when it used more than it may at any time,
        ``end`` when the referee was done, None by itself.
    exit: exit status, or minus the signal number.
    """

    cause: str | None
    exit: int
    cpu_s: float


class Look(NamedTuple):
    """What was seen of a program.

    Attributes:
    cpu_s: seconds it ran so far.
    began_s, ended_s: when the look began and ended (``time.monotonic``).
    busy_s: seconds its threads ran or waited for a core, while all of them sleep; None while one does not.
    threads: stands for which threads those are.
    """

    cpu_s: float
    began_s: float
    ended_s: float
    busy_s: float | None
    threads: int


class WorkerProcess:
    """One worker. Raises ``WorkerLost`` from any method when the worker is not there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._report: wire.WorkerReport | None = None
        self._memory_kb = 0

    def start(self) -> None:
        ours, theirs = socket.socketpair()
        user = self._sandbox.uid
        try:
            self._process = subprocess.Popen(
                command(self._sandbox),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(self._sandbox),
                cwd="/",
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        except OSError as error:
            ours.close()
            raise WorkerLost(f"cannot start a worker: {error}") from error
        finally:
            theirs.close()
        self._control = ours
        try:
            self._receive(START_TIMEOUT_S)
        except WorkerLost as error:
            raise WorkerLost(f"a worker did not start: {self._last_words() or error}") from error

    def order(self, *, cpu_s: float, memory_mb: int, descriptors: list[int]) -> None:
        """Begin a program. The descriptors are its data socket, and for a script its standard streams."""
        if self._control is None:
            self.start()
        self._memory_kb = memory_mb << 10
        message = wire.pack_order(wire.BEGIN, cpu_s, memory_mb)
        try:
            socket.send_fds(self._live(), [message], descriptors)
        except OSError as error:
            raise WorkerLost(str(error)) from error

    def give(self, descriptor: int) -> None:
        """Make the program's user the owner of what it may open again by its path."""
        if self._sandbox.uid is not None:
            os.fchown(descriptor, self._sandbox.uid, self._sandbox.uid)

    def look(self) -> Look | None:
        """Ask what the program has used so far; None when it has ended."""
        self._send(wire.pack_order(wire.USAGE))
        reply = self._receive(REPORT_TIMEOUT_S)
        if reply.kind in (wire.RESTING, wire.AWAKE):
            busy_s = reply.busy_s if reply.kind == wire.RESTING else None
            return Look(reply.cpu_s, reply.began_s, reply.ended_s, busy_s, reply.threads)
        self._report = reply
        self._receive(REPORT_TIMEOUT_S)  # it was idle when the question came, and says so
        return None

    def end(self) -> Ending:
        """Kill what is left of the program and say how it ended."""
        if self._report is None:
            self._send(wire.pack_order(wire.END))
            self._report = self._receive(REPORT_TIMEOUT_S)
            if self._report.kind != wire.BY_ORDER:
                self._receive(REPORT_TIMEOUT_S)
        report, self._report = self._report, None
        cause = "memory" if report.peak_kb > self._memory_kb else _CAUSES[report.kind]
        return Ending(cause, report.exit, report.cpu_s)

    def ended_within(self, timeout_s: float) -> bool:
        """Tell whether the program ends by itself in this time; ``end`` then tells how."""
        if self._report is None and select.select([self._live()], [], [], timeout_s)[0]:
            self._report = self._receive(REPORT_TIMEOUT_S)
        return self._report is not None

    def _live(self) -> socket.socket:
        if self._control is None:
            raise WorkerLost("no worker")
        return self._control

    def _send(self, message: bytes) -> None:
        try:
            self._live().sendall(message)
        except OSError as error:
            raise WorkerLost(str(error)) from error

    def _receive(self, timeout_s: float) -> wire.WorkerReport:
        control = self._live()
        readable, _, _ = select.select([control], [], [], timeout_s)
        if not readable:
            raise WorkerLost("the worker does not answer")
        try:
            return wire.unpack_report(control.recv(wire.REPORT_SIZE, socket.MSG_WAITALL))
        except (OSError, struct.error) as error:
            raise WorkerLost(f"the worker has gone: {error!r}") from error

    def _last_words(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        with contextlib.suppress(OSError):
            self._process.kill()
        return self._process.stderr.read(2000).decode("utf-8", "replace").strip()

    def close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
        self._control, self._process = None, None
