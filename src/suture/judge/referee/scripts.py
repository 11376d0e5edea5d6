"""Stdin tasks: the program is a script, run once for each input; its output is compared here."""

import fcntl
import os
import select
import socket
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from suture.judge.confined import framing
from suture.judge.confined.child import CONFINED
from suture.judge.referee.conversation import OUT_OF_MEMORY, failure_of
from suture.judge.referee.patience import Patience
from suture.judge.referee.referee_report import FailedCheck, RefereeReport
from suture.judge.referee.worker_process import WorkerLost, WorkerProcess

OUTPUT_CAP = 16 << 20
_REPORT_CAP = 1 << 16
_CONFINED = framing.pack(CONFINED)


def judge(worker: WorkerProcess, job: dict[str, Any]) -> RefereeReport:
    """Limits are for one run; the first failing case decides."""
    cpu_s = 0.0
    for number, case in enumerate(job["tests"]["cases"], 1):
        failure, used = _run(worker, job, case)
        cpu_s += used
        if failure is not None:
            return RefereeReport(failure._replace(detail=f"case {number}: {failure.detail}"), cpu_s)
    return RefereeReport(None, cpu_s)


def same_output(output: str, expected: str) -> bool:
    """Line by line, spaces around a line and blank lines at the end ignored; numbers compared as numbers.

    The rule of LiveCodeBench's ``testing_util.grade_stdio``. Pure.
    """
    ours, theirs = (text.strip().split("\n") for text in (output, expected))
    if len(ours) != len(theirs):
        return False
    return all(_same_line(one.strip(), other.strip()) for one, other in zip(ours, theirs, strict=True))


def _same_line(one: str, other: str) -> bool:
    if one == other:
        return True
    numbers = _numbers(one), _numbers(other)
    return numbers[0] is not None and numbers[0] == numbers[1]


def _numbers(line: str) -> list[Decimal] | None:
    try:
        return [Decimal(word) for word in line.split()]
    except InvalidOperation:
        return None


def _run(worker: WorkerProcess, job: dict[str, Any], case: dict[str, str]) -> tuple[FailedCheck | None, float]:
    ours, theirs = socket.socketpair()
    out, their_out = os.pipe()
    with ours, theirs, os.fdopen(out, "rb", buffering=0) as output:
        with os.fdopen(their_out, "wb") as write_end, _sealed(case["stdin"]) as stdin:
            worker.give(write_end.fileno())
            descriptors = [theirs.fileno(), stdin.fileno(), write_end.fileno()]
            worker.order(cpu_s=job["cpu_s"], memory_mb=job["memory_mb"], descriptors=descriptors)
        theirs.close()
        source: dict[str, Any] = {"prelude": job["prelude"], "program": job["program"], "names": [], "method": None}
        run = _Run(worker, ours, output.fileno(), framing.pack(source), Patience(worker, job["wall_s"]))
        failure = run.collect()
        ending = worker.end()
    if ending.cause == "memory":
        return OUT_OF_MEMORY, ending.cpu_s
    return failure or _failure(ending, bytes(run.report), bytes(run.output), case["stdout"]), ending.cpu_s


def _sealed(text: str) -> BinaryIO:
    """A file in memory that nobody can change any more, at its beginning: a script may open it again by its path."""
    file = os.fdopen(os.memfd_create("stdin", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC), "w+b", buffering=0)
    file.write(text.encode("utf-8", "surrogatepass"))
    file.seek(0)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return file


class _Run:
    """Feeds the source and takes output and report as they come, until both ends are closed and the script has ended.

    Attributes:
        output: what it wrote to its standard output.
        report: what it said on the data socket.
    """

    def __init__(self, worker: WorkerProcess, link: socket.socket, out: int, source: bytes, patience: Patience) -> None:
        self._worker, self._link, self._out, self._patience = worker, link, out, patience
        self._rest = memoryview(source)
        self.output, self.report = bytearray(), bytearray()
        self._taken = {link.fileno(): self.report, out: self.output}
        self._poll = select.poll()
        self._poll.register(link, select.POLLIN | select.POLLOUT)
        self._poll.register(out, select.POLLIN)
        link.setblocking(False)
        os.set_blocking(out, False)

    def collect(self) -> FailedCheck | None:
        """None when the script came to an end of its own."""
        self._patience.began()
        while self._taken:
            events = self._poll.poll(self._patience.slice_s() * 1000)
            if self._patience.due() and self._patience.ran_out():
                return FailedCheck("wall", "slept past its limit")
            for descriptor, event in events:
                if event & select.POLLOUT and self._rest:
                    self._feed()
                else:
                    self._take(descriptor)
            if len(self.output) > OUTPUT_CAP or len(self.report) > _REPORT_CAP:
                return FailedCheck("wrong", "too much output")
        while not self._worker.ended_within(self._patience.slice_s()):
            if self._patience.ran_out():
                return FailedCheck("wall", "slept past its limit")
        return None

    def _feed(self) -> None:
        try:
            self._rest = self._rest[self._link.send(self._rest, socket.MSG_NOSIGNAL) :]
        except OSError:
            self._rest = memoryview(b"")
        if not self._rest:
            self._poll.modify(self._link, select.POLLIN)

    def _take(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._taken[descriptor].extend(data)
        if not data:
            self._poll.unregister(descriptor)
            del self._taken[descriptor]


def _failure(ending: Any, report: bytes, output: bytes, expected: str) -> FailedCheck | None:
    if not report.startswith(_CONFINED):
        raise WorkerLost("a script's process could not be confined")
    if ending.cause is not None or ending.exit != 0:
        return failure_of(ending)
    told = _told(report[len(_CONFINED) :])
    if told is not None:
        return told
    if same_output(output.decode("utf-8", "replace"), expected):
        return None
    return FailedCheck("wrong", "the output is not what is expected")


def _told(report: bytes) -> FailedCheck | None:
    """A script that raised says so itself; one that lies about it must still print the right output."""
    if len(report) < 4:
        return None
    try:
        message = framing.unpack(report[4:])
    except (ValueError, RecursionError):
        return FailedCheck("exception", "an unreadable report")
    match message:
        case ["syntax", str(text)]:
            return FailedCheck("syntax", text)
        case ["raise", [*names], str(text)]:
            name = str(names[0]) if names else "?"
            return FailedCheck("memory" if name == "MemoryError" else "exception", f"{name}: {text}")
        case _:
            return None
