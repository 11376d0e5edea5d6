"""Runs a stage once: its output is in the ledger with the hashes of the files it made, or it is run again."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.files.read_write import sha256_of
from suture.loop.workshop import Workshop

Output = dict[str, Any]


class StageRunner:
    """Stages of one run, in order. ``on_stage`` is told each stage's name and whether it was already done."""

    def __init__(self, workshop: Workshop, run_id: str, on_stage: Callable[[str, bool], None] | None = None) -> None:
        self._workshop, self._run = workshop, run_id
        self._on_stage = on_stage or (lambda stage, done: None)
        self.current = ""

    def once(self, stage: str, work: Callable[[], Output], files: Callable[[Output], Mapping[str, Path]]) -> Output:
        """The recorded output of ``stage`` if its files are as they were left, else that of ``work()``.

        Args:
            files: the files a finished stage vouches for, by a name of their own.
        """
        self.current = stage
        ledger = self._workshop.ledger
        known = ledger.stage(self._run, stage)
        if known is not None and _intact(known, files):
            self._on_stage(stage, True)
            return known["output"]
        self._on_stage(stage, False)
        stopwatch = self._workshop.stopwatch
        before, started = dict(stopwatch.seconds), time.monotonic()
        try:
            output = work()
        finally:
            for kind, seconds in stopwatch.seconds.items():
                if (spent := seconds - before.get(kind, 0.0)) > 0:
                    ledger.add_span(self._run, stage, kind, spent)
        record = {"output": output, "sha256": {name: sha256_of(path) for name, path in files(output).items()}}
        ledger.finish_stage(self._run, stage, record, seconds=time.monotonic() - started, now=self._workshop.now())
        return output

    def is_done(self, stage: str, files: Callable[[Output], Mapping[str, Path]]) -> bool:
        known = self._workshop.ledger.stage(self._run, stage)
        return known is not None and _intact(known, files)


def _intact(known: Output, files: Callable[[Output], Mapping[str, Path]]) -> bool:
    try:
        return {name: sha256_of(path) for name, path in files(known["output"]).items()} == known["sha256"]
    except BadFile:
        return False
