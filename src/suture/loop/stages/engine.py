"""Stage ``engine``: which engine measures both sides. ``auto`` is probed once, on the pack that is the baseline."""

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import AUTO
from suture.core.plan.stages import ENGINE, EngineDone
from suture.loop.base_pack import BasePack
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.run import Run
from suture.loop.runner import Stage


def engine(run: Run, base: BasePack) -> EngineChoice:
    """The recipe's engine, or the fastest that is installed.

    Raises:
        UsageError: no installed engine can read the pack.
        MissingTool: the engine that the recipe names is not installed.
    """

    def work() -> EngineDone:
        choice, why = settle_engine(run.workshop, run.recipe.engine, base.file)
        return EngineDone(choice=choice, identity=run.workshop.engines.identify(choice), why=why)

    asked, engines = run.recipe.engine, run.workshop.engines
    names = engines.installed() if asked.name == AUTO else (asked.name,)
    there = [engines.identify(asked.model_copy(update={"name": name})).digest for name in names]
    inputs = {"pack": base.file.sha256, "asked for": asked.to_json(), "engines": there}
    return run.stages.once(Stage(ENGINE, inputs, work)).choice
