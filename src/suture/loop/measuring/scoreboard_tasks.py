"""Finds the tasks that a scoreboard was measured on."""

from collections.abc import Mapping
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.scoreboard import Scoreboard, suite_digest
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.suites.catalog import load_suites


def tasks_of(scoreboard: Scoreboard, *, sources: Mapping[str, Path] | None = None) -> tuple[Task, ...]:
    """Raises UsageError when the suites on this machine are not the ones that were measured."""
    broken = {task.task_id for task in scoreboard.broken}
    tasks = tuple(task for task in load_suites(scoreboard.selectors, sources=sources) if task.id not in broken)
    if suite_digest(task.digest for task in tasks) != scoreboard.suite_digest:
        raise UsageError(
            f"the tasks of {', '.join(scoreboard.selectors)} are not the ones this scoreboard was measured on",
            mend="read the suite from the file it was measured on (--source NAME=PATH), or measure again: suture bench",
        )
    return tasks


def splits_of(scoreboard: Scoreboard) -> dict[str, Split]:
    """Return each task's split as measured; a task without one may be repaired."""
    return {result.task_id: result.split or Split.REPAIR for result in scoreboard.results}
