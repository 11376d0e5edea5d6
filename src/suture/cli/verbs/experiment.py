"""``suture experiment GRID``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.opened import open_workshop
from suture.cli.options import Common, Judging
from suture.cli.output import emit, say
from suture.cli.verbs.heal import on_stage
from suture.core.errors import ExitCode, Interrupted, SutureError
from suture.core.plan.experiment import cells_of
from suture.loop.experiment import read_experiment, recipe_of, run_cell
from suture.report.experiment import as_markdown, write_experiment
from suture.report.experiment_chart import require_charts
from suture.wiring.foundry import TorchFoundry


def experiment(
    grid: Annotated[Path, Parameter(help="A grid, such as recipes/experiment-small.yaml.")],
    /,
    *,
    only: Annotated[list[str] | None, Parameter(help="Strategies to run; default all of the grid's.")] = None,
    protocol: Annotated[list[str] | None, Parameter(help="Protocols to run; default all.")] = None,
    seeds: Annotated[int | None, Parameter(help="Run the grid's first so many seeds.")] = None,
    size: Annotated[list[float] | None, Parameter(help="Shares of the failures to run; default all.")] = None,
    out: Annotated[Path | None, Parameter(help="Directory of table and picture; default experiments/NAME.")] = None,
    keep_packs: Annotated[bool, Parameter(negative="", help="Keep every candidate's GGUF file.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Run a grid of strategies, seeds and sizes, and write one table and one picture of repaired against lost.

    Stopped, it goes on from where it was. Nothing is promoted. What runs have in common is measured once.

    Exit code: 0 done, 2 wrong use, 3 a run could not be finished, 130 interrupted.

    Example: suture experiment recipes/experiment-small.yaml --only replay --seeds 3
    """
    common = common or Common()
    require_charts()
    written = read_experiment(grid)
    cells = list(cells_of(written, only=only or (), protocols=protocol or (), seeds=seeds, sizes=size or ()))
    recipes = [recipe_of(cell) for cell in cells]
    out = out or Path("experiments") / written.name
    narrowed = "".join(f" --{name} {value}" for name, values in _asked(only, protocol, seeds, size) for value in values)
    command = f"suture experiment {grid}{narrowed}"
    outcomes, failed = [], {}
    with open_workshop(common, judging) as workshop:
        foundry = TorchFoundry(workshop.progress)
        for number, (cell, recipe) in enumerate(zip(cells, recipes, strict=True), 1):
            say(f"[{number}/{len(cells)}] {cell.label}")
            try:
                outcome = run_cell(
                    workshop,
                    foundry,
                    cell,
                    recipe,
                    relative_to=grid.parent,
                    on_stage=on_stage,
                    keep_pack=keep_packs,
                )
            except KeyboardInterrupt:
                raise Interrupted(f"interrupted in {cell.label}; `{command}` goes on from there") from None
            except SutureError as error:
                say(f"could not be finished: {error}")
                failed[cell.label] = str(error)
                continue
            outcomes.append(outcome)
            files = write_experiment(out, written, outcomes, command=command, failed=failed)
    if not outcomes:
        say("no run could be finished")
        return int(ExitCode.FAULT)
    files = write_experiment(out, written, outcomes, command=command, failed=failed)
    result = {"outcomes": [one.to_json() for one in outcomes], "failed": failed, "files": files}
    emit(result, as_markdown(written, outcomes, command=command, failed=failed), as_json=common.json)
    return int(ExitCode.FAULT if failed else ExitCode.DONE)


def _asked(
    only: list[str] | None, protocol: list[str] | None, seeds: int | None, size: list[float] | None
) -> tuple[tuple[str, list[object]], ...]:
    return (
        ("only", [*(only or [])]),
        ("protocol", [*(protocol or [])]),
        ("seeds", [seeds] if seeds is not None else []),
        ("size", [*(size or [])]),
    )
