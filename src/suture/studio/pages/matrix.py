"""The table of tasks: one row a task, with filters, and a strip with one square a task."""

from collections import Counter
from dataclasses import dataclass

from suture.studio.marks import CHANGED, UNPAIRED, Mark, Sign
from suture.studio.pairing import Pair
from suture.studio.plain_text import one_line
from suture.studio.rows import AnswerRow
from suture.studio.shown import Question, Shown
from suture.studio.templating import rendered

GROUP = 50
"""Fragments that a file packs together."""
MOST_SQUARES = 200
FAILS_NOW = "fails-now"
"""The filter of all that the reasons count: what still fails, and what was lost."""


@dataclass(frozen=True)
class Filter:
    key: str
    sign: str
    word: str
    count: int
    style: str


@dataclass(frozen=True)
class Row:
    """Attributes:
    key: what the address calls the task: its id, with a number where that is not enough.
    marks: words that filters look for.
    tags: numbers of its tags.
    why: the beginning of the judge's sentence on what fails now.
    """

    number: int
    key: str
    one: Pair
    sign: Sign
    marks: str
    tags: str
    reason: str
    before: str
    after: str
    cells: tuple[str, ...]
    question: str
    why: str


def filters(page: Shown) -> tuple[Filter, ...]:
    """In the order of the number keys; those without a task are there too, so that a key always means the same."""
    counts = page.counts
    flags = Counter(flag for one in page.pairs for flag in one.flags)
    every = Filter("all", "", "all", len(page.pairs), "")
    faults = Filter("fault", "!", "no verdict", counts.get(Mark.FAULT, 0), "hold")
    if not page.paired:
        return (
            every,
            Filter("fail", "×", "fails", counts.get(Mark.FAIL, 0), "failing"),
            Filter("pass", "✓", "passes", counts.get(Mark.PASS, 0), "kept"),
            faults,
            *_unpaired(page),
        )
    lost = counts.get(Mark.LOST, 0) + counts.get(Mark.SLIPPED, 0)
    return (
        every,
        Filter("changed", "±", "different", len(page.with_mark(*CHANGED)), ""),
        Filter("lost", "−", "lost", lost, "lost"),
        Filter("repaired", "+", "repaired" if page.decides else "gained", counts.get(Mark.REPAIRED, 0), "gained"),
        Filter("failing", "×", "still fails", counts.get(Mark.FAILING, 0), "failing"),
        Filter("kept", "=", "kept", counts.get(Mark.KEPT, 0), "kept"),
        Filter("flaky", "~", "flaky", flags["flaky"], "flaky"),
        Filter("lucky", "~", "lucky", flags["lucky"], "flaky"),
        faults,
        Filter(FAILS_NOW, "×", "fails now", sum(1 for one in page.pairs if one.reason), "failing"),
        *([Filter("open", "?", "open", counts[Mark.OPEN], "hold")] if counts.get(Mark.OPEN) else []),
        *_unpaired(page),
    )


def matrix_fragment(page: Shown, *, source: str = "") -> str:
    """HTML of the whole table.

    Args:
        source: where a server gives the fragments out; empty in a file, which packs them.
    """
    tags = {tag: at for at, tag in enumerate(dict.fromkeys(tag for one in page.pairs for tag in one.any.tags))}
    seen: Counter[str] = Counter()
    rows = [_row(page, number, one, tags, seen) for number, one in enumerate(page.pairs)]
    return rendered(
        "parts/matrix.html.jinja",
        page=page,
        rows=rows,
        filters=filters(page),
        selects=_selects(page),
        tags=tags,
        source=source,
        group=GROUP,
        flagged=any(one.flags or one.runs for one in page.pairs),
        asked=bool(page.questions),
        explained=any(row.why for row in rows),
        strip=_strip(page),
    )


def _row(page: Shown, number: int, one: Pair, tags: dict[str, int], seen: Counter[str]) -> Row:
    seen[one.task_id] += 1
    key = one.task_id if seen[one.task_id] == 1 else f"{one.task_id} ({seen[one.task_id]})"
    row = one.any
    words = {one.mark.value, *one.flags}
    if one.mark in CHANGED and page.paired:
        words.add("changed")
    if one.mark is Mark.SLIPPED:
        words.add("lost")
    if one.mark in UNPAIRED:
        words.add("unpaired")
    if one.reason and page.paired:
        words.add(FAILS_NOW)
    return Row(
        number=number,
        key=key,
        one=one,
        sign=page.sign(one.mark),
        marks=" ".join(sorted(words)),
        tags=" ".join(str(tags[tag]) for tag in row.tags),
        reason=one.reason,
        before=_verdict(one.before),
        after=_verdict(one.after),
        cells=tuple(found.get((one.task_id, row.digest), "–") for found in page.columns.values()),
        question=_asks(page.questions.get(one.task_id)),
        why=_why(one),
    )


def _verdict(row: AnswerRow | None) -> str:
    return "–" if row is None else row.word


def _why(one: Pair) -> str:
    return one_line(one.after.verdict.detail, 90) if one.after and one.reason and one.after.verdict.detail else ""


def _asks(question: Question | None) -> str:
    """The beginning of what the user asks."""
    if question is None:
        return ""
    asked = [text for role, text in question.turns if role == "user"] or [text for _, text in question.turns]
    return one_line(asked[-1], 70) if asked else ""


def _unpaired(page: Shown) -> list[Filter]:
    count = sum(page.counts.get(mark, 0) for mark in UNPAIRED)
    return [Filter("unpaired", "…", "not paired", count, "hold")] if count else []


def _selects(page: Shown) -> list[tuple[str, list[str]]]:
    """What else rows can be filtered by, where they differ in it."""
    rows = [one.any for one in page.pairs]
    values = {
        "suite": dict.fromkeys(row.suite for row in rows),
        "split": dict.fromkeys(row.split.value for row in rows if row.split),
        "kind": dict.fromkeys(row.kind for row in rows if row.kind),
        "reason": dict.fromkeys(one.reason for one in page.pairs if one.reason),
    }
    return [(name, sorted(found)) for name, found in values.items() if len(found) > 1 or name == "reason"]


def _strip(page: Shown) -> list[tuple[str, str, int, int]]:
    """Style, words, count and first row of each stretch of equal marks; up to 200 tasks each is a square of its own."""
    if len(page.pairs) <= MOST_SQUARES:
        return [
            (page.sign(one.mark).style, f"{one.task_id}: {page.sign(one.mark).word}", 1, at)
            for at, one in enumerate(page.pairs)
        ]
    stretches: list[tuple[str, str, int, int]] = []
    at = 0
    for mark in dict.fromkeys(one.mark for one in page.pairs):
        count = page.counts[mark]
        stretches.append((page.sign(mark).style, f"{count} {page.sign(mark).word}", count, at))
        at += count
    return stretches
