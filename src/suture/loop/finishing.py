"""From a trained adapter to a pack: how much of it to use, merge, pack."""

from pathlib import Path

from suture.core.model.adapter import MERGE_RECORD, AdapterRecord
from suture.core.model.scaling import Trial
from suture.core.teach.findings import Findings
from suture.loop.choosing import Chosen, choose_adapter, grounds_of
from suture.loop.measuring.pack_file import PackFile
from suture.loop.packing import BasePack, make_pack, merge_adapter
from suture.loop.run import Run
from suture.loop.stages import Output
from suture.store.datasets import read_dataset
from suture.store.packs import manifest_path
from suture.store.vouching import discard


def chosen_of(run: Run, base: BasePack, found: Findings, adapter: AdapterRecord) -> Chosen:
    """The adapter as it was trained, at the recipe's scale, unless the recipe wants these searched."""
    search, paths = run.recipe.scale_search, run.paths
    if search is None:
        return Chosen(adapter, paths.adapter, Trial.untried(run.recipe.scale))

    def work() -> Output:
        discard(run.workshop.store, paths.chosen)
        choice, record = choose_adapter(
            run.workshop,
            run.foundry,
            base,
            adapter,
            paths,
            recipe=run.recipe,
            tasks=run.resolved.tasks,
            grounds=grounds_of(found, read_dataset(paths.dataset), search),
        )
        return {**choice.to_json(), "of": adapter.sha256, "on": found.scoreboard.digest, "adapter": record.to_json()}

    output = run.stages.once(
        "scale",
        work,
        lambda output: {} if output["adapter"]["sha256"] == output["of"] else {"adapter": paths.chosen_weights},
        also=lambda output: [] if output["adapter"]["sha256"] == output["of"] else [paths.chosen],
        is_final=lambda output: (output["of"], output["on"]) == (adapter.sha256, found.scoreboard.digest),
    )
    record = AdapterRecord.model_validate(output["adapter"])
    directory = paths.adapter if record.sha256 == adapter.sha256 else paths.chosen
    return Chosen(record, directory, Trial.model_validate(output["best"]))


def _merge(run: Run, base: BasePack, chosen: Chosen) -> None:
    def work() -> Output:
        _discard_merged(run)  # of a merge that was stopped
        merged = merge_adapter(run.foundry, base, chosen.directory, chosen.trial.scale, run.paths.merged)
        return merged.to_json()

    files = {"merged": run.paths.merged / MERGE_RECORD}
    run.stages.once("merge", work, lambda _: files, is_final=lambda output: _made_from(chosen, output))


def _discard_merged(run: Run) -> None:
    discard(run.workshop.store, run.paths.merged)


def packed(run: Run, base: BasePack, chosen: Chosen) -> PackFile:
    """Merged weights are made only for this, and removed when the pack is proved."""

    def files(_: Output) -> dict[str, Path]:
        return {"pack": run.paths.pack}

    def is_final(output: Output) -> bool:
        return _made_from(chosen, output)

    def work() -> Output:
        prompts = [row.prompt for row in read_dataset(run.paths.dataset).rows[:4]]
        manifest = make_pack(
            run.foundry,
            run.paths.merged,
            base,
            run.recipe.quantisation,
            run.paths.pack,
            prompts=prompts,
            plan=run.plan.digest,
        )
        return manifest.to_json()

    if not run.stages.is_done("pack", files, is_final):
        _merge(run, base, chosen)
    manifest = manifest_path(run.paths.pack)
    output = run.stages.once("pack", work, files, also=lambda _: [manifest], is_final=is_final)
    _discard_merged(run)  # large, and `suture merge` makes it again
    return PackFile(run.paths.pack, output["sha256"], run.workshop.packs.template(run.paths.pack))


def _made_from(chosen: Chosen, output: Output) -> bool:
    wanted = (chosen.adapter.sha256, chosen.adapter.dataset, chosen.trial.scale)
    return (output["adapter"], output["dataset"], output["scale"]) == wanted
