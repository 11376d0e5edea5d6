"""``suture harvest SCOREBOARD``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common, parse_sources
from suture.cli.output import emit
from suture.core.measure.scoreboard import Scoreboard
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.files.read_write import read_model
from suture.loop.measuring.tasks import splits_of, tasks_of
from suture.loop.stages.harvest import harvest as harvest_rows
from suture.store.datasets import read_dataset, write_dataset


def harvest(
    scoreboard: Annotated[Path, Parameter(help="What `suture bench` wrote.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Directory for rows.jsonl and manifest.json.")] = Path("dataset"),
    share: Annotated[float, Parameter(help="Part of the failures to take, by a seeded hash.")] = 1.0,
    seed: int = 0,
    normalise: Annotated[bool, Parameter(help="References without docstrings, in one formatting.")] = False,
    gate_only: Annotated[float, Parameter(help="Part of the anchors to keep out of the dataset.")] = 0.0,
    earlier: Annotated[list[Path] | None, Parameter(help="Datasets of earlier passes, for overlap counts.")] = None,
    source: Annotated[list[str] | None, Parameter(help="A local file for an official suite: mbpp=PATH.")] = None,
    common: Common | None = None,
) -> int:
    """Turn a scoreboard into a dataset: failures with their references, anchors with the model's own answers.

    Example: suture harvest baseline.json --out dataset
    """
    common = common or Common()
    board = read_model(scoreboard, Scoreboard, what="scoreboard", mend="suture bench MODEL --suite humaneval")
    settings = HarvestSettings(share=share, seed=seed, normalise=normalise, gate_only=gate_only)
    rows, manifest = harvest_rows(
        Findings(board, tasks_of(board, sources=parse_sources(source)), splits_of(board), settings),
        earlier={str(path): read_dataset(path).rows for path in earlier or []},
    )
    manifest = write_dataset(out, rows, manifest)
    lines = [
        f"{manifest.failures} failures ({manifest.failures_without_reference} without a reference: not trained on), "
        f"{manifest.anchors} anchors, {len(manifest.gate_only)} more are gate-only, "
        f"{manifest.duplicates_dropped} duplicates dropped",
        *(
            f"against {o.earlier}: {o.shared} shared, {o.only_here} new, {o.only_earlier} gone, union {o.union}"
            for o in manifest.overlaps
        ),
        f"dataset {out}",
    ]
    emit({"dataset": str(out), **manifest.to_json()}, "\n".join(lines), as_json=common.json)
    return 0
