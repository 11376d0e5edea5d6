"""Pages about measurements and decisions, from what a command has at hand."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.gate.gate_report import GateReport
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.sheet import Sheet, sheet_of
from suture.files.atomic import whole_file
from suture.harnesses.opened import ResultsReading
from suture.report.by_hand import by_hand
from suture.report.evidence import comparison_lines, evidence_lines
from suture.report.verdict import counts, plain_words, verdict_word
from suture.studio.pages.one_file import MAX_SIZE, OneFile, one_file
from suture.studio.pairing import lone, pair
from suture.studio.rows import AnswerRow, rows_of_board, rows_of_sheet, without
from suture.studio.shown import About, Measured, Shown
from suture.wiring.page_questions import Questions, questions_of

_NUMBERED = re.compile(r"\d+\. (.*)")
Command = tuple[str, str]


def command(*words: object) -> str:
    """A command line as a person can paste it."""
    return shlex.join(str(word) for word in words)


def bench_page(
    board: Scoreboard, file: Path, *, sources: Mapping[str, Path] | None = None, name: str | None = None
) -> Shown:
    """One measurement by itself."""
    questions, why = questions_of(board, sources)
    return Shown(
        About.BENCH,
        name or file.name,
        lone(rows_of_board(board)),
        measured(file.name, board),
        questions=questions,
        why_no_questions=why,
        notes=tuple(f"{task.says}: it was neither asked nor scored." for task in board.broken[:20]),
        commands=(
            ("this page", command("suture", "view", file, "--html", file.with_suffix(".html").name)),
            ("in a terminal", command("suture", "show", file, "--failed")),
            ("beside another", command("suture", "view", file, "OTHER.json")),
        ),
    )


def sheet_page(reading: ResultsReading, file: Path) -> Shown:
    """One measurement of another harness."""
    sheet = reading.sheets[0]
    after = Measured(file.name, sheet.subject, sheet.digest, sheet.instrument)
    return Shown(
        About.BENCH,
        file.name,
        lone(rows_of_sheet(sheet)),
        after,
        evidence=(reading.says,),
        why_no_questions=f"a file of {reading.harness} is read for its verdicts",
        commands=(("in a terminal", command("suture", "show", file, "--failed")),),
    )


def gate_page(
    report: GateReport,
    before: Sequence[ResultsReading],
    after: Sequence[ResultsReading],
    *,
    drawn: Sequence[Sheet] = (),
    notes: Sequence[str] = (),
    required: Sequence[str] = (),
) -> Shown:
    """A gate's decision between two sides."""
    questions, why = questions_of_reading(after[0])
    told = [reading.says for reading in (*before, *after) if reading.taken or reading.notes]
    return Shown(
        About.GATE,
        f"{before[0].path.name} against {after[0].path.name}",
        pair(rows_of(before[0]), rows_of(after[0]), report),
        _of_reading(after[0]),
        _of_reading(before[0]),
        report,
        evidence=(*told, *evidence_lines(report)),
        questions=questions,
        why_no_questions=why,
        draws=draws_of(drawn),
        notes=tuple(notes),
        word=verdict_word(report) if report.asked else "",
        sentences=_sentences(report) if report.asked else (),
        steps=steps_of(report),
        required=tuple(required),
        commands=(
            ("this page", command("suture", "gate", before[0].path, after[0].path)),
            ("in a terminal", command("suture", "show", after[0].path, "--against", before[0].path, "--changed")),
        ),
    )


def compare_page(
    report: GateReport,
    before: ResultsReading,
    after: ResultsReading,
    left_out: Sequence[str],
) -> Shown:
    """What differs between two measurements; held-out tasks are not in it."""
    questions, why = questions_of_reading(after)
    told = [reading.says for reading in (before, after) if reading.taken or reading.notes]
    return Shown(
        About.COMPARE,
        f"{before.path.name} against {after.path.name}",
        pair(without(rows_of(before), left_out), without(rows_of(after), left_out), report),
        _of_reading(after),
        _of_reading(before),
        report,
        evidence=(*told, *comparison_lines(report)),
        questions=questions,
        why_no_questions=why,
        left_out=tuple(left_out),
        commands=(
            ("this page", command("suture", "view", before.path, after.path, "--html", "changes.html")),
            ("in a terminal", command("suture", "show", after.path, "--against", before.path, "--changed")),
            ("may it be promoted?", command("suture", "gate", before.path, after.path)),
        ),
    )


def steps_of(report: GateReport) -> tuple[str, ...]:
    """The numbered steps of ``suture gate --explain``, without their numbers."""
    return tuple(found[1] for line in by_hand(report).split("\n") if (found := _NUMBERED.fullmatch(line)))


def _sentences(report: GateReport) -> tuple[str, ...]:
    lost, gained, tasks = counts(report)
    return (f"{lost} lost and {gained} gained of {tasks} tasks.", *plain_words(report))


def rows_of(reading: ResultsReading) -> tuple[AnswerRow, ...]:
    """As much of each answer as the file holds."""
    return rows_of_board(reading.board) if reading.board is not None else rows_of_sheet(reading.sheets[0])


def questions_of_reading(reading: ResultsReading) -> Questions:
    """Only Suture's own scoreboards say which suites were asked."""
    if reading.board is None:
        return {}, f"a file of {reading.harness} is read for its verdicts"
    return questions_of(reading.board)


def measured(name: str, board: Scoreboard) -> Measured:
    return Measured(name, board.pack, board.digest, sheet_of(board).instrument)


def draws_of(drawn: Sequence[Sheet]) -> dict[str, list[bool | None]]:
    """By task id: whether each draw passed."""
    found: dict[str, list[bool | None]] = {}
    for sheet in drawn:
        for task_id, entry in sheet.entries.items():
            found.setdefault(task_id, []).append(None if entry.verdict.faulted else entry.verdict.passed)
    return found


def write_page(path: Path, page: Shown, *, max_size: int | None = MAX_SIZE) -> OneFile:
    """Write the page as one file, whole or not at all."""
    made = one_file(page, max_size=max_size)
    with whole_file(path) as partial:
        partial.write_bytes(made.html)
    return made


def _of_reading(reading: ResultsReading) -> Measured:
    sheet = reading.sheets[0]
    return Measured(reading.path.name, sheet.subject, sheet.digest, sheet.instrument)
