"""Looks at the questions and lessons that a recipe names, before any work."""

from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.loop.elsewhere import FromElsewhere, read_elsewhere
from suture.loop.plan import split_tasks
from suture.loop.recipe_paths import placed_sources
from suture.store.store import open_store_to_read
from suture.suites.questions import SERVED, question_of_row
from suture.suites.unlike import unlike
from suture.wiring.served_questions import served_questions

ELSEWHERE = "questions and lessons"
"""What the finding is called."""


def look_elsewhere(recipe: Recipe, tasks: tuple[Task, ...], place: Path, home: Path | str | None) -> FromElsewhere:
    """Read what is asked and taught besides the recipe's tasks. Served questions are counted, and written nowhere."""
    named = recipe.harvest.rehearse_from
    beside = tuple(source for source in named if source != SERVED)
    harvest = recipe.harvest.model_copy(update={"rehearse_from": beside})
    others = recipe.model_copy(update={"harvest": harvest})
    sources = placed_sources(recipe.sources, place)
    try:
        splits = split_tasks(recipe, tasks, sources, place)
    except UsageError:  # which is a finding of its own
        splits = dict[str, Split]()
    found = read_elsewhere(others, tasks, splits, sources, place)
    if beside == named:
        return found
    with open_store_to_read(home) as store:
        served = tuple(question_of_row(row, SERVED, at) for at, row in enumerate(served_questions(store), start=1))
    return FromElsewhere((*found.questions, *unlike(served, (*tasks, *found.lessons)).kept), found.lessons)


def said_of_elsewhere(found: FromElsewhere) -> str:
    return f"{len(found.questions)} questions to rehearse, {len(found.lessons)} lessons; none like a task of the recipe"
