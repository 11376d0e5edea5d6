"""What a gate says first: one line to search for, and what it means in plain words."""

from collections.abc import Iterator
from math import ceil, floor

from suture.core.gate.certificates import HeldOutChange, at_most
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.losses import losses_of
from suture.core.gate.planning import tasks_needed
from suture.core.gate.policies import GatePolicy

LET_THROUGH = {
    GatePolicy.NO_WORSE: "NO WORSE",
    GatePolicy.NO_LOST: "NOTHING LOST",
    GatePolicy.BETTER: "BETTER",
    None: "PROMOTE",
}
WITHIN_BUDGET = "WITHIN BUDGET"
"""In place of any of those, where something is lost that passed before: `loss_budget` allows it."""


def verdict_line(report: GateReport) -> str:
    """Such as ``suture: NO WORSE (at most 1.6 points, 97.5% sure) · 2 lost · 2 gained · 500 tasks``."""
    lost, gained, tasks = counts(report)
    parts = [
        f"suture: {verdict_word(report)} ({_because(report)})",
        f"{lost} lost",
        f"{gained} gained",
        f"{tasks} tasks",
    ]
    if report.faulted:
        parts.append(f"{len(report.faulted)} without a verdict")
    return " · ".join(parts)


def decision_line(report: GateReport) -> str:
    """Such as ``So: LOST (1 task that passed before).``"""
    return f"So: {verdict_word(report)} ({_because(report)})."


def verdict_word(report: GateReport) -> str:
    if report.decision is Decision.HOLD:
        return "NO VERDICT" if report.faulted else "HOLD"
    if report.decision is Decision.REJECT:
        return "LOST" if report.lost else "WORSE"
    return WITHIN_BUDGET if report.lost else LET_THROUGH[report.asked.policy if report.asked else None]


def counts(report: GateReport) -> tuple[int, int, int]:
    """Lost, gained and measured, over all tasks."""
    tasks = sum(row.before.total for row in report.rows if row.split == "all")
    return len(report.lost) + len(report.slipped), len(report.repaired), tasks


def _because(report: GateReport) -> str:
    change = report.holdout
    if report.decision is Decision.HOLD:
        return _held(report, change)
    if report.decision is Decision.REJECT and report.lost:
        return f"{_tasks(len(report.lost))} that passed before"
    if report.decision is Decision.REJECT:
        return "more lost than chance explains" + (f", {_sure(change)}" if change else "")
    if report.lost and (found := report.anchors) is not None and found.budget is not None:
        sure = f"at most {at_most(found.bound)} with {found.confidence:.0%} confidence"
        return f"{found.lost} of {found.anchors} that passed before are lost, {sure}; {found.budget:.1%} are allowed"
    if report.asked is not None and report.asked.policy is GatePolicy.NO_LOST:
        return f"{len(report.kept)} of {len(report.protected)} that passed before still pass"
    return _at_most(change) if change else report.reasons[0]


def _held(report: GateReport, change: HeldOutChange | None) -> str:
    if report.faulted:
        return f"{_tasks(len(report.faulted))} could not be decided"
    if report.asked is not None and report.asked.too_few:
        return "too few tasks to tell"
    if change is not None and _unproved(report, change):
        return f"it may have lost {_points(change.bound)}, and {_points(change.margin)} are allowed"
    return report.reasons[0].partition(":")[0]


def _unproved(report: GateReport, change: HeldOutChange) -> bool:
    certify = report.asked is not None and report.asked.certify
    return not change.not_worse or (certify and not change.certified)


def plain_words(report: GateReport) -> list[str]:
    """Say what was found and how sure that is, what would settle it, and how far it can be trusted."""
    return [*_found(report), *_settling(report), *_trust(report)]


def _found(report: GateReport) -> Iterator[str]:
    change, word = report.holdout, verdict_word(report)
    if report.decision is not Decision.PROMOTE:
        yield from (reason[:1].upper() + reason[1:] + "." for reason in report.reasons)
    if change is not None and word != "NO VERDICT" and not (report.asked and report.asked.too_few):
        if word == "LOST":
            worse = "" if change.bound < 0 else "worse by "
            yield f"Gains and losses as a sum: {worse}{_at_most(change)}."
            return
        told = {"WORSE": "Worse", "BETTER": "Better", "HOLD": "Not shown"}.get(word, "Probably no worse")
        yield f"{told}: {_at_most(change)}."


def _settling(report: GateReport) -> Iterator[str]:
    change = report.holdout
    if change is not None and change.bound > change.margin and not report.faulted:
        needed = tasks_needed(change.margin, change.lost, change.gained, change.alpha)
        yield (
            f"To prove {_points(change.margin)} with the {change.lost} lost and the {change.gained} gained you would "
            f"need {needed} tasks; you have {change.tasks}."
        )
    if report.decision is Decision.HOLD:
        yield from (f"To settle it: {line}." for line in report.settles)


def _trust(report: GateReport) -> Iterator[str]:
    asked, change = report.asked, report.holdout
    if asked is None:
        return
    if asked.chosen_margin and change is not None and not asked.too_few and asked.policy is not GatePolicy.NO_LOST:
        yield (
            f"Nobody gave a margin, so it is {_points(change.margin)}: the smallest that {change.tasks} tasks can "
            f"prove where {change.lost + change.gained} of them change. --margin 1pt asks for another."
        )
    if report.uncounted:
        yield (
            "Looks are off: this is right 19 times in 20, each time; over 20 checks expect up to one that is wrong. "
            "--certify counts looks: use it for what you release."
        )


def loss_lines(report: GateReport, most: int) -> list[str]:
    """One list of all losses, each with what is known of it; then what was gained."""
    losses = losses_of(report)
    lines = [f"lost: passed before, fails now ({len(losses)})"]
    for loss in losses[:most]:
        known = f"  ({', '.join(loss.why)})" if loss.why else ""
        lines.append(f"  {loss.task_id}{known}")
    if len(losses) > most:
        lines.append(f"  and {len(losses) - most} more: --json names them all")
    for title, ids in (
        ("gained: failed before, passes now", report.repaired),
        ("no verdict: the judge, the engine or the grader failed", report.faulted),
        ("undecided: its runs disagree, and too few were made", report.unsettled),
    ):
        if ids or title.startswith("gained"):
            named = f": {' '.join(ids[:most])}" if ids else ""
            lines.append(f"{title} ({len(ids)}){named}{f' and {len(ids) - most} more' if len(ids) > most else ''}")
    return lines


def _at_most(change: HeldOutChange) -> str:
    if change.bound < 0:
        return f"at least {floor(-change.bound * 1000) / 10:g} points better, {_sure(change)}"
    return f"at most {_points(change.bound)}, {_sure(change)}"


def _points(share: float) -> str:
    """Rounded to what claims less: up."""
    return f"{ceil(round(share * 1000, 6)) / 10:g} points"


def _sure(change: HeldOutChange) -> str:
    return f"{(1 - change.alpha) * 100:.3g}% sure"


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"
