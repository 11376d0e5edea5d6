"""Copies of a run for the trackers that were asked for. Whatever becomes of them, the run goes on."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from suture.core.json_types import is_object
from suture.core.plan.recipe import Plan
from suture.report.run_report import RunReport
from suture.tracking.process import TrackerProcess
from suture.tracking.target import read_target

LONGEST_PARAM = 500


class RunLogs:
    """Several trackers told as one. Stages that were done before are not told again."""

    def __init__(self, trackers: Sequence[TrackerProcess]) -> None:
        self._trackers = trackers
        self._stage, self._since = "", 0.0

    def plan(self, plan: Plan) -> None:
        for tracker in self._trackers:
            tracker.begin(plan.recipe.name, plan.run_id, dict(params_of(plan.recipe.to_json())))

    def stage(self, name: str, done: bool) -> None:
        """The stage before ends where the next one begins."""
        self._end_stage()
        if not done:
            self._stage, self._since = name, time.monotonic()

    def report(self, report: RunReport) -> None:
        self._end_stage()
        for tracker in self._trackers:
            for epoch in report.adapter.epochs:
                values = {"train/loss": epoch.loss, "train/kl": epoch.kl, "train/tokens": float(epoch.tokens)}
                tracker.metrics({name: value for name, value in values.items() if value is not None}, epoch.epoch)
            tracker.metrics(dict(metrics_of(report)))
            tracker.tags(tags_of(report))

    def end(self, status: str) -> None:
        for tracker in self._trackers:
            tracker.end(status)

    def _end_stage(self) -> None:
        if self._stage:
            for tracker in self._trackers:
                tracker.metrics({f"seconds/{self._stage}": time.monotonic() - self._since})
            self._stage = ""


@contextmanager
def open_run_logs(targets: Sequence[str], warn: Callable[[str], None]) -> Generator[RunLogs]:
    """Start a tracker for each of ``targets``, and tell them all how it ended.

    Raises:
        UnknownName, UsageError, MissingTool: a target that cannot be meant; before any work.
    """
    logs = RunLogs([TrackerProcess(target, warn) for target in [read_target(written) for written in targets]])
    status = "FAILED"
    try:
        yield logs
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        logs.end(status)


def params_of(recipe: Mapping[str, object], under: str = "") -> Iterator[tuple[str, str]]:
    """A recipe's keys as they are written with dots, and their values as texts."""
    for key, value in recipe.items():
        if is_object(value):
            yield from params_of(value, f"{under}{key}.")
        else:
            yield f"{under}{key}", str(value)[:LONGEST_PARAM]


def metrics_of(report: RunReport) -> Iterator[tuple[str, float]]:
    """The counts and bounds of the gate, and what the run cost."""
    gate = report.gate
    for row in gate.rows:
        name = f"{row.suite}.{row.split}".replace(":", "-")
        yield f"passed_before/{name}", float(row.before.passed)
        yield f"passed_after/{name}", float(row.after.passed)
        yield f"tasks/{name}", float(row.after.total)
    for name, tasks in (("repaired", gate.repaired), ("lost", gate.lost), ("faulted", gate.faulted)):
        yield f"gate/{name}", float(len(tasks))
    if gate.anchors is not None:
        yield "gate/loss_rate_at_most", gate.anchors.bound
    if gate.holdout is not None:
        yield "gate/held_out_fell_by_at_most", gate.holdout.bound
    yield "seconds/total", report.timing.total_s
    yield "tokens", float(report.tokens)


def tags_of(report: RunReport) -> dict[str, str]:
    return {
        "suture.decision": report.decision,
        "suture.reasons": "; ".join(report.reasons)[:LONGEST_PARAM],
        "suture.pack": report.gate.candidate_pack,
        "suture.baseline": report.gate.baseline_pack,
        "suture.ledger_head": report.ledger_head,
        "suture.version": report.plan.suture,
    }
