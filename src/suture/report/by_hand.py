"""``suture gate --explain``: goes through a gate's decision by hand, with the user's own numbers."""

from collections.abc import Iterator
from math import comb

from suture.core.gate.certificates import AnchorBound, HeldOutChange
from suture.core.gate.gate_report import GateReport
from suture.core.gate.statistics import lower_bound, upper_bound
from suture.report.verdict import counts, decision_line, plain_words, verdict_line

MOST_TERMS = 4
"""Of a sum that are written out."""


def by_hand(report: GateReport) -> str:
    """Each number that the decision rests on, with the formula that gives it: ``docs/gate.md`` has the reasons."""
    steps = [*_counted(report), *_priced(report)]
    if report.anchors is not None and report.anchors.anchors:
        steps.extend(_anchors(report.anchors))
    if report.holdout is not None and report.holdout.tasks:
        steps.extend([*_fall(report.holdout), *_coin(report.holdout)])
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    return "\n".join([verdict_line(report), "", *numbered, "", *plain_words(report), decision_line(report)])


def _counted(report: GateReport) -> Iterator[str]:
    lost, gained, tasks = counts(report)
    yield f"Count. {tasks} tasks were measured on both sides; {lost} passed before and fail now, {gained} the reverse."
    if report.protected:
        yield (
            f"Protected. {len(report.protected)} tasks that passed every time are protected, {len(report.kept)} still "
            f"pass, {len(report.lost)} are lost. {_rule(report)}"
        )
    if report.faulted:
        yield f"No verdict. {len(report.faulted)} tasks could not be decided, so nothing can be let through."


def _rule(report: GateReport) -> str:
    budget = report.anchors.budget if report.anchors else None
    if budget is None:
        return "One lost rejects."
    return f"They may be lost as long as the loss rate is at most {budget:.1%}, by the bound below."


def _priced(report: GateReport) -> Iterator[str]:
    look = report.look
    if look is None:
        return
    if report.uncounted:
        yield f"How sure. Looks are off, so each statement may be wrong with a chance of {look.alpha:.3%}."
    else:
        k, whole = look.number, look.alpha * look.number * (look.number + 1)
        spent = f"{whole:.3g} / ({k} * {k + 1}) = {look.alpha:.3%}"
        yield f"How sure. This is look {k} at these tasks: it may spend {spent}."


def _anchors(bound: AnchorBound) -> Iterator[str]:
    q, n, lost = bound.bound, bound.anchors, bound.lost
    if lost == 0:
        yield (
            f"Protected tasks. At a loss rate q, none of {n} is lost with chance (1 - q)^{n}. That is "
            f"{1 - bound.confidence:.0%} at q = 1 - {1 - bound.confidence:.3g}^(1/{n}) = {q:.2%}, the most it can be."
        )
    else:
        yield f"Protected tasks. {_sum(lost, n, q, 1 - bound.confidence)}, so the loss rate is at most {q:.2%}."


def _fall(change: HeldOutChange) -> Iterator[str]:
    n, half = change.tasks, change.alpha / 2
    up, down = upper_bound(change.lost, n, 1 - half), lower_bound(change.gained, n, 1 - half)
    if change.lost == 0:
        yield f"Lost at most. None of {n} was lost: 1 - {half:.4g}^(1/{n}) = {up:.3%}."
    else:
        yield f"Lost at most. {_sum(change.lost, n, up, half)}: at most {up:.3%} of such tasks are lost."
    if change.gained == 0:
        yield "Gained at least. None was gained: 0."
    else:
        yield (
            f"Gained at least. At a rate of {down:.3%}, {change.gained} or more of {n} are gained with chance "
            f"{half:.4g}: at least that much is gained."
        )
    verdict = "within" if change.bound <= change.margin else "more than"
    yield (
        f"Fell at most. {up:.3%} - {down:.3%} = {change.bound:.3%}: {verdict} the margin of {change.margin:.3%}. With "
        f"no change at all these {n} tasks would show {change.achievable:.3%}."
    )


def _coin(change: HeldOutChange) -> Iterator[str]:
    changed = change.lost + change.gained
    if not changed:
        yield "Worse, or better? Nothing changed, so neither."
        return
    for word, count, p in (("lost", change.lost, change.loss_p), ("gained", change.gained, change.gain_p)):
        ways = sum(comb(changed, k) for k in range(count, changed + 1))
        told = "no more than" if p <= change.alpha else "more than"
        asks = "Worse" if word == "lost" else "Better"
        shown = f"{ways} / 2^{changed} = " if changed <= 40 and not (change.open and word == "lost") else ""
        yield (
            f"{asks}? Were a coin thrown for each of the {changed} changes, {count} or more "
            f"would be {word} with chance {shown}{p:.3g}: {told} {change.alpha:.3g}."
        )


def _sum(seen: int, tasks: int, rate: float, chance: float) -> str:
    terms = " + ".join(f"C({tasks},{k}) q^{k} (1-q)^{tasks - k}" for k in range(min(seen, MOST_TERMS) + 1))
    more = f" + ... up to k = {seen}" if seen > MOST_TERMS else ""
    return f"At q = {rate:.3%}, {seen} or fewer of {tasks} are lost with chance {terms}{more} = {chance:.4g}"
