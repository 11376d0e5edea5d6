"""Runs a stage once: its output is in the ledger with the hashes of the files it made, or it is run again."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.files.read_write import sha256_of
from suture.loop.workshop import Workshop
from suture.store.clock import now
from suture.store.vouching import new_hashes, withdraw

Output = dict[str, Any]
FilesOf = Callable[[Output], Mapping[str, Path]]
Left = Callable[[Output], Iterable[Path]]


class StageRunner:
    """Stages of one run, in order. ``on_stage`` is told each stage's name and whether it was already done."""

    def __init__(self, workshop: Workshop, run_id: str, on_stage: Callable[[str, bool], None] | None = None) -> None:
        self._workshop, self._run = workshop, run_id
        self._on_stage = on_stage or (lambda stage, done: None)
        self.current = ""

    def once(
        self,
        stage: str,
        work: Callable[[], Output],
        files: FilesOf,
        *,
        also: Left = lambda output: (),
        is_final: Callable[[Output], bool] = lambda output: True,
    ) -> Output:
        """The recorded output of ``stage`` if its files are as they were left, else that of ``work()``.

        Args:
            files: the files a finished stage vouches for, by a name of their own.
            also: files and directories it leaves besides, which `suture verify` checks and resuming does not.
            is_final: whether an output stands for good; one that does not (a fault in it) is made again next time.
        """
        self.current = stage
        known = self._known(stage, files)
        if known is not None and is_final(known):
            self._on_stage(stage, True)
            return known
        self._on_stage(stage, False)
        store = self._workshop.store
        earlier = store.ledger.stage(self._run, stage)
        if earlier is not None:  # what is made again is not damaged meanwhile
            withdraw(store, [*files(earlier["output"]).values(), *also(earlier["output"])])
        output = self._timed(stage, work)
        paths = files(output)
        sha256 = {name: sha256_of(path) for name, path in paths.items()}
        left = new_hashes(store, also(output)) | {store.home.relative(paths[name]): sha256[name] for name in paths}
        store.ledger.finish_stage(self._run, stage, {"output": output, "sha256": sha256}, now=now(), files=left)
        return output

    def is_done(self, stage: str, files: FilesOf, is_final: Callable[[Output], bool]) -> bool:
        known = self._known(stage, files)
        return known is not None and is_final(known)

    def _known(self, stage: str, files: FilesOf) -> Output | None:
        record = self._workshop.store.ledger.stage(self._run, stage)
        if record is None:
            return None
        try:
            found = {name: sha256_of(path) for name, path in files(record["output"]).items()}
        except BadFile:
            return None
        return record["output"] if found == record["sha256"] else None

    def _timed(self, stage: str, work: Callable[[], Output]) -> Output:
        """Seconds are kept however the work ends: a run that was stopped spent them too."""
        stopwatch = self._workshop.stopwatch
        before, started = dict(stopwatch.seconds), time.monotonic()
        try:
            return work()
        finally:
            spent = {kind: seconds - before.get(kind, 0.0) for kind, seconds in stopwatch.seconds.items()}
            spans = {kind: seconds for kind, seconds in spent.items() if seconds > 0}
            self._workshop.store.ledger.add_spans(self._run, stage, {**spans, "wall": time.monotonic() - started})
