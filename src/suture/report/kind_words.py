"""What reports and cards say of the kinds of tasks that they are about, in the kinds' own words."""

from collections.abc import Collection, Iterable, Mapping

from suture.core.gate.gate_report import GateReport
from suture.report.changes import TaskChange
from suture.suites.kinds import KINDS


def form_losses(gate: GateReport, changes: Mapping[str, tuple[TaskChange, ...]]) -> str:
    """What it was to fail in form, for the kinds of the tasks that did."""
    fallen = (change for name in ("lost", "slipped") for change in changes.get(name, ()))
    kinds = dict.fromkeys(change.kind for change in fallen if change.task_id in gate.lost_format)
    words = {kind: KINDS[kind].words.losses for kind in kinds if kind in KINDS}
    if len(words) > 1:
        return "; ".join(f"{kind}: {losses}" for kind, losses in words.items())
    return next(iter(words.values()), "no answer that can be read, or cut off")


def job_of(kinds: Collection[str]) -> str:
    """What a model does in a suite of these kinds, as a heading; "Text generation" where no one kind says it."""
    (kind,) = kinds if len(kinds) == 1 else ("",)
    return KINDS[kind].words.job if kind in KINDS else "Text generation"


def sandboxed(kinds: Iterable[str]) -> str:
    """The answers of these kinds that the sandbox runs, such as "programs and queries"; empty where there are none."""
    run = [KINDS[kind].words.answers for kind in kinds if kind in KINDS and KINDS[kind].sandboxing is not None]
    return " and ".join(filter(None, [", ".join(run[:-1]), *run[-1:]]))


def language_of(kind: str) -> str:
    """Of the fenced block that shows an answer; empty for plain text."""
    return KINDS[kind].words.language if kind in KINDS else ""
