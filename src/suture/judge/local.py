"""The judge: submissions spread over lanes, faults retried, limits calibrated, verdicts remembered."""

import select
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from suture.core.digest import digest_of_text
from suture.core.measure.checks.python import Limits, PythonCheck
from suture.core.measure.task import Task, check_of
from suture.core.measure.verdict import JudgeIdentity, Outcome, Reason, Verdict
from suture.judge.lane import Lane, LaneDied
from suture.judge.orders import CALIBRATION_LIMIT_S, calibrated, fault, order_of, verdict_of
from suture.judge.referee.patience import STARVED, UNSEEN
from suture.judge.sandbox import Sandbox
from suture.judge.users import Users

_RETRIES = 2
_WATCH_S = 0.05
_MOST_REMEMBERED = 100_000
"""Verdicts: a server judges for weeks."""
_STUCK_S = 600.0
"""A lane silent for so long past every limit has a fault of its own."""


@dataclass
class _Job:
    """One run to be made. ``index`` is None for a reference run, which only measures."""

    index: int | None
    task: Task
    program: str
    limits: Limits
    key: tuple[str, str]
    """Digests of the task and of the program."""
    faults: int = 0
    referee_cpu_s: float = 0.0


class LocalJudge:
    """Implements ``suture.core.plan.ports.Judge`` with processes of this machine."""

    def __init__(self, sandboxes: Sequence[Sandbox], identity: JudgeIdentity, users: Users | None = None) -> None:
        """``users``: those that the sandboxes run programs as; released when the judge is closed."""
        self._sandboxes = list(sandboxes)
        self._users = users
        self._identity = identity
        self._lanes: list[Lane | None] = [None] * len(self._sandboxes)
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._reference_cpu_s: dict[str, float] = {}

    @property
    def identity(self) -> JudgeIdentity:
        return self._identity

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        """See the port. Verdicts come in the order they are reached."""
        round_ = _Round()
        for index, (task, program) in enumerate(submissions):
            key = task.digest, digest_of_text(program)
            job = _Job(index, task, program, self._limits(task, key[0]), key)
            known = self._verdicts.get(job.key)
            if known is not None:
                yield index, known
            else:
                round_.waiting.append(job)
        try:
            while round_.waiting or round_.running:
                self._give_out(round_)
                for job, verdict in self._collect(round_):
                    yield from self._settle(round_, job, verdict)
        finally:
            for number in round_.running:
                self._drop(number)

    def close(self) -> None:
        for number in range(len(self._lanes)):
            self._drop(number)
        if self._users is not None:
            self._users.release()

    def __enter__(self) -> "LocalJudge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _limits(self, task: Task, digest: str) -> Limits:
        cost = self._reference_cpu_s.get(digest)
        limits = check_of(task, PythonCheck).limits
        return limits if cost is None else calibrated(limits, cost)

    def _give_out(self, round_: "_Round") -> None:
        free = [number for number in range(len(self._lanes)) if number not in round_.running]
        for number, job in zip(free, round_.take(len(free)), strict=False):
            if self._lanes[number] is None:
                self._lanes[number] = Lane(self._sandboxes[number])
            round_.running[number] = job
        for number, job in round_.running.items():
            lane = self._lanes[number]
            if number in free and lane is not None:
                lane.begin(order_of(job.task, job.program, job.limits))

    def _collect(self, round_: "_Round") -> list[tuple[_Job, Verdict]]:
        """Whatever came in within one watch interval."""
        lanes = {number: lane for number in round_.running if (lane := self._lanes[number]) is not None}
        readable, _, _ = select.select(list(lanes.values()), [], [], _WATCH_S)
        reached: list[tuple[_Job, Verdict]] = []
        for number, lane in lanes.items():
            job = round_.running[number]
            verdict = _hear(lane, job) if lane in readable else _verdict_on_silence(lane, job)
            if verdict is None:
                continue
            if verdict.reason is Reason.FAULT or lane not in readable:
                self._drop(number)
            reached.append((round_.running.pop(number), verdict))
        return reached

    def _settle(self, round_: "_Round", job: _Job, verdict: Verdict) -> Iterator[tuple[int, Verdict]]:
        """Final verdicts come out; what must run (again) goes back into the round."""
        if verdict.reason is Reason.FAULT and job.faults < _RETRIES:
            round_.waiting.appendleft(replace(job, faults=job.faults + 1))
        elif job.index is None:
            cost = verdict.cpu_s + job.referee_cpu_s if verdict.passed else 0.0
            self._reference_cpu_s[job.key[0]] = cost
            for held in round_.held.pop(job.key[0]):
                limits = self._limits(job.task, job.key[0])
                if limits.cpu_s > held.job.limits.cpu_s:
                    round_.waiting.appendleft(replace(held.job, limits=limits))
                else:
                    yield from self._final(held.job, held.verdict)
        elif verdict.reason is Reason.CPU and job.task.reference and job.key[0] not in self._reference_cpu_s:
            # Out of CPU time by the task's limit: is that limit fair to the reference?
            held = round_.held.setdefault(job.key[0], [])
            if not held:
                limits = job.limits.model_copy(update={"cpu_s": CALIBRATION_LIMIT_S})
                reference = job.task.reference
                key = job.key[0], digest_of_text(reference)
                round_.waiting.appendleft(_Job(None, job.task, reference, limits, key))
            held.append(_Held(job, verdict))
        else:
            yield from self._final(job, verdict)

    def _final(self, job: _Job, verdict: Verdict) -> Iterator[tuple[int, Verdict]]:
        if verdict.reason is not Reason.FAULT:
            if len(self._verdicts) >= _MOST_REMEMBERED:
                self._verdicts.clear()
            self._verdicts[job.key] = verdict
        if job.index is not None:
            yield job.index, verdict

    def _drop(self, number: int) -> None:
        lane, self._lanes[number] = self._lanes[number], None
        if lane is not None:
            lane.close()


@dataclass
class _Held:
    """A verdict that stands or falls with what the reference costs."""

    job: _Job
    verdict: Verdict


@dataclass
class _Round:
    """The state of one call of ``judge``."""

    waiting: deque[_Job] = field(default_factory=deque[_Job])
    running: dict[int, _Job] = field(default_factory=dict[int, _Job])
    held: dict[str, list[_Held]] = field(default_factory=dict[str, list[_Held]])

    def take(self, count: int) -> list[_Job]:
        return [self.waiting.popleft() for _ in range(min(count, len(self.waiting)))]


def _hear(lane: Lane, job: _Job) -> Verdict:
    try:
        report = lane.receive()
    except LaneDied as died:
        return fault(str(died))
    job.referee_cpu_s = report.get("own_cpu_s", 0.0)
    return verdict_of(report)


def _verdict_on_silence(lane: Lane, job: _Job) -> Verdict | None:
    """None while there is reason to wait."""
    if lane.used_s() > job.limits.cpu_s:
        return Verdict(outcome=Outcome.FAIL, reason=Reason.CPU, detail="its answer costs too much to compare")
    if lane.waited_s() > _STUCK_S + UNSEEN * job.limits.wall_s + STARVED * job.limits.cpu_s:
        return fault("the referee does not answer")
    return None
