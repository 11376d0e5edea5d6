"""Runs a recipe, from the file to the decision and the report."""

from collections.abc import Callable, Sequence
from pathlib import Path

from suture.core.gate.gate_report import Decision
from suture.core.model.registry_events import pack_of
from suture.core.plan.ports import Progress
from suture.core.plan.recipe import Recipe
from suture.files.recipe_file import read_recipe
from suture.loop.plan import Resolved, resolve
from suture.loop.repair import RepairResult, RepairRun
from suture.loop.workshop import Silent
from suture.report.build import build_report
from suture.report.files import write_report
from suture.store.run_paths import RunPaths
from suture.store.vouching import made_again
from suture.wiring.first_words import keep_first_words
from suture.wiring.foundry import TorchFoundry
from suture.wiring.open_workshop import open_workshop
from suture.wiring.pages import write_page
from suture.wiring.recorded_progress import RecordedProgress
from suture.wiring.run_logs import open_run_logs
from suture.wiring.run_pages import run_page
from suture.wiring.served_questions import with_served_questions
from suture.wiring.served_tasks import served_tasks, with_served


def heal(
    recipe: Path | str | Recipe,
    *,
    home: Path | str | None = None,
    unsafe_local: bool = False,
    on: str | None = None,
    progress: Progress | None = None,
    on_plan: Callable[[Resolved], None] | None = None,
    on_stage: Callable[[str, bool], None] | None = None,
    log: Sequence[str] = (),
) -> RepairResult:
    """Run the whole loop on a recipe: bench, harvest, train, merge, pack, gate, promote, report.

    A run that was stopped goes on from where it stopped.

    Example::

        healed = suture.heal("recipes/quickstart.yaml", home="store")
        print(healed.decision, *healed.reasons)

    Args:
        recipe: a recipe's file, whose paths are relative to it; or a recipe, whose paths are relative to the working
            directory.
        home: the store's directory; by default ``$SUTURE_HOME``, else the nearest ``.suture`` upwards.
        unsafe_local: judge programs without a sandbox. Every report says so.
        on: ``ray`` or ``ray=HOST:PORT``: models answer and programs are judged on a cluster's nodes.
        progress: is told how far the work is; by default nobody.
        on_plan: is told the plan before any work.
        on_stage: is told each stage's name as it begins, and whether it was done before.
        log: trackers that get a copy: ``mlflow:URI``, ``trackio:PROJECT``. One that fails is a note to ``progress``.

    Raises:
        BadRecipe: the file is no recipe; names the key and its line.
        UsageError: its inputs cannot be used, or another process is at this run.
        Fault: the engine or the machine failed. Finished work stays in the store.
    """
    written = recipe if isinstance(recipe, Recipe) else read_recipe(Path(recipe))
    place = Path() if isinstance(recipe, Recipe) else Path(recipe).parent
    command = "suture.heal(recipe)" if isinstance(recipe, Recipe) else f"suture heal {recipe}"
    recorded = RecordedProgress(progress or Silent())
    with (
        open_workshop(home, unsafe_local=unsafe_local, progress=recorded, on=on) as workshop,
        open_run_logs(log, recorded.note) as logs,
    ):
        if written.served is not None:
            served = served_tasks(workshop, written.served, recipe=written, relative_to=place)
            written = with_served(written, served.path)
        written = written.model_copy(update={"harvest": with_served_questions(workshop.store, written.harvest)})
        foundry = TorchFoundry(workshop.progress)
        resolved = resolve(workshop, foundry, written, relative_to=place)
        if on_plan is not None:
            on_plan(resolved)
        logs.plan(resolved.plan)
        recipe_name, recipe_model, run_id = resolved.plan.recipe.name, resolved.plan.recipe.model, resolved.plan.run_id
        recorded.record_in(RunPaths(workshop.store.home.run(recipe_name, run_id)).progress)

        def begun(stage: str, done: bool) -> None:
            logs.stage(stage, done)
            if on_stage is not None:
                on_stage(stage, done)

        healed = RepairRun(workshop, foundry, resolved, on_stage=begun).heal()
        if healed.decision is Decision.PROMOTE and (champion := pack_of(workshop.store.ledger.events(), recipe_model)):
            why_none = keep_first_words(workshop.store, champion)
            if why_none:
                recorded.note(f"no first words were kept, so loading it will not be compared: {why_none}")
        report = build_report(workshop.store, healed.run, command=command)
        with made_again(workshop.store, healed.paths.report_markdown, healed.paths.report_json, healed.paths.page):
            write_report(healed.paths.root, report)
            write_page(healed.paths.page, run_page(workshop.store, healed.run))
        logs.report(report)
        recorded.forget()
        return healed
