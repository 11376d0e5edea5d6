"""Writes records in one thread behind a bounded queue: answers never wait for the disk for long, and none is lost
without being counted."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from suture.core.errors import SutureError, UnknownName
from suture.core.measure.served_record import Claim, Gap, ServedRecord
from suture.serve.drafts import Draft, record_of
from suture.serve.record_settings import RecordCounts, RecordSettings, Waiting
from suture.serve.redaction import Redactor
from suture.store.served_file import ServedFile
from suture.store.served_retention import Retention, remove_old

MOST_AT_ONCE = 256
"""Records of one transaction."""
TOO_MANY = "too many records waited to be written"
RETENTION_EVERY = 3600.0
"""Seconds."""
RETENTION_RECORDS = 1000
RETRY = 1.0
"""Seconds after which gaps are tried again that could not be written."""


def _uncancellable() -> "Future[bool]":
    """Whoever waits for it may leave; it is told all the same."""
    future: Future[bool] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass
class _Job:
    what: Draft | Claim
    size: int
    done: "Future[bool]" = field(default_factory=_uncancellable)


class RecordWriter:
    """Laws:
    Every draft that is offered becomes a record, or its answers are counted in a gap.
    ``offer`` never waits.
    """

    def __init__(
        self,
        path: Path,
        settings: RecordSettings | None = None,
        *,
        waiting: Waiting | None = None,
        open_file: Callable[[Path], ServedFile] = ServedFile,
    ) -> None:
        """Raises MissingTool, UsageError: patterns that cannot be used. A file that cannot be opened is tried again."""
        self._path, self._settings, self._open = path, settings or RecordSettings(), open_file
        self._waiting = waiting or Waiting()
        self._redactor = Redactor(self._settings.redact)
        self.counts = RecordCounts()
        self._queue: deque[_Job] = deque()
        self._held = 0
        self._gaps: list[Gap] = []
        self._packs: dict[str, Path] = {}
        self._awake = threading.Condition()
        self._closing = False
        self._file: ServedFile | None = None
        self._retention_due, self._since_retention = 0.0, 0
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._thread.start()

    @property
    def depth(self) -> int:
        """How many wait to be written."""
        return len(self._queue)

    @property
    def trouble(self) -> str:
        """Why nothing is recorded at the moment; empty when it is."""
        return self.counts.unwritable if self._thread.is_alive() else "the thread that writes records has ended"

    def offer(self, draft: Draft) -> "Future[bool]":
        """Hand over what has ended; tells True once it is committed, False where it is counted in a gap."""
        job = _Job(draft, draft.size)
        with self._awake:
            if len(self._queue) >= self._waiting.records or self._held + job.size > self._waiting.bytes:
                self._note_lost([draft], TOO_MANY)
                job.done.set_result(False)
            else:
                self._push(job)
        return job.done

    def claim(self, claim: Claim) -> "Future[bool]":
        """Write what somebody says of an answer; behind its record, where that still waits.

        The future raises:
            UnknownName: there is no record of that answer.
        """
        redacted = {"correction": claim.correction and self._redactor.text(claim.correction)}
        claim = claim.model_copy(update=redacted | {"comment": self._redactor.text(claim.comment)})
        job = _Job(claim, len(claim.correction or "") + len(claim.comment))
        with self._awake:
            if len(self._queue) >= self._waiting.records or self._held + job.size > self._waiting.bytes:
                job.done.set_result(False)
            else:
                self._push(job)
        return job.done

    def note_pack(self, sha256: str, path: Path) -> None:
        """Where a pack lies that answers from now on."""
        with self._awake:
            self._packs[sha256] = path
            self._awake.notify()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._awake:
            self._closing = True
            self._awake.notify()
        self._thread.join()

    def _push(self, job: _Job) -> None:
        self._queue.append(job)
        self._held += job.size
        self._awake.notify()

    def _run(self) -> None:
        self._write(())  # opens the file, so that trouble is known before the first answer
        while True:
            with self._awake:
                if not (self._queue or self._closing):
                    self._awake.wait(RETRY if self._gaps or self._packs else None)
                jobs = [self._queue.popleft() for _ in range(min(MOST_AT_ONCE, len(self._queue)))]
                self._held -= sum(job.size for job in jobs)
                ended = self._closing and not self._queue and not jobs
            if jobs or self._gaps or self._packs:
                self._write(jobs)
            self._retain()
            if ended:
                break
        if self._file is not None:
            self._file.close()

    def _write(self, jobs: Sequence[_Job]) -> None:
        made = self._made(jobs)
        with self._awake:
            gaps, self._gaps = self._gaps, []
            packs, self._packs = self._packs, {}
        refused: dict[int, UnknownName] = {}
        try:
            file = self._opened()
            with file.transaction():
                file.add_gaps(gaps)
                file.add_records(record for _, record in made)
                for job in jobs:
                    if isinstance(job.what, Claim):
                        try:
                            file.add_claim(job.what)
                        except UnknownName as error:
                            refused[id(job)] = error
                for sha256, path in packs.items():
                    file.note_pack(sha256, path)
        except SutureError as error:
            with self._awake:
                if not self._closing:
                    self._gaps, self._packs = [*gaps, *self._gaps], {**packs, **self._packs}
            self._failed(jobs, [job for job, _ in made], str(error))
            return
        self.counts.unwritable = ""
        answers = sum(len(record.answers) for _, record in made)
        self.counts.kept += answers
        self._since_retention += answers
        for job in jobs:
            if id(job) in refused:
                job.done.set_exception(refused[id(job)])
            elif not job.done.done():
                job.done.set_result(True)

    def _made(self, jobs: Sequence[_Job]) -> list[tuple[_Job, ServedRecord]]:
        made: list[tuple[_Job, ServedRecord]] = []
        for job in jobs:
            if not isinstance(job.what, Draft):
                continue
            try:
                made.append((job, record_of(job.what, self._redactor)))
            except (ValueError, RecursionError) as error:
                with self._awake:
                    self._note_lost([job.what], f"no record can hold it: {type(error).__name__}")
                job.done.set_result(False)
        return made

    def _failed(self, jobs: Sequence[_Job], unwritten: Sequence[_Job], why: str) -> None:
        self.counts.unwritable = why
        if self._file is not None:
            self._file.close()
            self._file = None
        with self._awake:
            self._note_lost([job.what for job in unwritten if isinstance(job.what, Draft)], why)
        for job in jobs:
            if not job.done.done():
                job.done.set_result(False)

    def _note_lost(self, drafts: Sequence[Draft], why: str) -> None:
        """One gap for all that is lost in a row for one reason. Under the lock."""
        if not drafts:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        answers = sum(len(draft.answers) for draft in drafts)
        self.counts.lost += answers
        last = self._gaps[-1] if self._gaps else None
        if last is not None and last.why == why:
            more = {"answers": last.answers + answers, "requests": last.requests + len(drafts), "until": now}
            self._gaps[-1] = last.model_copy(update=more)
        else:
            self._gaps.append(Gap(since=now, until=now, answers=answers, requests=len(drafts), why=why))

    def _opened(self) -> ServedFile:
        if self._file is None:
            self._file = self._open(self._path)
        return self._file

    def _retain(self) -> None:
        """Now and then."""
        retention = self._settings.retention
        if self._file is None or retention == Retention():
            return
        if time.monotonic() < self._retention_due and self._since_retention < RETENTION_RECORDS:
            return
        self._retention_due, self._since_retention = time.monotonic() + RETENTION_EVERY, 0
        try:
            remove_old(self._file, retention)
        except SutureError as error:
            self.counts.unwritable = str(error)
