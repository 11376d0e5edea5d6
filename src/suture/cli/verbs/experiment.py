"""``suture experiment GRID``."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common, Judging
from suture.cli.output import emit, say
from suture.cli.progress import open_progress
from suture.cli.verbs.heal import on_stage
from suture.core.errors import ExitCode, Interrupted
from suture.core.plan.grid import Cell, cells_of, part_of
from suture.loop.run_grid import read_experiment
from suture.report.experiment_tables import as_markdown
from suture.wiring.check_elsewhere import ELSEWHERE
from suture.wiring.check_findings import RecipeCheck
from suture.wiring.check_grid import check_grid
from suture.wiring.experiment import experiment as run_grid


def experiment(
    grid: Annotated[Path, Parameter(help="A grid, such as recipes/experiment-small.yaml.")],
    /,
    *,
    only: Annotated[list[str] | None, Parameter(help="Strategies to run; default all of the grid's.")] = None,
    protocol: Annotated[list[str] | None, Parameter(help="Protocols to run; default all.")] = None,
    seeds: Annotated[int | None, Parameter(help="Run the grid's first so many seeds.")] = None,
    size: Annotated[list[float] | None, Parameter(help="Shares of the failures to run; default all.")] = None,
    cells: Annotated[
        str | None, Parameter(help="Run one part of the grid's runs, such as 2/8: the others elsewhere.")
    ] = None,
    gather: Annotated[
        bool, Parameter(negative="", help="Run nothing: write the table of what the store holds, however it came.")
    ] = False,
    out: Annotated[Path | None, Parameter(help="Directory of table and picture; default experiments/NAME.")] = None,
    keep_packs: Annotated[bool, Parameter(negative="", help="Keep every candidate's GGUF file.")] = False,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Say what every run needs and about how long it takes; run none.")
    ] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Run a grid of strategies, seeds and sizes, and write one table and one picture of repaired against lost.

    Stopped, it goes on from where it was. Nothing is promoted. What runs have in common is measured once.

    Exit code: 0 done, 2 wrong use, 5 a run could not be finished, 130 interrupted.

    Example: suture experiment recipes/experiment-small.yaml --only replay --seeds 3

    Example: suture experiment recipes/experiment-reach.yaml --seeds 1 --dry-run

    Example: suture experiment recipes/experiment-small.yaml --cells 2/8
    """
    common, judging = common or Common(), judging or Judging()
    written = read_experiment(grid)
    chosen = list(cells_of(written, only=only or (), protocols=protocol or (), seeds=seeds, sizes=size or ()))
    if cells is not None:
        chosen = part_of(chosen, cells)
    narrowed = "".join(f" --{name} {value}" for name, values in _asked(only, protocol, seeds, size) for value in values)
    command = f"suture experiment {grid}{narrowed}{f' --cells {cells}' if cells else ''}{' --gather' * gather}"
    if dry_run:
        checks = check_grid(chosen, relative_to=grid.parent, home=common.home, unsafe_local=judging.unsafe_local)
        emit(
            {label: {"ready": found.ready, **asdict(found)} for label, found in checks.items()},
            _checked(checks),
            as_json=common.json,
        )
        return int(ExitCode.DONE if all(found.ready for found in checks.values()) else ExitCode.USAGE)
    begun: list[str] = []

    def on_cell(cell: Cell) -> None:
        begun.append(cell.label)
        say(f"[{len(begun)}/{len(chosen)}] {cell.label}")

    try:
        done = run_grid(
            written,
            chosen,
            out or Path("experiments") / written.name,
            relative_to=grid.parent,
            command=command,
            keep_packs=keep_packs,
            gather=gather,
            home=common.home,
            unsafe_local=judging.unsafe_local,
            progress=open_progress(),
            on_cell=on_cell,
            on_stage=on_stage,
            on_failure=lambda error: say(f"could not be finished: {error}"),
        )
    except KeyboardInterrupt:
        if not begun:
            raise
        raise Interrupted(f"interrupted in {begun[-1]}; `{command}` goes on from there") from None
    if not done.outcomes:
        if not chosen:
            nothing: dict[str, object] = {"outcomes": [], "failed": {}, "files": {}}
            emit(nothing, f"part {cells} of this grid has no run", as_json=common.json)
            return int(ExitCode.DONE)
        say("no run could be finished")
        return int(ExitCode.FAULT)
    result = {"outcomes": [one.to_json() for one in done.outcomes], "failed": done.failed, "files": done.files}
    emit(result, as_markdown(written, done.outcomes, command=command, failed=done.failed), as_json=common.json)
    return int(ExitCode.FAULT if done.failed else ExitCode.DONE)


def _checked(checks: Mapping[str, RecipeCheck]) -> str:
    """A paragraph a run: what is missing, what is asked and taught besides its tasks, and its time."""
    lines: list[str] = []
    for label, found in checks.items():
        lines.append(f"{label}: {'ready' if found.ready else 'not ready'}")
        lines += [f"  MISSING {one.name}: {one.found}; {one.mend}" for one in found.findings if not one.ok]
        lines += [f"  {one.found}" for one in found.findings if one.ok and one.name == ELSEWHERE]
        lines += [f"  {cost}" for cost in found.costs]
    return "\n".join(lines)


def _asked(
    only: list[str] | None, protocol: list[str] | None, seeds: int | None, size: list[float] | None
) -> tuple[tuple[str, list[object]], ...]:
    return (
        ("only", [*(only or [])]),
        ("protocol", [*(protocol or [])]),
        ("seeds", [seeds] if seeds is not None else []),
        ("size", [*(size or [])]),
    )
