"""Progress that other processes can read: how far a run is, in a small file of its directory."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from suture.core.plan.ports import Progress
from suture.store.clock import now

SECONDS_BETWEEN = 0.5


class RecordedProgress:
    """Tells another progress all it is told, and writes a file once there is a place for it. The file is for the eyes
    of whoever watches: nothing is decided by it, and a disk that refuses it stops nothing."""

    def __init__(self, other: Progress) -> None:
        self._other = other
        self._path: Path | None = None
        self._stage, self._total, self._done, self._tokens = "", 0, 0, 0
        self._began = self._written = 0.0

    def record_in(self, path: Path) -> None:
        """From now on."""
        self._path = path

    def start(self, stage: str, total: int) -> None:
        self._stage, self._total, self._done, self._tokens = stage, total, 0, 0
        self._began = time.time()
        self._write()
        self._other.start(stage, total)

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self._done += done
        self._tokens += tokens
        if time.time() - self._written >= SECONDS_BETWEEN:
            self._write()
        self._other.advance(done, tokens=tokens)

    def note(self, line: str) -> None:
        self._other.note(line)

    def finish(self) -> None:
        self._other.finish()

    def forget(self) -> None:
        """The run has ended: there is nothing to watch."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        if self._path is None:
            return
        self._written = time.time()
        told = {
            "stage": self._stage,
            "total": self._total,
            "done": self._done,
            "tokens": self._tokens,
            "began": self._began,
            "at": now(),
        }
        partial = self._path.with_name(f".{self._path.name}.partial-{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(told))
            partial.replace(self._path)
