"""``suture show FILE|RUN [TASK]``."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store_to_read
from suture.cli.options import SOURCE_HELP, Common, parse_sources
from suture.cli.output import emit
from suture.core.errors import UnknownName
from suture.studio.pairing import Pair
from suture.studio.shown import Shown
from suture.studio.terminal import MOST_LISTED, chosen, listed, summary, whole_task
from suture.wiring.find_page import file_page, named_page


def show(
    what: Annotated[
        str | None, Parameter(help="A file of measurements, or a run's id or name; default the latest run.")
    ] = None,
    task: Annotated[
        str | None, Parameter(help="One task by its id: question, reference, answers, what differs.")
    ] = None,
    /,
    *,
    against: Annotated[
        Path | None, Parameter(help="An earlier file of the same tasks: what differs between the two.")
    ] = None,
    failed: Annotated[bool, Parameter(negative="", help="Only tasks that fail now.")] = False,
    passed: Annotated[bool, Parameter(negative="", help="Only tasks that pass now.")] = False,
    changed: Annotated[bool, Parameter(negative="", help="Only tasks that are not as they were.")] = False,
    most: Annotated[int, Parameter(help="How many tasks are listed.")] = MOST_LISTED,
    whole: Annotated[bool, Parameter(negative="", help="Each listed task with its question and answers.")] = False,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Show what was measured, task by task, in this terminal.

    Example: suture show scoreboard.json --failed

    Example: suture show after.json --against before.json --changed

    Example: suture show quickstart HumanEval/23
    """
    common = common or Common()
    sources = parse_sources(source)
    if against is not None and what is not None:
        page = file_page(Path(what), against, sources=sources)
    else:
        with open_store_to_read(common) as store:
            page = named_page(store, [] if what is None else [what], sources=sources)
    coloured = sys.stdout.isatty() and not common.json
    if task is not None:
        one = _find(page, task)
        emit(_as_json(one), "\n".join(whole_task(page, one, coloured=coloured)), as_json=common.json)
        return 0
    found = chosen(page, failed=failed, passed=passed, changed=changed)
    if whole:
        lines = [line for one in found[:most] for line in ("", *whole_task(page, one, coloured=coloured))]
    else:
        lines = list(listed(page, found, coloured=coloured, most=most))
    text = "\n".join([*summary(page), "", *(lines or ["no such task"])])
    emit({"name": page.name, "tasks": [_as_json(one) for one in found]}, text, as_json=common.json)
    return 0


def _find(page: Shown, task: str) -> Pair:
    ids = {one.task_id: one for one in page.pairs}
    if task not in ids:
        raise UnknownName("task", task, ids, mend="suture show, with the same file, lists them")
    return ids[task]


def _as_json(one: Pair) -> dict[str, object]:
    sides = {"before": one.before, "after": one.after}
    answers = {
        side: {"verdict": row.verdict.key, "detail": row.verdict.detail, "answer": row.answer, "attempt": row.attempt}
        for side, row in sides.items()
        if row is not None
    }
    return {"task": one.task_id, "outcome": one.mark.value, "flags": list(one.flags), "note": one.note, **answers}
