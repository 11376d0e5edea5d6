"""``suture heal RECIPE``."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.large_store import suggest_gc
from suture.cli.options import ON_HELP, Common, Judging
from suture.cli.output import emit, isolation, say
from suture.cli.progress import open_progress
from suture.cli.verbs.check import show_check
from suture.cli.verbs.gate import EXIT_CODES
from suture.core.errors import Interrupted
from suture.core.gate.gate_report import Decision
from suture.core.measure.splits import Split
from suture.files.small_files import read_model
from suture.loop.plan import Resolved
from suture.report.files import report_files
from suture.report.run_report import RunReport
from suture.report.terminal import summarise
from suture.wiring.check_recipe import check_recipe
from suture.wiring.heal import heal as run_heal
from suture.wiring.time_left import TimeLeft, expected_seconds


def heal(
    recipe: Annotated[Path, Parameter(help="A recipe, such as recipes/quickstart.yaml.")],
    /,
    *,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Only say what it needs and can prove: suture check.")
    ] = False,
    log: Annotated[
        list[str] | None,
        Parameter(negative="", help="Copy the run to a tracker: mlflow:URI or trackio:PROJECT; may be repeated."),
    ] = None,
    on: Annotated[str | None, Parameter(help=ON_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Run the whole loop on a recipe, from where it stopped if it was stopped.

    Exit code: 0 promoted, 1 rejected, 2 wrong use, 3 held, 4 other tasks held out than before,
    5 fault, 6 no permission, 130 interrupted (docs/exit-codes.md).

    Example: suture heal recipes/quickstart.yaml

    Example: suture heal recipes/quickstart.yaml --log mlflow:http://127.0.0.1:5000

    Example: suture heal recipes/quickstart.yaml --on ray
    """
    common, judging = common or Common(), judging or Judging()
    if dry_run:
        found = check_recipe(recipe, home=common.home, unsafe_local=judging.unsafe_local)
        return show_check(found, recipe, as_json=common.json)
    stages, clock, held_out = [""], TimeLeft(), set[str]()

    def planned(resolved: Resolved) -> None:
        held_out.update(task for task, split in resolved.splits.items() if split is Split.HOLDOUT)
        questions, lessons = len(resolved.elsewhere.questions), len(resolved.elsewhere.lessons)
        splits = Counter(split.value for split in resolved.splits.values())
        clock.expect(expected_seconds(resolved.plan.recipe, splits, questions=questions, lessons=lessons))
        _introduce(resolved)

    def begun(stage: str, done: bool) -> None:
        stages.append(stage)
        clock.begin(stage, done)
        on_stage(stage, done)

    try:
        healed = run_heal(
            recipe,
            home=common.home,
            unsafe_local=judging.unsafe_local,
            on=on,
            progress=open_progress(clock.seconds),
            on_plan=planned,
            on_stage=begun,
            log=log or (),
        )
    except KeyboardInterrupt:
        if len(stages) == 1:
            raise
        stopped = f"interrupted in stage {stages[-1]}; `suture heal {recipe}` goes on from there"
        raise Interrupted(stopped) from None
    report = read_model(healed.paths.report_json, RunReport, what="run report")
    files = report_files(healed.paths)
    lines = [summarise(report, files), *_to_lose_less(healed.decision, report, recipe, held_out)]
    emit({**report.to_json(), "files": files}, "\n".join(lines), as_json=common.json)
    suggest_gc(common)
    return int(EXIT_CODES[healed.decision])


def _to_lose_less(decision: Decision, report: RunReport, recipe: Path, held_out: Collection[str]) -> list[str]:
    """What is to be tried where what was lost rejected a repair, or held it: what the base answered is not asked
    again."""
    gate, change = report.gate, report.gate.holdout
    rejected = decision is Decision.REJECT and bool(gate.lost)
    held = decision is Decision.HOLD and change is not None and change.lost > 0 and not change.not_worse
    if not (rejected or held):
        return []
    tried, lost = report.plan.recipe, [task for task in (*gate.lost, *gate.slipped) if rejected or task in held_out]
    ways = [f"train: {{lr: {tried.train.lr / 2:g}}}"]
    if tried.scale_search is None:
        ways.insert(0, "scale_search: {}, which merges as much of the adapter as costs none that was replayed")
    return [
        "",
        f"look at a loss:     suture show {report.run} {lost[0]}",
        f"what may lose less: write into {recipe} {', or '.join(ways)}",
        f"then:               suture heal {recipe}",
    ]


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
