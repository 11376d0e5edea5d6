"""Runs a grid of repairs, one after the other, and writes its table and picture after each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from suture.core.errors import BadRecipe, SutureError
from suture.core.plan.cell_results import CellResult
from suture.core.plan.grid import Cell, Experiment
from suture.core.plan.ports import Progress
from suture.core.plan.recipe import Recipe
from suture.loop.measuring.engine_choice import require_computed
from suture.loop.run_grid import RecordedCell, RecordedCells, recipe_of, run_cell
from suture.report.experiment_chart import require_charts
from suture.report.experiment_tables import write_experiment
from suture.store.store import open_store_to_read
from suture.wiring.foundry import TorchFoundry
from suture.wiring.open_workshop import open_workshop
from suture.wiring.served_questions import with_served_questions


@dataclass
class GridDone:
    """What came of a grid's runs.

    Attributes:
        failed: why a run could not be finished, by its label.
        files: the table, the picture and the JSON; empty where no run could be finished.
    """

    outcomes: list[CellResult] = field(default_factory=list[CellResult])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, str] = field(default_factory=dict[str, str])


def experiment(
    written: Experiment,
    cells: Sequence[Cell],
    out: Path,
    *,
    relative_to: Path,
    command: str,
    keep_packs: bool = False,
    gather: bool = False,
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
    on_cell: Callable[[Cell], None] = lambda cell: None,
    on_stage: Callable[[str, bool], None] | None = None,
    on_failure: Callable[[SutureError], None] = lambda error: None,
) -> GridDone:
    """Run ``cells`` of a grid; a run that cannot be finished is noted, and the next one begins.

    Args:
        relative_to: the directory that paths in the grid's recipe are relative to.
        command: what brings the same table again; it is written into it.
        gather: run nothing: take what the store holds of each run, on whatever machine it was measured.
        on_cell: is told each run before it begins.

    Raises:
        BadRecipe: a cell that is no recipe, that repairs from served answers, or whose engine does not compute its
            packs. Nothing has begun.
        MissingTool: nothing draws pictures here. Nothing has begun.
    """
    require_charts()
    recipes = [recipe_of(cell) for cell in cells]
    _require_fixed_tasks(cells, recipes)
    done = GridDone()
    if gather:
        with open_store_to_read(home) as store:
            _gather(RecordedCells(store.ledger, written.name), cells, recipes, done)
        if done.outcomes:
            done.files = write_experiment(out, written, done.outcomes, command=command, failed=done.failed)
        return done
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        foundry = TorchFoundry(workshop.progress)
        recipes = [
            recipe.model_copy(update={"harvest": with_served_questions(workshop.store, recipe.harvest)})
            for recipe in recipes
        ]
        for recipe in recipes:
            require_computed(workshop.engines, recipe)
        for cell, recipe in zip(cells, recipes, strict=True):
            on_cell(cell)
            try:
                outcome = run_cell(
                    workshop, foundry, cell, recipe, relative_to=relative_to, on_stage=on_stage, keep_pack=keep_packs
                )
                done.outcomes.append(outcome)
            except SutureError as error:
                on_failure(error)
                done.failed[cell.label] = str(error)
            if done.outcomes:
                done.files = write_experiment(out, written, done.outcomes, command=command, failed=done.failed)
    return done


def _gather(recorded: RecordedCells, cells: Sequence[Cell], recipes: Sequence[Recipe], done: GridDone) -> None:
    """Take every recorded result; of one protocol only those on the base and the tasks of its first."""
    first: dict[str, tuple[str, RecordedCell]] = {}
    for cell, recipe in zip(cells, recipes, strict=True):
        found = recorded.of(cell, recipe)
        if found is None:
            done.failed[cell.label] = "the store has no result of it"
            continue
        label, other = first.setdefault(cell.protocol, (cell.label, found))
        if found.measured_on != other.measured_on:
            done.failed[cell.label] = f"it was measured on another base or other tasks than {label}"
        else:
            done.outcomes.append(found.result)


def _require_fixed_tasks(cells: Sequence[Cell], recipes: Sequence[Recipe]) -> None:
    """Records come in while a grid runs, and its runs are compared on the same tasks."""
    for cell, recipe in zip(cells, recipes, strict=True):
        if recipe.served is not None:
            raise BadRecipe(
                f"{cell.label}: served: a grid compares its runs on the same tasks, and records are added meanwhile",
                mend="leave served out of the grid's recipe; suture heal takes it",
            )
