"""The questions behind a measurement, where their suites are on this machine: nothing is fetched for a page."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.errors import SutureError
from suture.core.measure.scoreboard import Scoreboard
from suture.studio.shown import Question, question_of
from suture.suites.catalog import FROM_FILES, load_suite
from suture.suites.in_words import passes_when
from suture.suites.mbpp import ONE_TEST, PATH_VARIABLE

Questions = tuple[dict[str, Question], str]
"""By task id; and why some are not there, empty where all are."""


def not_at_hand(selector: str, sources: Mapping[str, Path] | None = None) -> str:
    """Say why reading a suite would fetch it from somewhere; empty where it would not."""
    name = selector.partition(":")[0]
    file = "mbpp" if name == ONE_TEST else name
    named = file in (sources or {}) or (file == "mbpp" and bool(os.environ.get(PATH_VARIABLE)))
    return "" if file not in FROM_FILES or named else f"{name} is read from a file: --source {file}=PATH"


def questions_of(board: Scoreboard, sources: Mapping[str, Path] | None = None) -> Questions:
    """Only tasks whose digest is that of what was asked: a suite that was changed since shows no other questions."""
    asked = {result.task_id: result.attempt.task_digest for result in board.results}
    return questions_for(asked, board.selectors, sources)


def questions_for(
    asked: Mapping[str, str], selectors: Sequence[str], sources: Mapping[str, Path] | None = None
) -> Questions:
    """The same, from digests by id."""
    found: dict[str, Question] = {}
    why = ""
    for selector in selectors:
        name = selector.partition(":")[0]
        if why_not := not_at_hand(selector, sources):
            why = why_not
            continue
        try:
            tasks = load_suite(selector, sources={key: path for key, path in (sources or {}).items() if key == name})
        except SutureError as error:
            why = str(error)
            continue
        for task in tasks:
            if asked.get(task.id) == task.digest:
                found[task.id] = question_of(task, passes_when(task))
    if not why and len(found) < len(asked):
        why = "the suite on this machine is not the one that was measured"
    return found, why
