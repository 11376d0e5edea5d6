"""Looks at the questions and lessons that a recipe names, before any work."""

from pathlib import Path
from tempfile import TemporaryDirectory

from suture.core.errors import UsageError
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.loop.elsewhere import FromElsewhere, read_elsewhere
from suture.loop.plan import split_tasks
from suture.loop.recipe_paths import placed_sources
from suture.store.store import open_store_to_read
from suture.suites.own_rows import as_lines
from suture.suites.questions import SERVED
from suture.wiring.served_questions import served_questions

ELSEWHERE = "questions and lessons"
"""What the finding is called."""


def look_elsewhere(recipe: Recipe, tasks: tuple[Task, ...], place: Path, home: Path | str | None) -> FromElsewhere:
    """Read what is asked and taught besides the recipe's tasks. Served questions are written into no store."""
    sources = placed_sources(recipe.sources, place)
    try:
        splits = split_tasks(recipe, tasks, sources, place)
    except UsageError:  # which is a finding of its own
        splits = dict[str, Split]()
    if SERVED not in recipe.harvest.rehearse_from:
        return read_elsewhere(recipe, tasks, splits, sources, place)
    with TemporaryDirectory() as folder, open_store_to_read(home) as store:
        file = Path(folder) / f"{SERVED}.jsonl"
        file.write_text(as_lines(served_questions(store)), encoding="utf-8")
        named = tuple(str(file) if source == SERVED else source for source in recipe.harvest.rehearse_from)
        harvest = recipe.harvest.model_copy(update={"rehearse_from": named})
        return read_elsewhere(recipe.model_copy(update={"harvest": harvest}), tasks, splits, sources, place)


def said_of_elsewhere(found: FromElsewhere) -> str:
    return f"{len(found.questions)} questions to rehearse, {len(found.lessons)} lessons; none like a task of the recipe"
