"""From a measured base to a trained adapter: own answers, harvest, train."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from suture.core.model.adapter import AdapterRecord
from suture.core.teach.dataset import DatasetManifest, Row
from suture.core.teach.findings import Findings
from suture.core.teach.own_answers import OwnAnswers
from suture.core.teach.rehearsal import Rehearsal
from suture.files.read_write import read_model, write_json
from suture.loop.harvest import harvest
from suture.loop.own_answers import draw_own_answers
from suture.loop.packing import BasePack, finished_adapter
from suture.loop.rehearsing import rehearse
from suture.loop.run import Run
from suture.loop.stages import Output
from suture.loop.trained import trained_elsewhere
from suture.store.datasets import MANIFEST_FILE, read_dataset, write_dataset


def own_answers_of(run: Run, base: BasePack, found: Findings) -> OwnAnswers | None:
    """None for a recipe that teaches references alone."""
    if not found.settings.asks_the_model:
        return None

    def draw() -> OwnAnswers:
        return draw_own_answers(run.workshop, run.foundry, base, found, engine=run.recipe.engine)

    _asked_once(run, "sample", found, draw, name="own", out=run.paths.own_answers, apart="answers")
    return read_model(run.paths.own_answers, OwnAnswers, what="own answers")


def rehearsal_of(run: Run, base: BasePack, found: Findings) -> Rehearsal | None:
    """None for a recipe that trains on measured tasks alone."""
    if not found.settings.rehearse:
        return None

    def draw() -> Rehearsal:
        return rehearse(run.workshop, base, found, engine=run.recipe.engine)

    _asked_once(run, "rehearse", found, draw, name="rehearsal", out=run.paths.rehearsal, apart="rows")
    return read_model(run.paths.rehearsal, Rehearsal, what="rehearsal")


def _asked_once(
    run: Run,
    stage: str,
    found: Findings,
    draw: Callable[[], OwnAnswers | Rehearsal],
    *,
    name: str,
    out: Path,
    apart: str,
) -> None:
    """What the base is asked for after its baseline, written to ``out``; the ledger has all of it but ``apart``."""

    def work() -> Output:
        asked = draw()
        write_json(out, asked.to_json())
        return asked.model_dump(mode="json", exclude={apart})

    def is_final(output: Output) -> bool:
        return output["scoreboard"] == found.scoreboard.digest and not output["faults"]

    run.stages.once(stage, work, lambda _: {name: out}, is_final=is_final)


def dataset_of(
    run: Run,
    base: BasePack,
    found: Findings,
    own: OwnAnswers | None,
    rehearsal: Rehearsal | None,
    *,
    earlier: dict[str, tuple[Row, ...]],
) -> DatasetManifest:
    own_digest, rehearsal_digest = own.digest if own else None, rehearsal.digest if rehearsal else None
    origin = (found.scoreboard.digest, own_digest, rehearsal_digest)

    def work() -> Output:
        rows, manifest = harvest(
            found,
            own=own.answers if own else (),
            rehearsed=rehearsal.rows if rehearsal else (),
            loglikelihoods=partial(run.foundry.loglikelihoods, base.directory),
            earlier=earlier,
        )
        manifest = manifest.model_copy(update={"own_answers": own_digest, "rehearsal": rehearsal_digest})
        return write_dataset(run.paths.dataset, rows, manifest).to_json()

    files = {"rows": run.paths.rows, "manifest": run.paths.dataset / MANIFEST_FILE}
    output = run.stages.once(
        "harvest",
        work,
        lambda _: files,
        is_final=lambda output: (output["scoreboard"], output.get("own_answers"), output.get("rehearsal")) == origin,
    )
    return DatasetManifest.model_validate(output)


def trained(run: Run, base: BasePack, manifest: DatasetManifest) -> AdapterRecord:
    def work() -> Output:
        dataset = read_dataset(run.paths.dataset)
        finished = finished_adapter(run.paths.adapter, base, dataset, run.recipe.train)
        if finished is not None:
            return finished.to_json()
        if run.shares_training:
            shared = trained_elsewhere(run.workshop, run.plan, base, dataset, run.paths.adapter)
            if shared is not None:
                return shared.to_json()
        with run.workshop.stopwatch.timed("train"):
            record = run.foundry.train(
                base.directory, dataset, run.recipe.train, run.paths.adapter, run.paths.checkpoints
            )
        return record.to_json()

    files = {"adapter": run.paths.adapter_weights}
    output = run.stages.once(
        "train",
        work,
        lambda _: files,
        also=lambda _: [run.paths.adapter],
        is_final=lambda output: output["dataset"] == manifest.rows_sha256,
    )
    shutil.rmtree(run.paths.checkpoints, ignore_errors=True)
    return AdapterRecord.model_validate(output)
