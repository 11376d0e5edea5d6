"""Has answers judged: by their kind's own rule, or in the judge's sandbox, while the next batch is being asked."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from suture.core.errors import Fault
from suture.core.measure.attempt import Attempt
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.loop.measuring.asking import Asking, ask
from suture.loop.measuring.executor import Threads
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import Question, batches_of
from suture.loop.workshop import Workshop
from suture.suites.kinds import decided, key_of, kind_of
from suture.suites.kinds.kind import Submission

Judged = tuple[Task, Attempt, Verdict]


@dataclass
class _Batch:
    """Attributes:
    verdicts: by index, as far as they are known.
    submissions: what must run in the sandbox, by index.
    spoken: what the judge said of those.
    """

    tasks: tuple[Task, ...]
    attempts: tuple[Attempt, ...]
    verdicts: dict[int, Verdict] = field(default_factory=dict[int, Verdict])
    submissions: dict[int, Submission] = field(default_factory=dict[int, Submission])
    spoken: dict[int, Verdict] = field(default_factory=dict[int, Verdict])


_Shard = list[_Batch]
"""Batches whose submissions go to the judge in one call."""


def judge(
    workshop: Workshop, answered: Iterable[tuple[Sequence[Task], Sequence[Attempt]]], *, afresh: bool = False
) -> Iterator[list[Judged]]:
    """Every batch with one verdict an attempt, in order. A batch is judged while the next one is taken from
    ``answered``, which is where the time goes.

    Args:
        afresh: run the programs, whatever the ledger holds.

    Raises:
        Fault: the judge lost a program.
    """
    prepared = (_prepare(workshop, _Batch(tuple(t), tuple(a)), afresh=afresh) for t, a in answered)

    def run(shard: _Shard) -> _Shard:
        began = time.monotonic()
        places = [(batch, at) for batch in shard for at in batch.submissions]
        spoken = workshop.judge.judge([batch.submissions[at] for batch, at in places]) if places else ()
        for index, verdict in spoken:
            batch, at = places[index]
            batch.spoken[at] = verdict
        workshop.stopwatch.add_beside("judge", time.monotonic() - began)
        return shard

    pace = workshop.pace
    beside = Threads(
        pace.shards,
        threads=pace.threads,
        waiting=lambda: workshop.stopwatch.timed("judge"),
        abandon=pace.abandon,
    )
    for ready in beside.groups(run, _in_shards(prepared, pace.programs)):
        yield from _recorded(workshop, [batch for shard in ready for batch in shard])


def _in_shards(batches: Iterable[_Batch], programs: int) -> Iterator[_Shard]:
    """Put whole batches together until they hold ``programs`` submissions."""
    shard: _Shard = []
    held = 0
    for batch in batches:
        shard.append(batch)
        held += len(batch.submissions)
        if held >= programs:
            yield shard
            shard, held = [], 0
    if shard:
        yield shard


def ask_and_judge(
    workshop: Workshop,
    engine: LazyEngine,
    questions: Sequence[Question],
    how: Asking | None = None,
) -> Iterator[Judged]:
    """Every question asked and judged, in batches of the engine's size, in order."""
    batches = list(batches_of(questions, engine.identity.batch))
    tasks = [[question.task for question in batch] for batch in batches]
    for judged in judge(workshop, zip(tasks, ask(workshop, engine, batches, how), strict=True)):
        yield from judged


def _prepare(workshop: Workshop, batch: _Batch, *, afresh: bool) -> _Batch:
    """What needs no sandbox is decided here, and what was judged before is looked up."""
    identity = workshop.judge.identity.digest
    for at, (task, attempt) in enumerate(zip(batch.tasks, batch.attempts, strict=True)):
        found = decided(task, attempt.completion)
        if not isinstance(found, Verdict):
            known = None if afresh else workshop.store.ledger.verdict(*key_of(found), identity)
            if known is None:
                batch.submissions[at] = found
                continue
            found = known
        batch.verdicts[at] = found
    return batch


def _recorded(workshop: Workshop, batches: Sequence[_Batch]) -> list[list[Judged]]:
    identity = workshop.judge.identity.digest
    for batch in batches:
        if missing := batch.submissions.keys() - batch.spoken.keys():
            raise Fault(f"the judge gave no verdict for {len(missing)} of {len(batch.submissions)} submissions")
    workshop.store.ledger.add_verdicts(
        [
            (*key_of(batch.submissions[at]), identity, verdict)
            for batch in batches
            for at, verdict in sorted(batch.spoken.items())
        ]
    )
    return [_settled(batch) for batch in batches]


def _settled(batch: _Batch) -> list[Judged]:
    verdicts = batch.verdicts | batch.spoken
    return [
        (task, attempt, kind_of(task).settle(attempt.completion, verdicts[at]))
        for at, (task, attempt) in enumerate(zip(batch.tasks, batch.attempts, strict=True))
    ]
