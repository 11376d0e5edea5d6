"""The fragment of one task: question, reference, both answers with what differs, verdicts, draws, digests."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from suture.studio.pages.answers import alone, both
from suture.studio.pages.cuts import CUTS, Room
from suture.studio.pairing import Pair
from suture.studio.rows import AnswerRow
from suture.studio.said import REASON_WORDS
from suture.studio.shown import Shown
from suture.studio.templating import rendered

FLAGS: Mapping[str, str] = {
    "flaky": "one side sometimes passed and sometimes failed",
    "lucky": "a draw of the baseline failed, so the pass is not protected",
    "fragile": "rounding alone changes this verdict: the baseline answers otherwise in other batches",
    "vacuous": "the answer passes and says nothing",
    "form": "failed in form (no answer, cut off, does not parse), not in skill",
}


@dataclass(frozen=True)
class _Panel:
    side: str
    name: str
    row: AnswerRow
    runs: str
    answer: Markup
    cut: int
    why: str


def task_fragment(page: Shown, one: Pair, room: Room = CUTS[0].changed) -> str:
    """HTML of one task. Equal inputs give equal bytes, in a file and from the server.

    Args:
        room: how much of it there is room for.
    """
    question = page.questions.get(one.task_id)
    most = room.question
    asked = question and {
        "turns": [(role, alone(text, most=most)) for role, text in question.turns],
        "opening": alone(question.opening, most=most) if question.opening.strip() else "",
        "reference": alone(question.reference, most=most) if question.reference else "",
        "passes_when": alone(question.passes_when, most=most) if question.passes_when else "",
        "origin": question.origin,
        "licence": question.licence,
    }
    return rendered(
        "parts/task.html.jinja",
        one=one,
        row=one.any,
        sign=page.sign(one.mark),
        flags=[(flag, FLAGS[flag]) for flag in one.flags],
        asked=asked,
        why_no_question=page.why_no_questions,
        panels=_panels(page, one, room),
        same=one.same_answer,
        room=room,
        draws=page.draws.get(one.task_id, ()),
        loglik=page.loglik.get(one.task_id),
        columns=[(name, found.get((one.task_id, one.any.digest), "not there")) for name, found in page.columns.items()],
        vouched=[side for side in (page.before, page.after) if side is not None and side.record is not None],
    )


def _panels(page: Shown, one: Pair, room: Room) -> list[_Panel]:
    texts = ("", "")
    if one.before is not None and one.after is not None and room.answer:
        texts = both(one.before.answer, one.after.answer, most=room.answer, diff=room.diff and not one.same_answer)
    elif room.answer:
        only = alone(one.any.answer, most=room.answer)
        texts = (only, only)
    runs = one.runs or ("", "")
    sides = (("before", page.before, one.before, 0), ("after", page.after, one.after, 1))
    return [
        _Panel(
            side=side,
            name=measured.name,
            row=row,
            runs=runs[at],
            answer=Markup(texts[at]),  # noqa: S704 - made by `both` or `alone`
            cut=max(0, len(row.answer) - room.answer),
            why=REASON_WORDS.get(row.reason, row.reason),
        )
        for side, measured, row, at in sides
        if row is not None and measured is not None
    ]
