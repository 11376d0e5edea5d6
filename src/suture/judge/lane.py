"""One referee process as the judge sees it: given jobs, watched, killed, replaced."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from suture.judge.confined import framing
from suture.judge.sandbox import Sandbox

_ANSWER_CAP = 1 << 20
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Tests see the locale and the time zone that programs see."""

_SOURCE = str(Path(__file__).resolve().parents[2])
"""Where this very copy of the package is, so that both sides are of one version."""


class LaneDied(Exception):
    """The referee process is gone; its message says why when it could."""


class Lane:
    """At most one job at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-W", "ignore", "-m", "suture.judge.referee"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt is for the user's process; its end closes this one's input
            env={**_ENVIRONMENT, "PYTHONPATH": _SOURCE, "PATH": os.environ.get("PATH", os.defpath)},
        )
        self._send(sandbox.to_json())
        self._ready = False
        self._began_at = 0.0
        self._cpu_at_start = 0.0

    def wait_ready(self) -> None:
        """Raises ``LaneDied`` with the reason when no worker could be started."""
        if not self._ready:
            self.receive()
            self._ready = True

    def begin(self, job: dict[str, Any]) -> None:
        with contextlib.suppress(LaneDied):  # noticed again when the answer is read
            self.wait_ready()
        self._began_at = time.monotonic()
        self._cpu_at_start = self.cpu_s()
        self._send(job)

    def receive(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - for the type checker
        try:
            answer = framing.receive(stdout.fileno(), _ANSWER_CAP)
        except (EOFError, OSError, ValueError) as error:
            raise LaneDied(f"the referee is gone: {error!r}") from error
        if "fault" in answer:
            raise LaneDied(answer["fault"])
        return answer

    def fileno(self) -> int:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - for the type checker
        return stdout.fileno()

    def cpu_s(self) -> float:
        """CPU seconds the referee process has used since it started (0 where the system does not say)."""
        try:
            return time.clock_gettime((~self._process.pid << 3) | 2)
        except OSError:
            return 0.0

    def used_s(self) -> float:
        """CPU seconds the referee has used for the present job."""
        return self.cpu_s() - self._cpu_at_start

    def waited_s(self) -> float:
        return time.monotonic() - self._began_at

    def _send(self, message: Any) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - for the type checker
        with contextlib.suppress(OSError):  # a lane that died is noticed when it is read
            framing.send(stdin.fileno(), message)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
