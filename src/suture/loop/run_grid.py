"""Runs a grid of repairs up to their measurement; nothing is promoted, and nothing is asked twice.

Every run is an ordinary one: its stages are resumed, its baseline, samples and evaluations are found in the ledger by
digest, and an adapter that another run trained from the same rows and settings is taken from there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from suture.core.errors import BadRecipe
from suture.core.gate.anchors import KeptCount, tell_apart
from suture.core.plan.cell_results import CellResult, changes_by_split, lost_tasks, pass_change
from suture.core.plan.grid import Cell, Experiment
from suture.core.plan.ports import Foundry
from suture.core.plan.recipe import Recipe
from suture.core.plan.stages import EXPERIMENT
from suture.core.plan.startable import complaints
from suture.core.teach.dataset import RowKind
from suture.files.recipe_file import read_written
from suture.loop.candidate import MeasuredCandidate, measured
from suture.loop.plan import resolve
from suture.loop.run import Run
from suture.loop.workshop import Workshop
from suture.store.clock import now
from suture.store.datasets import read_dataset
from suture.store.finished import Finished
from suture.store.home import is_of_served
from suture.store.ledger import Ledger
from suture.store.vouching import discard_file
from suture.suites.questions import SERVED


def read_experiment(path: Path) -> Experiment:
    """Raises BadRecipe: no such file, not YAML, an unknown key, a wrong type or value."""
    return read_written(path, Experiment, what="grid of recipes", mend="docs/recipes.md")


def recipe_of(cell: Cell) -> Recipe:
    """Raises BadRecipe naming the cell and the key."""
    try:
        recipe = Recipe.model_validate(cell.recipe)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "recipe"
        raise BadRecipe(f"{cell.label}: {key}: {first['msg']}") from None
    for location, why in complaints(recipe):
        raise BadRecipe(f"{cell.label}: {'.'.join(location)}: {why}")
    return recipe


def run_cell(
    workshop: Workshop,
    foundry: Foundry,
    cell: Cell,
    recipe: Recipe,
    *,
    relative_to: Path,
    on_stage: Callable[[str, bool], None] | None = None,
    keep_pack: bool = False,
) -> CellResult:
    """Run what is left of one cell; one that was finished before is read from the ledger.

    Args:
        keep_pack: leave the candidate's GGUF file where it is. Its adapter is kept in any case.

    Raises:
        UsageError, Fault: as ``measured``.
    """
    resolved = resolve(workshop, foundry, recipe, relative_to=relative_to)
    run = Run(workshop, foundry, resolved, on_stage=on_stage, shares_training=True)
    ledger = workshop.store.ledger
    known = ledger.result(run.plan.run_id, EXPERIMENT)
    if known is not None:  # two grids may call the same run by other names
        return known.model_copy(update={"protocol": cell.protocol, "strategy": cell.strategy})
    result = result_of(cell, measured(run))
    ledger.finish_stage(run.plan.run_id, EXPERIMENT, Finished(result, {}), now=now())
    if not keep_pack:
        discard_file(workshop.store, run.paths.pack)
    return result


class RecordedCell(NamedTuple):
    """Attributes:
    measured_on: digests of the base and of the tasks: results with others are of another experiment.
    """

    result: CellResult
    measured_on: tuple[str, ...]


class RecordedCells:
    """The results of a grid's runs that a ledger has, whoever measured them."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        """``name``: of the grid."""
        self._by_recipe: dict[str, RecordedCell] = {}
        for run in [entry["id"] for entry in ledger.runs() if entry["name"] == name]:
            result = ledger.result(run, EXPERIMENT)
            if result is not None:
                plan = ledger.plan(run)
                measured_on = (plan.base_sha256, plan.suite_digest, plan.split_digest)
                self._by_recipe[_wherever(plan.recipe).digest] = RecordedCell(result, measured_on)

    def of(self, cell: Cell, recipe: Recipe) -> RecordedCell | None:
        """The latest result of a run with this recipe; where its sources lay does not matter."""
        found = self._by_recipe.get(_wherever(recipe).digest)
        if found is None:
            return None
        names = {"protocol": cell.protocol, "strategy": cell.strategy}
        return found._replace(result=found.result.model_copy(update=names))


def _wherever(recipe: Recipe) -> Recipe:
    """The recipe without the places that its files had on one machine."""
    asked = tuple(SERVED if is_of_served(source) else source for source in recipe.harvest.rehearse_from)
    harvest = recipe.harvest.model_copy(update={"rehearse_from": asked})
    return recipe.model_copy(update={"sources": {}, "harvest": harvest})


def result_of(cell: Cell, found: MeasuredCandidate) -> CellResult:
    before, after = found.baseline, found.candidate
    dataset = read_dataset(found.paths.dataset)
    trained = {row.task_id for row in dataset.rows if row.kind is RowKind.FAILURE and row.trainable}
    trained -= set(before.passed)  # vacuous passes are taught too, and repair nothing
    lost, in_form = lost_tasks(before, after)
    protected = [task_id for task_id in before.passed if task_id not in found.lucky]
    kept = [task_id for task_id in protected if after.by_task[task_id].verdict.passed]
    return CellResult(
        run=found.run,
        protocol=cell.protocol,
        strategy=cell.strategy,
        seed=cell.seed,
        size=cell.size,
        scale=found.scale,
        trained=pass_change(before, after, lambda task_id: task_id in trained),
        anchors=tell_apart(protected, kept, before, dataset.manifest.gate_only),
        lost=len(set(lost) - found.lucky),
        lost_format=len(set(in_form) - found.lucky),
        lucky=KeptCount(kept=len(found.lucky - set(lost)), total=len(found.lucky)) if found.lucky else None,
        repaired=pass_change(before, after, lambda _: True).gained,
        splits=changes_by_split(before, after),
        kl=found.adapter.kl,
        tokens=sum(epoch.tokens for epoch in found.adapter.epochs),
        seconds=sum(epoch.seconds for epoch in found.adapter.epochs),
        targets={kind.value: count for kind, count in dataset.manifest.targets.items()},
        engine=after.engine,
    )
