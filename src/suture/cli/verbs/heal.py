"""``suture heal RECIPE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.opened import open_workshop
from suture.cli.options import Common, Judging
from suture.cli.output import emit, isolation, say
from suture.cli.verbs.gate import EXIT_CODES
from suture.core.errors import Interrupted
from suture.loop.heal import Healed, Healing
from suture.loop.plan import Resolved, resolve
from suture.loop.recipe_file import read_recipe
from suture.loop.workshop import Workshop
from suture.report.build import build_report
from suture.report.files import write_report
from suture.report.terminal import summarise
from suture.store.vouching import made_again
from suture.wiring.foundry import TorchFoundry


def heal(
    recipe: Annotated[Path, Parameter(help="A recipe, such as recipes/quickstart.yaml.")],
    /,
    *,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Run the whole loop on a recipe, from where it stopped if it was stopped.

    Exit code: 0 promoted, 1 rejected, 2 wrong use, 3 held or fault, 4 other tasks held out than before,
    130 interrupted.

    Example: suture heal recipes/quickstart.yaml
    """
    common = common or Common()
    written = read_recipe(recipe)
    with open_workshop(common, judging) as workshop:
        foundry = TorchFoundry(workshop.progress)
        resolved = resolve(workshop, foundry, written, relative_to=recipe.parent)
        _introduce(resolved)
        healing = Healing(workshop, foundry, resolved, on_stage=on_stage)
        try:
            healed = healing.heal()
        except KeyboardInterrupt:
            stopped = f"interrupted in stage {healing.stages.current}; `suture heal {recipe}` goes on from there"
            raise Interrupted(stopped) from None
        return _conclude(workshop, healed, command=f"suture heal {recipe}", as_json=common.json)


def _introduce(resolved: Resolved) -> None:
    plan, splits = resolved.plan, list(resolved.splits.values())
    counts = ", ".join(f"{splits.count(split)} {split.value}" for split in dict.fromkeys(sorted(splits)))
    say(f"run {plan.run_id} · recipe {plan.recipe.name} · {len(resolved.tasks)} tasks ({counts})")
    engine = plan.engine
    named = f"{engine.name} {engine.version}, {engine.threads} threads" if engine else "the fastest that is installed"
    batch = engine.batch if engine else plan.recipe.engine.batch
    say(f"engine {named}, batches of {batch} · {isolation(plan.judge)}")


def on_stage(stage: str, done: bool) -> None:
    say(f"{stage}: done before" if done else f"{stage} ...")


def _conclude(workshop: Workshop, healed: Healed, *, command: str, as_json: bool) -> int:
    report = build_report(workshop.store, healed.run, command=command)
    paths = healed.paths
    with made_again(workshop.store, paths.report_markdown, paths.report_json):
        files = write_report(paths.root, report)
    emit(
        {**report.to_json(), "files": files},
        summarise(report, files),
        as_json=as_json,
    )
    return int(EXIT_CODES[healed.decision])
