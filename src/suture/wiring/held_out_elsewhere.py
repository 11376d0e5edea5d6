"""The tasks that nothing served may be like: of every suite at hand, and held out by any run of the store."""

from pathlib import Path

from suture.core.errors import SutureError
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.ports import Progress
from suture.core.plan.recipe import Recipe
from suture.loop.plan import selectors_of, split_tasks
from suture.loop.recipe_paths import placed, placed_sources
from suture.store.store import Store
from suture.suites.catalog import load_suites
from suture.wiring.suites_at_hand import AtHand, suites_at_hand


def untouchable_tasks(
    store: Store, progress: Progress, *, recipe: Recipe | None = None, relative_to: Path | None = None
) -> AtHand:
    """All tasks of the suites that are here and of ``recipe``, and the held-out ones of every run's recipe.

    ``missing`` names what could not be read any more: a run does not keep where its recipe's own files lay.

    Args:
        relative_to: the directory that the paths of ``recipe`` are relative to.

    Raises:
        UsageError: a suite of ``recipe`` cannot be read.
    """
    found = suites_at_hand((), None, progress)
    if recipe is not None:
        found.tasks.extend(_tasks(recipe, relative_to or Path()))
        found.compared.append(f"the suites of {recipe.name}")
    seen: set[str] = set()
    for entry in store.ledger.runs():
        plan = store.ledger.plan(entry["id"])
        if plan.split_digest in seen:
            continue
        seen.add(plan.split_digest)
        name = f"what run {entry['name']}-{entry['id']} held out"
        try:
            found.tasks.extend(_held_out(plan.recipe))
        except SutureError:
            found.missing.append(name)
        else:
            found.compared.append(name)
    return found


def _held_out(recipe: Recipe) -> list[Task]:
    tasks = _tasks(recipe, Path())
    splits = split_tasks(recipe, tasks, placed_sources(recipe.sources, Path()), Path())
    return [task for task in tasks if splits[task.id] is Split.HOLDOUT]


def _tasks(recipe: Recipe, relative_to: Path) -> tuple[Task, ...]:
    sources = placed_sources(recipe.sources, relative_to)
    return load_suites(placed(selectors_of(recipe), relative_to), sources=sources)
