"""Stdin tasks: the program is a script, run once for each input; its output is compared here."""

import os
import select
import socket
import tempfile
from decimal import Decimal, InvalidOperation
from typing import Any

from suture.judge.confined import framing
from suture.judge.referee.conversation import Patience, failure_of
from suture.judge.referee.report import Failure, Report
from suture.judge.referee.worker_process import WorkerProcess

OUTPUT_CAP = 16 << 20


def judge(worker: WorkerProcess, job: dict[str, Any]) -> Report:
    """Limits are for one run; the first failing case decides."""
    cpu_s = 0.0
    for number, case in enumerate(job["tests"]["cases"], 1):
        failure, used = _run(worker, job, case)
        cpu_s += used
        if failure is not None:
            return Report(failure._replace(detail=f"case {number}: {failure.detail}"), cpu_s)
    return Report(None, cpu_s)


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


def _run(worker: WorkerProcess, job: dict[str, Any], case: dict[str, str]) -> tuple[Failure | None, float]:
    source: dict[str, Any] = {"prelude": job["prelude"], "program": job["program"], "names": [], "method": None}
    ours, theirs = socket.socketpair()
    out, their_out = os.pipe()
    with ours, theirs, tempfile.TemporaryFile() as stdin:
        stdin.write(case["stdin"].encode("utf-8", "surrogatepass"))
        stdin.seek(0)
        try:
            with open(f"/proc/self/fd/{stdin.fileno()}", "rb") as reading:  # noqa: PTH123 - a descriptor, not a path
                descriptors = [theirs.fileno(), reading.fileno(), their_out]
                worker.order(cpu_s=job["cpu_s"], memory_mb=job["memory_mb"], descriptors=descriptors)
            os.close(their_out)
            theirs.close()
            return _collect(worker, job, case["stdout"], ours, out, framing.pack(source))
        finally:
            os.close(out)


def _collect(
    worker: WorkerProcess, job: dict[str, Any], expected: str, link: socket.socket, out: int, source: bytes
) -> tuple[Failure | None, float]:
    """Feed the source, read output and report until both are closed, then ask how it ended."""
    link.setblocking(False)
    os.set_blocking(out, False)
    patience = Patience(worker, job["wall_s"])
    patience.began()
    rest = memoryview(source)
    output, report = bytearray(), bytearray()
    failure: Failure | None = None
    poll = select.poll()
    poll.register(link, select.POLLIN | select.POLLOUT)
    poll.register(out, select.POLLIN)
    open_ends = {link.fileno(), out}
    while open_ends and failure is None:
        events = poll.poll(patience.slice_s() * 1000)
        if not events and patience.ran_out():
            failure = Failure("wall", "slept past its limit")
        for descriptor, event in events:
            if descriptor == link.fileno() and event & select.POLLOUT and rest:
                try:
                    rest = rest[link.send(rest, socket.MSG_NOSIGNAL) :]
                except OSError:
                    rest = memoryview(b"")
                if not rest:
                    poll.modify(link, select.POLLIN)
                continue
            try:
                data = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            (output if descriptor == out else report).extend(data)
            if not data:
                open_ends.discard(descriptor)
                poll.unregister(descriptor)
        if len(output) > OUTPUT_CAP or len(report) > 1 << 16:
            failure = Failure("wrong", "too much output")
    while failure is None and not worker.ended_within(patience.slice_s()):
        if patience.ran_out():
            failure = Failure("wall", "slept past its limit")
    ending = worker.end()
    if failure is None:
        failure = _failure(ending, bytes(report), bytes(output), expected)
    return failure, ending.cpu_s


def _failure(ending: Any, report: bytes, output: bytes, expected: str) -> Failure | None:
    if ending.cause == "cpu" or ending.exit != 0:
        return failure_of(ending)
    told = _told(report)
    if told is not None:
        return told
    if same_output(output.decode("utf-8", "replace"), expected):
        return None
    return Failure("wrong", "the output is not what is expected")


def _told(report: bytes) -> Failure | None:
    """A script that raised says so itself; one that lies about it must still print the right output."""
    if len(report) < 4:
        return None
    try:
        message = framing.unpack(report[4:])
    except (ValueError, RecursionError):
        return Failure("exception", "an unreadable report")
    match message:
        case ["syntax", str(text)]:
            return Failure("syntax", text)
        case ["raise", [*names], str(text)]:
            name = str(names[0]) if names else "?"
            return Failure("memory" if name == "MemoryError" else "exception", f"{name}: {text}")
        case _:
            return None
