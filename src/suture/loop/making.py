"""From a recipe to a candidate: base, bench, harvest, train, merge, pack."""

from dataclasses import dataclass
from pathlib import Path

from suture.core.measure.scoreboard import Scoreboard
from suture.core.model.adapter import AdapterRecord
from suture.core.model.base import BaseRecord
from suture.core.teach.dataset import DatasetManifest, Row
from suture.core.teach.findings import Findings
from suture.loop.asking import PackFile
from suture.loop.bases import CHAMPION_BASE
from suture.loop.choosing import Chosen
from suture.loop.drawing import draws_of, lucky_in
from suture.loop.finishing import chosen_of, packed
from suture.loop.lineage import refuse_held_out, rows_behind
from suture.loop.packing import BasePack, base_pack_path, prepare_base, withdraw_unproved
from suture.loop.run import Run
from suture.loop.stages import Output
from suture.loop.teaching import dataset_of, own_answers_of, rehearsal_of, trained
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths
from suture.store.vouching import require_intact

EarlierRows = dict[str, tuple[Row, ...]]


@dataclass(frozen=True)
class Made:
    """A candidate, and what it is compared with."""

    base: BasePack
    found: Findings
    draws: tuple[Scoreboard, ...]
    dataset: DatasetManifest
    adapter: AdapterRecord
    chosen: Chosen
    pack: PackFile


@dataclass(frozen=True)
class Measured:
    """A candidate measured beside its base, and not yet gated."""

    run: str
    paths: RunPaths
    baseline: Scoreboard
    candidate: Scoreboard
    lucky: frozenset[str]
    adapter: AdapterRecord
    scale: str


def measured(run: Run) -> Measured:
    """The candidate measured, without asking the gate: nothing is promoted.

    Raises:
        UsageError: another process is at this run, or its inputs cannot be used.
        Fault: the engine or the machine failed; finished work stays.
    """
    with run.alone():
        made = make(run, earlier_rows(run))
        candidate = measure_candidate(run, made.pack)
        return Measured(
            run=run.plan.run_id,
            paths=run.paths,
            baseline=made.found.scoreboard,
            candidate=candidate,
            lucky=made.found.lucky,
            adapter=made.adapter,
            scale=str(made.chosen),
        )


def measure_candidate(run: Run, pack: PackFile) -> Scoreboard:
    return run.bench("gate-bench", pack, run.paths.candidate)


def earlier_rows(run: Run) -> EarlierRows:
    """What the recipe's earlier passes were trained on, by dataset.

    Raises:
        UsageError: a held-out task was trained on, in one of them or in a repair behind the base. Nothing has begun.
    """
    earlier = {name: read_dataset(Path(name)).rows for name in run.recipe.earlier}
    behind = rows_behind(run.workshop, run.plan.base_sha256)
    refuse_held_out(run.resolved.tasks, run.resolved.splits, {**earlier, **behind})
    return earlier


def make(run: Run, earlier: EarlierRows) -> Made:
    """Every stage up to the pack."""
    base = _base(run)
    baseline = run.bench("bench", base.file, run.paths.baseline)
    draws = draws_of(run, base, baseline)
    found = Findings(baseline, run.resolved.tasks, run.resolved.splits, run.recipe.harvest, lucky_in(draws))
    own = own_answers_of(run, base, found)
    rehearsal = rehearsal_of(run, base, found)
    dataset = dataset_of(run, base, found, own, rehearsal, earlier=earlier)
    adapter = trained(run, base, dataset)
    chosen = chosen_of(run, base, found, adapter)
    return Made(base, found, draws, dataset, adapter, chosen, packed(run, base, chosen))


def _base(run: Run) -> BasePack:
    home, recipe = run.workshop.store.home, run.recipe
    directory = home.base(run.plan.base_sha256)
    in_service = recipe.base == CHAMPION_BASE

    def work() -> Output:
        require_intact(run.workshop.store, directory, base_pack_path(directory, recipe.quantisation))
        withdraw_unproved(run.workshop.store, directory)
        base = prepare_base(run.foundry, run.resolved.base, directory, recipe.quantisation, in_service=in_service)
        run.registry.register(recipe.model, base.file.path, base.file.sha256, why=f"base of recipe {recipe.name}")
        path = home.relative(base.file.path)
        return {"pack": base.file.sha256, "path": path, "record": base.record.to_json()}

    output = run.stages.once(
        "base",
        work,
        lambda output: {"pack": home.absolute(output["path"])},
        also=lambda output: [directory],
    )
    pack = home.absolute(output["path"])
    return BasePack(
        directory=directory,
        record=BaseRecord.model_validate(output["record"]),
        file=PackFile(pack, output["pack"], run.foundry.template(pack)),
    )
