"""Says a verdict in layers: the decision, one plain sentence, counts, what was promised beside what was shown. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from suture.core.gate.certificates import HeldOutChange, at_most
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.measure.scoreboard import wilson_interval
from suture.studio.marks import UNPAIRED, Mark
from suture.studio.shown import About, Shown

DECISIONS = {
    Decision.PROMOTE: ("+", "PROMOTE", "gained"),
    Decision.REJECT: ("−", "REJECT", "lost"),
    Decision.HOLD: ("?", "HOLD", "hold"),
}

REASON_WORDS = {
    "wrong": "wrong",
    "exception": "raised an exception",
    "syntax": "do not parse",
    "no-answer": "no answer",
    "truncated": "cut off",
    "cpu": "out of CPU time",
    "wall": "out of time",
    "memory": "out of memory",
    "died": "died",
    "grader": "the grader failed on it",
    "fault": "no verdict",
    "broken-task": "broken task",
}


UNASKED = "–"
"""Stands where a promise was not asked for."""


@dataclass(frozen=True)
class Headline:
    """``style``: the class that colours it."""

    sign: str
    word: str
    style: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """One row of the table of promises.

    Attributes:
        enough: ``yes``, or what is missing.
        broken: it is certain that it does not hold; without it, too little was shown.
    """

    what: str
    asked: str
    shown: str
    enough: str
    holds: bool
    broken: bool = False

    @property
    def sign(self) -> str:
        if self.holds:
            return "+"
        return "−" if self.broken else "" if self.enough == UNASKED else "?"

    @property
    def style(self) -> str:
        return {"+": "gained", "−": "lost", "?": "hold", "": "quiet"}[self.sign]


def headline(page: Shown) -> Headline:
    """The decision with its sentence; for what decides nothing, the sentence under a word of its own."""
    unpaired = sum(page.counts.get(mark, 0) for mark in UNPAIRED)
    odd = (f"{tasks(unpaired)} could not be paired: see the table.",) if unpaired else ()
    if page.about is About.BENCH:
        return Headline("✓", "MEASURED", "kept", (*_of_bench(page), *odd))
    if page.gate is None or not page.decides:
        return Headline("=", "COMPARED", "kept", (*_of_comparison(page), *odd))
    sign, word, style = DECISIONS[page.gate.decision]
    return Headline(sign, page.word or word, style, (*(page.sentences or _of_gate(page.gate)), *odd))


def tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    return spaced(f"{share:.1%}")


def spaced(per_cent: str) -> str:
    return per_cent.replace("%", " %")


def in_hundred(share: float) -> str:
    """A rate as a count of a hundred."""
    return f"{100 * share:.0f} in 100" if share >= 0.01 else "less than 1 in 100"


def _of_bench(page: Shown) -> Iterator[str]:
    passed, total = page.counts.get(Mark.PASS, 0), len(page.pairs)
    faulted = page.counts.get(Mark.FAULT, 0)
    low, high = wilson_interval(passed, total - faulted)
    yield f"{passed} of {tasks(total)} pass: between {100 * low:.0f} and {100 * high:.0f} in 100 (95 % interval)."
    if faulted:
        yield f"{tasks(faulted)} have no verdict and count neither way."


def _of_comparison(page: Shown) -> Iterator[str]:
    gained, lost = page.counts.get(Mark.REPAIRED, 0), len(page.with_mark(Mark.LOST, Mark.SLIPPED))
    yield f"{gained} gained and {lost} lost of {tasks(len(page.pairs))}. Nothing is decided here."
    if page.left_out:
        yield f"{tasks(len(page.left_out))} held out are not shown: only the gate looks at them, and counts the look."


def _of_gate(gate: GateReport) -> Iterator[str]:
    repaired, protected = len(gate.repaired), len(gate.protected)
    if gate.decision is Decision.HOLD:
        yield f"Not enough to tell: {gate.reasons[0]}."
        yield f"It repaired {tasks(repaired)} and lost {len(gate.lost)} of the {protected} it must keep."
        if gate.settles:
            yield f"What would settle it: {gate.settles[0]}."
        return
    if gate.lost:
        yield f"It repaired {tasks(repaired)}, but lost {len(gate.lost)} of the {protected} it must keep."
    else:
        yield f"It repaired {tasks(repaired)} and lost none of the {protected} it must keep."
    if gate.decision is Decision.REJECT and not gate.lost:
        yield f"Yet: {gate.reasons[0]}."
    if gate.slipped:
        yield f"{tasks(len(gate.slipped))} that passed before and were not protected fail now."
    bound = gate.anchors
    if bound is not None and bound.anchors and (not gate.lost or bound.within_budget):
        promise = in_hundred(bound.asked)
        if bound.holds:
            yield f"It is shown to lose at most {promise} of what worked ({bound.confidence:.0%} confidence)."
        else:
            yield (
                f"That it loses at most {promise} is NOT proved: {tasks(bound.anchors)} can only show "
                f"{in_hundred(bound.bound)}."
            )


def promises(page: Shown) -> tuple[Promise, ...]:
    """What was asked for beside what was shown, and whether that is enough."""
    return tuple(_promises(page.gate, page.required)) if page.gate is not None and page.decides else ()


def _promises(gate: GateReport, required: tuple[str, ...]) -> Iterator[Promise]:
    anchors, change = gate.anchors, gate.holdout
    if anchors is not None and (anchors.anchors or gate.asked is None):
        short = f"no: {anchors.enough} kept tasks needed, {anchors.anchors} here"
        if anchors.lost:
            short = f"no: {anchors.lost} lost"
        enough = "yes" if anchors.holds else short
        shown = f"≤ {spaced(at_most(anchors.bound))}" if anchors.anchors else "nothing"
        asked, broken = f"≤ {percent(anchors.asked)} lost", anchors.lost > 0 and not anchors.within_budget
        yield Promise("keeps what worked", asked, shown, enough, anchors.holds, broken)
    if change is not None:
        reach = "as far as so few can show" if change.not_worse else "no"
        short = f"{reach}: {change.needed} tasks needed, {change.tasks} here"
        enough = "yes" if change.certified else short
        asked = f"≤ {percent(change.margin)} worse"
        yield Promise("held out: no worse as a sum", asked, _as_a_sum(change), enough, change.certified, change.worse)
        wanted = "a gain" if "gain" in required else "not asked"
        missing = f"no: {change.settles_gain}" if "gain" in required else UNASKED
        told = "yes" if change.better else missing
        yield Promise("held out: better", wanted, f"p = {change.gain_p:.2g}", told, change.better)


def _as_a_sum(change: HeldOutChange) -> str:
    """Losses and gains stand together: what is bounded is the one less the other."""
    counted = f"{change.gained} gained, {change.lost} lost"
    if change.bound <= 0:
        return f"{counted}: no worse as a sum"
    return f"{counted}: at most {spaced(at_most(change.bound))} worse as a sum"


def reasons(page: Shown) -> tuple[tuple[str, str, int], ...]:
    """Why tasks fail now: reason, words, count; the commonest first."""
    found = Counter(one.reason for one in page.pairs if one.reason)
    return tuple((reason, REASON_WORDS.get(reason, reason), count) for reason, count in found.most_common())


def fails_now(page: Shown) -> str:
    """How many the reasons count, such as ``fails now: 106 (105 still fail and the 1 lost)``; empty for none, and
    without brackets where all of them failed before."""
    found = Counter(one.mark for one in page.pairs if one.reason)
    if not page.paired:
        return f"fails: {found.total()}" if found else ""
    words: Counter[str] = Counter()
    for mark in sorted(found, key=lambda mark: -found[mark]):
        words["still fail" if mark is Mark.FAILING else page.sign(mark).word] += found[mark]
    counted = [f"{count} {word}" for word, count in words.items()]
    if not counted[1:]:
        return f"fails now: {found.total()}" if found else ""
    return f"fails now: {found.total()} ({counted[0]} and the {', the '.join(counted[1:])})"


@dataclass(frozen=True)
class Job:
    """One suite, or one kind in it, before and after. ``before`` is None in a bench."""

    name: str
    total: int
    before: int | None
    after: int
    lost: int
    gained: int


def jobs(page: Shown) -> tuple[Job, ...]:
    """By suite; a suite that mixes kinds has a row for each. Tasks that could not be paired are not counted."""
    kinds: dict[str, set[str]] = {}
    for one in page.pairs:
        kinds.setdefault(one.any.suite, set()).add(one.any.kind)
    groups: dict[str, list[Mark]] = {}
    for one in page.pairs:
        row = one.any
        mixed = len(kinds[row.suite]) > 1
        if one.mark not in UNPAIRED:
            groups.setdefault(f"{row.suite} · {row.kind}" if mixed else row.suite, []).append(one.mark)
    return tuple(_job(name, marks, paired=page.paired) for name, marks in groups.items())


def _job(name: str, marks: list[Mark], *, paired: bool) -> Job:
    count = Counter(marks)
    lost, gained = count[Mark.LOST] + count[Mark.SLIPPED], count[Mark.REPAIRED]
    kept = count[Mark.KEPT] + count[Mark.PASS]
    return Job(name, len(marks), kept + lost if paired else None, kept + gained, lost, gained)
