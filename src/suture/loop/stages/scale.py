"""Stage ``scale``: how much of the adapter to use, where the recipe has it searched."""

from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.scaling import ScaleTrial
from suture.core.plan.stages import SCALE, ScaleDone
from suture.core.teach.findings import Findings
from suture.loop.base_pack import BasePack
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.scale_choice import ChosenAdapter, choose_adapter, scale_tasks_of
from suture.store.datasets import read_dataset
from suture.store.vouching import discard


def scaled(run: Run, base: BasePack, engine: EngineChoice, found: Findings, adapter: AdapterRecord) -> ChosenAdapter:
    """The adapter as it was trained, at the recipe's scale, unless the recipe wants these searched.

    Raises:
        Fault: the engine or the judge failed. Finished batches stay recorded.
    """
    search, paths = run.recipe.scale_search, run.paths
    if search is None:
        return ChosenAdapter(adapter, paths.adapter, ScaleTrial.untried(run.recipe.scale))

    def work() -> ScaleDone:
        discard(run.workshop.store, paths.chosen)
        choice, record = choose_adapter(
            run.workshop,
            run.foundry,
            base,
            adapter,
            paths,
            recipe=run.recipe,
            engine=engine,
            tasks=run.tasks,
            grounds=scale_tasks_of(found, read_dataset(paths.dataset), search),
        )
        return ScaleDone(
            best=choice.best,
            trials=choice.trials,
            asked=choice.asked,
            full=choice.full,
            of=adapter.sha256,
            on=found.scoreboard.digest,
            adapter=record,
        )

    done = run.stages.once(
        Stage(
            SCALE,
            {"adapter": adapter.sha256, "scoreboard": found.scoreboard.digest},
            work,
            files=lambda done: {} if done.adapter.sha256 == done.of else {"adapter": paths.chosen_weights},
            left=lambda done: [] if done.adapter.sha256 == done.of else [paths.chosen],
        )
    )
    directory = paths.adapter if done.adapter.sha256 == adapter.sha256 else paths.chosen
    return ChosenAdapter(done.adapter, directory, done.best)
