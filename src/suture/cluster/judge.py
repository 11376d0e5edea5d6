"""The judges of a cluster as one: programs go out in shards, and each is judged in the sandbox of a node."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed
from itertools import pairwise

from suture.cluster.crew import Crew
from suture.cluster.seats import JudgeSeat
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict

SHARD = 128
"""Programs in a call, at least: a call costs 1.8 ms, and a program 2.6."""


class ClusterJudge:
    """Implements ``suture.core.plan.ports.Judge``; any number of threads may ask at once."""

    def __init__(self, crew: Crew[JudgeSeat], identity: JudgeIdentity) -> None:
        self._crew, self._identity = crew, identity

    @property
    def identity(self) -> JudgeIdentity:
        return self._identity

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        """See the port. Raises Fault: no node is left that may judge."""
        waiting: dict[Future[list[tuple[int, Verdict]]], int] = {}
        for start, shard in shards_of(submissions):
            future = self._crew.submit(lambda seat, s=shard: seat.judge(s), same_verdicts)
            waiting[future] = start
        for future in as_completed(waiting):
            for index, verdict in future.result():
                yield waiting[future] + index, verdict

    def close(self) -> None:
        """Nothing to do: the cluster's judges end with it."""


def shards_of(submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Sequence[tuple[Task, str]]]]:
    """Parts of equal size, of at least ``SHARD`` where there are so many: where each begins, and what is in it."""
    parts = max(1, len(submissions) // SHARD)
    cuts = [len(submissions) * part // parts for part in range(parts + 1)]
    for start, end in pairwise(cuts):
        if end > start:
            yield start, submissions[start:end]


def same_verdicts(one: Sequence[tuple[int, Verdict]], other: Sequence[tuple[int, Verdict]]) -> bool:
    """Whether two judgements of the same programs agree in what decides."""
    return {index: verdict.key for index, verdict in one} == {index: verdict.key for index, verdict in other}
