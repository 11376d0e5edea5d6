"""The referee process: jobs in on standard input, reports out on standard output.

python -m suture.judge.referee
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import time
from typing import Any

from suture.judge.confined import framing, kernel
from suture.judge.referee import scripts
from suture.judge.referee.checks import failure_of_tests
from suture.judge.referee.conversation import OUT_OF_MEMORY, Conversation
from suture.judge.referee.referee_report import FailedCheck, RefereeReport
from suture.judge.referee.remote import UnsupportedTest
from suture.judge.referee.test_sources import before_the_answer, names_wanted
from suture.judge.referee.tests_alone import BrokenTests, ensure_readable, ensure_runnable
from suture.judge.referee.worker_process import WorkerLost, WorkerProcess
from suture.judge.sandbox import Sandbox

_JOB_CAP = 1 << 30
_ADDRESS_SPACE = 4 << 30
_LOADED = ("wrong", "no-answer", "syntax")
"""Failures that a program reaches only when its prelude has run."""


def main() -> None:
    _usual_signals()
    jobs, reports = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.excepthook = lambda kind, error, _: framing.send(reports, {"fault": f"{kind.__name__}: {error}"})
    os.dup2(null, 2)
    # Soft only: the worker inherits it, and gives programs limits of their own.
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            kernel.fix_addresses()
    worker = WorkerProcess(Sandbox.from_json(framing.receive(jobs, _JOB_CAP)))
    try:
        worker.start()
        framing.send(reports, {"ready": True})
        while True:
            framing.send(reports, _answer(worker, framing.receive(jobs, _JOB_CAP)))
    except EOFError:
        pass
    except WorkerLost as error:
        framing.send(reports, {"fault": str(error)})
    finally:
        worker.close()


def _usual_signals() -> None:
    """Whoever started this may have blocked or ignored some, and programs would inherit that: Ray's processes do."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGCHLD):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _answer(worker: WorkerProcess, job: dict[str, Any]) -> dict[str, Any]:
    began = time.process_time()
    try:
        ensure_readable(job)
        report = scripts.judge(worker, job) if job["tests"]["kind"] == "stdin" else _judge(worker, job)
        if report.failure is not None:
            ensure_runnable(job)
            _ensure_prelude_runs(worker, job, report.failure)
    except (BrokenTests, UnsupportedTest) as error:
        return {"broken": str(error)}
    return report._replace(own_cpu_s=time.process_time() - began).to_json()


def _ensure_prelude_runs(worker: WorkerProcess, job: dict[str, Any], failure: FailedCheck) -> None:
    """A program that never came to its first line may have been stopped by what runs before it.

    Raises:
        BrokenTests: the prelude fails in the sandbox with no program after it.
    """
    if not before_the_answer(job) or failure.reason in _LOADED:
        return
    alone = _judge(worker, {**job, "program": "", "tests": {"kind": "assertions", "setup": "", "statements": []}})
    if alone.failure is not None and alone.failure.reason != "no-answer":
        raise BrokenTests(f"the prelude cannot run: {alone.failure.detail}")


def _judge(worker: WorkerProcess, job: dict[str, Any]) -> RefereeReport:
    wanted = names_wanted(job["tests"], job["entry_point"])
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            worker.order(cpu_s=job["cpu_s"], memory_mb=job["memory_mb"], descriptors=[theirs.fileno()])
        conversation = Conversation(worker, ours, cpu_s=job["cpu_s"], wall_s=job["wall_s"])
        try:
            failure = failure_of_tests(job, conversation, wanted)
        finally:
            ending = conversation.close()
    return RefereeReport(OUT_OF_MEMORY if ending.cause == "memory" else failure, ending.cpu_s)


if __name__ == "__main__":
    sys.exit(main())
