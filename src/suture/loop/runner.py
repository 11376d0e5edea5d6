"""Runs a stage once: its typed result is in the ledger with what it was made from and the hashes of its files."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from suture.core.digest import digest_of
from suture.core.errors import BadFile
from suture.core.plan.stages import R, StageOf
from suture.files.small_files import sha256_of
from suture.loop.workshop import Workshop
from suture.store.clock import now
from suture.store.finished import Finished
from suture.store.vouching import new_hashes, withdraw


@dataclass(frozen=True)
class Stage(Generic[R]):
    """One stage of one run.

    Attributes:
        of: its name, and the type of its result.
        inputs: what the result is made from, as plain JSON; a result that was made from anything else is made again.
        work: makes the result. Stopped half way, it is run again from its beginning.
        files: those the result rests on, by a name of their own: one that was changed or removed is made again.
        left: files and directories the stage leaves besides, which `suture verify` checks and resuming does not.
        stands: whether a result is final; one that is not (a fault in it) is made again next time.
    """

    of: StageOf[R]
    inputs: Mapping[str, Any]
    work: Callable[[], R]
    files: Callable[[R], Mapping[str, Path]] = lambda _: {}
    left: Callable[[R], Iterable[Path]] = lambda _: ()
    stands: Callable[[R], bool] = lambda _: True


class StageRunner:
    """Stages of one run, in order. ``on_stage`` is told each stage's name and whether it was already done."""

    def __init__(self, workshop: Workshop, run_id: str, on_stage: Callable[[str, bool], None] | None = None) -> None:
        self._workshop, self._run = workshop, run_id
        self._on_stage = on_stage or _ignore
        self.current = ""

    def once(self, stage: Stage[R]) -> R:
        """The recorded result if it was made from these inputs, its files are as they were left, and it stands; else
        what ``stage.work()`` makes now."""
        self.current = stage.of.name
        known = self.known(stage)
        self._on_stage(self.current, known is not None)
        if known is not None:
            return known
        store = self._workshop.store
        earlier = store.ledger.finished(self._run, stage.of)
        if earlier is not None:  # what is made again is not damaged meanwhile
            withdraw(store, [*stage.files(earlier.result).values(), *stage.left(earlier.result)])
        result = self._timed(stage)
        paths = stage.files(result)
        sha256 = {name: sha256_of(path) for name, path in paths.items()}
        vouched = {store.home.relative(paths[name]): sha256[name] for name in paths}
        store.ledger.finish_stage(
            self._run,
            stage.of,
            Finished(result, sha256, digest_of(dict(stage.inputs))),
            now=now(),
            files=new_hashes(store, stage.left(result)) | vouched,
        )
        return result

    def known(self, stage: Stage[R]) -> R | None:
        """The recorded result, if it can be taken as it is."""
        record = self._workshop.store.ledger.finished(self._run, stage.of)
        if record is None or record.inputs != digest_of(dict(stage.inputs)) or not stage.stands(record.result):
            return None
        try:
            found = {name: sha256_of(path) for name, path in stage.files(record.result).items()}
        except BadFile:
            return None
        return record.result if found == record.sha256 else None

    def _timed(self, stage: Stage[R]) -> R:
        """Seconds are kept however the work ends: a run that was stopped spent them too."""
        stopwatch = self._workshop.stopwatch
        before, started = dict(stopwatch.seconds), time.monotonic()
        try:
            return stage.work()
        finally:
            spent = {kind: seconds - before.get(kind, 0.0) for kind, seconds in stopwatch.seconds.items()}
            spans = {kind: seconds for kind, seconds in spent.items() if seconds > 0}
            wall = time.monotonic() - started
            self._workshop.store.ledger.add_spans(self._run, stage.of.name, {**spans, "wall": wall})


def _ignore(stage: str, done: bool) -> None:
    """Does nothing: nobody asked to hear of stages."""
