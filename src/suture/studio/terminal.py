"""Shows tasks, answers and what differs between them in a terminal: what the pages show, for people over ssh."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from suture.core.measure.scoreboard import Scoreboard
from suture.studio.marks import CHANGED
from suture.studio.pairing import Pair
from suture.studio.plain_text import marked, one_line
from suture.studio.rows import AnswerRow
from suture.studio.said import REASON_WORDS, fails_now, headline, reasons
from suture.studio.shown import Question, Shown
from suture.studio.word_diff import Line, word_diff

MOST_LISTED = 40
_COLOURS = {"lost": "33", "gained": "34", "kept": "", "failing": "", "hold": "35"}
_BOLD, _REVERSED, _PLAIN = "\x1b[1m", "\x1b[7m", "\x1b[0m"


def failure_lines(board: Scoreboard, file: Path) -> list[str]:
    """What failed, by reason, and the command that shows it; nothing where nothing failed."""
    found = Counter(result.verdict.reason.value for result in board.results if result.verdict.reason is not None)
    if not found:
        return []
    counted = ", ".join(f"{count} {REASON_WORDS.get(reason, reason)}" for reason, count in found.most_common())
    return [f"failures: {counted}\nsee them   {shlex.join(['suture', 'show', str(file), '--failed'])}"]


def chosen(page: Shown, *, failed: bool = False, passed: bool = False, changed: bool = False) -> tuple[Pair, ...]:
    """The tasks that were asked for; all where nothing was."""
    if not (failed or passed or changed):
        return page.pairs
    return tuple(
        one
        for one in page.pairs
        if (failed and one.after is not None and not one.after.verdict.passed)
        or (passed and one.after is not None and one.after.verdict.passed)
        or (changed and one.mark in CHANGED)
    )


def summary(page: Shown) -> list[str]:
    """The verdict in its first layers."""
    head = headline(page)
    lines = [f"{head.sign} {head.word} · {marked(page.name)}", *map(marked, head.sentences)]
    if why := reasons(page):
        lines.append(f"{fails_now(page)}: " + ", ".join(f"{count} {words}" for _, words, count in why))
    return lines


def listed(page: Shown, pairs: Sequence[Pair], *, coloured: bool, most: int = MOST_LISTED) -> Iterator[str]:
    """One line a task."""
    width = max([len(marked(one.task_id)) for one in pairs[:most]] + [4])
    for one in pairs[:most]:
        sign = page.sign(one.mark)
        verdicts = f"{_word(one.before):<12} {_word(one.after):<12}" if one.before else f"{_word(one.after):<12}"
        detail = one_line(one.after.verdict.detail, 60) if one.after else ""
        flags = "".join(f" ~{flag}" for flag in one.flags)
        name = marked(one.task_id).ljust(width)
        outcome = _tinted(f"{sign.sign} {sign.word:<12}", sign.style, coloured)
        yield f"{outcome} {name}  {verdicts} {detail}{flags}".rstrip()
    if len(pairs) > most:
        yield f"... and {len(pairs) - most} more: --most {len(pairs)}"


def whole_task(page: Shown, one: Pair, *, coloured: bool) -> Iterator[str]:
    """Question, reference, both answers with what differs, verdicts, draws, digests."""
    sign = page.sign(one.mark)
    title = f"{sign.sign} {sign.word} · {marked(one.task_id)}"
    yield _bold(title, coloured)
    row = one.any
    facts = [row.suite, row.kind and f"kind {row.kind}", row.split and f"split {row.split.value}", *row.tags]
    yield marked("  ".join(str(fact) for fact in facts if fact))
    yield sign.says + (f": {one.note}" if one.note else "")
    yield from _asked(page.questions.get(one.task_id), page.why_no_questions, coloured)
    yield from _answers(page, one, coloured)
    if draws := page.draws.get(one.task_id):
        dots = "".join("–" if passed is None else "●" if passed else "○" for passed in draws)
        yield f"draws {dots}  {sum(bool(passed) for passed in draws)} of {len(draws)} pass"
    yield f"asked {row.digest}"
    yield from (f"answer {side.attempt}" for side in (one.before, one.after) if side is not None and side.attempt)


def _asked(question: Question | None, why: str, coloured: bool) -> Iterator[str]:
    if question is None:
        yield f"the question is not at hand: {marked(why) or 'the file does not hold it'}"
        return
    for role, text in question.turns:
        yield from ("", _bold(role, coloured), *_block(text))
    if question.reference:
        yield from ("", _bold("reference", coloured), *_block(question.reference))


def _answers(page: Shown, one: Pair, coloured: bool) -> Iterator[str]:
    sides = (("before", page.before, one.before), ("after", page.after, one.after))
    present = [(side, measured, row) for side, measured, row in sides if row is not None and measured is not None]
    if one.before is not None and one.after is not None and not one.same_answer:
        found = word_diff(one.before.answer, one.after.answer)
        blocks = [_lines(found.before, "-", "lost", coloured), _lines(found.after, "+", "gained", coloured)]
    else:
        blocks = [_block(row.answer) for _, _, row in present]
    for at, (side, measured, row) in enumerate(present):
        runs = f", {one.runs[0 if side == 'before' else 1]}" if one.runs else ""
        name = side if one.before is not None else "answer"
        same = " (the same answer)" if at and one.same_answer else ""
        said = f"{name} · {marked(measured.name)}: {_word(row)}{runs}{same}"
        yield from ("", _bold(said, coloured))
        if row.verdict.detail:
            yield f"  {one_line(row.verdict.detail, 400)}"
        if not same:
            yield from blocks[at]
    yield ""


def _lines(lines: Iterable[Line], sign: str, style: str, coloured: bool) -> Iterator[str]:
    for line in lines:
        if not line.changed:
            yield f"    {marked(line.text)}"
            continue
        whole = all(piece.changed for piece in line.pieces)
        text = "".join(
            f"{_REVERSED}{marked(piece.text)}{_PLAIN}"
            if coloured and piece.changed and not whole
            else marked(piece.text)
            for piece in line.pieces
        )
        yield f"  {_tinted(sign, style, coloured)} {text}"


def _block(text: str) -> list[str]:
    return [f"    {marked(line)}" for line in text.split("\n")]


def _word(row: AnswerRow | None) -> str:
    return "–" if row is None else row.word


def _tinted(text: str, style: str, coloured: bool) -> str:
    code = _COLOURS.get(style, "")
    return f"\x1b[{code}m{text}{_PLAIN}" if coloured and code else text


def _bold(text: str, coloured: bool) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if coloured else text
