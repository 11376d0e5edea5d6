"""A tracker in a process of its own: a run never waits for it, and never fails with it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from suture.tracking.target import Target

SECONDS_AT_THE_END = 20.0
"""How long a run that has ended waits for a tracker to take the rest."""
LONGEST_COMPLAINT = 300


class TrackerProcess:
    """Hands messages over to ``python -m suture.tracking TARGET``, as JSON lines. The first trouble is the last word:
    ``warn`` is told once, and nothing more is sent."""

    def __init__(self, target: Target, warn: Callable[[str], None], command: Sequence[str] = ()) -> None:
        """``command``: what to start in place of that, for tests."""
        self._target, self._warn = target, warn
        self._command = command or (sys.executable, "-m", "suture.tracking", str(target))
        self._process: subprocess.Popen[bytes] | None = None
        self._to = -1

    def begin(self, name: str, run: str, params: Mapping[str, str]) -> None:
        """Start it. A run that ends before it begins leaves nothing in a tracker."""
        ours, self._to = os.pipe()
        self._process = subprocess.Popen(
            self._command,
            stdin=ours,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run, which then says how it ended
        )
        os.close(ours)
        os.set_blocking(self._to, False)
        self._send({"begin": {"name": name, "run": run, "params": dict(params)}})

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        self._send({"metrics": dict(values), "step": step})

    def tags(self, values: Mapping[str, str]) -> None:
        self._send({"tags": dict(values)})

    def end(self, status: str) -> None:
        """Say how the run ended (``FINISHED``, ``FAILED``, ``KILLED``), and wait a little for the tracker."""
        self._send({"end": status})
        self._close()
        if self._process is None:
            return
        try:
            _, said = self._process.communicate(timeout=SECONDS_AT_THE_END)
        except subprocess.TimeoutExpired:
            self._give_up(self._process, "it takes too long")
        else:
            if self._process.returncode:
                self._give_up(self._process, _complaint(said))

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._process is None or self._to < 0:
            return
        line = json.dumps(message).encode() + b"\n"
        try:
            written = os.write(self._to, line)
        except BlockingIOError:
            written = 0
        except BrokenPipeError:
            _, said = self._process.communicate()
            self._give_up(self._process, _complaint(said))
            return
        if written < len(line):
            self._give_up(self._process, "it takes too long")

    def _give_up(self, process: "subprocess.Popen[bytes]", why: str) -> None:
        self._close()
        self._process = None
        if process.poll() is None:
            process.kill()
            process.communicate()
        self._warn(f"not logged in {self._target}: {why}")

    def _close(self) -> None:
        if self._to >= 0:
            os.close(self._to)
            self._to = -1


def _complaint(said: bytes) -> str:
    """The last line that it left, which is where Python says what went wrong."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return (lines[-1] if lines else "it ended without a word")[:LONGEST_COMPLAINT]
